"""A seat outlives its connections and the server; nobody can make one up."""

import pytest

from socketlab.classroom.ledger import SCHEMA, Ledger, LedgerFailed
from socketlab.classroom.seats import Seats, UnknownSeat
from socketlab.classroom.text import BadText
from socketlab.database import Database


def ledger_at(path):
    return Ledger(Database(path, SCHEMA))


def make(ledger=None, key="a key", **options):
    return Seats(key, ledger or ledger_at(":memory:"), lambda: 0.0, **options)


class Broken(Ledger):
    """A ledger on a disk that is full."""

    def __init__(self):
        super().__init__(Database(":memory:", SCHEMA))

    def keep_nick(self, seat, nick):
        raise LedgerFailed("the disk is full")

    def nick(self, seat):
        raise LedgerFailed("the disk is full")


def test_a_token_finds_its_seat_again():
    seats = make()
    ada = seats.take("ada")

    assert seats.claim(ada.token) is ada


def test_a_seat_survives_a_restart_with_its_nick(tmp_path):
    before = ledger_at(tmp_path / "ledger")
    ada = make(before).take("ada")
    before.close()

    again = make(ledger_at(tmp_path / "ledger")).claim(ada.token)

    assert (again.id, again.nick, again.token) == (ada.id, "ada", ada.token)


def test_a_later_nick_survives_too(tmp_path):
    ledger = ledger_at(tmp_path / "ledger")
    seats = make(ledger)
    seat = seats.rename(seats.take(), "ada")

    assert make(ledger).claim(seat.token).nick == "ada"


def test_who_joined_the_class_is_still_in_it_after_a_restart_and_nobody_else(tmp_path):
    ledger = ledger_at(tmp_path / "ledger")
    seats = make(ledger)
    ada, bob = seats.take("ada"), seats.take("bob")
    seats.join(ada)
    again = make(ledger)

    assert again.claim(ada.token).joined is True
    assert again.claim(bob.token).joined is False
    ledger.erase({}, set())
    assert seats.clear(keep={ada.id}) == 1, "bob was not here when the class was cleared"
    assert make(ledger).claim(ada.token).joined is True, "ada was, and has shown the code"
    seats.remove(ada.id)
    assert ledger.has_joined(ada.id) is False, "a removed seat leaves no row"


@pytest.mark.parametrize(
    "token",
    [None, 5, [], {}, "", "seat.", "seat.x.y", "ada", "seat." + "a" * 1000, "seat.\u0000.\ud800"],
)
def test_what_is_no_token_is_an_unknown_seat(token):
    with pytest.raises(UnknownSeat, match="unknown seat"):
        make().claim(token)


def test_a_forged_token_is_an_unknown_seat():
    stranger = make(key="another key").take("eve")
    ada = make().take("ada")
    # Not its last character: some of the bits of that one say nothing in base64.
    changed = ada.token[:-9] + ("A" if ada.token[-9] != "A" else "B") + ada.token[-8:]

    for token in (stranger.token, changed):
        with pytest.raises(UnknownSeat):
            make().claim(token)


def test_two_people_never_have_the_same_nick():
    seats = make()
    nicks = [seats.take("Ada").nick, seats.take("ada").nick, seats.take("ADA").nick]

    assert nicks == ["Ada", "ada·2", "ADA·3"]


def test_the_number_of_seats_is_bounded_and_the_oldest_goes_first():
    forgotten = []
    seats = make(most=3)
    seats.forgotten = forgotten.append
    first, second, *_ = [seats.take() for _ in range(3)]
    seats.claim(first.token)
    seats.take()

    assert len(seats) == 3
    assert seats.get(first.id) and not seats.get(second.id)
    assert forgotten == [second.id]


@pytest.mark.parametrize(
    "nick",
    [
        "x" * 25,
        "a\u0007b",
        "a\u202eb",
        "two\nlines",
        "Teacher",
        "t e a c h e r",
        "ＴＥＡＣＨＥＲ",
        7,
    ],
)
def test_a_bad_nick_is_refused_with_a_sentence(nick):
    with pytest.raises(BadText, match="nick|taken"):
        make().take(nick)


def test_a_letter_written_in_two_ways_is_one_letter():
    seats = make()

    assert seats.take("zoe\u0301").nick == "zo\u00e9"


def test_a_nick_that_could_not_be_kept_has_not_changed():
    seats = make(Broken())
    ada = seats.take()
    before = ada.nick
    with pytest.raises(LedgerFailed, match="the disk is full"):
        seats.rename(ada, "Ada")

    assert ada.nick == before
    assert make(Broken()).claim(ada.token).nick == before  # and the token still finds a seat


def test_a_seat_is_settled_once_it_has_joined_or_has_been_here_for_ten_minutes():
    clock = [0.0]
    seats = Seats("a key", ledger_at(":memory:"), lambda: clock[0])
    ada, bob = seats.take("ada"), seats.take("bob")
    assert not seats.settled(ada.id) and not seats.settled("nobody")

    ada.joined = True
    assert seats.settled(ada.id) and not seats.settled(bob.id)
    clock[0] = 600_000
    assert seats.settled(bob.id)
