"""One act: one press locks and runs, never a second run beside a first, no outcome is lost.

A copy of a lesson's question and of its part of the panel, in a page that is open already; the
server and the lesson are played by the test.
"""

import pytest

MADE = """(locked) => {
  const copy = (selector) => document.querySelector(selector).cloneNode(true);
  document.querySelectorAll(".made").forEach((node) => node.remove());
  const [form, home] = [copy("[data-predict=race]"), copy("[data-act=race]")];
  form.dataset.predict = "made";
  home.id = "act-made";
  if (locked) form.dataset.locked = locked;
  for (const node of [form, home]) node.classList.add("made");
  document.querySelector("#demo").append(form, home);
  const told = { runs: 0, locks: 0, chosen: [], answer: { ok: true } };
  const verdicts = async (use = () => {}) => use(await import("/static/lib/verdicts.js"));
  const ask = async (_event, { choice }) => {
    told.locks += 1;
    return told.answer.ok ? { ok: true, locked: told.answer.locked ?? choice } : told.answer;
  };
  const show = (name) => { told.shown = name; };
  const act = new window.Act(form, home, { ask, seat: "s", verdicts, show });
  const does = {
    run: () => new Promise((settle, fail) => {
      told.runs += 1;
      Object.assign(told, { settle, fail });
    }),
    chosen: (...what) => told.chosen.push(what),
  };
  window.made = { act, form, home, told, does, press: () => form.requestSubmit() };
}"""
DONE = """async () => {
  const { act, form, home, told, does, press } = window.made;
  if (%s) act.register(does);
  %s;
  await import("/static/lib/verdicts.js");
  await new Promise((done) => setTimeout(done));
  const { settle, fail, ...rest } = told;
  return { ...rest, state: act.state, focus: document.activeElement.id,
    text: home.innerText.replace(/\\s+/g, " ").trim(),
    note: form.querySelector("[data-note]").innerText };
}"""


@pytest.fixture(scope="module")
def bench(tab):
    tab.goto("/lesson/bidirectional")
    tab.wait_for_selector("html[data-ready=true]")
    tab.evaluate("import('/static/lib/act.js').then(({ Act }) => { window.Act = Act; })")
    return tab


@pytest.fixture
def made(bench):
    """``made("act.begin()")`` does that in the page, lets it come to rest, and tells all."""
    bench.evaluate("sessionStorage.clear()")
    bench.evaluate(MADE)

    def do(script, register=True):
        first = register and bench.evaluate("window.made.act.does.run === undefined")
        return bench.evaluate(DONE % (str(bool(first)).lower(), script))

    yield do
    bench.evaluate("document.querySelectorAll('.made').forEach((node) => node.remove())")


def again(bench):
    """The page is loaded again: the server still knows what was locked."""
    bench.evaluate(MADE, "per_event")


CHOSE = "You chose: 8: one for each event"
RIGHT = "About 12: one for each interval, news or no news"
CHOOSE = "form.elements.choice.value = 'per_event'; "


def test_without_an_answer_nothing_is_locked_and_nothing_runs(made):
    now = made("press()")

    assert (now["locks"], now["runs"], now["state"]) == (0, 0, "open")
    assert now["note"] == "Choose one of the answers first."


def test_however_often_it_is_pressed_there_is_one_lock_and_one_run(made):
    made(CHOOSE + "press(); press(); act.begin()")
    now = made("home.querySelector('[name=run]').click(); act.begin()")

    assert (now["locks"], now["runs"], now["state"], now["shown"]) == (1, 1, "running", "demo")
    assert now["text"] == f"Running … {CHOSE}"


def test_the_outcome_names_what_was_chosen_what_is_right_and_what_happened(made):
    made(CHOOSE + "press()")
    now = made("told.settle(['Three came.'])")

    assert now["state"] == "done"
    for words in ("Not as you predicted.", CHOSE, f"Right is: {RIGHT}", "Three came."):
        assert words in now["text"]
    assert now["text"].startswith("Run it again")


def test_the_focus_goes_to_the_run_and_never_to_nowhere(made):
    now = made(CHOOSE + "form.querySelector('[type=submit]').focus(); press()")

    assert now["focus"] == "act-made"


def test_a_refused_lock_is_told_and_can_be_tried_again(made):
    now = made(CHOOSE + "told.answer = { ok: false, error: 'Not connected.' }; press()")
    assert (now["runs"], now["state"], now["note"]) == (0, "open", "Not connected.")

    now = made("told.answer = { ok: true }; press()")
    assert (now["locks"], now["runs"], now["state"]) == (2, 1, "running")


def test_the_answer_that_the_server_holds_already_is_the_one_that_counts(made):
    now = made(CHOOSE + "told.answer = { ok: true, locked: 'per_interval' }; press()")

    assert now["text"].endswith(RIGHT)
    assert now["chosen"][-1] == ["per_interval", True]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("told.settle(null)", "This run did not come to its end. Run it again."),
        ("told.fail(new Error('You are not in lab.'))", "You are not in lab. Run it again."),
    ],
)
def test_a_run_without_an_outcome_says_why_and_can_be_repeated(made, end, words):
    made(CHOOSE + "press()")
    now = made(end)
    assert now["state"] == "broken" and now["text"].endswith(words)

    now = made("act.begin()")
    assert (now["runs"], now["state"]) == (2, "running")


def test_after_a_reload_the_outcome_is_shown_again_and_nothing_runs(made, bench):
    made(CHOOSE + "press()")
    before = made("told.settle(['Three came.'])")["text"]
    again(bench)
    now = made("0")

    assert (now["runs"], now["state"], now["text"]) == (0, "done", before)


def test_the_outcome_of_another_seat_is_not_shown(made, bench):
    made(CHOOSE + "press()")
    made("told.settle(['Three came.'])")
    bench.evaluate(
        "sessionStorage['outcome made'] = sessionStorage['outcome made'].replace('\"s\"', '\"t\"')"
    )
    again(bench)

    assert made("0")["text"] == f"Run my prediction {CHOSE}"


def test_a_run_that_was_under_way_says_so_and_goes_on_where_the_lesson_can(made, bench):
    made(CHOOSE + "press()")
    again(bench)
    now = made("0")
    assert now["state"] == "broken" and "how this run ended is not known" in now["text"]

    made("act.begin()")
    again(bench)
    resume = "act.register({...does, resume: () => new Promise((s) => { told.settle = s; })})"
    assert made(resume, register=False)["state"] == "running"
    now = made("act.begin(); told.settle(['It went on.'])")
    assert (now["runs"], now["state"]) == (0, "done") and "It went on." in now["text"]


def test_where_the_class_votes_an_answer_is_locked_and_the_teacher_runs(made):
    now = made(CHOOSE + "form.dataset.votes = ''; press()")
    assert (now["locks"], now["runs"], now["state"]) == (1, 0, "locked")
    assert "The teacher runs it" in now["text"]

    assert made("act.begin()")["runs"] == 0


def test_a_vote_in_rounds_takes_a_new_choice_each_time_and_the_first_stays_the_prediction(made):
    now = made(CHOOSE + "act.openVote(1, null); await act.begin()")
    assert (now["locks"], now["runs"], now["state"]) == (1, 0, "locked")
    now = made("act.closeVote(); act.begin(); act.openVote(2, null)")
    assert (now["runs"], now["state"]) == (1, "running"), "what runs comes to its end first"
    open_again = "while (act.state !== 'open') await new Promise((s) => setTimeout(s))"
    assert made(f"told.settle(['12 requests.']); {open_again}")["state"] == "open"
    now = made("act.choose('one'); await act.begin()")
    assert (now["locks"], now["runs"], now["state"]) == (2, 1, "locked")
    assert made("act.closeVote()")["state"] == "done", "the outcome of the first one stands again"
    assert CHOSE in made("0")["text"]


def test_a_vote_that_ends_while_an_answer_is_on_its_way_runs_nothing(made):
    now = made(CHOOSE + "act.openVote(1, null); const p = act.begin(); act.closeVote(); await p")

    assert (now["locks"], now["runs"], now["state"]) == (1, 0, "locked")
    assert made("act.begin()")["runs"] == 1


def test_the_picture_can_be_the_question_and_its_button_locks_and_runs(made, bench):
    def button():
        return bench.evaluate(
            "(({ disabled, innerText }) => [disabled, innerText])(made.act.button)"
        )

    made("0")
    assert button() == [True, "Run my prediction"]
    now = made("act.choose('one'); act.choose(null); await act.begin()")
    assert (now["locks"], now["note"]) == (0, "Choose one of the answers first.")
    assert button() == [True, "Run my prediction"]
    made("act.choose('per_event')")
    assert button() == [False, "Lock and run"]
    now = made("act.button.click(); act.button.click(); act.choose('one')")

    assert now["chosen"] == [["one", False], ["per_event", False], ["per_event", True]]
    assert (now["locks"], now["runs"], now["state"]) == (1, 1, "running")


# On the wall the teacher runs the step, for the whole class


@pytest.fixture
def on_wall(bench, made):
    """``made``, of an act that the wall shows."""
    kinds = "[import('/static/lib/onwall.js'), window.Act]"
    bench.evaluate(
        f"async () => {{ const [wall, own] = await Promise.all({kinds});"
        " Object.assign(window, { Act: wall.ClassAct, OwnAct: own }); }"
    )
    bench.evaluate(MADE)
    yield made
    bench.evaluate("void (window.Act = window.OwnAct)")


def test_the_class_s_run_locks_nothing_and_is_compared_with_what_most_predicted(on_wall):
    page = on_wall("act.runFor('per_event'); told.settle(['12 requests.'])")

    assert (page["locks"], page["runs"], page["state"]) == (0, 1, "done")
    assert page["chosen"][-1] == ["per_event", False]
    for said in (
        "Not as most of the class predicted.",
        "Most chose: 8: one",
        RIGHT,
        "12 requests.",
    ):
        assert said in page["text"]
    assert "You chose" not in page["text"]


def test_without_a_vote_the_class_s_run_has_an_outcome_and_no_verdict(on_wall):
    page = on_wall("act.runFor(null); told.settle(['12 requests.'])")

    assert (page["state"], page["runs"]) == ("done", 1)
    assert "12 requests." in page["text"] and "predicted" not in page["text"]
    assert "Run it again" in page["text"]


def test_the_class_s_run_is_never_beside_another(on_wall):
    page = on_wall("act.runFor('per_event'); act.runFor('per_event'); act.begin()")

    assert (page["state"], page["runs"]) == ("running", 1)
