// What crossed between a page and its server, step by step: one step for each captured row. Pure.

import { count } from "../../lib/dom.js";

const raw = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const text = (hex) => new TextDecoder().decode(raw(hex));
export const layer = (row, name) => row.layers.find((found) => found.layer === name);
const number = (n) => n.toLocaleString("en");
const FIRST_FRAMES = 3; // after the move
const FIRST_STEPS = 12; // where a session stays with polling

// What a step means, by how its packet begins; the first that fits.
const PACKETS = [
  [
    /^0/,
    "The open packet: the session's id, the ways it may be upgraded to, and how often the server will ping.",
  ],
  [
    /^40.*"sid"/,
    "You are in. This sid names your socket within the namespace; the session under it has another.",
  ],
  [
    /^40/,
    "Socket.IO's own handshake: it joins the namespace and says who you are. " +
      "The token was blanked before it was kept.",
  ],
  [/^41/, "Leaves the namespace."],
  [
    /^42/,
    "Your event: 4 is an Engine.IO message, 2 a Socket.IO event, and the number is its ack id: the acknowledgement will carry it too.",
  ],
  [/^43/, "The acknowledgement: what the handler gave back."],
  [/^44/, "The namespace said no, and why."],
  [/^1/, "Closes the session."],
  [/^2probe/, "The client tries the new way before it trusts it."],
  [/^3probe/, "It comes back, so the new way is open in both directions."],
  [/^2/, "The heartbeat: is anybody there?"],
  [/^3/, "Yes: the connection still works."],
  [/^5/, "The move: from here on every packet takes the WebSocket."],
];
const ASKS = "A plain GET that asks for a session. What lets web pages through lets this through.";
const POSTS = "What the client sends travels in a request of its own, with all its headers.";
const POLLS = "Long polling: the server may hold this request until it has something to send.";
const WANTS = "An ordinary GET that asks to change the protocol. Nothing but its headers makes it special.";
const AGREES = "The server agrees. After this blank line the TCP connection no longer carries HTTP.";
const ARRIVED = "The POST has arrived. What the server sends in return comes down by a GET.";
const ENDS_POLL = "A packet without content. It ends the waiting GET, so that no event is lost in it.";
const NOOP = "A packet without content, and the client ignores it.";

// One captured row as a step: {how, what, packet, target?, why, head}, head in bytes of HTTP or frame header.
export function step(row) {
  const [http, frame] = [layer(row, "http"), layer(row, "websocket")];
  const packet = text(http ? httpBody(row, http) : frameBody(frame)).replaceAll("\u001e", " and ");
  if (!http) return frameStep(frame, packet);
  const common = { how: "HTTP", head: http.head_size };
  return { ...common, ...(http.kind === "request" ? requestStep(http, packet) : responseStep(http, packet)) };
}

const httpBody = (row, http) => http.message_hex ?? row.hex.slice(http.head_size * 2);
const frameBody = (frame) => frame?.message_hex ?? frame?.payload_hex ?? "";
const meaning = (packet) => PACKETS.find(([begins]) => begins.test(packet))?.[1] ?? "";

function frameStep(frame, packet) {
  const why = packet === "6" ? NOOP : meaning(packet);
  return { how: "WebSocket", what: "", packet, head: frame?.header_size ?? 0, why };
}

function requestStep({ method, target, headers }, packet) {
  if (headers.some(([name]) => name.toLowerCase() === "upgrade")) {
    return { what: `${method}, Upgrade: websocket`, packet, target, why: WANTS };
  }
  const asks = target.includes("sid=") ? POLLS : ASKS;
  return { what: method, packet, target, why: packet ? `${POSTS} ${meaning(packet)}` : asks };
}

function responseStep({ status, reason }, packet) {
  const what = `${status} ${reason}`;
  if (status === 101) return { what, packet: "", why: AGREES };
  if (packet.toUpperCase() === "OK") return { what, packet, why: ARRIVED };
  return { what, packet, why: packet === "6" ? ENDS_POLL : meaning(packet) };
}

// What the rows add up to, as a sentence; counted from them and from nothing else.
export function caption(rows) {
  const requests = rows.filter((row) => layer(row, "http")?.kind === "request").length;
  const frames = rows.filter((row) => layer(row, "websocket")).length;
  const size = rows.reduce((sum, row) => sum + row.size, 0);
  const lines = new Set(rows.map((row) => row.connection)).size;
  const crossed = `${count(requests, "HTTP exchange")} and ${count(frames, "frame")}`;
  return `${crossed}, ${number(size)} bytes on ${count(lines, "TCP connection")}.`;
}

// The key that the browser sent and the value that the server answered it with, or null.
export function handshake(rows) {
  const field = (row, name) =>
    layer(row, "http")?.headers.find(([found]) => found.toLowerCase() === name)?.[1];
  const find = (name) => rows.map((row) => field(row, name)).find(Boolean);
  const accept = find("sec-websocket-accept");
  return accept ? { key: find("sec-websocket-key"), accept } : null;
}

export const carries = (kind, up) => (row) => row.up === up && row.layers.some(({ type }) => type === kind);
export const answered = (rows) => rows.some(carries("ACK", false));
export const joined = (rows) => rows.some(carries("CONNECT", false));
const moves = (row) => row.up && step(row).packet === "5";
export const moved = (rows) => rows.some(moves);

// The beginning of a session: up to the first frames after the move; where there is none, its first steps.
export function beginning(rows) {
  const move = rows.findIndex(moves);
  return rows.slice(0, move < 0 ? FIRST_STEPS : move + 1 + FIRST_FRAMES);
}

// The same echo by WebSocket and by polling, in bytes of header + bytes of message.
export function compare(rows, polled) {
  const [echo, ack, post, response] = [rows, polled].flatMap((all) =>
    [carries("EVENT", true), carries("ACK", false)].map((is) => sizes(all.findLast(is))),
  );
  return [
    `Your echo: one frame, ${echo[0]} bytes of header + ${echo[1]} of message. No HTTP headers.`,
    `Its acknowledgement: one frame of ${ack.join(" + ")} bytes.`,
    `By polling: a POST with ${post[0]} bytes of HTTP headers + ${post[1]}, a response of ${response.join(" + ")}.`,
  ];
}

function sizes(row) {
  const { head } = step(row);
  return [number(head), number(row.size - head)];
}

// The rows of one Engine.IO session: the HTTP exchanges that name its sid or hand it out, and the frames of
// its WebSocket.
export function ofSession(rows, sid) {
  const open = new Map(); // TCP connection -> the exchange that is going on there
  const exchanges = [];
  for (const row of rows) {
    const http = row.layers.find(({ layer }) => layer === "http");
    if (http?.kind === "request") {
      const begun = { rows: [], mine: http.target.includes(`sid=${sid}`) };
      open.set(row.connection, begun);
      exchanges.push(begun);
    }
    const exchange = open.get(row.connection);
    exchange?.rows.push(row);
    if (row.layers.some(({ type, data }) => type === "open" && data?.sid === sid)) exchange.mine = true;
  }
  const order = ({ n, part = 0 }, other) => n - other.n || part - (other.part ?? 0);
  return exchanges
    .filter(({ mine }) => mine)
    .flatMap(({ rows }) => rows)
    .sort(order);
}
