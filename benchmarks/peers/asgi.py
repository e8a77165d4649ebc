"""The same work in python-socketio's AsyncServer, for uvicorn: ``uvicorn asgi:app``."""

import socketio
from work import NAMESPACE, PING_SECONDS, ROOM, missed

server = socketio.AsyncServer(async_mode="asgi", ping_interval=PING_SECONDS)
app = socketio.ASGIApp(server)


class Bench(socketio.AsyncNamespace):
    async def on_connect(self, sid, environ, auth):
        await self.enter_room(sid, ROOM)

    async def on_say(self, sid, data):
        await self.emit("said", {"text": data["text"]}, to=ROOM)

    async def on_echo(self, sid, data):
        return {"ok": True, "text": data["text"]}

    async def on_resume(self, sid, data):
        return missed(data["after"])


server.register_namespace(Bench(NAMESPACE))
