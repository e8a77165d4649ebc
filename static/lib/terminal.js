// The raw terminal: a real connection without a client library. Every packet is typed by hand, and explained
// while it is typed.

import { announce, element } from "./dom.js";
import { explain } from "./explain.js";
import { byPolling, bySocket } from "./rawtalk.js";
import { sign } from "./signs.js";
import { heartbeatLine, noteLine, packetLine, terminalLog, toneOf } from "./terminallog.js";

const PRESETS = [
  ["enter the main namespace", "40"],
  ["say hello there", '42["hello",{}]'],
  ["say hello and ask for an answer", '420["hello",{}]'],
  ["enter /class", "40/class,"],
  ["enter /bidirectional", "40/bidirectional,"],
  ["ask the time", '42/class,1["sync_clock",{"t0":0}]'],
  ["wave", '42/bidirectional,2["wave",{"text":"by hand"}]'],
  ["pong", "3"],
  ["no such type", "9"],
  ["half an event", '42/class,["wave"'],
];

export function terminal(root) {
  const view = { root, ...connectForm(), ...packetForm(), log: terminalLog(), talk: null };
  root.append(view.connect, view.form, presets(view), view.log.box);
  listenToPacket(view);
  view.connect.addEventListener("submit", (event) => {
    event.preventDefault();
    if (view.talk) view.talk.close();
    else open(view);
  });
  addEventListener("pagehide", () => view.talk?.close());
  setConnected(view, false, "not connected");
}

function connectForm() {
  const by = (value, label) => {
    const radio = element("input", { type: "radio", name: "by", value, checked: value === "websocket" });
    return element("label", {}, radio, label);
  };
  const ways = element(
    "fieldset",
    { class: "row" },
    element("legend", { class: "hidden" }, "Connect by"),
    by("websocket", "WebSocket"),
    by("polling", "Polling"),
  );
  const button = element("button", { type: "submit", class: "primary" }, "Connect");
  const state = element("span", { class: "terminal-state" }, "not connected");
  const connect = element("form", { class: "row", autocomplete: "off" }, ways, button, state);
  return { connect, connectButton: button, state };
}

function packetForm() {
  const input = element("textarea", {
    id: "terminal-packet",
    rows: "2",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    maxlength: "4000",
    "aria-describedby": "terminal-outcome",
  });
  const parts = element("ol", { class: "terminal-parts", "aria-label": "The packet, part by part" });
  const says = element("p", { class: "terminal-says" });
  const outcome = element("p", { id: "terminal-outcome", class: "terminal-outcome" });
  const send = element("button", { type: "submit" }, "Send");
  const answering = element("input", { type: "checkbox", role: "switch", checked: true });
  const pong = element("label", { class: "wire-switch" }, answering, "Answer 2 with 3 for me");
  const form = element(
    "form",
    { class: "terminal-form" },
    element("label", { for: "terminal-packet" }, "Your packet"),
    input,
    parts,
    says,
    outcome,
    element("p", { class: "row between" }, send, pong),
  );
  return { form, input, parts, says, outcome, send, answering };
}

function presets(view) {
  const buttons = PRESETS.map(([title, text]) =>
    element("button", { type: "button", title, "data-text": text }, element("code", {}, text)),
  );
  const attributes = { class: "terminal-presets", role: "group", "aria-label": "Packets to try" };
  const home = element("p", attributes, ...buttons);
  home.addEventListener("click", ({ target }) => {
    const text = target.closest("button")?.dataset.text;
    if (!text) return;
    view.input.value = text;
    view.input.focus();
    explainAll(view);
  });
  return home;
}

// The connection: view.talk is {send(text), close(), joined: Set}, or null.

function open(view) {
  const seat = document.querySelector("meta[name=seat]")?.content;
  const connectBy = view.connect.elements.by.value === "polling" ? byPolling : bySocket;
  setConnected(view, true, "connecting");
  view.talk = connectBy(seat, {
    heard: (text) => heard(view, text),
    over: (sentence) => over(view, sentence),
    open: (words) => setConnected(view, true, words),
    note: (kind, sentence) => noteLine(view.log, kind, sentence),
  });
}

function setConnected(view, on, words) {
  view.root.dataset.state = on ? "open" : "closed";
  view.state.textContent = words;
  view.connectButton.textContent = on ? "Disconnect" : "Connect";
  for (const radio of view.connect.elements.by) radio.disabled = on;
  explainAll(view);
}

function over(view, sentence) {
  if (!view.talk) return;
  view.talk = null;
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
    talk.send("3");
    return heartbeatLine(log, true);
  }
  const { packet } = packetLine(log, false, text);
  announce(`The server: ${packet?.type ?? packet?.engine ?? text.slice(0, 40)}`);
  if (packet?.type === "CONNECT") talk.joined.add(packet.namespace);
  if (packet?.type === "DISCONNECT") talk.joined.delete(packet.namespace);
  explainAll(view);
}

function send(view) {
  const { input, talk, log } = view;
  const text = input.value.replace(/\n$/, "");
  if (!talk || !text) return;
  if (text === "3") heartbeatLine(log, true);
  else packetLine(log, true, text);
  talk.send(text);
  if (text.startsWith("41")) talk.joined.delete(explain(text).packet?.namespace);
  input.value = "";
  explainAll(view);
}

// While typing.

const read = ({ input, talk }) => explain(input.value, { joined: talk?.joined ?? null });

function explainAll(view) {
  const { input, talk, parts } = view;
  const found = read(view);
  parts.replaceChildren(...found.parts.map((part, at) => partItem(part, at, input.value)));
  parts.hidden = !found.parts.length;
  explainPart(view, found);
  const { kind } = found.outcome;
  view.outcome.dataset.kind = kind;
  view.outcome.replaceChildren(...outcomeWords(found.outcome));
  view.send.disabled = !talk || !input.value;
  view.send.textContent = kind === "closes" && talk ? "Send it anyway" : "Send";
}

function partItem({ start, end, name, value }, at, text) {
  const code = element("code", {}, element("bdi", {}, text.slice(start, end).slice(0, 120)));
  const label = /type$/.test(name) ? value.replace(/^\d /, "") : name;
  const attributes = { "data-part": at, "data-tone": toneOf(name) };
  return element("li", attributes, code, element("small", {}, name === value ? "" : label));
}

function outcomeWords({ kind, sentence, ours }) {
  const whose = ours ? " (a rule of this server; the protocol allows it)." : ".";
  const words = (head) => element("span", {}, element("b", {}, head), sentence, whose);
  if (kind === "closes") return [sign("wrong"), words("This will close the connection: ")];
  if (kind === "answered") return [words("The server will say no, by an ack: ")];
  return [element("span", {}, sentence)];
}

// The sentence of the part that the caret is in, or that is pointed at.
function explainPart({ input, parts, says }, found, at = null) {
  const caret = Math.max(0, input.selectionStart - 1);
  const n = at ?? found.parts.findIndex(({ start, end }) => caret >= start && caret < end);
  const part = found.parts[n];
  for (const item of parts.children) item.toggleAttribute("data-on", Number(item.dataset.part) === n);
  if (!part) return says.replaceChildren("");
  const value = element("bdi", {}, part.value.slice(0, 80));
  says.replaceChildren(element("b", {}, `${part.name}: `), value, ` ${part.meaning}`);
}

function listenToPacket(view) {
  const { input, parts, form } = view;
  input.addEventListener("input", () => explainAll(view));
  for (const event of ["keyup", "click", "focus"])
    input.addEventListener(event, () => explainPart(view, read(view)));
  parts.addEventListener("pointerover", ({ target }) => {
    const item = target.closest("li");
    if (item) explainPart(view, explain(input.value), Number(item.dataset.part));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!view.send.disabled) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(view);
  });
}
