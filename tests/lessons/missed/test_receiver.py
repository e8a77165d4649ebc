"""static/lessons/missed/receiver.js: the receiver's states, step by step, run by a real browser.

Source: the states OUT, SYNCING, LIVE and the invariants of the lesson on missed events: nothing
is lost in silence, nothing is handled twice, order is kept, and sent = live + replayed + gap.
"""

import random

import pytest

RUN_STEPS = """async (steps) => {
  const { receiver, connected, disconnected, received, answered, finished, waited, question, sums }
    = await import("/static/lessons/missed/receiver.js");
  const event = (seq) => ({ run: "r1", seq, text: `n${seq}` });
  let [r, now, asked] = [receiver("r1"), 0, []];
  for (const [verb, value] of steps) {
    now += 1;
    if (verb === "sent") for (const seq of value) r = received(r, event(seq), now);
    if (verb === "other") r = received(r, { run: "r2", seq: value }, now);
    if (verb === "out") r = disconnected(r);
    if (verb === "in") r = connected(r);
    if (verb === "answer") r = answered(r, { ...value, replay: value.replay.map(event) }, now);
    if (verb === "finished") r = finished(r, { run: "r1", count: value }, now);
    if (verb === "finished other") r = finished(r, { run: "r2", count: value }, now);
    if (verb === "wait") r = waited(r, (now += value));
    if (verb === "drop") r = { ...r, drop: value };
    if (verb === "ask") asked.push(question(r)?.after ?? null);
  }
  const why = [...new Set(r.log.filter(({ how }) => how === "gap").map((entry) => entry.why))];
  const fates = r.log.filter(({ how }) => ["live", "replayed", "gap"].includes(how));
  const order = fates.map(({ seq }) => seq);
  return { ...sums(r), state: r.state, cursor: r.cursor, held: r.held.length, asked, why, order };
}"""


@pytest.fixture(scope="module")
def browser_page(chromium, live):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(live.url)
    yield page
    context.close()


@pytest.fixture
def run(browser_page):
    return lambda *steps: browser_page.evaluate(RUN_STEPS, [list(step) for step in steps])


def upto(first, last):
    return list(range(first, last + 1))


def answer(replay=(), complete=True, oldest=None, reason=None, more=False):
    return {
        "replay": list(replay),
        "complete": complete,
        "oldest": oldest,
        "reason": reason,
        "more": more,
    }


TABLE = {
    "nothing happens": ([("sent", upto(1, 14)), ("finished", 14)], (14, 0, 0, 0)),
    "cut, everything kept": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("answer", answer(upto(5, 10))),
            ("sent", upto(11, 14)),
            ("finished", 14),
        ],
        (8, 6, 0, 0),
    ),
    "cut, the oldest is trimmed": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("answer", answer(upto(6, 10), False, 6, "trimmed")),
            ("sent", upto(11, 14)),
            ("finished", 14),
        ],
        (8, 5, 1, 0),
    ),
    "no buffer, the next event shows the hole": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("answer", answer((), False, None, "buffer off")),
            ("sent", upto(11, 14)),
            ("finished", 14),
        ],
        (8, 0, 6, 0),
    ),
    "no buffer, and nothing comes any more": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("answer", answer((), False, None, "buffer off")),
            ("finished", 14),
        ],
        (4, 0, 10, 0),
    ),
    "replay and live overlap": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("sent", [11, 12]),
            ("answer", answer(upto(5, 12))),
            ("sent", [13, 14]),
            ("finished", 14),
        ],
        (6, 8, 0, 2),
    ),
    "live came first and was trimmed before the answer was written": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("sent", [11, 12, 13]),
            ("answer", answer([13, 14], False, 13, "trimmed")),
            ("finished", 14),
        ],
        (6, 2, 6, 1),
    ),
    "the next in line comes while the question is under way": (
        [
            ("sent", upto(1, 4)),
            ("out", 0),
            ("in", 0),
            ("sent", [5, 6]),
            ("answer", answer([5, 6])),
            ("sent", [7]),
            ("finished", 7),
        ],
        (7, 0, 0, 2),
    ),
    "the same event twice": ([("sent", [1, 2, 2, 1, 3]), ("finished", 3)], (3, 0, 0, 2)),
    "out of order, closed in time": ([("sent", [1, 3, 2, 4]), ("finished", 4)], (4, 0, 0, 0)),
    "the hole is asked about": (
        [
            ("sent", [1, 2, 5]),
            ("wait", 300),
            ("answer", answer([3, 4, 5])),
            ("finished", 5),
        ],
        (2, 3, 0, 1),
    ),
    "pages of 200": (
        [
            ("sent", [1]),
            ("out", 0),
            ("in", 0),
            ("sent", [500, 501]),
            ("answer", answer(upto(2, 201), more=True)),
            ("answer", answer(upto(202, 401), more=True)),
            ("answer", answer(upto(402, 501))),
            ("finished", 501),
        ],
        (1, 500, 0, 2),
    ),
    "pages, and the first says that something is gone": (
        [
            ("out", 0),
            ("in", 0),
            ("answer", answer(upto(11, 210), False, 11, "trimmed", True)),
            ("answer", answer(upto(211, 220))),
            ("finished", 220),
        ],
        (0, 210, 10, 0),
    ),
    "the server was restarted and its memory is gone": (
        [
            ("sent", upto(1, 6)),
            ("out", 0),
            ("in", 0),
            ("answer", answer((), False, None, "restarted")),
            ("finished", 9),
        ],
        (6, 0, 3, 0),
    ),
    "restarted from the disk, half the run": (
        [
            ("sent", upto(1, 6)),
            ("out", 0),
            ("in", 0),
            ("answer", answer([7, 8])),
            ("finished", 8),
        ],
        (6, 2, 0, 0),
    ),
    "two cuts": (
        [
            ("sent", [1]),
            ("out", 0),
            ("in", 0),
            ("answer", answer([2, 3])),
            ("sent", [4]),
            ("out", 0),
            ("in", 0),
            ("answer", answer([7], False, 7, "trimmed")),
            ("sent", [8]),
            ("finished", 8),
        ],
        (3, 3, 2, 0),
    ),
    "cut again before the answer": (
        [
            ("sent", [1]),
            ("out", 0),
            ("in", 0),
            ("sent", [4]),
            ("out", 0),
            ("answer", answer([2, 3])),  # too late: nobody waits for it
            ("in", 0),
            ("answer", answer(upto(2, 5))),
            ("finished", 5),
        ],
        (1, 4, 0, 1),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_sent_is_live_and_replayed_and_gap(run, name):
    steps, (live, replayed, gap, dropped) = TABLE[name]
    got = run(*steps)
    sent = steps[-1][1]

    assert [len(got[how]) for how in ("live", "replayed", "gap", "dropped")] == [
        live,
        replayed,
        gap,
        dropped,
    ]
    assert live + replayed + gap == sent == got["cursor"]
    assert got["order"] == upto(1, sent)
    assert got["state"] == "LIVE" and got["held"] == 0


@pytest.mark.parametrize("reason", ["trimmed", "restarted", "unknown run", "buffer off"])
def test_a_gap_keeps_the_servers_reason(run, reason):
    away = [("sent", [1]), ("out", 0), ("in", 0)]
    got = run(*away, ("answer", answer((), False, None, reason)), ("sent", [4]), ("finished", 4))

    assert got["gap"] == [2, 3]
    assert got["why"] == [reason]


def test_an_announced_loss_without_a_loss_counts_nothing(run):
    got = run(
        ("sent", [1]),
        ("out", 0),
        ("in", 0),
        ("answer", answer((), False, None, "buffer off")),
        ("sent", [2]),
        ("finished", 2),
    )

    assert got["gap"] == []


def test_the_question_names_the_last_event_handled(run):
    got = run(
        ("ask", 0),
        ("sent", [1, 2, 3]),
        ("out", 0),
        ("ask", 0),
        ("in", 0),
        ("ask", 0),
        ("answer", answer([4, 5], more=True)),
        ("ask", 0),
        ("answer", answer([6])),
        ("ask", 0),
    )

    assert got["asked"] == [None, None, 3, 5, None]


@pytest.mark.parametrize(("ms", "state"), [(200, "LIVE"), (300, "SYNCING")])
def test_a_hole_is_given_a_quarter_of_a_second(run, ms, state):
    assert run(("sent", [1, 3]), ("wait", ms))["state"] == state


def test_sixty_five_early_events_are_too_many_to_hold(run):
    assert run(("sent", upto(2, 65)))["state"] == "LIVE"
    assert run(("sent", upto(2, 66)))["state"] == "SYNCING"


def test_the_end_of_the_run_shows_that_the_last_events_are_missing(run):
    got = run(("sent", [1, 2]), ("finished", 4), ("wait", 300), ("ask", 0))

    assert (got["state"], got["asked"]) == ("SYNCING", [2])


def test_an_answer_that_cannot_close_the_hole_ends_it_with_a_gap(run):
    got = run(("sent", [1]), ("finished", 3), ("wait", 300), ("answer", answer()))

    assert (got["gap"], got["why"], got["state"]) == ([2, 3], ["not sent again"], "LIVE")


def test_without_dropping_the_same_overlap_is_handled_twice(run):
    steps, _ = TABLE["replay and live overlap"]
    got = run(("drop", False), *steps)

    assert (got["dropped"], got["twice"]) == ([], [11, 12])
    assert len(got["live"]) + len(got["replayed"]) + len(got["gap"]) == 14


def test_another_run_is_another_receivers_business(run):
    got = run(("sent", [1]), ("other", 2), ("finished other", 9), ("sent", [2]), ("finished", 2))

    assert (got["live"], got["dropped"], got["state"]) == ([1, 2], [], "LIVE")


def test_nothing_is_heard_while_out(run):
    assert run(("sent", [1]), ("out", 0), ("sent", [2]))["cursor"] == 1


def world(seed):
    """A server with a bounded buffer and a client that is cut at random, as steps; and how many
    events there were."""
    chance = random.Random(seed)
    keep, count = chance.choice([0, 1, 3, 5, 20, 500]), chance.randint(1, 60)
    steps, sent, last, away, asking = [], 0, 0, False, None

    def resume():
        first = max(1, sent - keep + 1)
        replay = upto(max(last + 1, first), sent)
        whole = not keep and last == sent or bool(keep) and first <= last + 1
        reason = None if whole else "trimmed" if keep else "buffer off"
        steps.append(("answer", answer(replay, whole, first if keep else None, reason)))

    while sent < count or away or asking:
        move = chance.random()
        if sent < count and move < 0.6:
            sent += 1
            if not away:
                steps.append(("sent", [sent] * chance.choice([1, 1, 1, 2])))
                last = max(last, sent if last == sent - 1 else last)
        elif asking:
            resume()
            last, asking = sent, None
        elif away:
            steps.append(("in", 0))
            away, asking = False, True
        elif move > 0.85:
            steps.append(("out", 0))
            away = True
    return [*steps, ("finished", count)], count


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_every_event_has_exactly_one_fate(run, seed):
    steps, count = world(seed)
    got = run(*steps)
    fates = sorted([*got["live"], *got["replayed"], *got["gap"]])

    assert fates == upto(1, count), steps
    assert got["order"] == fates and got["state"] == "LIVE"
