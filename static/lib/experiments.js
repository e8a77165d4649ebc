// Experiments for the raw terminal: what to type, what to expect, why; and whether the capture shows that it
// happened. Pure: each judge is a function of rows that were sent and received by hand, oldest first.

const NO_MASK = "\\x00\\x00\\x00\\x00";
const hexOf = (n) => `\\x${n.toString(16).padStart(2, "0")}`;

// A frame as the terminal takes it for TCP: \x and two digits are a byte. The mask is four zeros, so the
// payload can be read (RFC 6455, section 5.3: XOR with 0 changes nothing). Payloads under 126 bytes.
const frame = (first, payload) => `${hexOf(first)}${hexOf(0x80 | payload.length)}${NO_MASK}${payload}`;
const unmasked = (first, payload) => `${hexOf(first)}${hexOf(payload.length)}${payload}`;

// The request that asks for a WebSocket, by hand; what follows it are frames.
const handshake = (...frames) => `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1
Host: {host}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

${frames.join("")}`;

const old = `GET /socket.io/?EIO=3&transport=polling HTTP/1.1
Host: {host}
Connection: close

`;

// Rows, seen as what was said in them.

const layers = (row, name) => row.layers.filter(({ layer }) => layer === name);
const packets = (rows, up, type) =>
  rows
    .filter((row) => row.up === up)
    .flatMap((row) => layers(row, "socketio"))
    .filter((packet) => packet.type === type);
const events = (rows, up) =>
  rows.filter((row) => row.up === up).flatMap((row) => layers(row, "event").map((event) => ({ row, event })));
const isFrame = (type) => (row) => layers(row, "websocket").some((found) => found.type === type);
const isClose = isFrame("close");
const engine = (row, type) => layers(row, "engineio").some((packet) => packet.type === type);
const after = (rows, row) => rows.slice(rows.indexOf(row) + 1);
const sameLine = (row) => (other) => other.connection === row.connection;
const breaks = (rows, layer, words) =>
  rows.some(({ up, error }) => up && error?.layer === layer && error.message.includes(words));
const codeOf = (row) => Number.parseInt(layers(row, "websocket")[0].payload_hex.slice(0, 4), 16);

// A CONNECT that the server answered with `type`, and what came with each.
function entered(rows, type, fits) {
  return rows.some((row) =>
    packets([row], true, "CONNECT").some((asked) =>
      packets(after(rows, row), false, type).some(
        (told) => told.namespace === asked.namespace && fits(asked, told),
      ),
    ),
  );
}

// Two WebSockets in one namespace, the first not closed when the second came in.
function together(rows) {
  const isIn = (row) => layers(row, "websocket").length && packets([row], false, "CONNECT")[0];
  const ins = rows.filter(isIn);
  return ins.some((second) =>
    ins.some((first) => {
      const between = rows.slice(rows.indexOf(first), rows.indexOf(second));
      return (
        rows.indexOf(first) < rows.indexOf(second) &&
        !sameLine(first)(second) &&
        isIn(first).namespace === isIn(second).namespace &&
        !between.some((row) => sameLine(first)(row) && isClose(row))
      );
    }),
  );
}

// A WebSocket on which the server closed, and nobody had sent more than pongs.
function silent(rows) {
  return rows.some((row) => {
    if (row.up || !isClose(row)) return false;
    const before = rows.slice(0, rows.indexOf(row)).filter(sameLine(row));
    const isOpened = before.some((other) => layers(other, "http")[0]?.status === 101);
    const isWord = (other) => other.up && layers(other, "websocket").length && !engine(other, "pong");
    return isOpened && !before.some(isWord);
  });
}

// A ping of the server, then its close frame, and no pong in between.
function unanswered(rows) {
  return rows.some((ping) => {
    if (ping.up || !engine(ping, "ping")) return false;
    const rest = after(rows, ping).filter(sameLine(ping));
    const end = rest.findIndex((row) => !row.up && isClose(row));
    return end >= 0 && !rest.slice(0, end).some((row) => row.up && engine(row, "pong"));
  });
}

// A close frame with a code that is free for all, and the close frame that answers it.
function closedByCode(rows) {
  const isAnswer = (row) => (other) => !other.up && isClose(other) && sameLine(row)(other);
  return rows.some(
    (row) => row.up && isClose(row) && codeOf(row) >= 3000 && after(rows, row).some(isAnswer(row)),
  );
}

function acknowledged(rows) {
  return rows.some((row) =>
    packets([row], true, "EVENT").some(({ id, namespace }) =>
      packets(after(rows, row), false, "ACK").some(
        (ack) => id !== null && ack.id === id && ack.namespace === namespace,
      ),
    ),
  );
}

function oldVersion(rows) {
  return rows.some((row) => {
    const asked = row.up && /[?&]EIO=(\w*)/.exec(layers(row, "http")[0]?.target ?? "");
    const told = asked && after(rows, row).find((other) => !other.up && sameLine(row)(other));
    return asked && asked[1] !== "4" && layers(told ?? row, "http")[0]?.status === 400;
  });
}

const tooFast = (rows) =>
  events(rows, false).some(({ event }) => event.args[0]?.error?.startsWith("too fast")) ||
  rows.some((row) => !row.up && isClose(row) && /too fast/.test(row.summary));

// by: "websocket", "polling", "tcp". text: what to type, a line for each packet. times: how often it is sent.
// pongs: whether the terminal answers pings. code: what to close with.
export const EXPERIMENTS = [
  {
    id: "ack",
    title: "Ask for an acknowledgement",
    by: "websocket",
    text: '40/class,\n42/class,7["sync_clock",{"t0":5}]',
    expect: "43/class,7 comes back, with what the handler returned.",
    why: "The 7 is the ack id. You choose it; the server copies it, and so you know which event this is about.",
    happened: acknowledged,
  },
  {
    id: "no-token",
    title: "Enter without a seat token",
    by: "websocket",
    text: "40/class,",
    expect: "40/class, comes back with a sid. You are let in.",
    why:
      "Your browser sent its cookie with the handshake: see the Cookie header of the GET. A client that has " +
      "neither gets a visitor's seat of its own, and its rows are not yours to see.",
    happened: (rows) => entered(rows, "CONNECT", (asked, told) => !asked.data && told.data?.sid),
  },
  {
    id: "forged",
    title: "Enter with a forged token",
    by: "websocket",
    text: '40/class,{"seat":"seat.forged.token"}',
    expect: '44/class, with the message "unknown seat". The connection stays.',
    why: "The server signed the real tokens. It refuses the namespace, not the connection: try 40/class, next.",
    happened: (rows) => entered(rows, "CONNECT_ERROR", (_, told) => told.data?.message === "unknown seat"),
  },
  {
    id: "nowhere",
    title: "Ask for a namespace that is not there",
    by: "websocket",
    text: "40/nowhere,",
    expect: "44/nowhere, with a sentence. The connection stays.",
    why: "CONNECT_ERROR is the answer to a CONNECT that is refused; other namespaces go on as before.",
    happened: (rows) => entered(rows, "CONNECT_ERROR", (_, told) => told.data?.message !== "unknown seat"),
  },
  {
    id: "silent",
    title: "Connect and say nothing",
    by: "websocket",
    text: "",
    expect: "After five seconds the server closes the connection.",
    why: "A session in no namespace costs memory and does nothing. How long it may wait is a setting; here, 5 s.",
    happened: silent,
  },
  {
    id: "no-pong",
    title: "Answer no ping",
    by: "websocket",
    text: "40/class,",
    pongs: false,
    expect: "Within 10 seconds a 2 comes. Eight seconds later the server closes.",
    why: "Without a pong within pingTimeout the client counts as gone. Both times stand in the open packet.",
    happened: unanswered,
  },
  {
    id: "two-packets",
    title: "Send two packets in one POST",
    by: "polling",
    text: '40/class,\n42/class,1["sync_clock",{"t0":1}]',
    expect: "One POST with both, and the byte 1e between them. The next GET brings both answers.",
    why: "A polling body may hold several packets. A WebSocket has no need of that: its frames are apart.",
    happened: (rows) => rows.some((row) => row.up && layers(row, "engineio").length > 1),
  },
  {
    id: "half",
    title: "Send half an event",
    by: "websocket",
    text: '40/class,\n42/class,["sync_clock",{"t0"',
    expect: "The server closes with 1002, protocol error, and says why.",
    why: "JSON that ends too early cannot be read, and without an ack id there is nobody to tell it to.",
    happened: (rows) =>
      rows.some(({ up, error }) => up && error?.layer === "socketio") &&
      rows.some(
        (row) => !row.up && ((isClose(row) && codeOf(row) === 1002) || row.summary.startsWith("400")),
      ),
  },
  {
    id: "binary",
    title: "Announce a binary event",
    by: "websocket",
    text: '40/class,\n451-/class,5["picture",{"_placeholder":true,"num":0}]',
    expect: "43/class,5 comes back: the namespaces of this server take no bytes.",
    why: "5 is BINARY_EVENT, 1- announces one attachment: a binary frame that would follow. JSON cannot hold bytes.",
    happened: (rows) => packets(rows, true, "BINARY_EVENT").length > 0,
  },
  {
    id: "two-clients",
    title: "Be two clients at once",
    by: "websocket",
    text: "40/class,",
    expect: "Two connections, two sids, one seat. Open this page in a second tab and do it there, too.",
    why: "A connection is not a person. Both belong to your seat, so you see the rows of both, under two letters.",
    happened: together,
  },
  {
    id: "close",
    title: "Close with a code of your own",
    by: "websocket",
    text: "40/class,",
    code: 4000,
    expect:
      "Enter, then press Disconnect. A close frame goes up with 4000, and one with the same code comes down.",
    why: "1000 is the normal code; 4000 to 4999 are free for applications. A page may send only these and 3000 to 3999.",
    happened: closedByCode,
  },
  {
    id: "fast",
    title: "Send too fast",
    by: "websocket",
    text: '40/class,\n42/class,1["sync_clock",{"t0":1}]',
    times: 80,
    expect: 'After 40 events the acknowledgements say "too fast".',
    why: "One client must not use up the time of all. The server counts; whoever goes on and on is closed with 1008.",
    happened: tooFast,
  },
  {
    id: "version",
    title: "Speak an old version",
    by: "tcp",
    text: old,
    expect: "400 Bad Request, and a sentence that names the version of this server.",
    why: "EIO is the version of Engine.IO. In 3 the client sent the pings; mixing the two would end in silence.",
    happened: oldVersion,
  },
  {
    id: "fragments",
    title: "Send one message in two frames",
    by: "tcp",
    text: handshake(
      frame(0x81, "40/class,"),
      frame(0x01, '42/class,7["sync_'),
      frame(0x80, 'clock",{"t0":5}]'),
    ),
    expect: "One acknowledgement for both: the server puts the pieces together.",
    why: "The first frame has FIN 0 and the opcode of a text, the second FIN 1 and opcode 0. A page cannot do that.",
    happened: (rows) => rows.some((row) => row.up && layers(row, "websocket")[0]?.pieces > 1),
  },
  {
    id: "reserved",
    title: "Set a reserved bit",
    by: "tcp",
    text: handshake(frame(0xc1, "40/class,")),
    expect: "The server closes with 1002.",
    why: "c1 is 81 with RSV1. No extension was agreed on that gives it a meaning, so nobody can read the frame.",
    happened: (rows) => breaks(rows, "websocket", "RSV"),
  },
  {
    id: "unmasked",
    title: "Leave out the mask",
    by: "tcp",
    text: handshake(unmasked(0x81, "40/class,")),
    expect: "The server closes with 1002.",
    why: "Every frame of a client is masked, so that no page can make old proxies take its bytes for a request.",
    happened: (rows) => breaks(rows, "websocket", "must be masked"),
  },
];

// The ids of the experiments that these rows show.
export const seenIn = (rows) => EXPERIMENTS.filter(({ happened }) => happened(rows)).map(({ id }) => id);
