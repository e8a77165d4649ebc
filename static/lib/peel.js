// One row opened: its layers, one open at a time, every field tied to its bytes both ways.

import { drawn, element } from "./dom.js";

// Our own strokes; drawn here so that a page pays for them only when it shows rows.
const SIGNS = {
  up: "M6 18 18 6M9 6h9v9",
  down: "M18 6 6 18M15 18H6V9",
  pause: "M8.500 5v14M15.500 5v14",
  play: "M8 5v14l11-7z",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6",
  save: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  low: "M12 5v14m-6-6 6 6 6-6",
  wrong: "M12 4 2.500 20h19zM12 10v4.500m0 2.600v.2",
  back: "m18 6-8 6 8 6zM6 6v12",
  forth: "m6 6 8 6-8 6zM18 6v12",
};

export const sign = (name) =>
  drawn(
    "svg",
    { class: "icon", "aria-hidden": "true", viewBox: "0 0 24 24" },
    drawn("path", { d: SIGNS[name] }),
  );

const NAMES = {
  bytes: "Bytes",
  tcp: "TCP stream",
  http: "HTTP",
  websocket: "WebSocket",
  engineio: "Engine.IO",
  socketio: "Socket.IO",
  event: "Your event",
};
const NUMBERS = { bytes: 1, http: 2, websocket: 2, engineio: 3, socketio: 4, event: 5 };
export const LAYERS = ["bytes", "http", "websocket", "engineio", "socketio", "event"];
const BADGES = {
  captured: "These bytes crossed the wire; the server's tap kept them",
  computed: "Worked out from the captured bytes by the rules of the protocol",
  illustrated: "A drawing: a program cannot see this",
};
const FIRST = 512; // bytes drawn on opening; the rest on request
const STEP = 2048;
const words = new TextDecoder();

export const badge = (kind) =>
  element("span", { class: "wire-badge", "data-kind": kind, title: BADGES[kind] }, kind);
export const way = (up) => (up ? "client to server" : "server to client");
export const clock = (at) =>
  new Date(at).toTimeString().slice(0, 8) + ((at % 1000) / 1000).toFixed(3).slice(1);
export const rowId = (row) => `wire-${row.n}${row.part > 1 ? `.${row.part}` : ""}`;

// memory: {open: the key of the layer that was open last, unmask}. shown: a Set of layer keys.
export function peel(row, shown, memory) {
  const home = element("div", { class: "wire-layers" });
  const panels = layersOf(row).filter(({ key }) => shown.has(key));
  const views = panels.map((panel, at) => {
    const id = `${rowId(row)}-layer-${at}`;
    const body = element("div", { class: "wire-layer-body", id, hidden: true });
    const head = element(
      "button",
      { type: "button", "aria-expanded": "false", "aria-controls": id },
      element("span", { class: "wire-n" }, String(panel.number)),
      element("b", {}, shown.has("websocket") && panel.key === "bytes" ? NAMES.tcp : panel.title),
      element("bdi", { class: "wire-sum" }, panel.summary),
      badge(panel.badge),
    );
    const box = element(
      "section",
      { class: "wire-layer", "data-layer": panel.key },
      element("h3", {}, head),
      body,
    );
    let built = false;
    const open = (on) => {
      if (on && !built) {
        built = true;
        body.append(...panel.build(memory));
      }
      body.hidden = !on;
      head.setAttribute("aria-expanded", on);
      box.toggleAttribute("data-open", on);
    };
    head.addEventListener("click", () => {
      const on = body.hidden;
      for (const view of views) view.open(view.open === open && on);
      if (on) memory.open = panel.key;
    });
    home.append(box);
    return { open, key: panel.key };
  });
  const wrong = row.error?.layer === "tcp" ? "bytes" : row.error?.layer;
  const choices = [wrong, memory.open, "event", "http", "websocket", "bytes"];
  const first = choices.map((key) => views.find((view) => view.key === key)).find(Boolean) ?? views.at(-1);
  first?.open(true);
  return home;
}

function layersOf(row) {
  const raw = fromHex(row.hex);
  const message = messageOf(row, raw);
  return row.layers.map((layer) => {
    const key = layer.layer === "tcp" ? "bytes" : layer.layer;
    const packet =
      layer.packet && row.layers.filter((other) => other.packet && other.layer === "engineio").length > 1
        ? `, packet ${layer.packet}`
        : "";
    return {
      key,
      number: NUMBERS[key] ?? 2,
      title: (NAMES[key] ?? key) + packet,
      summary: layer.summary,
      badge: key === "bytes" || key === "http" || key === "websocket" ? "captured" : "computed",
      build: (memory) => BUILD[key]?.(row, layer, raw, message, memory) ?? [],
    };
  });
}

// Where a message's own bytes are: {bytes, at: of its first byte in the row or null, masked}.
function messageOf(row, raw) {
  const below = row.layers[1];
  if (!below) return null;
  const start = below.layer === "websocket" ? below.header_size : below.head_size;
  const hex = below.message_hex ?? below.payload_hex;
  const bytes = hex === undefined ? raw.subarray(start, start + (below.body_size ?? 0)) : fromHex(hex);
  return { bytes, at: below.message_hex === undefined ? start : null, masked: Boolean(below.masked) };
}

const BUILD = {
  bytes: (row, layer, raw, message, memory) => [
    line(
      `Connection ${layer.connection}, ${way(row.up)}: bytes ${layer.offset.toLocaleString("en")} to ${(layer.offset + layer.length - 1).toLocaleString("en")} of this direction, ${layer.length.toLocaleString("en")} in all.`,
      badge("captured"),
    ),
    ...bytesAndFields(
      row,
      {
        fields: row.layers[1] ? [] : layer.fields,
        bytes: raw,
        spans: row.blanked,
        wrong: wrongAt(row, layer, message),
        what: "as they crossed",
        ...mask(row, raw, message),
      },
      memory,
    ),
    line(
      "TCP hands a program one stream. Its segments, their headers and anything sent again stay below, in the operating system, so none are shown.",
    ),
  ],
  http: (row, layer, raw, message, memory) =>
    bytesAndFields(
      row,
      {
        fields: layer.fields,
        lines: true,
        bytes: raw,
        spans: row.blanked,
        wrong: wrongAt(row, layer, message),
        what: "as they crossed",
      },
      memory,
    ),
  websocket: (row, layer, raw, message, memory) => [
    ...(layer.pieces
      ? [
          line(
            `The last of ${layer.pieces} frames of one message; put together they are ${message.bytes.length.toLocaleString("en")} bytes.`,
            badge("computed"),
          ),
        ]
      : []),
    ...(layer.deflate
      ? [
          line(
            `The payload is compressed; inflated it is ${message.bytes.length.toLocaleString("en")} bytes.`,
            badge("computed"),
          ),
        ]
      : []),
    ...bytesAndFields(
      row,
      {
        fields: layer.fields,
        bytes: raw,
        spans: row.blanked,
        wrong: wrongAt(row, layer, message),
        what: "as they crossed",
        top: bits(raw, layer),
        ...mask(row, raw, message),
      },
      memory,
    ),
  ],
  engineio: upper,
  socketio: upper,
  event: (row, layer, raw, message, memory) => [
    element(
      "div",
      { class: "wire-event" },
      element(
        "p",
        {},
        element("b", {}, layer.name ?? (layer.answers ? `answer to ${layer.answers}` : "answer")),
        ...handledBy(layer, row.up),
      ),
      tree(layer.args.length === 1 ? layer.args[0] : layer.args),
    ),
    ...(layer.start === undefined ? [] : upper(row, layer, raw, message, memory)),
  ],
};

function upper(row, layer, raw, message, memory) {
  if (!message || layer.start === undefined) return [];
  const bytes = message.bytes.subarray(layer.start, layer.start + layer.size);
  const at = message.at === null ? null : message.at + layer.start;
  const spans =
    at === null
      ? []
      : (row.blanked ?? [])
          .map(([start, length]) => [Math.max(0, start - at), length - Math.max(0, at - start)])
          .filter(([, length]) => length > 0);
  const what = message.masked
    ? "with the mask taken off"
    : message.at === null
      ? "of the whole message"
      : "of the message";
  return bytesAndFields(
    row,
    {
      fields: layer.fields,
      bytes,
      spans,
      wrong: wrongAt(row, layer, message),
      what,
      computed: message.masked || message.at === null,
    },
    memory,
  );
}

// What is known of the mask: the key, the first masked byte, and the bytes without it.
function mask(row, raw, message) {
  const frame = row.layers.find(({ layer }) => layer === "websocket");
  if (!frame?.masked) return {};
  return {
    key: raw.subarray(frame.header_size - 4, frame.header_size),
    from: frame.header_size,
    plain: fromHex(frame.payload_hex),
  };
}

export const errorBox = (error) =>
  element(
    "p",
    { class: "wire-error" },
    sign("wrong"),
    element(
      "span",
      {},
      element("b", {}, "Breaks a rule: "),
      element("bdi", {}, error.message),
      `. Byte ${error.at} of ${NAMES[error.layer] ?? error.layer}. `,
      element("cite", {}, error.source),
    ),
  );

// The byte of this layer where the rule is broken, or null. A layer that could not be read has none of its own:
// then the one below shows the place. ``start`` of an error counts in the message, as a layer's does.
function wrongAt({ error, layers }, layer, message) {
  if (!error) return null;
  const at = error.at + (error.start ?? 0);
  const outer = (name) => name === "tcp" || name === "http" || name === "websocket";
  if (outer(layer.layer) && outer(error.layer)) return at;
  const its =
    layer.layer === error.layer ||
    (layer === layers.at(-1) && !layers.some((other) => other.layer === error.layer));
  if (!its) return null;
  if (outer(layer.layer)) return message?.at === null ? null : at + message.at;
  return at - layer.start;
}

// The first two bytes of a frame, bit by bit.
function bits(raw, layer) {
  const rows = element("div", { class: "wire-bits", "aria-hidden": "true" });
  const value = (bit) => (raw[bit >> 3] >> (7 - (bit & 7))) & 1;
  layer.fields.forEach((field, at) => {
    if (field.start_bit >= 16 || field.start_bit + field.bits > 16) return;
    const boxes = Array.from({ length: field.bits }, (_, n) =>
      element("b", {}, String(value(field.start_bit + n))),
    );
    const group = element(
      "span",
      { "data-f": at },
      element("span", { class: "wire-boxes" }, ...boxes),
      element("small", {}, field.name.replace(/(\D)(\d)$/, "$1\u200b$2")),
    );
    group.style.gridColumn = `span ${field.bits}`;
    rows.append(group);
  });
  return rows;
}

function bytesAndFields(
  row,
  { fields, bytes, spans = [], wrong, what, key, from, plain, lines, computed, top },
  memory,
) {
  const says = element("p", { class: "wire-says" });
  const rest = "Point at a byte or a field; the arrow keys walk them.";
  const owners = ownersOf(fields, bytes.length);
  const box = element("div", {
    class: "wire-bytes",
    role: "listbox",
    "aria-label": `${bytes.length.toLocaleString("en")} bytes ${what}`,
    "data-masked": Boolean(key),
  });
  const blank = (at) => spans.some(([start, length]) => at >= start && at < start + length);
  const chars = charsOf(plain ?? bytes);
  const offset = plain ? from : 0;
  let drawnTo = 0;
  const more = element("button", { type: "button" }, "");
  const draw = (to) => {
    for (to = Math.min(to, bytes.length); drawnTo < to; drawnTo += 8) {
      const eight = element(
        "span",
        { class: "wire-eight", role: "presentation" },
        element("small", { "aria-hidden": "true" }, String(drawnTo)),
      );
      for (let at = drawnTo; at < Math.min(drawnTo + 8, bytes.length); at++) {
        const char = at >= offset ? chars[at - offset] : null;
        const cell = element(
          "span",
          {
            class: "wire-byte",
            role: "option",
            tabindex: at ? "-1" : "0",
            "data-at": at,
            "data-f": owners[at] ?? "",
            "data-blank": blank(at),
            "data-wrong": at === wrong,
          },
          element("b", {}, hex(bytes[at])),
        );
        if (char !== null)
          cell.append(element("i", { "data-small": char.length > 1 && /[A-Z]/.test(char) }, char));
        eight.append(cell);
      }
      box.append(eight);
    }
    more.hidden = drawnTo >= bytes.length;
    more.textContent = `Show ${Math.min(STEP, bytes.length - drawnTo).toLocaleString("en")} more bytes of ${bytes.length.toLocaleString("en")}`;
  };
  draw(FIRST);
  more.addEventListener("click", () => draw(drawnTo + STEP));
  const list = element(
    "ul",
    { class: "wire-fields", role: "listbox", "aria-label": "Fields", "data-lines": Boolean(lines) },
    ...fields.map((field, at) =>
      element(
        "li",
        {
          role: "option",
          tabindex: at ? "-1" : "0",
          "data-f": at,
          "aria-description": `${field.meaning} ${field.source}`,
        },
        element("span", {}, field.name),
        element("bdi", {}, field.value),
      ),
    ),
  );
  const tell = (at, byte) => {
    if (byte !== null)
      says.replaceChildren(
        ...byteWords(byte, { bytes, blank, key, from, plain, fields, owners, chars, offset, wrong }),
      );
    else if (at !== null)
      says.replaceChildren(
        element("b", {}, fields[at].name),
        " ",
        element("code", {}, element("bdi", {}, fields[at].value)),
        ` ${fields[at].meaning} `,
        element("cite", {}, fields[at].source),
      );
    else says.replaceChildren(rest);
  };
  const title = element(
    "p",
    { class: "wire-what" },
    element("span", {}, `${bytes.length.toLocaleString("en")} byte${bytes.length === 1 ? "" : "s"} ${what}`),
    badge(computed ? "computed" : "captured"),
  );
  if (spans.length)
    title.append(element("span", { class: "wire-blanked" }, "hatched: a secret, blanked before it was kept"));
  if (row.truncated && !computed)
    title.append(
      element("span", {}, `${row.truncated.toLocaleString("en")} more bytes crossed and were not kept`),
    );
  if (key) title.append(unmask(box, memory));
  const home = element(
    "div",
    { class: "wire-pair" },
    top,
    ...(fields.length ? [list] : []),
    title,
    box,
    more,
    says,
  );
  tell(null, null);
  link(home, tell);
  return [home];
}

function unmask(box, memory) {
  const button = element(
    "button",
    { type: "button", class: "wire-switch", "aria-pressed": Boolean(memory.unmask).toString() },
    "Unmask",
    badge("computed"),
  );
  box.toggleAttribute("data-unmask", Boolean(memory.unmask));
  button.addEventListener("click", () => {
    memory.unmask = !memory.unmask;
    button.setAttribute("aria-pressed", memory.unmask);
    box.toggleAttribute("data-unmask", memory.unmask);
  });
  return button;
}

function byteWords(at, { bytes, blank, key, from, plain, fields, owners, chars, offset, wrong }) {
  const names = (owners[at] ?? "")
    .split(" ")
    .filter(Boolean)
    .map((n) => fields[n]);
  const told = [element("b", {}, `Byte ${at}: ${hex(bytes[at])}`)];
  if (blank(at))
    return [...told, " A secret stood here. It was blanked at the same length before anything was kept."];
  if (at === wrong) told.push(" Here the rule is broken.");
  if (key && at >= from)
    told.push(
      ` xor key ${hex(key[(at - from) % 4])} = ${hex(plain[at - from])}, `,
      element("bdi", {}, character(chars[at - from])),
      ".",
    );
  else if (names.length < 2 && at >= offset && bytes[at] >= 32)
    told.push(" ", element("bdi", {}, character(chars[at - offset])), ".");
  if (names.length > 1)
    told.push(
      ` One byte, ${names.length} fields: ${names.map(({ name }) => name).join(", ")}. The boxes show its bits.`,
    );
  else if (names.length)
    told.push(
      " ",
      element("span", {}, `${names[0].name}: ${names[0].meaning} `),
      element("cite", {}, names[0].source),
    );
  return told;
}

const character = (char) =>
  char === ""
    ? "part of a character"
    : /^[A-Z]{2}$|^\d/.test(char) && char.length > 1
      ? char
      : `the character ${char}`;

// Fields and bytes light each other: by pointer, by focus, by touch. A click or Enter keeps the light on.
function link(home, tell) {
  let pinned = null;
  const marks = () => home.querySelectorAll("[data-f]");
  const show = (mark) => {
    const mine = mark?.dataset.f.split(" ").filter(Boolean) ?? [];
    for (const other of marks()) {
      const on = other === mark || other.dataset.f.split(" ").some((n) => mine.includes(n));
      other.toggleAttribute("data-on", on);
      other.toggleAttribute("data-here", other === mark);
      if (other.matches("[role=option]")) other.setAttribute("aria-selected", on);
    }
    tell(
      mark && mark.dataset.at === undefined ? Number(mine[0]) : null,
      mark?.dataset.at === undefined ? null : Number(mark.dataset.at),
    );
  };
  const over = (event) => event.target.closest?.("[data-f]");
  home.addEventListener(
    "pointerover",
    (event) => over(event) && event.pointerType !== "touch" && show(over(event)),
  );
  home.addEventListener("pointerleave", () => show(pinned));
  home.addEventListener("click", (event) => {
    const mark = over(event);
    if (!mark) return;
    pinned = mark === pinned ? null : mark;
    show(pinned ?? mark);
  });
  home.addEventListener("focusin", (event) => over(event) && show(over(event)));
  home.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) {
      event.stopPropagation();
      return show((pinned = null));
    }
    const mark = over(event);
    if (!mark?.matches("[role=option]")) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      mark.click();
    } else walk(event, mark, mark.dataset.at === undefined ? 1 : 8);
  });
}

// Arrow keys within a box of options: one tab stop, the focus roams.
export function walk(event, from, columns = 1) {
  const step = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -Infinity,
    End: Infinity,
  }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return null;
  event.preventDefault();
  const all = [...from.closest("[role=listbox], ol").querySelectorAll("[tabindex]")].filter(
    (node) => !node.closest("[hidden]"),
  );
  const at = Math.min(all.length - 1, Math.max(0, all.indexOf(from) + step));
  from.tabIndex = -1;
  all[at].tabIndex = 0;
  all[at].focus();
  return all[at];
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

// For each byte what to print under it: its character; its name, if it has no shape; nothing within a character.
function charsOf(bytes) {
  const chars = Array.from(bytes, () => "");
  for (let at = 0; at < bytes.length; ) {
    const size =
      bytes[at] < 0x80 ? 1 : bytes[at] >= 0xf0 ? 4 : bytes[at] >= 0xe0 ? 3 : bytes[at] >= 0xc0 ? 2 : 1;
    const text = words.decode(bytes.subarray(at, at + size));
    const good = text.length <= 2 && !text.includes("\ufffd") && /[^\p{C}\p{Z}\p{M}]/u.test(text);
    chars[at] = good ? text : (CONTROLS[bytes[at]] ?? "");
    at += good ? size : 1;
  }
  return chars;
}

const CONTROLS = { 9: "TAB", 10: "LF", 13: "CR", 30: "RS", 32: "SP" };

export const fromHex = (text) =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16));

const hex = (byte) => byte.toString(16).padStart(2, "0");

// Text that others sent, with what would turn the line round or hide in it spelled out.
export const plain = (text) =>
  text.replace(
    /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const line = (text, ...more) => element("p", { class: "wire-line" }, text, " ", ...more);

// JSON as a tree; long lists are cut, for the bytes stand below.
function tree(value, left = { nodes: 200 }) {
  if (value === null || typeof value !== "object")
    return element("code", { "data-type": typeof value }, element("bdi", {}, plain(JSON.stringify(value))));
  const entries = Array.isArray(value) ? value.map((item, at) => [at, item]) : Object.entries(value);
  if (!entries.length) return element("code", {}, Array.isArray(value) ? "[]" : "{}");
  const list = element("ul", { class: "wire-tree" });
  for (const [key, item] of entries) {
    if (left.nodes-- <= 0) {
      list.append(element("li", {}, "and more"));
      break;
    }
    list.append(element("li", {}, element("bdi", {}, String(key)), " ", tree(item, left)));
  }
  return list;
}

// A lesson's own files know which of their lines handle an event; an answer is made where the event was handled.
function handledBy({ name, answers }, up) {
  const isAck = name === null;
  const end = isAck === up ? ".js" : ".py";
  for (const file of document.querySelectorAll("[data-handlers]")) {
    const lines = file.dataset.file.endsWith(end) && JSON.parse(file.dataset.handlers)[name ?? answers];
    if (lines)
      return [
        element(
          "span",
          {},
          ` ${isAck ? "made" : "handled"} by ${file.dataset.file}, lines ${lines[0]} to ${lines[1]}`,
        ),
      ];
  }
  return [];
}

// The row as text: for the clipboard, and for paper.
export function asText(row) {
  const raw = fromHex(row.hex);
  const lines = [
    `row ${row.n}   ${clock(row.at)}   ${way(row.up)}   ${row.size} bytes   ${row.transport}`,
    row.summary,
  ];
  if (row.error)
    lines.push(
      `breaks a rule: ${row.error.message} (${row.error.layer}, byte ${row.error.at}; ${row.error.source})`,
    );
  for (const layer of row.layers) {
    lines.push(
      "",
      `${NUMBERS[layer.layer === "tcp" ? "bytes" : layer.layer] ?? 2} ${NAMES[layer.layer] ?? layer.layer}: ${layer.summary}`,
    );
    for (const field of layer.fields) lines.push(`    ${field.name.padEnd(14)} ${field.value}`);
  }
  lines.push("");
  for (let at = 0; at < Math.min(raw.length, 1024); at += 16) {
    const part = raw.subarray(at, at + 16);
    lines.push(
      `${String(at).padStart(6)}  ${Array.from(part, hex).join(" ").padEnd(47)}  ${Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("")}`,
    );
  }
  if (raw.length > 1024) lines.push(`        and ${(raw.length - 1024).toLocaleString("en")} bytes more`);
  if (row.blanked)
    lines.push(
      `        blanked: ${row.blanked.map(([start, length]) => `${length} bytes at ${start}`).join(", ")}`,
    );
  return lines.join("\n");
}
