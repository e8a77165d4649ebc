"""What may wait for a disk runs in a thread of its own; the event loop goes on.

gevent makes sockets wait their turn, but not files: while SQLite waits for a lock or for the
disk, nobody in the class is served. A BatchWorker hands such work to one real thread. All that
has gathered while a batch was under way goes into the next one together.

Source: gevent documentation, "gevent.threadpool".
"""

from collections.abc import Callable
from typing import Any

from gevent import spawn
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

MOST = 256  # pieces of one batch: the first of them should not wait for ever


class BatchWorker:
    """Runs batches in one thread: ``run(batch)`` gives ``(value, error)`` for each piece."""

    def __init__(self, run: Callable[[list[Any]], list[tuple[Any, BaseException | None]]]):
        self._run = run
        self._threads = ThreadPool(1)
        self._waiting: list[tuple[Any, AsyncResult]] = []
        self._under_way = False

    def call(self, work: Any) -> Any:
        """What this piece of work returns; raises what it raised. Others run meanwhile."""
        result = AsyncResult()
        self._waiting.append((work, result))
        if not self._under_way:
            self._under_way = True
            spawn(self._work_through)
        return result.get()

    def _work_through(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                for (_, result), outcome in zip(batch, self._outcomes(batch), strict=True):
                    value, error = outcome
                    if error is None:
                        result.set(value)
                    else:
                        result.set_exception(error)
        finally:
            self._under_way = False

    def _outcomes(self, batch: list[tuple[Any, AsyncResult]]) -> Any:
        try:
            return self._threads.apply(self._run, ([work for work, _ in batch],))
        except Exception as error:  # never leave anybody waiting
            return [(None, error)] * len(batch)

    def close(self) -> None:
        """Ends the thread, once what is under way is done."""
        self._threads.join()
        self._threads.kill()
