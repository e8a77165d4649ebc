// A packet in words, part by part, and what the server will do with it. Pure: text in, plain values out.

const ENGINE = [
  ["open", "The server says that the session has begun, and by which rules."],
  ["close", "The session ends here, by request."],
  ["ping", "The server asks: are you there? Send 3 in time."],
  ["pong", "You answer the server's ping: still here."],
  ["message", "What follows is for the layer above, Socket.IO."],
  ["upgrade", "From here on the other transport is used."],
  ["noop", "Nothing; it ends a polling request that was held."],
];
// By the sender, where the digit alone says too little (Engine.IO protocol v4, "Heartbeat" and "Upgrade").
const FROM_CLIENT = {
  2: "A ping from a client: in version 4 of the protocol only the server sends it.",
  "2probe": "The client tries out the new transport. The server answers 3probe.",
};
const FROM_SERVER = { "3probe": "The server answers the client's probe: the new transport works." };
const SOCKET = [
  ["CONNECT", "Asks to enter a namespace; the server's CONNECT lets you in."],
  ["DISCONNECT", "Leaves a namespace."],
  ["EVENT", "Something with a name happened."],
  ["ACK", "The acknowledgement of an event that asked for one."],
  ["CONNECT_ERROR", "The server does not let you in, and says why."],
  ["BINARY_EVENT", "An event with attachments: bytes follow in messages of their own."],
  ["BINARY_ACK", "An acknowledgement with attachments: bytes follow in messages of their own."],
];
const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
  "*",
];
// Type, attachments, namespace (no comma, blank or control character), its comma, ack id, data.
const PACKET = /^([0-6])(?:(\d{1,10})-)?(?:(\/[!-+\--~\x80-\uffff]*)(,|$))?(\d+)?(.*)$/s;

// explain(text): {parts: [{start, end, name, value, meaning}], outcome: {kind, sentence, ours}, packet}
// kind: "empty", "fine", "answered" (with a no), "closes". ours: the rule is this server's, not the protocol's.
// The rules: socketlab/protocols/packets.py.
export function explain(text, { up = true, upgrading = false, joined = null } = {}) {
  const reading = { text, up, upgrading, joined, parts: [] };
  if (!text) return result(reading, "empty", "Type a packet: it begins with its Engine.IO type.");
  const kind = text[0];
  if (!ENGINE[kind]) {
    part(reading, 0, text.length, "unknown", text, "No Engine.IO packet begins so: the types are 0 to 6.");
    return result(reading, "closes", "an Engine.IO packet starts with its type, 0 to 6");
  }
  const sender = up ? FROM_CLIENT : FROM_SERVER;
  const meaning = sender[text] ?? ENGINE[kind][1];
  part(reading, 0, 1, "Engine.IO type", `${kind} ${ENGINE[kind][0]}`, meaning);
  return kind === "4" ? socketPacket(reading) : enginePacket(reading, kind);
}

function part({ parts }, start, end, name, value, meaning) {
  if (end > start) parts.push({ start, end, name, value, meaning });
}

function result({ parts }, kind, sentence, packet = null, ours = false) {
  return { parts, packet, outcome: { kind, sentence, ours } };
}

function enginePacket(reading, kind) {
  const { text, up, upgrading } = reading;
  const rules = "The rules of this session as JSON: its sid, its heartbeat, its limits.";
  part(reading, 1, text.length, "data", text.slice(1), kind === "0" ? rules : "What the packet carries.");
  if (!up) return result(reading, "fine", ENGINE[kind][1], { engine: ENGINE[kind][0] });
  if (text === "3") {
    const sentence = "A pong: the server starts its next pause from here.";
    return result(reading, "fine", sentence, { engine: "pong" });
  }
  if (text === "1") return result(reading, "closes", "you ask for the end of the session");
  if (upgrading && (text === "2probe" || text === "5"))
    return result(reading, "fine", "A step of the upgrade.");
  return result(reading, "closes", `a client does not send Engine.IO packet ${kind} here`);
}

function socketPacket(reading) {
  const { text, up } = reading;
  const match = PACKET.exec(text.slice(1));
  if (!match) {
    const meaning = "No Socket.IO packet begins so: the types are 0 to 6.";
    part(reading, 1, text.length, "unknown", text.slice(1), meaning);
    const missing = text.length === 1 ? "; it is missing" : "";
    return result(reading, "closes", `a Socket.IO packet starts with its type, 0 to 6${missing}`);
  }
  const [, type, attachments, space, , id, data] = match;
  const [name, meaning] = SOCKET[type];
  const { value, broken } = json(data);
  const packet = {
    type: name,
    namespace: (space || "/").split("?")[0],
    id: id === undefined ? null : Number(id),
    name: isEvent(type) && Array.isArray(value) && typeof value[0] === "string" ? value[0] : null,
  };
  const at = headParts(reading, match);
  if (packet.name !== null) eventParts(reading, at, data);
  else if (broken) part(reading, at, text.length, "not JSON", data, `This is not JSON: ${broken}.`);
  else {
    const carried = DATA[type]?.[up ? 0 : 1] ?? "The payload as JSON.";
    part(reading, at, text.length, type in DATA ? "data" : "payload", data, carried);
  }
  if (!up) return result(reading, "fine", meaning, packet);
  return judged(reading, { type, attachments, value, broken, packet });
}

// The parts before the data. Returns where the data begins.
function headParts(reading, [, type, attachments, space, comma, id]) {
  const [name, meaning] = SOCKET[type];
  let at = 2;
  const next = (piece, ...words) => {
    part(reading, at, at + piece.length, ...words);
    at += piece.length;
  };
  part(reading, 1, 2, "Socket.IO type", `${type} ${name}`, meaning);
  if (attachments) next(`${attachments}-`, "attachments", attachments, "How many binary messages follow.");
  if (space) {
    const end = comma ? "A comma ends it." : "Without a comma it reaches to the end of the packet.";
    const shared = "Whom it concerns: many namespaces share one connection.";
    next(space + comma, "namespace", space, `${shared} ${end}`);
  }
  const asked = "You want an acknowledgement; it will have this number on it.";
  if (id) next(id, "ack id", id, isAck(type) ? "The ack id of the event that is acknowledged." : asked);
  return at;
}

// What the server does with a packet of this form.
function judged(reading, { type, attachments, value, broken, packet }) {
  const closes = (sentence, ours) => result(reading, "closes", sentence, null, ours);
  const refused = (sentence, ours) =>
    packet.id === null ? closes(sentence, ours) : result(reading, "answered", sentence, packet, ours);
  if (packet.namespace.length > 64) return closes("a namespace is longer than 64 characters", true);
  if (packet.id >= 2 ** 31) return closes("an ack id is at least 0 and below 2^31", true);
  if (type > 4 && !(attachments >= 1 && attachments <= 4))
    return closes("a binary packet announces 1 to 4 attachments", attachments > 4);
  if (type < 5 && attachments) return closes("only a binary packet counts attachments");
  if (broken && isEvent(type)) return refused(`the payload is not JSON: ${broken}`);
  if (broken) return closes(`the data is not JSON: ${broken}`);
  const wrong = WRONG[type]({ ...packet, value }) || (type > 4 && misplaced(value, Number(attachments)));
  if (wrong) return isEvent(type) ? refused(wrong, packet.name === "*") : closes(wrong);
  return understood(reading, { type, attachments, value, packet });
}

// What a well-formed packet does; joined holds the namespaces that this connection has entered, or null.
function understood(reading, { type, attachments, value, packet }) {
  const { joined } = reading;
  const { namespace, id, name } = packet;
  const fine = (sentence) => result(reading, "fine", sentence, packet);
  const ours = (kind, sentence) => result(reading, kind, sentence, kind === "closes" ? null : packet, true);
  if (type === "0") {
    if (joined?.has(namespace)) return ours("closes", `${namespace} is already joined`);
    const either = "The server lets you in with 40 and a sid, or answers 44 and why not.";
    return fine(`You ask to enter ${namespace}. ${either}`);
  }
  const asking = isEvent(type) && id !== null ? "answered" : "closes";
  if (joined && !joined.has(namespace) && !isAck(type))
    return ours(
      asking,
      asking === "answered" ? `you have not joined ${namespace}` : `${namespace} is not joined`,
    );
  const no = (!joined || joined.has(namespace)) && unwanted({ type, attachments, value });
  if (no) return ours(asking, no);
  if (isAck(type)) return fine("An acknowledgement. With an unknown ack id it is ignored.");
  if (type === "1") return fine(`You leave ${namespace}. The connection stays.`);
  const back =
    id === null
      ? "No ack id: no acknowledgement will come."
      : `Its ACK comes back as 43 with the ack id ${id}.`;
  return fine(`The handler of ${name} runs, if ${namespace} has one. ${back}`);
}

const DATA = {
  0: ["Who you are (auth), for the namespace to look at.", "The sid: your name in this namespace."],
  4: ["Why not.", "Why not."],
};
const LATE_NAMESPACE = "a namespace stands before the ack id, as in 42/kitchen,0";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isEvent = (type) => type === "2" || type === "5";
const isAck = (type) => type === "3" || type === "6";
const wrongEvent = ({ name }) => {
  if (name === null) return "an event is a list that starts with its name";
  return RESERVED.includes(name) && `"${name}" cannot be the name of an event`;
};
const wrongAck = ({ id, value }) => (id === null || !Array.isArray(value)) && "an ack has an id and a list";
// By type: the rule of the protocol that a packet breaks, or nothing.
const WRONG = [
  ({ id, value }) =>
    (id !== null || !(value === undefined || value === null || isObject(value))) &&
    "CONNECT carries an object or nothing",
  ({ id, value }) => (id !== null || (value !== undefined && value !== null)) && "DISCONNECT carries nothing",
  wrongEvent,
  wrongAck,
  () => "a client does not send CONNECT_ERROR",
  wrongEvent,
  wrongAck,
];

// Each attachment has its one place in the data: {"_placeholder":true,"num":0} is that of the first.
function misplaced(value, count) {
  const numbers = [];
  const holds = (inner) => {
    if (!isObject(inner) || !("_placeholder" in inner))
      return inner === null || typeof inner !== "object" || Object.values(inner).every(holds);
    numbers.push(inner.num);
    return inner._placeholder === true && Number.isInteger(inner.num) && Object.keys(inner).length === 2;
  };
  if (!holds(value)) return 'a placeholder is {"_placeholder":true,"num":n}';
  numbers.sort((a, b) => a - b);
  const fits = numbers.length === count && numbers.every((number, at) => number === at);
  return !fits && "each attachment has one placeholder";
}

// What the namespaces of this site do not take, although the protocol has it.
function unwanted({ type, attachments, value }) {
  if (attachments) return "nothing here takes bytes: send text";
  if (!isEvent(type)) return false;
  const [name, ...values] = value;
  if (!/^[a-z_]{1,64}$/.test(name)) return `"${name.slice(0, 64)}" cannot be the name of an event`;
  return (values.length !== 1 || !isObject(values[0])) && 'send one object, like {"text": "hello"}';
}

// The brackets, the name and the argument of an event, each at its place in the text.
function eventParts(reading, at, data) {
  const [found, name] = /^\s*\[\s*("(?:[^"\\]|\\.)*")/.exec(data);
  const nameAt = found.length - name.length;
  const argument = found.length + /^\s*,?\s*/.exec(data.slice(found.length))[0].length;
  const end = data.lastIndexOf("]");
  const places = [
    [0, nameAt, "list", "[", "An event is a JSON list: first its name, then what it carries."],
    [nameAt, found.length, "event name", name, "A handler of this name runs, if there is one."],
    [found.length, Math.min(argument, end), "comma", ",", "Between the name and what the event carries."],
    [argument, end, "argument", data.slice(argument, end), ARGUMENT],
    [end, data.length, "list", "]", "The end of the list."],
  ];
  for (const [from, to, ...words] of places) part(reading, at + from, at + to, ...words);
}

const ARGUMENT = "What the sender hands to the handler. The namespaces of this server take one object.";

// JSON's own complaint differs from browser to browser; the place in it is what helps.
function json(data) {
  try {
    return { value: data ? JSON.parse(data) : undefined, broken: "" };
  } catch (error) {
    if (data.startsWith("/")) return { broken: LATE_NAMESPACE };
    const place = Number(/position (\d+)/.exec(error.message)?.[1] ?? data.length);
    return {
      broken:
        place < data.length
          ? `${JSON.stringify(data[place])} cannot stand at character ${place + 1} of it`
          : "it ends too early",
    };
  }
}
