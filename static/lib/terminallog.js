// What was said in the raw terminal, line by line, each packet explained when it is opened.

import { element } from "./dom.js";
import { explain } from "./explain.js";
import { clock, plain } from "./rows.js";
import { sign } from "./signs.js";

const LINES = 200; // kept
const TONES = {
  "Engine.IO type": "engineio",
  "Socket.IO type": "socketio",
  attachments: "socketio",
  namespace: "socketio",
  "ack id": "socketio",
  unknown: "wrong",
  "not JSON": "wrong",
};

// The colour of a part: that of its layer.
export const toneOf = (name) => TONES[name] ?? "event";

export function terminalLog() {
  const lines = element("ol");
  const attributes = { role: "log", "aria-live": "off", "aria-label": "What was said", tabindex: "0" };
  const box = element("div", { class: "terminal-log", ...attributes }, lines);
  return { box, lines, beats: null }; // beats: the line that counts heartbeats
}

function put({ box, lines }, item) {
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
  lines.append(item);
  if (lines.children.length > LINES) lines.firstElementChild.remove();
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}

const now = () => element("small", {}, clock(Date.now()));

// A sentence of the terminal's own.
export function noteLine(log, kind, sentence) {
  log.beats = null;
  put(log, element("li", { "data-kind": kind }, now(), element("span", {}, sentence)));
}

// A packet that crossed. Returns its explanation.
export function packetLine(log, up, text) {
  log.beats = null;
  const found = explain(text, { up });
  const summary = element("summary", {}, element("code", {}, ...coloured(text, found.parts)));
  const meanings = found.parts.flatMap(({ name, value, meaning }) => {
    const code = element("code", {}, element("bdi", {}, value.slice(0, 200)));
    return [element("dt", {}, name), element("dd", {}, code, ` ${meaning}`)];
  });
  const who = element("span", { class: "hidden" }, up ? "you: " : "the server: ");
  const way = up ? "up" : "down";
  const details = element("details", {}, summary, element("dl", {}, ...meanings));
  put(log, element("li", { "data-way": way }, now(), sign(way), who, details));
  return found;
}

function coloured(text, parts) {
  if (!parts.length) return [plain(text)];
  return parts.map(({ start, end, name }) =>
    element("span", { "data-tone": toneOf(name) }, plain(text.slice(start, end))),
  );
}

// Pings and pongs share one line, or the log would hold nothing else.
export function heartbeatLine(log, up) {
  if (!log.beats) {
    const words = element("span", {});
    const item = element("li", { "data-kind": "beat" }, now(), words);
    log.beats = { pings: 0, pongs: 0, words, item };
    put(log, item);
  }
  const { beats } = log;
  if (up) beats.pongs++;
  else beats.pings++;
  beats.words.textContent = `heartbeat: ${beats.pings} × 2 from the server, ${beats.pongs} × 3 from you`;
  beats.item.toggleAttribute("data-late", beats.pings > beats.pongs);
}
