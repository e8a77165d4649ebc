"""permessage-deflate: a message is compressed as a whole, and remembers the ones before.

The sender deflates the message, ends it with an empty stored block and leaves away the
last four bytes of that block, ``00 00 ff ff``, because they are always the same. The
receiver puts them back and inflates. Unless "no context takeover" was agreed, both
sides keep the last 32 KiB of earlier messages, so that a repeated message becomes a
short reference: the second identical "Hello" of the RFC takes 5 bytes.

This is the one layer with a memory: one Inflater per direction.

Source: RFC 7692, section 7; RFC 1951 (DEFLATE).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..protocols.handshake import DEFLATE
from ..protocols.websocket import DEFLATE_TAIL
from .layers import DecodeError, Field, Layer, count

#: The window of DEFLATE: how far back a reference can reach.
WINDOW = 1 << 15

#: Bytes of memory that zlib takes for one stream, beside its window.
STREAM = 8000

#: Streams that a sender may end (BFINAL) within one message. Each costs a new window
#: of 32 KiB, and no known sender ends even one.
FINAL_BLOCKS = 16

_EMPTY_FINAL_BLOCK = b"\x03\x00"

_BLOCKS = {
    0: "The bytes stand as they are, not compressed.",
    1: "Compressed with the code table that RFC 1951 fixes.",
    2: "Compressed with a code table of its own, which stands in front.",
    3: "Reserved: no block may have this kind.",
}


@dataclass(frozen=True)
class Parameters:
    """What both sides agreed on in Sec-WebSocket-Extensions.

    ``up`` is the client's stream, ``down`` the server's.

    Source: RFC 7692, section 7.1.
    """

    up_takeover: bool = True
    down_takeover: bool = True
    up_bits: int = 15
    down_bits: int = 15


def negotiated(values: Iterable[str]) -> Parameters | None:
    """The agreement in a server's Sec-WebSocket-Extensions values, None if there is none.

    Raises DecodeError for a parameter that permessage-deflate does not have.
    """
    for value in values:
        for extension in value.split(","):
            name, *items = (part.strip() for part in extension.split(";"))
            if name.lower() == DEFLATE:
                return _parameters(items)
    return None


def _parameters(items: list[str]) -> Parameters:
    found: dict[str, Any] = {}
    fit: bool | int
    for item in items:
        name, _, value = (part.strip() for part in item.partition("="))
        value = value.strip('"')
        if name in ("client_no_context_takeover", "server_no_context_takeover") and not value:
            key, fit = ("up" if name[0] == "c" else "down") + "_takeover", False
        elif (
            name in ("client_max_window_bits", "server_max_window_bits")
            and value.isascii()
            and value.isdigit()
            and 8 <= int(value[:3]) <= 15
        ):
            key, fit = ("up" if name[0] == "c" else "down") + "_bits", int(value)
        else:
            raise DecodeError(
                "http",
                0,
                f"permessage-deflate has no parameter {item[:60]!r}",
                "RFC 7692, section 7.1",
            )
        if key in found:
            raise DecodeError(
                "http", 0, f"the parameter {name} stands twice", "RFC 7692, section 7.1"
            )
        found[key] = fit
    return Parameters(**found)


@dataclass(frozen=True)
class Inflated(Layer):
    """A compressed message and what it holds.

    ``first`` is the first compressed byte (None if there is none), ``compressed`` the
    number of bytes that crossed, ``text`` the bytes they stand for.
    """

    layer: ClassVar[str] = "deflate"

    first: int | None
    compressed: int
    text: bytes

    def __str__(self) -> str:
        return f"{count(self.compressed, 'byte')} inflate to {len(self.text):,}"

    @property
    def fields(self) -> tuple[Field, ...]:
        if self.first is None:
            return ()
        final, kind = self.first & 1, self.first >> 1 & 3
        # DEFLATE fills bytes from their last bit, so its first bit is drawn at the right.
        return (
            Field(
                "BFINAL",
                7,
                1,
                str(final),
                "The last block of the stream." if final else "More blocks follow.",
                "RFC 1951, section 3.2.3",
            ),
            Field("BTYPE", 5, 2, f"{kind:02b}", _BLOCKS[kind], "RFC 1951, section 3.2.3"),
        )

    def details(self) -> dict[str, Any]:
        return {"compressed": self.compressed, "inflated": len(self.text)}


class Inflater:
    """The receiving end of one direction.

    ``limit`` bounds the bytes of one inflated message and is enforced while inflating.
    Once ``lost`` is true the memory of earlier messages is gone, and ``decode`` hands back
    None until ``remember`` is told what the other side's memory holds.
    """

    def __init__(self, bits: int = 15, takeover: bool = True, limit: int = 1 << 20):
        self.bits = max(bits, 9)  # zlib inflates a window of 8 bits with one of 9
        self.takeover = takeover
        self.limit = limit
        self.lost = False
        self._history = b""
        self._z = zlib.decompressobj(-self.bits)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes: zlib keeps the same history once more."""
        return STREAM + 2 * len(self._history)

    def decode(self, payload: bytes) -> tuple[Inflated, bytes] | None:
        """The compressed message and its inflated bytes; None if the memory is lost.

        Raises DecodeError for bytes that are no DEFLATE stream and for a message over
        the limit; after that the memory is lost.

        Source: RFC 7692, section 7.2.2.
        """
        if not self.takeover:
            self._restart(b"")
            self.lost = False
        if self.lost:
            return None
        try:
            text = self._inflate(payload)
        except zlib.error:
            self.forget()
            raise DecodeError(
                "websocket",
                0,
                "the compressed bytes are no DEFLATE stream",
                "RFC 7692, section 7.2.2",
            ) from None
        except DecodeError:
            self.forget()
            raise
        if self.takeover:
            self._history = (self._history + text[-WINDOW:])[-WINDOW:]
        return Inflated(payload[0] if payload else None, len(payload), text), text

    def remember(self, text: bytes) -> None:
        """Take ``text`` as the latest message, where its compressed bytes are not here."""
        self._restart((self._history + text[-WINDOW:])[-WINDOW:])
        self.lost = False

    def forget(self) -> None:
        """Something of the stream is missing: what refers back to it cannot be inflated."""
        self.lost = True
        self._history = b""

    def _restart(self, history: bytes) -> None:
        self._history = history
        self._z = self._stream(history)

    def _stream(self, history: bytes) -> zlib._Decompress:
        if history:
            return zlib.decompressobj(-self.bits, zdict=history)
        return zlib.decompressobj(-self.bits)

    def _inflate(self, payload: bytes) -> bytes:
        out: list[bytes] = []
        total = finals = 0
        data = payload
        while True:
            piece = self._z.decompress(data, self.limit - total + 1)
            out.append(piece)
            total += len(piece)
            if total > self.limit:
                raise DecodeError(
                    "websocket",
                    0,
                    f"{count(len(payload), 'byte')} inflate to more than {self.limit:,}",
                    "RFC 6455, section 10.4",
                )
            if not self._z.eof:
                self._check_border()
                return b"".join(out)
            finals += 1
            if finals > FINAL_BLOCKS:
                raise DecodeError(
                    "websocket",
                    0,
                    f"more than {FINAL_BLOCKS} final blocks in one message",
                    "RFC 6455, section 10.4",
                )
            # A final block ends zlib's stream, not the message: go on with the same window.
            data = self._z.unused_data
            self._z = self._stream((self._history + b"".join(out))[-WINDOW:])

    def _check_border(self) -> None:
        """A whole message ends in the header of an empty block, which DEFLATE_TAIL completes.

        So that tail gives no byte of its own, and then a block may begin: an empty final one fits.
        """
        if not self._z.decompress(DEFLATE_TAIL, 1) and not self._z.eof:
            probe = self._z.copy()
            try:
                if not probe.decompress(_EMPTY_FINAL_BLOCK, 1) and probe.eof:
                    return
            except zlib.error:
                pass
        raise DecodeError(
            "websocket",
            0,
            "the compressed bytes end in the middle of a block",
            "RFC 7692, section 7.2.2",
        )
