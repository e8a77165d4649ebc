"""What the memory's budgets say, beside what the process takes: ``python benchmarks/memory.py``.

Seats are free, so one person takes many. Each opens 64 short compressed connections, reloads its
packet inspector from ever other places, starts a race and reports on it. After every few seats
one line: what the process has grown by, and what /healthz says that it keeps. The second may be
less, as the allocator keeps some; both must stay below the sum of the budgets.
"""

import argparse
import json
import socket
import sys
import tempfile
import zlib
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from socketlab import client  # noqa: E402  the path above comes first
from tests.helpers import Person, Process, RawClient  # noqa: E402

COMPRESSED = ["Sec-WebSocket-Extensions: permessage-deflate"]
AT_MOST = {"SOCKETLAB_SESSIONS_BURST": "100000", "SOCKETLAB_SESSIONS_PER_SECOND": "5000"}
PAGE = 4096  # bytes


def resident(process):
    """Bytes of memory that the process has now. Source: proc(5), statm."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE


def kept(server):
    """``{kind: bytes}``, and how often something was let go."""
    with urlopen(server.url + "/healthz", timeout=30) as answer:
        memory = json.load(answer)["memory"]
    sums = {kind: budget["bytes"] for kind, budget in memory.items()}
    return sums, sum(budget["dropped"] for budget in memory.values())


def compressed_visit(server, person):
    """A connection with compression, one long event, and the end."""
    path = f"/socket.io/?EIO=4&transport=websocket&deflate=1&seat={person.token}"
    raw = RawClient(server.port, path, COMPRESSED)
    text = "".join(chr(97 + n * n % 26) for n in range(8000))
    deflate = zlib.compressobj(wbits=-15)
    event = f'42/class,["hello",{{"text":"{text}"}}]'.encode()
    data = (deflate.compress(event) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    head = bytes([0xC1, 0x80 | len(data)]) if len(data) < 126 else b"\xc1\xfe"
    length = b"" if len(data) < 126 else len(data).to_bytes(2, "big")
    raw.socket.sendall(head + length + bytes(4) + data)  # a mask of zeros changes nothing
    raw.socket.shutdown(socket.SHUT_WR)
    while raw.socket.recv(65536):
        pass
    raw.close()


def visit(server, questions):
    """One more seat, and all that it leaves behind."""
    person = Person(server.url)
    for _ in range(64):
        compressed_visit(server, person)
    race = person.connect("/bidirectional")
    run = race.ask("/bidirectional", "start", {"every_ms": 200})["run"]
    page = person.connect("/class")
    page.ask("/class", "receipt", {"run": run, "got": [[n, 1] for n in range(1, 400)]})
    for after in range(0, questions * 5, 5):
        person.http.get(f"{server.url}/wire?after={after}&limit=1", timeout=30)
    person.leave()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seats", type=int, default=40)
    parser.add_argument("--questions", type=int, default=40, help="to the wire, of each seat")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        server = Process(data, client=client.ensure(ROOT / "instance"), env=AT_MOST)
        try:
            before = resident(server.process)
            print(f"{'seats':>5} {'grown MB':>9} {'kept MB':>8} {'let go':>7}  of which")
            for seat in range(1, options.seats + 1):
                visit(server, options.questions)
                if seat % max(1, options.seats // 8) == 0:
                    kinds, dropped = kept(server)
                    grown = (resident(server.process) - before) / 1e6
                    total = sum(kinds.values()) / 1e6
                    some = ", ".join(f"{kind} {n / 1e6:.1f}" for kind, n in kinds.items() if n)
                    print(f"{seat:5} {grown:9.1f} {total:8.1f} {dropped:7}  {some}", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
