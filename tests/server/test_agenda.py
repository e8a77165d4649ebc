"""One greenlet calls back whatever falls due, each at its own time, unless it was called off."""

import gevent
import pytest
from gevent.event import Event

from socketlab.server.timers import Agenda


@pytest.fixture
def agenda():
    return Agenda()


def test_what_falls_due_first_comes_first_whenever_it_was_put(agenda):
    came, over = [], Event()
    agenda.put(0.03, lambda: (came.append("third"), over.set()))
    agenda.put(0.02, lambda: came.append("second"))
    agenda.put(0, lambda: came.append("first"))
    assert came == []  # never before the caller goes on
    assert over.wait(5) and came == ["first", "second", "third"]


def test_what_was_called_off_does_not_come_and_holds_nothing(agenda):
    came, over = [], Event()
    call_off = agenda.put(0.01, lambda: came.append("no"))
    agenda.put(0.02, over.set)
    call_off()
    assert over.wait(5) and came == []
    call_off()  # again, and too late


def test_one_that_waits_or_fails_holds_up_nobody(agenda, monkeypatch):
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *_: None)
    waits, over = Event(), Event()
    agenda.put(0, waits.wait)
    agenda.put(0, lambda: [][0])
    agenda.put(0.01, over.set)
    assert over.wait(5)
    waits.set()
    again = Event()
    gevent.sleep(0)
    agenda.put(0, again.set)
    assert again.wait(5)
