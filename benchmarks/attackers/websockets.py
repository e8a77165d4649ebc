"""WebSockets: frames without end, readers that do not read, packets that are none."""

import contextlib
import itertools
import socket
import time
import zlib

from benchmarks.load import frame, handshake

from .field import LATE, Asker, Herd, attack
from .http import SCHOOLS

MASK = bytes(4)
MALFORMED = [  # one of each kind of row 24, and more
    *("", "a", "9", "7", "0", "1x", "2", "2probe", "3", "5", "6", "\u00b2", "4", "4a", "4null"),
    *('4"str"', "4" + "[" * 30_000, "47", "44", "40/nowhere," + "x" * 2500, "42", "42{}", "42[]"),
    *('42[{"a":1}]', '42/rooms,["connect",{}]', '42/rooms,["*",{}]', '42/tables,["order",{}]'),
    *("43", "43/rooms,[]", "45/rooms,", '459999999999-/rooms,["say",{}]', "46/rooms,"),
    *('42/rooms,["say",{"text":NaN}]', '42/rooms,["say",{"a":1e999}]', '42/rooms,["say",' * 2),
    '42/rooms,["say",' + "[" * 900 + "]" * 900 + "]",
]


def head(opcode, size, final=True):
    """The head of a masked frame that announces ``size`` bytes."""
    first = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        return first + bytes([0x80 | size]) + MASK
    if size < 1 << 16:
        return first + b"\xfe" + size.to_bytes(2, "big") + MASK
    return first + b"\xff" + size.to_bytes(8, "big") + MASK


def again(field, send, namespace="/rooms", cookie=None, query=""):
    """One WebSocket after the other: ``send(socket)`` until the server ends it."""
    while field.going():
        try:
            asker = Asker(field.port, namespace, cookie, query)
        except OSError:
            field.heard["not let in"] += 1
            time.sleep(0.05)
            continue
        asker.socket.settimeout(1)
        with contextlib.suppress(OSError):
            send(asker.socket)
            asker.hear()
        field.heard["sockets"] += 1
        asker.reset()


@attack("3, 4", prepared=True)
def big_frames(field):
    """Frames that announce 100 MB, and as much of them as the server takes."""
    cookie = field.new_seat()
    field.begin()

    def send(sock):
        sock.sendall(head(1, 100 << 20))
        for _ in range(1600):
            sock.sendall(bytes(65536))

    again(field, send, cookie=cookie)


@attack("5", prepared=True)
def fragments(field):
    """Messages in fragments that never end: 30 KB each, and of one byte."""
    cookie, sizes = field.new_seat(), itertools.cycle([30_000, 1])
    field.begin()

    def send(sock):
        size = next(sizes)
        sock.sendall(head(1, size, final=False) + b"4" * size)
        for _ in range(5000):
            sock.sendall(head(0, size, final=False) + b"4" * size)

    again(field, send, cookie=cookie)


@attack("6", prepared=True)
def bombs(field):
    """30 MB that were compressed to 30 KB, which a message may have, again and again."""
    deflater = zlib.compressobj(9, wbits=-15)
    block = b"4" * (1 << 20)
    bomb = b"".join(deflater.compress(block) for _ in range(30))
    bomb = (bomb + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
    lump = head(1, len(bomb))
    lump = bytes([lump[0] | 0x40]) + lump[1:] + bomb
    cookie = field.new_seat()
    field.begin()
    offer = "Sec-WebSocket-Extensions: permessage-deflate"
    while field.going():
        raw = field.raw()
        request = handshake(field.port, "&deflate=1").removesuffix(b"\r\n")
        with contextlib.suppress(OSError):
            raw.sendall(request + f"{cookie}\r\n{offer}\r\n\r\n".encode() + lump)
            while raw.recv(65536):
                pass
        field.heard["bombs"] += 1
        raw.close()


@attack("11, 12", prepared=True)
def flood(field):
    """Twelve sockets of a seat send events of 2 KB as fast as the server reads."""
    herd = Herd(field, "/bidirectional", 1, 12)
    wave = frame(f'42/bidirectional,7["wave",{{"text":"{"x" * 2000}"}}]')
    field.begin()
    herd.drive(lambda turn: wave, 200)


@attack("14")
def no_connect(field):
    """600 WebSockets, of 32 addresses, that never CONNECT."""
    field.hold(600, handshake(field.port), sources=SCHOOLS)


@attack("20, 21, 23, 24, 26, 27", prepared=True)
def malformed(field):
    """Every kind of packet that is none, each on a fresh socket."""
    cookie, packets = field.new_seat(), itertools.cycle([frame(text) for text in MALFORMED])
    field.begin()
    again(field, lambda sock: sock.sendall(next(packets)), cookie=cookie)


@attack("25", prepared=True)
def attachments(field):
    """Twelve sockets announce four attachments, send three, and wait."""
    herd = Herd(field, "/rooms", 1, 12)
    values = ",".join(f'{{"_placeholder":true,"num":{n}}}' for n in range(4))
    part = head(2, 7000) + bytes(7000)
    packet = frame(f'454-/rooms,["say",{values}]') + 3 * part
    field.begin()
    herd.drive(lambda turn: packet, 0.5)


@attack("28, 29", prepared=True)
def slow_readers(field):
    """Twelve sockets that read nothing, while twelve others wave to them, 250 characters each."""
    cookie = field.new_seat()
    deaf = [Asker(field.port, "/bidirectional", cookie) for _ in range(12)]
    for asker in deaf:
        asker.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    herd = Herd(field, "/bidirectional", 1, 12)
    wave = frame(f'42/bidirectional,7["wave",{{"text":"{"x" * 250}"}}]')
    field.begin()
    herd.drive(lambda turn: wave, 18)
    for asker in deaf:
        asker.socket.setblocking(False)
        with contextlib.suppress(OSError):
            while asker.socket.recv(1 << 20):
                pass
            field.heard["deaf ones given up"] += 1


@attack("15, 39, d15", prepared=True)
def full_house(field):
    """110 seats with 12 sockets each."""
    cookies = [field.new_seat() for _ in range(110)]
    field.begin()
    askers = []
    for cookie in cookies * 12:
        if not field.going():
            break
        try:
            askers.append(Asker(field.port, "/rooms", cookie))
            field.heard["let in"] += 1
        except OSError as error:
            field.heard[str(error)[:32]] += 1
    field.hold(0, b"")


@attack("d3", prepared=True)
def pings(field):
    """WebSocket pings and pongs on twelve sockets, as fast as the server reads."""
    herd = Herd(field, "/rooms", 1, 12)
    packet = (head(9, 100) + bytes(100)) * 5 + (head(10, 0)) * 5
    field.begin()
    herd.drive(lambda turn: packet, 100)


@attack("21, d9", prepared=True)
def in_and_out(field):
    """Twelve sockets join and leave every namespace, eighteen times a second each."""
    herd = Herd(field, "/rooms", 1, 12)
    names = ["/class", "/kitchen", "/tables", "/manager", "/missed", "/upgrade", "/nowhere"]
    packets = [frame(f"4{kind}{name},") for name in names for kind in (0, 1)]
    field.begin()
    herd.drive(lambda turn: packets[turn // 12 % len(packets)], 18)


@attack("37")
def comings_and_goings(field):
    """A seat's socket that comes, joins and breaks off, as often as it is let in."""
    cookie = field.new_seat()
    while field.going():
        try:
            asker = Asker(field.port, "/rooms", cookie)
            field.heard["let in"] += 1
            asker.reset()
        except OSError as error:
            field.heard[str(error)[:32]] += 1
            time.sleep(min(0.1, LATE))
