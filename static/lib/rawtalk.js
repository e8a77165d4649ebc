// A connection of the raw terminal, by WebSocket or by polling: {send(lines), close(code), joined}. It speaks
// Engine.IO with the browser's own means, so that no packet goes out that nobody typed. What a browser does
// not let a page send, the server sends to itself: overTcp(text).

import { count } from "./dom.js";
import { HAND } from "./housekeeping.js";
import { fromHex, hex } from "./rows.js";

const CODES = {
  1000: "normal",
  1001: "going away",
  1002: "protocol error",
  1005: "no code was sent",
  1006: "no close frame came",
  1007: "not the data it should be",
  1008: "against the rules of this server",
  1009: "too big",
  1011: "the server failed",
};
const UNREACHABLE = "The server cannot be reached.";
const TCP = "/upgrade/dial"; // sends bytes over a new TCP connection to this server

const address = (transport, seat, more = "") =>
  `/socket.io/?EIO=4&transport=${transport}&${HAND}${more}${seat ? `&seat=${encodeURIComponent(seat)}` : ""}`;

// on: {heard(text), over(sentence), open(words), note(kind, words)}
export function bySocket(seat, on) {
  const url = new URL(address("websocket", seat), location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  let isMine = false; // whether this end closed it
  on.note("way", "GET /socket.io/?EIO=4&transport=websocket, with Upgrade: websocket");
  socket.addEventListener("open", () => {
    on.open("open, by WebSocket");
    on.note("way", "101 Switching Protocols. From here on: frames.");
  });
  socket.addEventListener("message", ({ data }) => on.heard(typeof data === "string" ? data : "(bytes)"));
  socket.addEventListener("close", ({ code, reason }) => {
    const why = `${code} (${CODES[code] ?? "a code of its own"})${reason ? `, "${reason}"` : ""}`;
    on.over(isMine ? "You closed the connection." : `The connection is closed: ${why}.`);
  });
  return {
    joined: new Set(),
    send(lines) {
      if (socket.readyState === WebSocket.OPEN) for (const line of lines) socket.send(line);
    },
    close(code) {
      try {
        socket.close(code);
        isMine = true;
      } catch {
        on.note("way", `A browser lets a page close with 1000 or 3000 to 4999, not with ${code}.`);
      }
    },
  };
}

export function byPolling(seat, on) {
  const session = { seat, sid: "", on, stop: new AbortController() };
  let posts = Promise.resolve(); // one after the other, or they would overtake each other
  const how = "then one GET after the other, each held until there is something to say.";
  on.note("way", `GET /socket.io/?EIO=4&transport=polling; ${how}`);
  poll(session);
  return {
    joined: new Set(),
    send(lines) {
      posts = posts.then(() => send(session, lines.join("\x1e")));
    },
    close() {
      post(session, "1", { keepalive: true }).catch(() => {});
      on.over("You closed the session: POST 1.");
      session.stop.abort();
    },
  };
}

async function poll(session) {
  const { seat, on, stop } = session;
  try {
    while (!stop.signal.aborted) {
      const url = address("polling", seat, session.sid && `&sid=${session.sid}`);
      const answer = await fetch(url, { cache: "no-store", signal: stop.signal });
      if (!answer.ok) return await ended(session, answer);
      for (const text of (await answer.text()).split("\x1e")) hear(session, text);
    }
  } catch {
    if (!stop.signal.aborted) on.over(UNREACHABLE);
  }
}

function hear(session, text) {
  if (text[0] === "0") {
    session.sid = encodeURIComponent(JSON.parse(text.slice(1)).sid);
    session.on.open("open, by polling");
  }
  session.on.heard(text);
}

async function send(session, text) {
  const { on, stop } = session;
  try {
    const answer = await post(session, text, { signal: stop.signal });
    if (answer.ok) return;
    await ended(session, answer);
    stop.abort();
  } catch {
    if (!stop.signal.aborted) on.over(UNREACHABLE);
  }
}

function post({ seat, sid }, body, options) {
  const headers = { "Content-Type": "text/plain;charset=UTF-8" };
  return fetch(address("polling", seat, `&sid=${sid}`), { method: "POST", body, headers, ...options });
}

async function ended({ on }, answer) {
  const words = (await answer.text()).trim().slice(0, 200) || "without a word";
  on.over(`The session is over: ${answer.status}, ${words}.`);
}

// What was typed for TCP: a request with line ends as HTTP wants them, and the bytes behind its empty line.
// \\xNN is a byte. {request, then_hex}
export function typedBytes(text) {
  const [head, ...rest] = text.split(/\n\r?\n/);
  const request = `${head.replace(/\r?\n/g, "\r\n")}\r\n\r\n`;
  return { request, then_hex: Array.from(spelt(rest.join("\n\n")), hex).join("") };
}

function spelt(text) {
  const pieces = text.split(/\\x([0-9a-fA-F]{2})/); // text, digits, text, digits …
  const encoder = new TextEncoder();
  return pieces.flatMap((piece, at) => [...(at % 2 ? fromHex(piece) : encoder.encode(piece))]);
}

// Resolves to what to say of it: [kind, sentence] each.
export async function overTcp(text) {
  const typed = typedBytes(text);
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(TCP, { method: "POST", headers, body: JSON.stringify(typed) });
    const told = await answer.json();
    return told.ok ? exchanged(told) : [["closed", `The server refused: ${told.error}.`]];
  } catch {
    return [["closed", UNREACHABLE]];
  }
}

function exchanged({ sent_hex, received_hex, closed }) {
  const [line] = new TextDecoder().decode(fromHex(received_hex)).split("\r\n");
  const [sent, received] = [sent_hex, received_hex].map((text) => count(text.length / 2, "byte"));
  const end = closed ? "Then the server closed the connection." : "Then you hung up.";
  return [
    ["way", `${sent} went up on a new TCP connection.`],
    ["way", `${received} came down: ${line || "nothing"}. ${end}`],
  ];
}
