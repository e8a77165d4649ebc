"""What lessons once said wrong, or too broadly, is said rightly, where nothing runs to prove it.

A statement that the server, the client or the decoder can be asked about has its test there.
"""

import re

import pytest

from ..helpers import ROOT

NOTES = {
    path.name: " ".join(path.read_text("utf-8").split())
    for path in [*ROOT.glob("notes/0*.md"), ROOT / "notes/glossary.toml"]
}
# note, what it says, what it does not say any more
SAYS = [
    ("01", "half the interval in the median, all of it at worst", "on average"),
    ("01", "Streaming in Bidirectional HTTP, sections 2, 4 and 5.5", ""),
    ("02", '"How it works\\" (why HTTP long polling comes first)', ""),
    ("02", "A foreign origin gets 403 here; Flask-SocketIO as it comes says 400", ""),
    ("02", "A filter that drops packets sends no status line at all. A proxy on the way may", ""),
    ("02", "often another number of steps", "often another order"),
    ("02", "In the written protocol the client pauses polling first.", ""),
    ("02", "after five seconds; the server for Node waits 45 by default", ""),
    ("07", "A new connection is in none of the rooms you asked for.", "no list but its own"),
    ("07", "the server's handler makes that emit", "exactly that line"),
    ("07", "*socket* means the server's object here", "In fact it is the server"),
    ("07", "", "Cut your wire|cut your connection and look"),
    ("08", "share one Engine.IO connection", "one TCP connection, whatever"),
    ("08", "None of them is *you*: here all are new after a reconnect.", ""),
    ("08", "| in a packet | always, but for `/` | only in your own payload |", "never \\|"),
    ("08", "the counter of TCP connections", "still says 1|under the pipe"),
    ("09", '"Troubleshooting connection issues\\"', ""),
    ("09", "makes each longer or shorter by up to half at random, and stops at 5 seconds", ""),
    ("09", "from the third attempt on it waits the same time", "waits a little longer than"),
    ("09", "asks a quarter of a second late", "Nobody is told that anything is missing"),
    ("glossary", "in JavaScript when the handler calls the callback", ""),
    ("glossary", "RFC 9110, section 3.3", ""),
    ("glossary", 'Socket.IO protocol v5, \\"Exchange protocol\\"', 'v5, ."Packet types'),
    ("glossary", 'tutorial, \\"Client delivery\\"', ""),
    ("glossary", "Control frames, such as ping and close, belong to no message.", ""),
    ("glossary", '\\"Namespaces\\" and \\"Migrating from 2.x to 3.0\\"', ""),
    ("glossary", "the Ethernet frame around it does end in a checksum", ""),
    ("glossary", "it is no link protocol and has no layers of its own", ""),
    ("glossary", "or with the Node server also WebTransport", ""),
]


@pytest.mark.parametrize(("note", "right", "wrong"), SAYS)
def test_a_statement_that_was_put_right_stays_right(note, right, wrong):
    (text,) = [text for name, text in NOTES.items() if name.startswith(note)]

    assert right.lower() in text.lower()
    assert not wrong or not re.search(wrong, text, re.IGNORECASE)


# Ideas of the reading notes that belong into these lessons, in the words in which they are met.
TAKEN_IN = [
    ("01", "*full duplex*"),
    ("01", "the server *pushes*"),
    ("01", "efficiently push data"),
    ("01", "a conversation can go on"),
    ("01", "a mixing desk that steers loudspeakers and receives their levels"),
    ("01", "a separate connection to the same server is made for every resource request"),
    ("02", "HTTP comes first"),
    ("02", "/socket.io/socket.io.js"),
    ("02", "it will create one for you"),
    ("02", "The upgrade is one more GET"),
    ("03", "a datalink protocol that is used on the internet"),
    ("03", "made up of four primary layers"),
    ("03", "A packet is a small segment of a larger message"),
    ("03", "a data or power port"),
    ("03", "on the same or different machines"),
    ("03", "games, calls and video"),
    ("03", "80 and 443"),
    ("03", "since 1983"),
    ("03", "*peer-to-peer*"),
    ("07", "sockets can join and leave"),
    ("07", "broadcast events to a subset of clients"),
    ("07", "create-room, delete-room, join-room and leave-room"),
    ("07", "*default room*"),
    ("08", "A declarative region that provides a scope to the identifiers"),
    ("08", "To prevent name collisions"),
    ("08", "We call the default namespace /"),
    ("09", "no listening to that event"),
    ("09", "might include security issues"),
    ("09", "We need to buffer the events before emitting anything."),
    ("09", "Each message is processed only once, by a single consumer."),
    ("09", "Always have the handlers"),
]


@pytest.mark.parametrize(("note", "words"), TAKEN_IN)
def test_an_idea_of_the_reading_notes_is_met_in_its_lesson(note, words):
    (text,) = [text for name, text in NOTES.items() if name.startswith(note)]

    assert words in text
