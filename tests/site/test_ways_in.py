"""Which address a class is given: the likeliest first, before it the one really opened."""

import pytest

from socketlab.site.lan import addresses, ranked
from socketlab.site.ways_in import EVERY_ADDRESS, MOST_NAMES, MOST_VISITORS, WaysIn

HOME, WIRED, HOTSPOT = "192.168.1.20", "10.0.0.7", "172.20.10.2"


@pytest.mark.parametrize(
    ("found", "default", "order"),
    [
        ([("lo", "127.0.0.1")], None, []),
        ([("eth0", WIRED), ("wlan0", HOME)], HOME, [HOME, WIRED]),
        ([("docker0", "172.17.0.1"), ("wlan0", HOME)], None, [HOME, "172.17.0.1"]),
        ([("eth0", "203.0.113.9"), ("wlan0", HOME)], "203.0.113.9", ["203.0.113.9", HOME]),
        ([("eth0", "8.8.8.8"), ("wlan0", HOME)], "8.8.8.8", [HOME, "8.8.8.8"]),
        ([("eth0", "169.254.3.4"), ("wlan0", HOME)], None, [HOME, "169.254.3.4"]),
        ([("wlan0", HOME), ("", HOME), ("", "127.0.1.1")], HOME, [HOME]),
        ([("", "0.0.0.0")], HOME, [HOME]),
    ],
)
def test_a_private_address_of_the_default_route_is_likeliest(found, default, order):
    assert ranked(found, default) == order


def test_this_machine_lists_addresses_of_its_own():
    assert all(not address.startswith("127.") for address in addresses())


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def ways():
    """A server that listens on every address, on port 8000; its network can be changed."""
    ways = WaysIn(lambda: list(ways.network), Clock())
    ways.network = [HOME, WIRED]
    ways.listens(EVERY_ADDRESS, 8000)
    return ways


def test_the_address_that_another_machine_opened_comes_first(ways):
    assert ways.url("/join") == f"http://{HOME}:8000/join"
    assert ways.note(WIRED, "10.0.0.33", WIRED) is True
    assert ways.note(WIRED, "10.0.0.33", WIRED) is False, "not the first time"

    assert ways.addresses() == [WIRED, HOME]
    assert ways.url("/join") == f"http://{WIRED}:8000/join"
    assert ways.visitors(WIRED) == 1 and ways.visitors(HOME) == 0


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", HOME])
def test_the_machine_itself_is_no_visitor(ways, peer):
    assert ways.note(HOME, peer, HOME) is False
    assert ways.report()["quiet_seconds"] == 0


def test_a_laptop_that_changes_its_network_has_another_address_without_a_restart(ways):
    ways.note(HOME, "192.168.1.33", HOME)
    ways.network = [HOTSPOT]
    ways._clock.seconds += 2

    assert ways.addresses() == [HOTSPOT], "an address that was left leads nowhere"
    ways.network = []
    ways._clock.seconds += 2
    assert ways.first() == "127.0.0.1"


def test_a_name_that_phones_use_is_an_address_too(ways):
    ways.note("lab.local", "192.168.1.33", HOME)

    assert ways.addresses() == ["lab.local", HOME, WIRED]


def test_the_report_says_who_came_when_and_how_long_nobody_has(ways):
    ways._clock.seconds = 61.2
    assert ways.report() == {
        "only_here": False,
        "quiet_seconds": 61,
        "addresses": [
            {"url": f"http://{HOME}:8000", "visitors": 0, "seconds_ago": None},
            {"url": f"http://{WIRED}:8000", "visitors": 0, "seconds_ago": None},
        ],
    }
    ways.note(WIRED, "10.0.0.33", WIRED)
    ways.note(WIRED, "10.0.0.34", WIRED)
    ways._clock.seconds += 5
    report = ways.report()

    assert report["quiet_seconds"] is None
    assert report["addresses"][0] == {
        "url": f"http://{WIRED}:8000",
        "visitors": 2,
        "seconds_ago": 5,
    }


def test_a_server_on_one_address_names_that_one():
    ways = WaysIn(lambda: [HOME])
    ways.listens("127.0.0.1", 8000)
    assert ways.only_here and ways.addresses() == ["127.0.0.1"]
    ways.listens(HOME, 8000)
    assert not ways.only_here and ways.url() == f"http://{HOME}:8000"


def test_what_is_remembered_of_visitors_has_an_end(ways):
    for n in range(MOST_NAMES + 5):
        ways.note(f"name{n}", "192.168.1.33", HOME)
    for n in range(MOST_VISITORS + 5):
        ways.note("name0", f"10.0.{n // 256}.{n % 256}", HOME)

    assert len(ways.addresses()) == MOST_NAMES + 2
    assert ways.visitors("name0") == MOST_VISITORS
