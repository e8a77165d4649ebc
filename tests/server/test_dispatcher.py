"""What handlers do wrong, and what crosses on the way, costs nobody the connection."""

import pytest

from .conftest import eventually
from .test_packets import Polling

# A handler that breaks costs nobody the connection


@pytest.mark.parametrize("event", ["set", "nan", "boom"])
def test_a_handler_that_returns_no_json_is_a_no_with_a_sentence(lab, event):
    no = {"ok": False, "error": "the server failed at this; it is not your fault"}
    with lab.wire() as wire:
        wire.join()

        assert wire.call(event, {}, number=4) == no
        wire.text(f'42/lab,["{event}",{{}}]')  # without an ack there is nobody to be told
        assert wire.call("echo", {}, number=5)["ok"]


def test_a_handler_may_leave_an_event_without_an_acknowledgement(lab):
    with lab.wire() as wire:
        wire.join()
        wire.text('42/lab,4["mute",{}]')
        wire.text('42/lab,5["echo",{}]')

        assert wire.until("43/lab,").startswith("43/lab,5")


def test_a_handler_that_returns_no_json_is_a_no_over_polling_too(lab):
    polling = Polling(lab).join()

    assert polling.post('42/lab,4["set",{}]') == 200
    assert "it is not your fault" in polling.poll()[1]
    assert polling.post('42/lab,5["echo",{}]') == 200
    assert polling.poll()[1].startswith("43/lab,5")


def test_what_a_handler_did_wrong_is_in_the_log(start):
    lab = start()
    with lab.wire() as wire:
        wire.join()
        wire.call("set", {})
    _, said = lab.stop()

    assert "the handler of /lab set failed" in said


def test_a_refusal_that_is_no_json_is_a_refusal(lab):
    with lab.wire() as wire:
        wire.upgrade()
        wire.until("0")
        wire.text('40/lab,{"mode":"no json"}')
        assert wire.until("44") == '44/lab,{"message":"/lab refuses the connection"}'
        wire.text("40/lab,")
        assert wire.until("40/lab,")


def test_an_acknowledgement_that_does_not_fit_is_let_pass(lab):
    with lab.wire() as wire:
        wire.join()
        wire.text('42/lab,["asked",{}]')
        number = wire.until("42/lab,").removeprefix("42/lab,").partition("[")[0]
        wire.text(f"43/lab,{number}[1,2,3]")

        assert wire.call("echo", {})["ok"]


def test_a_disconnect_handler_that_breaks_leaves_no_ghost(start):
    lab = start()
    with lab.wire() as wire:
        wire.join(namespace="/other")
        wire.text("40/lab,")
        wire.until("40/lab,")
        wire.text("41/other,")
        assert wire.call("echo", {})["ok"]
        assert set(lab.knows()["rooms"]) == {"/lab"}
        wire.text("40/other,")
        wire.until("40/other,")
    eventually(lambda: lab.knows()["sessions"] == 0)

    assert lab.knows()["rooms"] == {}


# What crosses a goodbye


@pytest.mark.parametrize("late", ["41/lab,", '42/lab,["echo",{}]', '43/lab,1["x"]'])
def test_what_crosses_the_servers_goodbye_is_let_pass(lab, late):
    with lab.wire() as wire:
        wire.join()
        wire.text("40/other,")
        wire.until("40/other,")
        wire.call("goodbye", {})
        assert wire.until("41/lab,") == "41/lab,"
        wire.text(late)

        assert wire.call("echo", {}, namespace="/other")["ok"]
        wire.text("40/lab,")
        assert wire.until("40/lab,")


def test_an_event_that_crosses_the_servers_goodbye_is_answered_if_it_asks_for_that(lab):
    with lab.wire() as wire:
        wire.join()
        wire.call("goodbye", {})
        wire.until("41/lab,")

        no = {"ok": False, "error": "you have not joined /lab"}
        assert wire.call("echo", {}, number=7) == no


def test_what_crosses_the_servers_goodbye_is_let_pass_over_polling_too(lab):
    polling = Polling(lab).join()
    assert polling.post('42/lab,["goodbye",{}]') == 200
    assert polling.poll() == (200, "41/lab,")

    assert polling.post("41/lab,") == 200
    assert polling.post('42/lab,["echo",{}]') == 200
    polling.join()
