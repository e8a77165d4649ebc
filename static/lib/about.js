// What a list says of a row in a few words, and by what other views find it. Pure.

const WORDS = { CONNECT: "connect", DISCONNECT: "disconnect", CONNECT_ERROR: "refused" };
const known = new WeakMap(); // row -> what is said of it: a row never changes, and views ask again and again

export function about(row) {
  if (!known.has(row)) known.set(row, told(row));
  return known.get(row);
}

function told(row) {
  const find = (name) => row.layers.filter(({ layer }) => layer === name);
  const [http] = find("http");
  const [frame] = find("websocket");
  const packets = find("engineio");
  const [socket] = find("socketio");
  const events = find("event");
  const [event] = events;
  const [what, more] = named({ http, frame, packets, socket, event, row });
  return {
    what,
    more,
    where: socket?.namespace ?? "",
    also: Math.max(0, packets.length - 1),
    heartbeat: isHeartbeat(row, packets, frame),
    packets: packets.map((packet, at) => packetOf(row.layers, packet, at + 1)),
    event: event?.name ?? event?.answers ?? null,
    isAck: event?.name === null,
    id: socket?.id ?? null,
    run: firstOf(events, "run"),
    seq: firstOf(events, "seq"),
  };
}

// The name of a row, and what more there is to say: of its highest layer.
function named({ http, frame, packets, socket, event, row }) {
  if (event) {
    const name = event.name ?? (event.answers ? `ack of ${event.answers}` : "ack");
    return [name, event.args.map((value) => JSON.stringify(value)).join(" ")];
  }
  if (socket) return [WORDS[socket.type] ?? socket.type, asJson(socket.data)];
  if (packets.length) {
    const { type, data } = packets[0];
    return [type, typeof data === "string" ? data : asJson(data)];
  }
  if (http?.kind === "request") return [http.method, http.target];
  if (http?.status !== undefined) {
    const body = http.body_size ? `, ${http.body_size.toLocaleString("en")} bytes of body` : "";
    return [String(http.status), `${http.reason}${body}`];
  }
  if (frame) return [frame.type, row.summary.replace(`${frame.type}, `, "")];
  return ["", row.summary];
}

const asJson = (value) => (value === undefined ? "" : JSON.stringify(value));

function firstOf(events, key) {
  const isName = (value) => typeof value === "string" || typeof value === "number";
  return events.map(({ args }) => args[0]?.[key]).find(isName) ?? null;
}

// What an Engine.IO packet carries: {heartbeat, namespace, event}; an ack is of the event that it answers.
function packetOf(layers, { type, data }, number) {
  const its = (name) => layers.find(({ layer, packet = 1 }) => layer === name && packet === number);
  const event = its("event");
  return {
    heartbeat: isBeat(type, data),
    namespace: its("socketio")?.namespace ?? null,
    event: event?.name ?? event?.answers ?? null,
  };
}

const isBeat = (type, data) => (type === "ping" || type === "pong") && data === undefined;

function isHeartbeat(row, packets, frame) {
  if (row.error) return false;
  if (packets.length) return packets.every(({ type, data }) => isBeat(type, data));
  return frame?.type === "ping" || frame?.type === "pong";
}
