"""What outlives the process has an end too: the seats that wrote nothing for longest go first."""

import sqlite3

import pytest

from socketlab.classroom.ledger import SCHEMA, Ledger
from socketlab.database import Database
from socketlab.health import Reached


def ledger_at(path, reached=None, most_bytes=None, **options):
    return Ledger(Database(path, SCHEMA, most_bytes=most_bytes), reached=reached, **options)


def test_of_too_many_seats_those_go_that_wrote_nothing_for_longest():
    reached = Reached()
    ledger = ledger_at(":memory:", reached, most_seats=3)
    ledger.keep_nick("ada", "ada")
    for seat in ("bob", "eve"):
        ledger.keep_prediction(seat, "race", "one")
    ledger.keep_prediction("ada", "race", "many")  # the youngest again
    ledger.keep_nick("mary", "mary")

    assert ledger.predictions("bob") == {}
    assert ledger.nick("ada") == "ada" and ledger.predictions("ada") == {"race": "many"}
    assert ledger.predictions("eve") == {"race": "one"} and ledger.nick("mary") == "mary"
    assert reached.counts()["seats_on_disk"] == 1


def test_a_file_of_an_earlier_version_has_its_seats_counted(tmp_path):
    old = sqlite3.connect(tmp_path / "ledger")
    old.executescript(
        """
        CREATE TABLE nick (seat TEXT PRIMARY KEY, nick TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE prediction (
            seat TEXT NOT NULL, step TEXT NOT NULL, choice TEXT NOT NULL, PRIMARY KEY (seat, step)
        ) WITHOUT ROWID;
        INSERT INTO nick VALUES ('ada', 'ada');
        INSERT INTO prediction VALUES ('ada', 'race', 'one'), ('bob', 'race', 'one');
        """
    )
    old.close()
    ledger = ledger_at(tmp_path / "ledger", most_seats=2)
    ledger.keep_nick("eve", "eve")

    left = [ledger.nick("ada"), ledger.predictions("bob"), ledger.nick("eve")]
    assert left == [None, {"race": "one"}, "eve"]
    ledger.close()


@pytest.mark.parametrize("seats, steps", [(4000, 1), (400, 20)])
def test_where_the_file_is_full_the_oldest_seats_make_room(tmp_path, seats, steps):
    reached, most = Reached(), 256 * 1024
    ledger = ledger_at(tmp_path / "ledger", reached, most)
    for seat in range(seats):
        for step in range(1 + seat % steps):
            ledger.keep_prediction(f"seat {seat}", f"step {step}", "x" * 60)
    counts = reached.counts()

    assert counts["database_bytes"] > 0 and counts["seats_on_disk"] > 0
    assert (tmp_path / "ledger").stat().st_size <= most
    assert ledger.predictions("seat 0") == {}
    assert ledger.predictions(f"seat {seats - 1}")
    ledger.close()
