"""permessage-deflate for one connection: each direction remembers what it saw before. Pure.

Both directions keep their window from message to message ("context takeover"), so the second
copy of an event shrinks to a few bytes. Inflating stops at the message limit: a kilobyte can
hide a megabyte.
Source: RFC 7692, sections 7.2.1 and 7.2.2.
"""

import zlib

from ..protocols.websocket import BAD_DATA, DEFLATE_TAIL, TOO_BIG, ProtocolError


class Deflate:
    """The two compressors of one connection; ``limit`` is bytes of one inflated message."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.incoming = zlib.decompressobj(-zlib.MAX_WBITS)
        self.outgoing = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def inflate(self, data: bytes) -> bytes:
        """A whole compressed message's content; raises ProtocolError."""
        try:
            content = self.incoming.decompress(data + DEFLATE_TAIL, self.limit + 1)
        except zlib.error:
            raise ProtocolError(BAD_DATA, "the message is not deflated data") from None
        if len(content) > self.limit:
            raise ProtocolError(TOO_BIG, "the message inflates beyond the limit", "message_bytes")
        if self.incoming.eof:  # the sender ended its stream: the next message starts another
            self.incoming = zlib.decompressobj(-zlib.MAX_WBITS)
        return content

    def deflate(self, data: bytes) -> bytes:
        """A message's content, compressed, as one frame carries it."""
        return (self.outgoing.compress(data) + self.outgoing.flush(zlib.Z_SYNC_FLUSH))[:-4]
