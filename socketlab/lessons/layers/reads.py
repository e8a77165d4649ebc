"""Forty numbered messages on two roads: what the relay does to them, what recv() returned. Pure.

A message is three digits, ``001`` to ``100``: TCP keeps no borders, so the program needs a rule
to find them again, and "three bytes each" is one.

    UDP   a datagram is a message: whole or not there, perhaps later than one sent after it
    TCP   a stream of bytes: all there and in order, cut anew wherever the network likes

The relay between sender and reader can do to either what any router can. It drops datagrams and
holds some back. Of a stream it can only delay the bytes and cut them elsewhere.
Source: RFC 768; RFC 9293, section 3.8 (a stream has no borders of messages).
"""

from dataclasses import dataclass
from random import Random

SIZE = 3  # bytes of a message: our own rule, TCP has none
MOST_WHOLE = 9  # messages that one piece of the stream completes
ENDS = (0, 0, 1, 2)  # bytes of a message that a piece begins and does not complete: half have none
HELD_APART = 4  # at most one datagram of so many is held back …
MOST_HELD = 3  # … until so many later ones have passed it
HELD_SHARE = 8  # one of so many, and at least one


def message(number: int) -> bytes:
    """The bytes of a message: ``b"007"``."""
    return b"%03d" % number


@dataclass(frozen=True)
class Read:
    """What one recv() returned: its bytes, and the numbers that they completed.

    Of UDP that is one number. Of TCP, where a read begins or ends within a message, the number
    belongs to the read that brought its last byte.
    """

    proto: str  # "tcp" or "udp"
    data: bytes
    numbers: tuple[int, ...]


class Numbers:
    """Finds the numbers in a stream of bytes, however it arrives: what is begun waits."""

    def __init__(self) -> None:
        self.begun = b""

    def read(self, data: bytes) -> tuple[int, ...]:
        """The numbers that these bytes complete."""
        data = self.begun + data
        whole = len(data) - len(data) % SIZE
        self.begun = data[whole:]
        return tuple(int(data[at : at + SIZE]) for at in range(0, whole, SIZE))


def pieces(stream: bytes, draw: Random) -> list[bytes]:
    """The same bytes in other pieces: each completes 1 to 9 messages, the first cut splits one."""
    cut: list[bytes] = []
    whole = at = 0
    while at < len(stream):
        whole += draw.randint(1, MOST_WHOLE)
        end = whole * SIZE + draw.choice(ENDS if cut else ENDS[2:])
        cut.append(stream[at:end])
        at = end
    return cut


def passed_on(count: int, lose: float, draw: Random) -> dict[int, list[int]]:
    """What the relay lets through: datagram that has come in -> those that leave then.

    ``lose`` per cent of datagrams 1 to ``count``, rounded, are dropped, and at least one where
    it is not 0. Some of the others are held back until 1 to 3 later ones have passed.
    """
    lost = max(1, round(count * lose / 100)) if lose else 0
    dropped = set(draw.sample(range(1, count + 1), lost))
    kept = [number for number in range(1, count + 1) if number not in dropped]
    places = range(0, len(kept) - MOST_HELD, HELD_APART)  # so far apart that each is overtaken
    held = set(draw.sample(places, min(len(places), max(1, len(kept) // HELD_SHARE))))
    leaving: dict[int, list[int]] = {number: [] for number in range(1, count + 1)}
    for place, number in enumerate(kept):
        if place not in held:
            leaving[number].append(number)
    for place in held:
        leaving[kept[place + draw.randint(1, MOST_HELD)]].append(kept[place])
    return leaving


def sums(count: int, reads: list[Read]) -> dict[str, object]:
    """What came of ``count`` messages on each road, from what recv() really returned.

    ``{sent, tcp: {reads, missing}, udp: {reads, missing, swapped}}``: on both roads the numbers
    that arrived and those missing are all that were sent. ``swapped`` counts the numbers that
    arrived after a greater one.
    """
    told: dict[str, object] = {"sent": count}
    for proto in ("tcp", "udp"):
        mine = [read for read in reads if read.proto == proto]
        arrived = [number for read in mine for number in read.numbers]
        missing = sorted(set(range(1, count + 1)) - set(arrived))
        about: dict[str, object] = {"reads": len(mine), "missing": missing}
        if proto == "udp":
            about["swapped"] = late(arrived)
        told[proto] = about
    return told


def late(numbers: list[int]) -> int:
    """How many of these came after a greater one."""
    highest, behind = 0, 0
    for number in numbers:
        behind += number < highest
        highest = max(highest, number)
    return behind
