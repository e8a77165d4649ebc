// Where a packet is typed: explained part by part, with what the server will do with it.

import { element } from "./dom.js";
import { explain } from "./explain.js";
import { sign } from "./signs.js";
import { toneOf } from "./terminallog.js";

export function packetForm() {
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
  const times = element("input", { type: "number", min: "1", max: "200", value: "1" });
  const often = element("label", { class: "terminal-number" }, times, "times");
  const answering = element("input", { type: "checkbox", role: "switch", checked: true });
  const pong = element("label", { class: "wire-switch" }, answering, "Answer 2 with 3 for me");
  const acts = element("p", { class: "row between" }, element("span", { class: "row" }, send, often), pong);
  const label = element("label", { for: "terminal-packet" }, "Your packets, one a line");
  const form = element("form", { class: "terminal-form" }, label, input, parts, says, outcome, acts);
  return { form, input, parts, says, outcome, send, times, answering };
}

// The line that the caret is in: {text, from}.
function lineOf({ input }) {
  const { value, selectionStart: caret } = input;
  const from = value.lastIndexOf("\n", caret - 1) + 1;
  return { text: value.slice(from).split("\n")[0], from };
}

function read(view) {
  const { joined } = view.talk ?? { joined: null };
  return explain(lineOf(view).text, { joined });
}

export function explainAll(view) {
  const { input, talk, parts, form } = view;
  const isTcp = form.hasAttribute("data-tcp");
  const found = isTcp ? { parts: [], outcome: OVER_TCP } : read(view);
  const { text } = lineOf(view);
  parts.replaceChildren(...found.parts.map((part, at) => partItem(part, at, text)));
  parts.hidden = !found.parts.length;
  explainPart(view, found);
  const { kind } = found.outcome;
  view.outcome.dataset.kind = kind;
  view.outcome.replaceChildren(...outcomeWords(found.outcome));
  view.send.disabled = !input.value || !(talk || isTcp);
  view.send.textContent = kind === "closes" && talk ? "Send it anyway" : "Send";
}

const OVER_TCP = {
  kind: "fine",
  sentence:
    "A whole HTTP request. What follows on its empty line is sent as it is: \\x81 is the byte 81. " +
    "Ten a minute go out.",
};

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
function explainPart(view, found, at = null) {
  const { input, parts, says } = view;
  const caret = Math.max(0, input.selectionStart - lineOf(view).from - 1);
  const n = at ?? found.parts.findIndex(({ start, end }) => caret >= start && caret < end);
  const part = found.parts[n];
  for (const item of parts.children) item.toggleAttribute("data-on", Number(item.dataset.part) === n);
  if (!part) return says.replaceChildren("");
  const value = element("bdi", {}, part.value.slice(0, 80));
  says.replaceChildren(element("b", {}, `${part.name}: `), value, ` ${part.meaning}`);
}

export function listenToPacket(view, send) {
  const { input, parts, form } = view;
  for (const event of ["input", "keyup", "click", "focus"])
    input.addEventListener(event, () => explainAll(view));
  parts.addEventListener("pointerover", ({ target }) => {
    const item = target.closest("li");
    if (item) explainPart(view, read(view), Number(item.dataset.part));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || form.hasAttribute("data-tcp")) return;
    event.preventDefault();
    if (!view.send.disabled) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}
