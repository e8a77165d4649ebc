"""One file: what waits together is committed together, and one failure is one failure."""

import os
import sqlite3
import stat

import pytest

from socketlab.database import Database

SCHEMA = "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)"


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "file", SCHEMA)
    yield opened
    opened.close()


def put(*numbers):
    def work(db):
        for number in numbers:
            db.execute("INSERT INTO t VALUES (?)", (number,))
        return sum(numbers)

    return work


def numbers(database):
    return database.read(lambda db: [n for (n,) in db.execute("SELECT n FROM t ORDER BY n")])


def test_a_batch_is_one_commit_and_each_gets_its_own_answer(database):
    said = []
    database._db.set_trace_callback(said.append)
    outcomes = database.run_batch([put(1), put(2, 3), put(4)])

    assert outcomes == [(1, None), (5, None), (4, None)]
    assert said.count("COMMIT") == 1


def test_a_piece_that_fails_leaves_nothing_of_itself_and_the_others_stand(database):
    outcomes = database.run_batch([put(1), put(2, 1), put(3)])

    assert [value for value, _ in outcomes] == [1, None, 3]
    assert isinstance(outcomes[1][1], sqlite3.IntegrityError)
    assert numbers(database) == [1, 3]


def test_what_the_work_raises_comes_back_to_who_asked(database):
    def work(db):
        put(7)(db)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        database.change(work)
    assert numbers(database) == []


def test_a_batch_that_cannot_be_committed_fails_for_all_of_it(database, tmp_path):
    database._db.execute("PRAGMA busy_timeout = 20")
    with sqlite3.connect(tmp_path / "file", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = database.run_batch([put(1), put(2)])
    other.close()

    assert [str(error) for _, error in outcomes] == ["database is locked"] * 2
    assert database.change(put(1)) == 1


def test_the_file_is_its_owners_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    os.chmod(path, 0o644)  # as an earlier version left it
    database = Database(path, SCHEMA)
    database.change(put(1))

    modes = {stat.S_IMODE(os.stat(file).st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    database.close()
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_file_takes_no_more_than_its_bytes_and_what_was_there_stays(tmp_path):
    small = Database(tmp_path / "file", SCHEMA, most_bytes=64 * 1024)
    small.change(put(1))
    with pytest.raises(sqlite3.OperationalError, match="full") as full:
        small.change(put(*range(2, 100_000)))

    assert full.value.sqlite_errorcode == sqlite3.SQLITE_FULL
    assert numbers(small) == [1]
    small.change(put(2))
    assert (tmp_path / "file").stat().st_size <= 64 * 1024
    small.close()


def test_a_database_in_memory_takes_a_file_over_and_leaves_it_as_it_is(database, tmp_path):
    database.change(put(1, 2))
    stand_in = Database(":memory:", SCHEMA + "; CREATE TABLE IF NOT EXISTS later (n)")
    stand_in.take_over(tmp_path / "file")
    stand_in.change(put(3))

    assert numbers(stand_in) == [1, 2, 3] and numbers(database) == [1, 2]
    assert stand_in.read(lambda db: db.execute("SELECT * FROM later").fetchall()) == []
    stand_in.close()
    nothing = Database(":memory:", SCHEMA)
    nothing.take_over(tmp_path / "absent")
    assert numbers(nothing) == [] and not (tmp_path / "absent").exists()
    nothing.close()


def test_what_is_erased_is_in_no_file_any_more(tmp_path):
    database = Database(tmp_path / "file", "CREATE TABLE names (name TEXT)")
    kept = "CHECKPOINT-" * 3
    for name in ("a secret nick", kept):
        database.change(lambda db, name=name: db.execute("INSERT INTO names VALUES (?)", (name,)))
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert any(b"a secret nick" in data for data in files.values())

    gone = "DELETE FROM names WHERE name LIKE 'a %'"
    assert database.erase(lambda db: db.execute(gone).rowcount) == 1
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    database.close()

    assert b"a secret nick" not in files and kept.encode() in files
