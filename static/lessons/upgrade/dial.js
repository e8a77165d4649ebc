// A raw request, typed by hand, and the bytes that came back.

import { count, element } from "../../lib/dom.js";
import { post } from "./post.js";

const replaced = (start, line) => (lines) => lines.map((each) => (each.startsWith(start) ? line : each));
const PRESETS = {
  right: (lines) => lines,
  no_upgrade: (lines) => lines.filter((line) => !line.startsWith("Upgrade:")),
  version: replaced("Sec-WebSocket-Version:", "Sec-WebSocket-Version: 8"),
  short_key: replaced("Sec-WebSocket-Key:", "Sec-WebSocket-Key: c2hvcnQ="),
};

export default function dial(part, lab) {
  const form = part.querySelector("form");
  const editor = new Editor(form);
  const answer = new Answer(part, lab);
  form.addEventListener("click", ({ target }) => {
    if (target.dataset.preset) editor.preset(target);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.submitter.disabled = true;
    const found = await post("/upgrade/dial", { request: editor.typed() });
    event.submitter.disabled = false;
    answer.show(found);
  });
}

// The request as it is typed, with its line ends made visible.
class Editor {
  constructor(form) {
    this.area = form.elements.request;
    this.marks = form.querySelector("[data-marks]");
    this.size = form.querySelector("[data-size-of]");
    this.presets = form.querySelectorAll("[data-preset]");
    this.area.addEventListener("input", () => this.mark());
    this.area.addEventListener("scroll", () => {
      const { scrollLeft, scrollTop } = this.area;
      Object.assign(this.marks, { scrollLeft, scrollTop });
    });
    this.mark();
  }

  typed() {
    return this.area.value.replaceAll("\n", "\r\n");
  }

  preset(pressed) {
    const lines = this.area.defaultValue.split("\n");
    this.area.value = PRESETS[pressed.dataset.preset](lines).join("\n");
    for (const button of this.presets) button.setAttribute("aria-pressed", button === pressed);
    this.mark();
  }

  mark() {
    const lines = this.area.value.split("\n");
    const ends = lines.slice(0, -1).flatMap((line) => [line, element("i", {}, "CR LF"), "\n"]);
    this.marks.replaceChildren(...ends, lines.at(-1), " ");
    this.area.rows = Math.min(14, lines.length + 1);
    this.size.textContent = `${new TextEncoder().encode(this.typed()).length} bytes of at most 4096`;
  }
}

class Answer {
  constructor(part, lab) {
    const find = (name) => part.querySelector(`[data-${name}]`);
    [this.box, this.says, this.read, this.hex] = ["answer", "says", "read", "hex"].map(find);
    this.lab = lab;
    this.cells = lab.table("Raw requests", ["Request", "Sent", "Response", "Received", "Connection"]);
    this.dials = 0;
  }

  say(words) {
    this.says.textContent = words;
    this.lab.announce(words);
  }

  show(found) {
    this.box.hidden = !found.ok;
    this.says.toggleAttribute("data-bad", !found.ok);
    if (!found.ok) return this.say(`Not sent: ${found.error}.`);
    const pairs = found.received_hex.match(/../g) ?? [];
    const text = pairs.map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");
    this.read.textContent = text.replaceAll("\r\n", "\n").replace(/[^\n\x20-\x7e]/g, "·");
    this.hex.textContent = pairs.join(" ");
    const line = text.split("\r\n", 1)[0] || "no response within 5 seconds";
    const end = found.closed ? "closed by the server" : "still open";
    const [sent, received] = [found.sent_hex.length / 2, pairs.length].map((n) => count(n, "byte"));
    this.cells(++this.dials, [this.dials, sent, line, received, end]);
    const when = found.closed ? "" : " when its time here was over";
    this.say(`${line} · ${received} · the connection was ${end}${when}.`);
  }
}
