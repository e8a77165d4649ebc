// The raw dialler: a request typed by hand, the bytes that came back.

import { count, element } from "../../lib/dom.js";
import { post } from "./accept.js";

const PRESETS = {
  right: (lines) => lines,
  no_upgrade: (lines) => lines.filter((line) => !line.startsWith("Upgrade:")),
  version: (lines) =>
    lines.map((line) => (line.startsWith("Sec-WebSocket-Version:") ? "Sec-WebSocket-Version: 8" : line)),
  short_key: (lines) =>
    lines.map((line) => (line.startsWith("Sec-WebSocket-Key:") ? "Sec-WebSocket-Key: c2hvcnQ=" : line)),
};

export default function dial(part, lab) {
  const form = part.querySelector("form");
  const area = form.elements.request;
  const [marks, size] = [form.querySelector("[data-marks]"), form.querySelector("[data-size-of]")];
  const [answer, says, read, hex] = ["answer", "says", "read", "hex"].map((name) =>
    part.querySelector(`[data-${name}]`),
  );
  const cells = lab.table("Dialled by hand", ["Dial", "Sent", "Answer", "Received", "Connection"]);
  let dials = 0;

  const typed = () => area.value.replaceAll("\n", "\r\n");
  const mark = () => {
    const lines = area.value.split("\n");
    const ends = lines.slice(0, -1).flatMap((line) => [line, element("i", {}, "CR LF"), "\n"]);
    marks.replaceChildren(...ends, lines.at(-1), " ");
    area.rows = Math.min(14, lines.length + 1);
    size.textContent = `${new TextEncoder().encode(typed()).length} bytes of at most 4096`;
  };
  area.addEventListener("input", mark);
  area.addEventListener("scroll", () =>
    Object.assign(marks, { scrollLeft: area.scrollLeft, scrollTop: area.scrollTop }),
  );
  form.addEventListener("click", ({ target }) => {
    const { preset } = target.dataset;
    if (!preset) return;
    area.value = PRESETS[preset](area.defaultValue.split("\n")).join("\n");
    for (const button of form.querySelectorAll("[data-preset]"))
      button.setAttribute("aria-pressed", button === target);
    mark();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.submitter.disabled = true;
    const found = await post("/upgrade/dial", { request: typed() });
    event.submitter.disabled = false;
    answer.hidden = !found.ok;
    says.toggleAttribute("data-bad", !found.ok);
    if (!found.ok) return lab.announce((says.textContent = `Not dialled: ${found.error}.`));
    const bytes = found.received_hex.match(/../g) ?? [];
    const text = bytes.map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");
    const line = text.split("\r\n", 1)[0] || "no answer within 5 seconds";
    const end = found.closed ? "closed by the server" : "still open";
    read.textContent = text.replaceAll("\r\n", "\n").replace(/[^\n\x20-\x7e]/g, "·");
    hex.textContent = bytes.join(" ");
    cells(++dials, [dials, count(found.sent_hex.length / 2, "byte"), line, count(bytes.length, "byte"), end]);
    lab.announce(
      (says.textContent = `${line} · ${count(bytes.length, "byte")} · the connection was ${end}${found.closed ? "" : " when the dialler hung up"}.`),
    );
  });
  mark();
}
