"""Every limit has a number that can be set, and a count that can be read."""

import pytest
import requests

from socketlab.health import KINDS, LIMITS, NAMES, Budget, Reached
from socketlab.site.settings import DEFAULTS, SETTINGS

from .helpers import PATIENCE

# What must be bounded, row by row, and the counters that say so. A row without a setting is a
# rule of a standard or of the contract, the same in every class.
ROWS = {
    "one message": ["message_bytes"],
    "other bodies, heads, and the time for them": [
        "body_bytes",
        "header_bytes",
        "header_seconds",
        "body_seconds",
    ],
    "Content-Length": ["content_length"],
    "fragments, inflated size": ["fragments", "message_bytes"],
    "JSON": ["json"],
    "text": ["text"],
    "event": ["event"],
    "attachments": ["attachments"],
    "malformed packet": ["packet"],
    "rate per connection": ["events_per_second", "too_fast_seconds", "refusal_seconds"],
    "rate per seat, per server": ["events_per_second_per_seat", "events_per_second_of_all"],
    "deliveries": ["deliveries_per_second", "deliveries_per_second_per_seat"],
    "handler time": ["handler_ms", "handler_seconds"],
    "mailbox": ["turns"],
    "output per connection": ["output_bytes", "stall_seconds"],
    "output of all": ["output_total_bytes"],
    "sockets": ["sockets_per_seat", "sockets_per_address", "sockets", "connections"],
    "black holes": ["holes_per_seat"],
    "new sessions": ["sessions_per_second"],
    "CONNECT, decision": ["connect_seconds", "decision_seconds"],
    "ping": ["pong_seconds"],
    "callbacks": ["callbacks", "callback_seconds"],
    "join code": ["code_tries"],
    "teacher's key": ["key_tries"],
    "rooms": ["rooms"],
    "runs": ["runs", "run_seconds", "run_events_per_second"],
    "buffer": ["run_bytes", "buffer_bytes"],
    "resume": ["resumes_per_10_seconds"],
    "held polls": ["held_polls"],
    "tap": ["tap"],
    "the wire's reader": ["wire_per_second", "decoder_bytes"],
    "reports": ["report_bytes"],
    "dial": ["dials"],
    "exercises": ["attempts", "attempts_per_second"],
    "log": ["log_lines_per_second"],
    "database, disk": ["database_bytes", "free_disk_bytes", "seats_on_disk"],
    "seats": ["seats"],
}
RULES = {"content_length", "json", "text", "event", "attachments", "packet"}  # of standards
CONTRACT = {"rooms", "dials"}  # what programs rely on is no setting
MEASURED = {"turns"}  # no number of ours: who has to wait is not read meanwhile
# Nothing is refused by these: a connection that only waits is closed, as HTTP has it.
NO_LIMITS = {"PORT", "FIRST_BYTE_SECONDS", "IDLE_SECONDS"}
MOST = {  # kind of memory -> the setting that bounds it
    "capture": "TAP_TOTAL_BYTES",
    "decoders": "DECODER_BYTES",
    "reports": "REPORT_BYTES",
    "buffers": "BUFFER_BYTES",
    "output": "OUTPUT_TOTAL_BYTES",
}


def test_no_row_has_lost_its_counter():
    assert sorted({name for names in ROWS.values() for name in names}) == sorted(NAMES)
    assert len(LIMITS) == len(NAMES)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_a_limit_is_stated_by_settings_that_have_a_least_value(limit):
    assert all(SETTINGS[name].type.min > 0 for name in limit.settings)
    assert limit.settings or limit.name in RULES | CONTRACT | MEASURED
    assert limit.what and limit.then


def test_every_number_that_can_be_set_has_a_counter():
    numbers = {name for name, default in DEFAULTS.items() if type(default) is int}
    stated = {name for limit in LIMITS for name in limit.settings}

    assert numbers - stated == NO_LIMITS


def test_the_health_page_shows_every_counter_and_every_budget(live):
    health = requests.get(live.url + "/healthz", timeout=PATIENCE).json()

    assert list(health["limits"]) == [limit.name for limit in LIMITS]
    assert all(type(times) is int for times in health["limits"].values())
    assert list(health["memory"]) == list(KINDS) == list(MOST)
    for kind, budget in health["memory"].items():
        assert budget.keys() == {"bytes", "most", "dropped"}
        assert budget["most"] == DEFAULTS[MOST[kind]]
        assert 0 <= budget["bytes"] <= budget["most"]


def test_a_limit_that_does_not_exist_cannot_be_counted():
    reached = Reached()
    with pytest.raises(KeyError, match="no limit is called mesage_bytes"):
        reached.note("mesage_bytes")
    reached.note("")  # a refusal that is about no limit
    reached.note("text", 2)
    reached.read_from("tap", lambda: 3)

    assert {name: n for name, n in reached.counts().items() if n} == {"text": 2, "tap": 3}


# A budget


def test_where_a_budget_is_full_the_oldest_goes_and_is_told():
    budget, gone = Budget(100), []
    for name in "abc":
        budget.hold(name, 40, lambda name=name: gone.append(name))

    assert gone == ["a"] and budget.stats() == {"bytes": 80, "most": 100, "dropped": 1}
    budget.hold("b", 10, lambda: gone.append("b"))  # lighter now, and the youngest
    budget.hold("d", 60, lambda: gone.append("d"))
    assert gone == ["a", "c"] and budget.bytes == 70
    budget.release("b")
    budget.release("b")
    assert budget.bytes == 60


def test_what_came_last_stays_however_large():
    budget, gone = Budget(100), []
    budget.hold("small", 1, lambda: gone.append("small"))
    budget.hold("large", 1000, lambda: gone.append("large"))

    assert gone == ["small"] and budget.bytes == 1000


def test_all_can_be_let_go_at_once_and_that_is_no_loss():
    gone, budget = [], Budget(100)
    for thing in "ab":
        budget.hold(thing, 10, lambda thing=thing: gone.append(thing))

    assert budget.let_all_go() == 2 and gone == ["a", "b"]
    assert budget.stats() == {"bytes": 0, "most": 100, "dropped": 0}
