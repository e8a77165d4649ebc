// The ladder: what crossed between a page and its server, one rung for each row of the wire.

import { bytes, count, element, ms } from "../../lib/dom.js";

const raw = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const text = (hex) => new TextDecoder().decode(raw(hex));
const layer = (row, name) => row.layers.find((found) => found.layer === name);
const number = (n) => n.toLocaleString("en");

// What a rung means, by how its packet begins; the first that fits.
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
    "Socket.IO's own handshake: it joins the namespace and says who you are. The token was blanked before it was kept.",
  ],
  [/^41/, "Leaves the namespace."],
  [
    /^42/,
    "Your event: 4 is an Engine.IO message, 2 a Socket.IO event, and the number is the answer it asks for.",
  ],
  [/^43/, "The acknowledgement: what the handler gave back."],
  [/^44/, "The namespace said no, and why."],
  [/^1/, "Closes the session."],
  [/^2probe/, "The client tries the new way before it trusts it."],
  [/^3probe/, "It comes back, so the new way is open in both directions."],
  [/^2/, "The heartbeat: is anybody there?"],
  [/^3/, "Yes."],
  [/^5/, "The move: from here on every packet takes the WebSocket."],
];
const ASKS = "A plain GET that asks for a session. What lets web pages through lets this through.";
const POSTS = "What the client has to say travels in a request of its own, with all its headers.";
const POLLS = "Long polling: the server may hold this question until it has something to say.";
const WANTS = "An ordinary GET that asks to change the protocol. Nothing but its headers makes it special.";
const AGREES = "The server agrees. After this blank line the TCP connection is no HTTP any more.";
const ARRIVED = "The POST has arrived. What the server has to say about it comes down by a GET.";
const ENDS_POLL = "A packet that says nothing. It ends the waiting GET, so that no event is lost in it.";
const NOOP = "A packet that says nothing, and the client lets it fall.";

// One row of the wire as a rung: {how, what, packet, target?, why, head}, head in bytes of HTTP or frame header.
export function rung(row) {
  const [http, frame] = [layer(row, "http"), layer(row, "websocket")];
  const body = http
    ? (http.message_hex ?? row.hex.slice(http.head_size * 2))
    : (frame?.message_hex ?? frame?.payload_hex ?? "");
  const packet = text(body).replaceAll("\u001e", " and ");
  const means = PACKETS.find(([begins]) => begins.test(packet))?.[1] ?? "";
  if (!http)
    return {
      how: "WebSocket",
      what: "",
      packet,
      head: frame?.header_size ?? 0,
      why: packet === "6" ? NOOP : means,
    };
  const common = { how: "HTTP", head: http.head_size };
  if (http.kind === "request") {
    const upgrade = http.headers.some(([name]) => name.toLowerCase() === "upgrade");
    const why = upgrade ? WANTS : packet ? `${POSTS} ${means}` : http.target.includes("sid=") ? POLLS : ASKS;
    return {
      ...common,
      what: upgrade ? `${http.method}, Upgrade: websocket` : http.method,
      packet,
      target: http.target,
      why,
    };
  }
  const what = `${http.status} ${http.reason}`;
  if (http.status === 101) return { ...common, what, packet: "", why: AGREES };
  const why = packet.toUpperCase() === "OK" ? ARRIVED : packet === "6" ? ENDS_POLL : means;
  return { ...common, what, packet, why };
}

// What the rows add up to, as a sentence; counted from them and from nothing else.
export function caption(rows) {
  const requests = rows.filter((row) => layer(row, "http")?.kind === "request").length;
  const frames = rows.filter((row) => layer(row, "websocket")).length;
  const size = rows.reduce((sum, row) => sum + row.size, 0);
  const lines = new Set(rows.map((row) => row.connection)).size;
  return `${count(requests, "HTTP exchange")} and ${count(frames, "frame")}, ${number(size)} bytes on ${count(lines, "TCP connection")}.`;
}

// The key that the browser sent and the value that the server answered it with, or null.
export function handshake(rows) {
  const field = (row, name) =>
    layer(row, "http")?.headers.find(([found]) => found.toLowerCase() === name)?.[1];
  const find = (name) => rows.map((row) => field(row, name)).find(Boolean);
  const accept = find("sec-websocket-accept");
  return accept ? { key: find("sec-websocket-key"), accept } : null;
}

const carries = (kind, up) => (row) => row.up === up && row.layers.some(({ type }) => type === kind);
export const answered = (rows) => rows.some(carries("ACK", false));
export const joined = (rows) => rows.some(carries("CONNECT", false));
export const moved = (rows) => rows.some((row) => row.up && rung(row).packet === "5");

// The same echo by WebSocket and by polling: what of it is header.
export function compare(rows, polled) {
  const parts = (row) => {
    const { how, head } = rung(row);
    return `${number(row.size)} bytes, ${how === "HTTP" ? `${number(head)} of them HTTP headers` : `${head} of them frame header, 0 of them HTTP headers`}`;
  };
  const last = (all, kind, up) => parts(all.findLast(carries(kind, up)));
  return [
    `After the 101 your echo was one frame of ${last(rows, "EVENT", true)}.`,
    `Its answer was one frame of ${last(rows, "ACK", false)}.`,
    `The same echo by polling was a POST of ${last(polled, "EVENT", true)}, and its answer came with ${last(polled, "ACK", false)}.`,
  ];
}

// Draws rows into a list; a rung opens to its meaning and its bytes.
export function ladder(list, lab) {
  const cells = lab.table("The ladder of the second connection, as the server's tap captured it", [
    "Connection",
    "Rung",
    "After",
    "Way",
    "How",
    "TCP connection",
    "What",
    "Bytes",
    "Of these header",
  ]);
  let drawn = 0;
  return {
    begin: () => void drawn++,
    draw(rows) {
      const letters = [...new Set(rows.map((row) => row.connection))];
      const waits = new Map();
      for (const row of rows) waits.set(row.connection, row.up && layer(row, "http") ? row : null);
      list.replaceChildren(
        ...rows.map((row, at) => {
          const found = rung(row);
          const line = String.fromCharCode(65 + letters.indexOf(row.connection));
          const after = ms(row.at - rows[0].at);
          const way = row.up ? "client to server" : "server to client";
          const said = found.packet || found.target || "";
          const words = [
            found.what && element("b", {}, found.what),
            found.what && said && " ",
            said && element("code", {}, said),
          ].filter(Boolean);
          cells(`${drawn} ${at}`, [
            drawn,
            at + 1,
            after,
            way,
            found.how,
            line,
            `${found.what} ${said}`.trim(),
            row.size,
            found.head,
          ]);
          const summary = element(
            "summary",
            {},
            element("span", { class: "when" }, after),
            element(
              "span",
              { class: "flight" },
              element("span", { class: "hidden" }, `${way}: `),
              element("span", { class: "words" }, ...words),
            ),
            element("span", { class: "carrier" }, `${found.how} ${line}`),
            element("span", { class: "weight" }, bytes(row.size)),
          );
          const more = waits.get(row.connection) === row ? " The server still holds its answer back." : "";
          const inside = element(
            "div",
            { class: "inside" },
            element("p", {}, found.why + more),
            ...evidence(row),
          );
          return element(
            "li",
            { class: "rung", "data-wire-row": row.n, "data-up": row.up, "data-how": found.how },
            element("details", {}, summary, inside),
          );
        }),
      );
      return caption(rows);
    },
  };
}

function evidence(row) {
  const frame = layer(row, "websocket");
  if (!frame) return [element("pre", { tabindex: "0" }, text(row.hex))];
  const head = raw(row.hex).slice(0, 2);
  const bits = [...head].flatMap((byte) => [...byte.toString(2).padStart(8, "0")]);
  const boxes = bits.map((bit) => element("b", {}, bit));
  const pairs = row.hex.match(/../g) ?? [];
  return [
    element(
      "p",
      { class: "bits", role: "img", "aria-label": `The first two bytes in bits: ${bits.join("")}` },
      ...boxes,
    ),
    element(
      "p",
      { class: "bit-names" },
      ...["FIN", "RSV", "opcode", "MASK", "length"].map((name) => element("span", {}, name)),
    ),
    element("p", {}, `${frame.summary}.`),
    element(
      "pre",
      { class: "hex", tabindex: "0" },
      element("mark", {}, pairs.slice(0, frame.header_size).join(" ")),
      ` ${pairs.slice(frame.header_size).join(" ")}`,
    ),
  ];
}
