"""Our server beside a bare Flask-SocketIO, in one run: ``python benchmarks/broadcast.py``.

What peers.py measures, without what would have to be installed for it: ours as users run it, the
same with the tap off, and stock gevent with its own WebSocket driver and default options. The
figures are explained there.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import peers  # noqa: E402  the path above comes first


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each sustained load")
    parser.add_argument("--tap", choices=["on", "off", "both"], default="both")
    parser.add_argument("--threads", action="store_true", help="also stock threading mode")
    options = parser.parse_args()
    peers.check(parser, options)
    ours = {"on": ["ours"], "off": ["untapped"], "both": ["ours", "untapped"]}[options.tap]
    kinds = [*ours, "bare", *(["threads"] if options.threads else [])]
    peers.compare(kinds, sys.executable, options, against="bare")


if __name__ == "__main__":
    main()
