"""python-socketio's own client, on both transports, against our engine room."""

import queue

import pytest
import socketio


@pytest.fixture
def meet(lab):
    clients, refused, lines = [], [], []

    def meet(transports, namespace="/lab", auth=None):
        client = socketio.Client(reconnection=False)
        heard = queue.Queue()
        client.on("said", heard.put, namespace=namespace)
        client.on("drop", heard.put, namespace=namespace)
        client.on("Told to all!", lambda *values: heard.put(values), namespace=namespace)
        client.on("connect_error", refused.append, namespace=namespace)
        clients.append(client)
        client.connect(
            f"http://127.0.0.1:{lab.port}",
            namespaces=[namespace],
            transports=transports,
            auth=auth,
            wait_timeout=5,
        )
        if client.eio.ws:  # the library forgets its socket, unclosed, when the server hangs up
            lines.append(client.eio.ws.sock)
        return client, heard

    meet.refused = refused
    yield meet
    for client in clients:
        client.disconnect()
        lines += [client.eio.http, client.eio.ws]
    for line in filter(None, lines):
        line.close()


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_events_go_both_ways_and_are_acknowledged(meet, transports):
    ada, heard = meet(transports)
    bob, bobs = meet(["websocket"])

    assert ada.call("say", {"text": "é 漢 🙂"}, namespace="/lab", timeout=5) == {"ok": True}
    assert heard.get(timeout=5) == {"text": "é 漢 🙂"}
    assert bobs.get(timeout=5) == {"text": "é 漢 🙂"}
    assert ada.transport() == transports[-1]


@pytest.mark.parametrize("transports", [["polling"], ["websocket"]])
def test_two_hundred_events_in_a_row_come_each_once(meet, transports):
    """Sorted, for this client handles every message in a thread of its own; that they cross in
    order is what the raw client of test_websocket sees."""
    ada, heard = meet(transports)
    ada.call("flood", {"count": 200, "size": 1000}, namespace="/lab", timeout=5)

    assert sorted(heard.get(timeout=5)["number"] for _ in range(200)) == list(range(200))
    assert heard.empty()


def test_a_refusal_is_told_with_its_sentence(meet):
    with pytest.raises(socketio.exceptions.ConnectionError):
        meet(["websocket"], auth={"mode": "refuse"})

    assert meet.refused == [{"message": "not today"}]


def test_a_wrong_payload_is_told_with_a_sentence(meet):
    ada, _ = meet(["websocket"])

    assert ada.call("say", "hello", namespace="/lab", timeout=5) == {
        "ok": False,
        "error": 'send one object, like {"text": "hello"}',
    }


def test_bytes_are_refused_with_a_sentence_or_the_end(meet):
    ada, _ = meet(["websocket"])
    gone = queue.Queue()
    ada.on("disconnect", lambda reason: gone.put(reason), namespace="/lab")
    ada.emit("say", {"text": b"bytes"}, namespace="/lab")

    assert gone.get(timeout=5)


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_bytes_go_both_ways_and_are_acknowledged_where_nothing_is_declared(meet, transports):
    ada, heard = meet(transports, namespace="/free")
    _, bobs = meet(["websocket"], namespace="/free")
    _, cleos = meet(["polling"], namespace="/free")
    values = b"\x00\xff", {"more": [b"", "text"]}

    assert ada.call("message-with-ack", values, namespace="/free", timeout=5) == values
    ada.emit("Tell all!", values, namespace="/free")
    assert {str(each.get(timeout=5)) for each in (heard, bobs, cleos)} == {str(values)}
