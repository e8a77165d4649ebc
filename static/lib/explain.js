// Packets in words. Pure: text or a row in, plain values out; no page, no socket.

const ENGINE = [
  ["open", "The server says that the session has begun, and by which rules."],
  ["close", "The session ends here, by request."],
  ["ping", "The server asks: are you there? Answer 3 in time."],
  ["pong", "The answer to a ping: yes, still here."],
  ["message", "What follows is for the layer above, Socket.IO."],
  ["upgrade", "From here on the other transport is used."],
  ["noop", "Nothing; it releases a request that waits."],
];
const SOCKET = [
  ["CONNECT", "Asks to enter a namespace; the server's CONNECT lets you in."],
  ["DISCONNECT", "Leaves a namespace."],
  ["EVENT", "Something with a name happened."],
  ["ACK", "The answer to an event that asked for one."],
  ["CONNECT_ERROR", "The server does not let you in, and says why."],
  ["BINARY_EVENT", "An event with attachments: bytes follow in messages of their own."],
  ["BINARY_ACK", "An answer with attachments: bytes follow in messages of their own."],
];
const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
// type, attachments, namespace, its comma, ack id, data
const PACKET = /^([0-6])(?:(\d{1,10})-)?(?:(\/[^,\x00-\x20\x7f]*)(,|$))?(\d+)?([^]*)$/;

// explain(text): {parts: [{start, end, name, value, meaning}], outcome: {kind, sentence}, packet}
// kind: "empty", "fine", "answered" (with a no), "closes". The rules are those of socketlab/server/packets.py.
export function explain(text, { up = true, upgrading = false, joined = null } = {}) {
  const parts = [];
  const part = (start, end, name, value, meaning) =>
    end > start && parts.push({ start, end, name, value, meaning });
  const done = (kind, sentence, packet = null) => ({ parts, packet, outcome: { kind, sentence } });
  const closes = (sentence) => done("closes", sentence);
  if (!text) return done("empty", "Type a packet: it begins with its Engine.IO type.");
  const kind = text[0];
  if (!ENGINE[kind]) {
    part(0, text.length, "unknown", text, "No Engine.IO packet begins so: the types are 0 to 6.");
    return closes("an Engine.IO packet starts with its type, 0 to 6");
  }
  part(0, 1, "Engine.IO type", `${kind} ${ENGINE[kind][0]}`, ENGINE[kind][1]);
  if (kind !== "4") {
    part(
      1,
      text.length,
      "data",
      text.slice(1),
      kind === "0"
        ? "The rules of this session as JSON: its sid, its heartbeat, its limits."
        : "What the packet carries.",
    );
    if (!up) return done("fine", ENGINE[kind][1], { engine: ENGINE[kind][0] });
    if (text === "3")
      return done("fine", "A pong: the server starts its next pause from here.", { engine: "pong" });
    if (text === "1") return closes("you ask for the end of the session");
    if (upgrading && (text === "2probe" || text === "5")) return done("fine", "A step of the upgrade.");
    return closes(`a client does not send Engine.IO packet ${kind} here`);
  }
  const match = PACKET.exec(text.slice(1));
  if (!match) {
    part(1, text.length, "unknown", text.slice(1), "No Socket.IO packet begins so: the types are 0 to 6.");
    return closes(
      `a Socket.IO packet starts with its type, 0 to 6${text.length === 1 ? "; it is missing" : ""}`,
    );
  }
  const [, type, attachments, space, comma, id, data] = match;
  const [name, meaning] = SOCKET[type];
  let at = 2;
  const next = (piece, ...words) => part(at, (at += piece.length), ...words);
  part(1, 2, "Socket.IO type", `${type} ${name}`, meaning);
  if (attachments) next(`${attachments}-`, "attachments", attachments, "How many binary messages follow.");
  if (space)
    next(
      space + comma,
      "namespace",
      space,
      `Whom it concerns: many namespaces share one connection. ${comma ? "A comma ends it." : "Without a comma it reaches to the end of the packet."}`,
    );
  if (id)
    next(
      id,
      "ack id",
      id,
      type === "3"
        ? "The number of the event that is answered."
        : "Please answer, and put this number on the answer.",
    );
  const namespace = (space || "/").split("?")[0];
  const packet = { type: name, namespace, id: id === undefined ? null : Number(id), name: null };
  const { value, broken } = json(data);
  if (type === "2" && Array.isArray(value) && typeof value[0] === "string") packet.name = value[0];
  if (packet.name !== null) eventParts(data, at, part);
  else if (broken) part(at, text.length, "not JSON", data, `This is not JSON: ${broken}.`);
  else
    part(
      at,
      text.length,
      type in DATA ? "data" : "payload",
      data,
      DATA[type]?.[up ? 0 : 1] ?? "The payload as JSON.",
    );
  if (!up) return done("fine", meaning, packet);
  const refuse = (sentence) => done(packet.id === null ? "closes" : "answered", sentence, packet);
  if (namespace.length > 64) return closes("a namespace is longer than 64 characters");
  if (packet.id >= 2 ** 31) return closes("an ack id is at least 0 and below 2^31");
  if (type > 4) return refuse("nothing here takes bytes: send text");
  if (attachments) return closes("only a binary packet counts attachments");
  if (broken)
    return type === "2"
      ? refuse(`the payload is not JSON: ${broken}`)
      : closes(`the data is not JSON: ${broken}`);
  const wrong = WRONG[type]({ ...packet, value });
  if (wrong) return type === "2" ? refuse(wrong) : closes(wrong);
  if (type === "0") {
    if (joined?.has(namespace)) return closes(`${namespace} is already joined`);
    return done(
      "fine",
      `You ask to enter ${namespace}. The server lets you in with 40 and a sid, or answers 44 and why not.`,
      packet,
    );
  }
  if (type === "3") return done("fine", "An answer. If nobody asked, nobody minds.", packet);
  if (joined && !joined.has(namespace)) {
    if (type === "2" && packet.id !== null)
      return done("answered", `you have not joined ${namespace}`, packet);
    return closes(`${namespace} is not joined`);
  }
  if (type === "1") return done("fine", `You leave ${namespace}. The connection stays.`, packet);
  return done(
    "fine",
    `The handler of ${packet.name} runs, if ${namespace} has one. ${packet.id === null ? "No ack id: no answer will come." : `Its answer comes back as 43 with the number ${packet.id}.`}`,
    packet,
  );
}

const DATA = {
  0: ["Who you are (auth), for the namespace to look at.", "The sid: your name in this namespace."],
  4: ["Why not.", "Why not."],
};
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
// By type: the rule that a well-formed packet breaks, or nothing.
const WRONG = [
  ({ id, value }) =>
    (id !== null || !(value === undefined || value === null || isObject(value))) &&
    "CONNECT carries an object or nothing",
  ({ id, value }) => (id !== null || (value !== undefined && value !== null)) && "DISCONNECT carries nothing",
  ({ name, value }) => {
    if (name === null) return "an event is a list that starts with its name";
    if (RESERVED.includes(name) || !/^[a-z_]{1,64}$/.test(name))
      return `"${name.slice(0, 64)}" cannot be the name of an event`;
    return (value.length !== 2 || !isObject(value[1])) && 'send one object, like {"text": "hello"}';
  },
  ({ id, value }) => (id === null || !Array.isArray(value)) && "an ack has an id and a list",
  () => "a client does not send CONNECT_ERROR",
];

// The brackets, the name and the argument of an event, each at its place in the text.
function eventParts(data, at, part) {
  const [found, name] = /^\s*\[\s*("(?:[^"\\]|\\.)*")/.exec(data);
  const from = found.length - name.length;
  const rest = found.length + /^\s*,?\s*/.exec(data.slice(found.length))[0].length;
  const end = data.lastIndexOf("]");
  part(at, at + from, "list", "[", "An event is a JSON list: first its name, then what it carries.");
  part(at + from, at + found.length, "event name", name, "A handler of this name runs, if there is one.");
  part(
    at + found.length,
    at + Math.min(rest, end),
    "comma",
    ",",
    "Between the name and what the event carries.",
  );
  part(
    at + rest,
    at + end,
    "argument",
    data.slice(rest, end),
    "What the sender hands to the handler: one object, here.",
  );
  part(at + end, at + data.length, "list", "]", "The end of the list.");
}

// JSON's own complaint differs from browser to browser; the place in it is what helps.
function json(data) {
  try {
    return { value: data ? JSON.parse(data) : undefined, broken: "" };
  } catch (error) {
    const place = Number(/position (\d+)/.exec(error.message)?.[1] ?? data.length);
    return {
      broken:
        place < data.length
          ? `${JSON.stringify(data[place])} cannot stand at character ${place + 1} of it`
          : "it ends too early",
    };
  }
}

const WORDS = { CONNECT: "connect", DISCONNECT: "disconnect", CONNECT_ERROR: "refused" };

// about(row): what a list says of a row in a few words, and by what other views find it.
export function about(row) {
  const find = (name) => row.layers.filter(({ layer }) => layer === name);
  const [[http], [frame], packets, [socket], events] = [
    "http",
    "websocket",
    "engineio",
    "socketio",
    "event",
  ].map(find);
  const [event] = events;
  const told = {
    what: "",
    more: row.summary,
    where: socket?.namespace ?? "",
    also: Math.max(0, packets.length - 1),
    heartbeat: isHeartbeat(row, packets, frame) || isClock(socket, event),
    event: event?.name ?? event?.answers ?? null,
    isAck: event?.name === null,
    id: socket?.id ?? null,
    run: firstOf(events, "run"),
    seq: firstOf(events, "seq"),
  };
  const say = (what, more) => Object.assign(told, { what, more });
  if (event)
    return say(
      event.name ?? (event.answers ? `answer to ${event.answers}` : "answer"),
      event.args.map((value) => JSON.stringify(value)).join(" "),
    );
  if (socket)
    return say(
      WORDS[socket.type] ?? socket.type,
      socket.data === undefined ? "" : JSON.stringify(socket.data),
    );
  if (packets.length)
    return say(
      packets[0].type,
      packets[0].data === undefined
        ? ""
        : typeof packets[0].data === "string"
          ? packets[0].data
          : JSON.stringify(packets[0].data),
    );
  if (http?.kind === "request") return say(http.method, http.target);
  if (http?.status !== undefined)
    return say(
      String(http.status),
      `${http.reason}${http.body_size ? `, ${http.body_size.toLocaleString("en")} bytes of body` : ""}`,
    );
  if (frame) return say(frame.type, row.summary.replace(`${frame.type}, `, ""));
  return told;
}

function firstOf(events, key) {
  return (
    events
      .map(({ args }) => args[0]?.[key])
      .find((value) => typeof value === "string" || typeof value === "number") ?? null
  );
}

// Every page asks for the time of the server now and then, and confirms what it heard: the house's own talk.
const isClock = (socket, event) =>
  socket?.namespace === "/class" && ["sync_clock", "receipt"].includes(event?.name ?? event?.answers);

function isHeartbeat(row, packets, frame) {
  if (row.error) return false;
  if (packets.length)
    return packets.every(({ type, data }) => (type === "ping" || type === "pong") && data === undefined);
  return frame?.type === "ping" || frame?.type === "pong";
}
