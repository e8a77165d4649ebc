"""Networks as they are: delays, resets, half-closed lines, black holes, between real programs.

A proxy stands between python-socketio's client and our server and does, by a seeded plan, what
networks do. Whatever it does: nothing is handled twice, nothing goes missing silently, and at
the end everybody is live again and at the head of the run.
"""

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from .reader import Reader, check

KINDS = ("delay", "reset", "cut frame", "half-close", "black hole", "upgrade")
SCENARIOS = 20
EVENTS, EVERY_MS = 40, 50


class Proxy(threading.Thread):
    """A TCP proxy on its own loop: once armed, two faults by ``seed``, then transparent again."""

    def __init__(self, port, kind, seed):
        super().__init__(daemon=True)
        self.target, self.kind, self.random = port, kind, random.Random(seed)
        self.faults_left = 0
        self.happened = 0
        self.ready, self.loop = threading.Event(), asyncio.new_event_loop()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.serve())
        self.loop.close()

    async def serve(self):
        self.done = asyncio.Event()
        self.tasks = set()
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.done.wait()
        server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def stop(self):
        self.loop.call_soon_threadsafe(self.done.set)
        self.join()

    async def accept(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            up, down = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        line = TappedConnection(self, writer, down)
        try:
            await asyncio.gather(line.pump(reader, down, True), line.pump(up, writer, False))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            line.reset()
            self.tasks.discard(asyncio.current_task())


class TappedConnection:
    """One proxied connection; it counts what it passes and knows its moment."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.upgraded = False
        self.passed = 0  # reads from the server since the upgrade
        self.moment = proxy.random.randint(4, 12)

    async def pump(self, source, target, up):
        while data := await source.read(65536):
            if up and b"Upgrade: websocket" in data:
                self.upgraded = True
                if self.proxy.kind == "upgrade" and self.strikes():
                    target.write(data)
                    await target.drain()
                    return self.reset()  # the answer 101 never arrives
            if not up and self.upgraded:
                self.passed += 1
            if not up and self.passed >= self.moment and self.strikes():
                data = await self.fault(data, target)
            elif self.proxy.kind == "delay" and self.proxy.faults_left:
                await asyncio.sleep(self.proxy.random.uniform(0, 0.08))
            if data is None:
                return None
            target.write(data)
            await target.drain()
        if not target.is_closing():
            target.write_eof()

    def strikes(self):
        if not self.proxy.faults_left:
            return False
        self.proxy.faults_left -= 1
        self.proxy.happened += 1
        return True

    async def fault(self, data, target):
        """What happens to these bytes: None if they never arrive."""
        kind = self.proxy.kind
        if kind == "delay":
            await asyncio.sleep(0.5)
            return data
        if kind == "cut frame":
            target.write(data[: len(data) // 2])
            await target.drain()
        if kind == "half-close":
            target.write(data)
            target.write_eof()
            await asyncio.sleep(0.3)
        if kind == "black hole":
            await asyncio.sleep(1.0)  # nothing passes, and then the line is given up
        return self.reset()

    def reset(self):
        for writer in (self.client, self.server):
            if writer.transport is not None:
                writer.transport.abort()


def scenario(port, token, seed):
    """One reader behind one bad network: asserts the promises, returns how many faults it met."""
    kind = KINDS[seed % len(KINDS)]
    proxy = Proxy(port, kind, seed)
    proxy.start()
    proxy.ready.wait(5)
    transports = ["polling", "websocket"] if kind == "upgrade" else ["websocket"]
    url = f"http://127.0.0.1:{proxy.port}"
    reader = Reader(url, token, transports=transports, again=True)
    try:
        reader.connect()
        reader.start("memory", 3 if seed % 2 else 50, count=EVENTS, every_ms=EVERY_MS)
        proxy.faults_left = 2
        reader.wait(lambda r: reader.over and r.state == "LIVE" and r.cursor == EVENTS)
        proxy.faults_left = 0
        check(reader, EVENTS)
        return proxy.happened
    finally:
        reader.leave()
        proxy.stop()


@pytest.fixture(scope="module")
def seats(live):
    """A new seat for each scenario."""
    from .survival import new_seat

    return [new_seat(live.url) for _ in range(SCENARIOS)]


def test_every_reader_is_live_again_after_what_networks_do(live, seats):
    port = urlsplit(live.url).port
    with ThreadPoolExecutor(SCENARIOS) as pool:
        runs = {seed: pool.submit(scenario, port, seats[seed], seed) for seed in range(SCENARIOS)}
    failed = {f"seed {seed}": run.exception() for seed, run in runs.items() if run.exception()}

    assert not failed
    assert all(run.result() >= 1 for run in runs.values())  # each met its fault
