// The bytes of a layer in rows of eight beside its fields: pointing at one lights the other.

import { element } from "./dom.js";
import { grouped, hex } from "./rows.js";
import { walk } from "./roving.js";
import { badge } from "./signs.js";

const FIRST = 512; // bytes drawn on opening; the rest on request
const STEP = 2048;
const REST = "Point at a byte or a field; the arrow keys walk them.";
const CONTROLS = { 9: "TAB", 10: "LF", 13: "CR", 30: "RS", 32: "SP" };
const decoder = new TextDecoder();

// what: {row, memory, fields, bytes, what: words for the title; and where there are such: spans that were
// blanked, wrong: the byte that breaks a rule, lines: fields are whole lines, computed, top: a node to begin
// with; of a masked frame its key, from: the first masked byte, and those bytes unmasked}
export function bytesAndFields(what) {
  const { fields, bytes, unmasked } = what;
  const grid = {
    ...what,
    spans: what.spans ?? [],
    owners: ownersOf(fields, bytes.length),
    chars: charsOf(unmasked ?? bytes),
    offset: unmasked ? what.from : 0, // of the first byte that has a character
  };
  const { box, more } = byteBox(grid);
  const says = element("p", { class: "wire-says" }, REST);
  const lists = fields.length ? [fieldList(grid)] : [];
  const home = element(
    "div",
    { class: "wire-pair" },
    what.top,
    ...lists,
    titleOf(grid, box),
    box,
    more,
    says,
  );
  lightEachOther(home, (field, byte) => says.replaceChildren(...words(grid, field, byte)));
  return [home];
}

const isBlank = ({ spans }, at) => spans.some(([start, length]) => at >= start && at < start + length);

function titleOf({ bytes, what, computed, spans, row, key, memory }, box) {
  const size = `${grouped(bytes.length)} byte${bytes.length === 1 ? "" : "s"} ${what}`;
  const captured = badge(computed ? "computed" : "captured");
  const title = element("p", { class: "wire-what" }, element("span", {}, size), captured);
  const blanked = "hatched: a secret, blanked before it was kept";
  if (spans.length) title.append(element("span", { class: "wire-blanked" }, blanked));
  if (row.truncated && !computed)
    title.append(element("span", {}, `${grouped(row.truncated)} more bytes crossed and were not kept`));
  if (key) title.append(unmaskButton(box, memory));
  return title;
}

function unmaskButton(box, memory) {
  const pressed = Boolean(memory.unmask);
  const button = element(
    "button",
    { type: "button", class: "wire-switch", "aria-pressed": String(pressed) },
    "Unmask",
    badge("computed"),
  );
  box.toggleAttribute("data-unmask", pressed);
  button.addEventListener("click", () => {
    memory.unmask = !memory.unmask;
    button.setAttribute("aria-pressed", memory.unmask);
    box.toggleAttribute("data-unmask", memory.unmask);
  });
  return button;
}

// The box, and the button that shows more of a long one.
function byteBox(grid) {
  const { bytes, what, key } = grid;
  const box = element("div", {
    class: "wire-bytes",
    role: "listbox",
    "aria-label": `${grouped(bytes.length)} bytes ${what}`,
    "data-masked": Boolean(key),
  });
  const more = element("button", { type: "button" }, "");
  let drawnTo = 0;
  const draw = (to) => {
    for (; drawnTo < Math.min(to, bytes.length); drawnTo += 8) box.append(eightBytes(grid, drawnTo));
    more.hidden = drawnTo >= bytes.length;
    const next = Math.min(STEP, bytes.length - drawnTo);
    more.textContent = `Show ${grouped(next)} more bytes of ${grouped(bytes.length)}`;
  };
  draw(FIRST);
  more.addEventListener("click", () => draw(drawnTo + STEP));
  return { box, more };
}

function eightBytes(grid, start) {
  const offset = element("small", { "aria-hidden": "true" }, String(start));
  const cells = Array.from(grid.bytes.subarray(start, start + 8), (_, n) => byteCell(grid, start + n));
  return element("span", { class: "wire-eight", role: "presentation" }, offset, ...cells);
}

function byteCell(grid, at) {
  const { bytes, owners, chars, offset, wrong } = grid;
  const cell = element(
    "span",
    {
      class: "wire-byte",
      role: "option",
      tabindex: at ? "-1" : "0",
      "data-at": at,
      "data-f": owners[at] ?? "",
      "data-blank": isBlank(grid, at),
      "data-wrong": at === wrong,
    },
    element("b", {}, hex(bytes[at])),
  );
  if (at < offset) return cell;
  const char = chars[at - offset];
  cell.append(element("i", { "data-small": char.length > 1 && /[A-Z]/.test(char) }, char));
  return cell;
}

function fieldList({ fields, lines }) {
  const items = fields.map(({ name, value, meaning, source }, at) =>
    element(
      "li",
      {
        role: "option",
        tabindex: at ? "-1" : "0",
        "data-f": at,
        "aria-description": `${meaning} ${source}`,
      },
      element("span", {}, name),
      element("bdi", {}, value),
    ),
  );
  const attributes = { class: "wire-fields", role: "listbox", "aria-label": "Fields" };
  return element("ul", { ...attributes, "data-lines": Boolean(lines) }, ...items);
}

// What is said of a field or of a byte; of neither, how to ask.
function words(grid, field, byte) {
  if (byte !== null) return byteWords(grid, byte);
  if (field === null) return [REST];
  const { name, value, meaning, source } = grid.fields[field];
  const code = element("code", {}, element("bdi", {}, value));
  return [element("b", {}, name), " ", code, ` ${meaning} `, element("cite", {}, source)];
}

function byteWords(grid, at) {
  const { bytes, fields, owners, wrong } = grid;
  const mine = (owners[at] ?? "").split(" ").filter(Boolean);
  const its = mine.map((n) => fields[n]);
  const told = [element("b", {}, `Byte ${at}: ${hex(bytes[at])}`)];
  if (isBlank(grid, at))
    return [...told, " A secret stood here. It was blanked at the same length before anything was kept."];
  if (at === wrong) told.push(" Here the rule is broken.");
  told.push(...characterWords(grid, at, its.length > 1));
  if (its.length > 1) {
    const names = its.map(({ name }) => name).join(", ");
    told.push(` One byte, ${its.length} fields: ${names}. The boxes show its bits.`);
  } else if (its.length) {
    const [{ name, meaning, source }] = its;
    told.push(" ", element("span", {}, `${name}: ${meaning} `), element("cite", {}, source));
  }
  return told;
}

function characterWords({ bytes, key, from, unmasked, chars, offset }, at, isShared) {
  const char = () => element("bdi", {}, character(chars[at - offset]));
  if (key && at >= from) {
    const sum = `${hex(key[(at - from) % 4])} = ${hex(unmasked[at - from])}`;
    return [` xor key ${sum}, `, char(), "."];
  }
  return !isShared && at >= offset && bytes[at] >= 32 ? [" ", char(), "."] : [];
}

function character(char) {
  if (char === "") return "part of a character";
  const isName = char.length > 1 && /^[A-Z]{2}$|^\d/.test(char);
  return isName ? char : `the character ${char}`;
}

// By pointer, by focus, by touch. A click or Enter keeps the light on. tell(field, byte) says what is lit.
function lightEachOther(home, tell) {
  let pinned = null;
  const show = (mark) => light(home, mark, tell);
  const over = (event) => event.target.closest?.("[data-f]");
  home.addEventListener("pointerover", (event) => {
    if (over(event) && event.pointerType !== "touch") show(over(event));
  });
  home.addEventListener("pointerleave", () => show(pinned));
  home.addEventListener("click", (event) => {
    const mark = over(event);
    if (!mark) return;
    pinned = mark === pinned ? null : mark;
    show(pinned ?? mark);
  });
  home.addEventListener("focusin", (event) => {
    if (over(event)) show(over(event));
  });
  home.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) {
      event.stopPropagation();
      pinned = null;
      return show(null);
    }
    const mark = over(event);
    if (mark?.matches("[role=option]")) pressOrWalk(event, mark);
  });
}

function pressOrWalk(event, mark) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    mark.click();
  } else walk(event, mark, mark.dataset.at === undefined ? 1 : 8);
}

function light(home, mark, tell) {
  const mine = mark?.dataset.f.split(" ").filter(Boolean) ?? [];
  for (const other of home.querySelectorAll("[data-f]")) {
    const on = other === mark || other.dataset.f.split(" ").some((n) => mine.includes(n));
    other.toggleAttribute("data-on", on);
    other.toggleAttribute("data-here", other === mark);
    if (other.matches("[role=option]")) other.setAttribute("aria-selected", on);
  }
  const byte = mark?.dataset.at;
  if (byte === undefined) tell(mark ? Number(mine[0]) : null, null);
  else tell(null, Number(byte));
}

// Which fields each byte belongs to: "3", or "0 1 2" where a byte holds several.
function ownersOf(fields, length) {
  const owners = [];
  fields.forEach((field, n) => {
    const end = Math.min(length, Math.ceil((field.start_bit + field.bits) / 8));
    for (let at = field.start_bit >> 3; at < end; at++)
      owners[at] = owners[at] === undefined ? String(n) : `${owners[at]} ${n}`;
  });
  return owners;
}

// For each byte what to print under it: its character, or the name of one without a shape; else nothing.
function charsOf(bytes) {
  const chars = Array.from(bytes, () => "");
  for (let at = 0; at < bytes.length; ) {
    const size = characterSize(bytes[at]);
    const text = decoder.decode(bytes.subarray(at, at + size));
    const good = text.length <= 2 && !text.includes("\ufffd") && /[^\p{C}\p{Z}\p{M}]/u.test(text);
    chars[at] = good ? text : (CONTROLS[bytes[at]] ?? "");
    at += good ? size : 1;
  }
  return chars;
}

// How many bytes a UTF-8 character has that begins with this one.
function characterSize(first) {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
