"""The server is killed in the middle of a run; what a reader has received, the restart still has.

A dozen kills; all of them by ``python benchmarks/survival.py``.
"""

from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from .survival import MOMENTS, ServerUnderTest, kill

QUICK = [
    [(moment, "sqlite", "websocket") for moment in MOMENTS],
    [
        ("first half of the emits", "redis", "websocket"),
        ("in a trim", "redis", "polling"),
        ("all emits", "sqlite", "polling"),
        ("after commit", "memory", "websocket"),
    ],
]


@pytest.mark.redis
def test_a_dozen_kills_lose_nothing_that_was_received(tmp_path, client_file, redis_url):
    def kills(number):
        server = ServerUnderTest(tmp_path / str(number), client_file, redis_url)
        try:
            return [kill(server, *which) for which in QUICK[number]]
        finally:
            server.close()

    with ThreadPoolExecutor(len(QUICK)) as pool:
        seconds = [one for some in pool.map(kills, range(len(QUICK))) for one in some]

    assert len(seconds) == 12
    assert median(seconds) < 3  # from the restart to the first answer
