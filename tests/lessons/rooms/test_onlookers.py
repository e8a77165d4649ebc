"""What those outside are told of what is said: the newest, at a pace, and never the words."""

from socketlab.lessons.rooms.onlookers import Onlookers

ADA = {"sid": "a", "nick": "Ada"}
SAID = {"run": "r1", "rooms": ["lab"], "who": ADA, "text": "secret"}


def a_report(run="r1", got=()):
    counts = {"present": 3, "addressed": 2, "silent": [], "missed": []}
    return {"run": run, "seq": 1, "got": list(got)} | counts


def test_the_report_says_who_spoke_to_which_rooms_and_not_what():
    onlookers = Onlookers(lambda places: 100)
    onlookers.began(SAID, "pages of ada")
    onlookers.changed(a_report(got=[["b", 4.0]]))

    assert onlookers.news(0) == [
        ("pages of ada", a_report(got=[["b", 4.0]]) | {"who": ADA, "rooms": ["lab"]})
    ]
    assert not onlookers.waiting() and onlookers.news(1000) == []


def test_however_often_it_changes_it_is_told_at_its_pace_and_the_newest_only():
    onlookers, told = Onlookers(lambda places: 50 * places), []
    onlookers.began(SAID, "pages of ada")
    for now in range(0, 1000, 10):
        if now == 500:
            onlookers.began(SAID | {"run": "r2"}, "pages of ada")
        onlookers.changed(a_report("r1", got=[["b", now]]))
        onlookers.changed(a_report("r2" if now >= 500 else "r0"))
        told += [(now, report["run"]) for _, report in onlookers.news(now)]

    assert told == [(now, "r1" if now < 500 else "r2") for now in range(0, 1000, 100)]
