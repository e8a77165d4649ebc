"""Kill the server at every moment we know, in every store: ``python benchmarks/survival.py``.

Eight moments of a run, three stores, two transports, three times each: 144 kills with SIGKILL of
a real server process, each followed by a restart on the same data folder and two readers that
come back. After every one the promises are checked (tests/survival.py); the first broken one
ends the run with its traceback. Redis is left out, and said to be, where it is not installed.

    first answer   seconds from starting the server anew to the first answer of the buffer
"""

import argparse
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3, choices=range(1, 21), metavar="1-20")
    times = parser.parse_args().times
    from socketlab import client
    from tests.conftest import Redis
    from tests.lessons.missed.survival import MOMENTS, ServerUnderTest, kill

    folder = Path(tempfile.mkdtemp())
    (folder / "redis").mkdir()
    redis = Redis(folder / "redis") if shutil.which("redis-server") else None
    server = ServerUnderTest(
        folder / "data", client.ensure(ROOT / "instance"), redis.url if redis else ""
    )
    began, kills = time.monotonic(), 0
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    print(f"{'':26}{'kills':>6}{'first answer, median':>22}{'worst':>8}")
    try:
        for kind in ("memory", "sqlite", "redis") if redis else ("memory", "sqlite"):
            for moment in MOMENTS:
                taken = [
                    kill(server, moment, kind, transport)
                    for transport in ("websocket", "polling")
                    for _ in range(times)
                ]
                kills += len(taken)
                middle, worst = statistics.median(taken), max(taken)
                name = f"{kind}, {moment}"
                print(f"{name:32}{len(taken):>4}{middle:>18.2f} s{worst:>6.2f} s", flush=True)
    finally:
        server.close()
        if redis:
            redis.stop()
        shutil.rmtree(folder)
    print(f"{kills} kills in {time.monotonic() - began:.0f} s: nothing that was received is lost")
    if redis is None:
        print("without Redis: it is not installed here")


if __name__ == "__main__":
    main()
