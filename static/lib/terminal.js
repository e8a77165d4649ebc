// The raw terminal: a real connection without a client library. Every packet is typed by hand, and explained
// while it is typed. By TCP whole requests and frames are typed, bytes as \x and two digits.

import { announce, element } from "./dom.js";
import { explain } from "./explain.js";
import { explainAll, listenToPacket, packetForm } from "./packetform.js";
import { heartbeatLine, noteLine, packetLine, terminalLog } from "./terminallog.js";

const WAYS = [
  ["websocket", "WebSocket"],
  ["polling", "Polling"],
  ["tcp", "TCP"],
];
const MOST_TIMES = 200;

// Returns {load(what)}: puts {by, text, times, pongs, code} into the terminal, and sends nothing.
export function terminal(root) {
  const view = { root, ...connectForm(), ...packetForm(), log: terminalLog(), talk: null, session: null };
  root.append(view.connect, view.form, view.log.box);
  listenToPacket(view, () => send(view));
  view.connect.addEventListener("submit", (event) => {
    event.preventDefault();
    if (view.talk) view.talk.close(Number(view.code.value) || 1000);
    else if (!view.session) open(view);
  });
  view.connect.addEventListener("change", () => setWay(view));
  addEventListener("pagehide", () => view.talk?.close(1000));
  setConnected(view, false, "not connected");
  return { load: (what) => load(view, what) };
}

const rawtalk = () => import("./rawtalk.js"); // not needed until something is to cross
const wayOf = ({ connect }) => connect.elements.by.value;

function connectForm() {
  const ways = WAYS.map(([value, label]) => {
    const radio = element("input", { type: "radio", name: "by", value, checked: value === "websocket" });
    return element("label", {}, radio, label);
  });
  const legend = element("legend", { class: "hidden" }, "Connect by");
  const fieldset = element("fieldset", { class: "row" }, legend, ...ways);
  const button = element("button", { type: "submit", class: "primary" }, "Connect");
  const state = element("span", { class: "terminal-state" }, "not connected");
  const code = element("input", { type: "number", min: "1000", max: "4999", value: "1000" });
  const codeLabel = element("label", { class: "terminal-number" }, "with code", code);
  const connect = element("form", { class: "row", autocomplete: "off" }, fieldset, button, codeLabel, state);
  return { connect, connectButton: button, state, code, codeLabel };
}

function load(view, { by, text, times = 1, pongs = true, code = 1000 }) {
  const { connect, input, answering } = view;
  if (view.session) {
    view.talk?.close(1000);
    over(view, "You closed the connection.");
  }
  connect.elements.by.value = by;
  setWay(view);
  input.value = text.replaceAll("{host}", location.host);
  view.times.value = times;
  view.code.value = code;
  answering.checked = pongs;
  explainAll(view);
  (by === "tcp" ? input : view.connectButton).focus();
}

// By TCP nothing stays connected: each Send is a connection of its own.
function setWay(view) {
  const isTcp = wayOf(view) === "tcp";
  view.form.toggleAttribute("data-tcp", isTcp);
  view.connectButton.hidden = isTcp;
  if (!view.talk) view.state.textContent = isTcp ? "a new connection for each Send" : "not connected";
  view.input.rows = isTcp ? 9 : 2;
  explainAll(view);
}

// The connection: view.talk is {send(lines), close(code), joined: Set}, or null.

async function open(view) {
  const seat = document.querySelector("meta[name=seat]")?.content;
  const session = {}; // what a connection says after the next one has begun is not heard
  view.session = session;
  const now =
    (act) =>
    (...what) =>
      view.session === session && act(view, ...what);
  setConnected(view, true, "connecting");
  const code = await rawtalk().catch(() => null);
  if (!code) return now(over)("A part of this page could not be fetched. Reload the page.");
  if (view.session !== session) return; // something else was wanted meanwhile
  const connectBy = wayOf(view) === "polling" ? code.byPolling : code.bySocket;
  view.talk = connectBy(seat, {
    heard: now(heard),
    over: now(over),
    open: now((_, words) => setConnected(view, true, words)),
    note: now(({ log }, kind, sentence) => noteLine(log, kind, sentence)),
  });
}

function setConnected(view, on, words) {
  view.root.dataset.state = on ? "open" : "closed";
  view.state.textContent = words;
  view.connectButton.textContent = on ? "Disconnect" : "Connect";
  view.codeLabel.hidden = !on || wayOf(view) !== "websocket";
  for (const radio of view.connect.elements.by) radio.disabled = on;
  explainAll(view);
}

function over(view, sentence) {
  if (!view.session) return;
  view.talk = view.session = null;
  noteLine(view.log, "closed", sentence);
  announce(sentence);
  setConnected(view, false, "not connected");
}

function heard(view, text) {
  const { log, talk, answering, state } = view;
  if (text === "2") {
    heartbeatLine(log, false);
    if (!answering.checked) {
      state.textContent = "a ping waits for your 3";
      return;
    }
    talk.send(["3"]);
    return heartbeatLine(log, true);
  }
  const { packet } = packetLine(log, false, text);
  announce(`The server: ${packet?.type ?? packet?.engine ?? text.slice(0, 40)}`);
  if (packet?.type === "CONNECT") talk.joined.add(packet.namespace);
  if (packet?.type === "DISCONNECT") talk.joined.delete(packet.namespace);
  explainAll(view);
}

// Each line is a packet. The last one is sent as often as is asked for.
function send(view) {
  const { input, talk, times } = view;
  const text = input.value.replace(/\n+$/, "");
  if (wayOf(view) === "tcp") return sendOverTcp(view);
  if (!talk || !text) return;
  const lines = text.split("\n");
  const more = Math.min(MOST_TIMES, Number(times.value) || 1) - 1;
  lines.push(...Array.from({ length: more }, () => lines.at(-1)));
  for (const line of lines) said(view, line);
  talk.send(lines);
  input.value = "";
  times.value = 1;
  explainAll(view);
}

function said({ log, talk }, line) {
  if (line === "3") return heartbeatLine(log, true);
  packetLine(log, true, line);
  if (line.startsWith("41")) talk.joined.delete(explain(line).packet?.namespace);
}

async function sendOverTcp({ input, log, send }) {
  if (!input.value) return;
  send.disabled = true;
  const { overTcp } = await rawtalk();
  for (const [kind, sentence] of await overTcp(input.value)) {
    noteLine(log, kind, sentence);
    announce(sentence);
  }
  send.disabled = false;
}
