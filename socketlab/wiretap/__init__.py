"""What crossed a server's connections: recorded, counted and decoded, layer by layer.

A library of its own. It knows the protocols and no application: who the users are (here "seats"),
what is secret and which addresses are worth a counter, it is told. The way of a byte:

    tap = Tap(now, secrets=[…], paths=["/news"])   what the server shows its bytes to
    connection = tap.open(peer)                    each TCP connection
    tap.records(seat)                              what crossed, secrets blanked
    Meter(tap, now, seat, lanes)                   … counted, since a moment
    RowReader(tap).read(seat, after)               … decoded, as rows of the page
    save(records, file), load(file)                … as a file
    rows(records)                                  the rows of such a file

A Decoder turns the records of one connection into rows; there is one module for each layer:
http11, frames (WebSocket), deflate, engineio, socketio. ``python -m socketlab.wiretap FILE``
prints a file.

Source: RFC 9112; RFC 6455; RFC 7692; Engine.IO protocol v4; Socket.IO protocol v5.
"""

from .capture import CaptureError, Entry, load, save
from .decode import Decoder, rows
from .layers import DecodeError
from .meter import Meter
from .reader import RowReader
from .redactor import Redactor
from .rings import Captured, Count, Record
from .tap import Exchange, Tap, TappedConnection

__all__ = [
    "Captured",
    "CaptureError",
    "Count",
    "DecodeError",
    "Decoder",
    "Entry",
    "Exchange",
    "Meter",
    "Record",
    "Redactor",
    "RowReader",
    "Tap",
    "TappedConnection",
    "load",
    "rows",
    "save",
]
