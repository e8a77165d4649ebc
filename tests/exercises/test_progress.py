"""How far a seat is with an exercise: what one attempt after the other makes of the record."""

import pytest

from socketlab.classroom.ledger import SCHEMA, Ledger
from socketlab.database import Database
from socketlab.exercises.progress import Progress, Record


def verdicts(*passed):
    """An attempt at the checks "a", "b" …, of which these have passed."""
    named = zip("abc", passed, strict=False)
    return [{"check": check, "passed": one, "saw": f"saw {check}", "n": 7} for check, one in named]


def after(*attempts):
    """The record after these attempts, a second from each to the next."""
    record = Record()
    for number, passed in enumerate(attempts, 1):
        record = record.after(verdicts(*passed), number * 1000.0)
    return record.shown("rooms")


NOT, YES = False, True


def test_the_same_check_fails_since_its_first_time_and_so_often():
    shown = after((NOT, NOT), (YES, NOT), (YES, NOT), (YES, NOT))

    assert (shown["check"], shown["saw"]) == ("b", "saw b")
    assert (shown["since"], shown["times"], shown["attempts"]) == (2000.0, 3, 4)
    assert (shown["passed"], shown["of"], shown["done"]) == (1, 2, False)


def test_another_check_that_fails_begins_anew():
    shown = after((YES, NOT), (YES, NOT), (NOT, YES))

    assert (shown["check"], shown["since"], shown["times"]) == ("a", 3000.0, 1)


def test_who_has_finished_stays_so_and_lacks_nothing():
    shown = after((YES, NOT), (YES, YES))
    assert (shown["done"], shown["check"], shown["since"], shown["times"]) == (True, None, None, 0)
    assert after((YES, YES), (NOT, YES))["done"]


@pytest.fixture
def opened(tmp_path):
    databases = []

    def open_():
        databases.append(Database(tmp_path / "class", SCHEMA))
        open_.ledger = Ledger(databases[-1])
        return Progress(open_.ledger, lambda: 9.0)

    yield open_
    for database in databases:
        database.close()


def test_what_is_kept_is_there_after_a_restart_without_the_wire_of_that_time(opened):
    kept = opened().keep("ada", "rooms", verdicts(YES, NOT))
    slug, later = opened().latest("ada")

    assert (slug, later.shown("rooms")) == ("rooms", kept.shown("rooms"))
    assert [check["n"] for check in later.checks] == [None, None]


def test_what_is_forgotten_is_so_also_where_it_was_being_kept_meanwhile(opened):
    progress = opened()
    for seat in ("ada", "ben"):
        progress.keep(seat, "rooms", verdicts(YES))
    opened.ledger.remove_seat("ada")
    progress.keep("ada", "rooms", verdicts(NOT))  # an attempt that ended in the same moment
    progress.forget("ada")
    assert progress.of("ada", "rooms") == Record() == opened().of("ada", "rooms")
    assert progress.of("ben", "rooms").attempts == opened().of("ben", "rooms").attempts == 1
    assert opened.ledger.erase({}, ())["exercise"] == 1
    progress.keep("ben", "rooms", verdicts(NOT))
    progress.forget()
    assert progress.of("ben", "rooms") == Record() and opened().latest("ben") is None
