"""What the library's manager does to its rooms, told to whoever wants to know.

A client may enter or leave a room because a handler says so, because the room is closed, or
because its connection broke: nothing is announced for that, the manager only changes its lists.
Every one of these changes passes through two methods of the manager, whatever its kind
(in memory, or with a message queue between servers). They are wrapped on the manager at hand,
as python-socketio's own admin module does. With several servers each sees its own clients.

Source: Socket.IO documentation, "Rooms"; python-socketio, BaseManager.basic_enter_room and
basic_leave_room.
"""

import logging

log = logging.getLogger("socketlab.server")
EVERYBODY = None  # the room that the manager itself keeps of all who are connected
TELL_SECONDS = 0.1


def watch(manager, namespace, entered, left):
    """Have ``entered(sid, room)`` and ``left(sid, room)`` called for each change in a namespace.

    They are called after the change, once for each, not for an entering or leaving that changes
    nothing. ``room`` is None when the client itself comes or goes: that is the manager's room of
    everybody, and the first that a leaving client leaves. They must not block; what they raise
    is logged, and the change stands.
    """
    enter, leave = manager.basic_enter_room, manager.basic_leave_room

    def is_in(sid, room):
        return sid in manager.rooms.get(namespace, {}).get(room, ())

    def tell(listener, sid, room):
        try:
            listener(sid, room)
        except Exception:
            log.exception("a change of room %r in %s could not be told", room, namespace)

    def basic_enter_room(sid, name, room, eio_sid=None):
        new = name == namespace and not is_in(sid, room)
        enter(sid, name, room, eio_sid=eio_sid)
        if new:
            tell(entered, sid, room)

    def basic_leave_room(sid, name, room):
        there = name == namespace and is_in(sid, room)
        leave(sid, name, room)
        if there:
            tell(left, sid, room)

    manager.basic_enter_room, manager.basic_leave_room = basic_enter_room, basic_leave_room


class Watched:
    """Mixed into a namespace that wants to know its rooms' members. It defines

    ``entered(sid, room)`` and ``left_room(sid, room)``, called as in :func:`watch`, and
    ``tell()``, called soon after ``wake()`` and then ten times a second while it returns True:
    however much happens, what is told of it is told at that pace.
    """

    _telling = False

    def _set_socketio(self, socketio):
        super()._set_socketio(socketio)
        watch(socketio.server.manager, self.namespace, self.entered, self.left_room)

    def sids(self, rooms):
        """The sids that an emit to a room, or to a list of them, goes to."""
        return {
            sid for sid, _ in self.socketio.server.manager.get_participants(self.namespace, rooms)
        }

    def connection(self, sid, namespace):
        """The Engine.IO session that carries a socket of any namespace."""
        return self.socketio.server.manager.eio_sid_from_sid(sid, namespace)

    def wake(self):
        """There may be something to tell."""
        if not self._telling:
            self._telling = True
            self.socketio.start_background_task(self._tell)

    def _tell(self):
        try:
            while self.tell():
                self.socketio.sleep(TELL_SECONDS)
        finally:
            self._telling = False
