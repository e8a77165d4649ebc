"""The attackers of benchmarks/attacks.py, by what they misuse; each has a process of its own."""

from . import http, lessons, polling, websockets  # noqa: F401  each enters its attacks in the list
from .field import ATTACKS, Field  # noqa: F401
