"""The layer over the library's manager: no enter and no leave passes unseen, of any manager."""

import pytest
import socketio

from socketlab.lessons.rooms.members import watch


class Queued(socketio.PubSubManager):
    """A manager with a message queue between servers, without the servers."""

    def _publish(self, data):
        pass

    def _listen(self):
        return iter(())


@pytest.fixture(params=[socketio.Manager, Queued], ids=["in memory", "with a queue"])
def manager(request):
    manager = request.param()
    socketio.Server(client_manager=manager, async_mode="threading")
    return manager


@pytest.fixture
def seen(manager):
    told = []
    watch(
        manager,
        "/rooms",
        lambda sid, room: told.append(("entered", sid, room)),
        lambda sid, room: told.append(("left", sid, room)),
    )
    return told


def connect(manager, session, namespace="/rooms"):
    sid = manager.pre_connect(session, namespace)
    return manager.connect(sid, namespace)


def test_a_client_enters_the_room_of_everybody_and_its_own(manager, seen):
    sid = connect(manager, "session 1")

    assert seen == [("entered", sid, None), ("entered", sid, sid)]


def test_entering_twice_is_told_once_and_leaving_what_one_is_not_in_never(manager, seen):
    sid = connect(manager, "session 1")
    del seen[:]
    manager.enter_room(sid, "/rooms", "lab")
    manager.enter_room(sid, "/rooms", "lab")
    manager.leave_room(sid, "/rooms", "lab")
    manager.leave_room(sid, "/rooms", "lab")
    manager.leave_room(sid, "/rooms", "nowhere")

    assert seen == [("entered", sid, "lab"), ("left", sid, "lab")]


def test_closing_a_room_is_told_for_each_member(manager, seen):
    sids = [connect(manager, f"session {n}") for n in range(3)]
    for sid in sids:
        manager.enter_room(sid, "/rooms", "lab")
    del seen[:]
    manager.close_room("lab", "/rooms")

    assert seen == [("left", sid, "lab") for sid in sids]


def test_a_disconnect_nobody_announced_is_told_for_every_room_the_room_of_everybody_first(
    manager, seen
):
    sid, other = connect(manager, "session 1"), connect(manager, "session 2")
    for room in ("a", "b"):
        manager.enter_room(sid, "/rooms", room)
    del seen[:]
    manager.pre_disconnect(sid, "/rooms")
    manager.disconnect(sid, "/rooms", ignore_queue=True)

    assert seen[0] == ("left", sid, None)
    assert {room for _, _, room in seen} == {None, sid, "a", "b"}
    assert manager.is_connected(other, "/rooms")


def test_another_namespace_is_another_matter(manager, seen):
    sid = connect(manager, "session 1", "/other")
    manager.enter_room(sid, "/other", "lab")
    manager.leave_room(sid, "/other", "lab")

    assert seen == []


def test_somebody_elses_private_room_stays_closed(manager, seen):
    ada, eve = connect(manager, "session 1"), connect(manager, "session 2")
    del seen[:]
    with pytest.raises(ValueError):
        manager.enter_room(eve, "/rooms", ada)

    assert seen == []


def test_a_listener_that_breaks_changes_nothing(manager, caplog):
    def breaks(sid, room):
        raise RuntimeError("a mistake of ours")

    watch(manager, "/rooms", breaks, breaks)
    sid = connect(manager, "session 1")
    manager.enter_room(sid, "/rooms", "lab")
    manager.leave_room(sid, "/rooms", "lab")

    assert manager.get_rooms(sid, "/rooms") == [sid]
    assert "could not be told" in caplog.text
