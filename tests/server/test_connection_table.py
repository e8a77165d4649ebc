"""Who has a place among the connections, and who gives way. No socket is needed for that."""

from hypothesis import given
from hypothesis import strategies as st

from socketlab.server.connection_table import SEATED, STRANGER, TEACHER, ConnectionTable


class Line:
    """A connection that knows whether it was ended."""

    def __init__(self, address=None):
        self.rank, self.ended = STRANGER, False
        self.address = address or str(id(self))  # one of its own

    def abort(self):
        self.ended = True


def table(capacity, waiting=0, asking=0, rank=STRANGER):
    """A table with connections that wait and others whose request is under way."""
    made = ConnectionTable(capacity)
    lines = [Line() for _ in range(waiting + asking)]
    for line in lines:
        made.add(line)
        made.asks(line)
        line.rank = rank
    for line in lines[:waiting]:
        made.wait(line)
    return made, lines


def test_a_newcomer_gets_the_place_of_the_stranger_that_waited_longest():
    full, lines = table(18, waiting=18)
    newcomer = Line()

    assert full.add(newcomer)
    assert [line.ended for line in lines] == [True] + [False] * 17
    assert len(full) == 18


def test_waiting_begins_anew_after_each_request():
    full, lines = table(18, waiting=18)
    full.asks(lines[0])
    full.wait(lines[0])
    full.add(Line())

    assert [line.ended for line in lines[:2]] == [False, True]


def test_a_connection_that_knows_a_seat_waits_longer_than_any_stranger():
    full, lines = table(18, waiting=18, rank=SEATED)
    stranger = lines[17]
    full.asks(stranger)
    stranger.rank = STRANGER
    full.wait(stranger)
    full.add(Line())

    assert [line.ended for line in lines] == [False] * 17 + [True]


def test_a_newcomer_is_turned_away_only_when_nobody_waits():
    full, lines = table(18, asking=18)

    assert not full.add(Line())
    assert not any(line.ended for line in lines)


def test_the_last_places_are_for_seats_and_the_very_last_for_the_teacher():
    for asking, served in [
        (14, [True, True, True]),
        (15, [False, True, True]),
        (17, [False, True, True]),
        (18, [False, False, True]),
    ]:
        busy, lines = table(18, asking=asking)

        assert [busy.serves(lines[0], rank) for rank in (STRANGER, SEATED, TEACHER)] == served


def test_a_request_is_served_at_the_expense_of_who_waits():
    full, lines = table(18, waiting=17, asking=1)

    assert full.serves(lines[17], SEATED)
    assert sum(line.ended for line in lines) == 1
    assert full.serves(lines[17], STRANGER)
    assert sum(line.ended for line in lines) == 4


def test_a_stranger_does_not_drive_out_the_connection_of_a_seat():
    full, lines = table(18, waiting=17, asking=1, rank=SEATED)

    assert not full.serves(lines[17], STRANGER)
    assert not any(line.ended for line in lines)


def test_one_address_does_not_hold_all_places_with_connections_that_wait():
    half, others = table(100, waiting=4)
    idle = [Line("10.0.0.1") for _ in range(28)]
    for line in idle:
        half.add(line)

    assert [line.ended for line in idle] == [True] * 3 + [False] * 25
    assert not any(line.ended for line in others)
    half.asks(idle[3])
    half.add(Line("10.0.0.1"))
    assert not idle[4].ended, "a request is under way on one of the 25"
    idle[3].rank = SEATED
    half.wait(idle[3])
    assert not any(line.ended for line in idle[3:]), "a seat is no stranger"


def test_a_connection_that_is_over_has_no_place():
    full, lines = table(18, waiting=18)
    for line in lines:
        full.remove(line)
        full.wait(line)  # its greenlet may say so once more, on its way out

    assert len(full) == 0
    assert list(full.idle()) == []


@given(
    st.lists(st.tuples(st.sampled_from("add wait asks serve remove".split()), st.integers(0, 9)))
)
def test_there_are_never_more_than_the_capacity_and_who_asks_is_never_dropped(steps):
    bounded, lines, asking = ConnectionTable(6), [], set()
    for what, number in steps:
        line = lines[number % len(lines)] if lines else None
        if what == "add" or line is None or line.ended:
            line = Line(str(number % 2))
            if bounded.add(line):
                lines.append(line)
        elif what == "wait":
            bounded.wait(line)
            asking.discard(line)
        elif what == "asks":
            bounded.asks(line)
            asking.add(line)
        elif what == "serve" and line in asking:
            bounded.serves(line, number % 4)
        elif what == "remove":
            bounded.remove(line)
            lines.remove(line)
            asking.discard(line)
        assert len(bounded) <= 6
        assert not any(line.ended for line in asking)
        assert {line for line in lines if not line.ended} == bounded.open
