// One row opened: its layers, one open at a time, every field tied to its bytes both ways.

import { belowTcp } from "./below.js";
import { bytesAndFields } from "./bytegrid.js";
import { nameOf } from "./connections.js";
import { element } from "./dom.js";
import { fromHex, grouped, LAYERS, NAMES, NUMBERS, plain, rowId, summaryOf, way } from "./rows.js";
import { badge, sign } from "./signs.js";

const MOST_NODES = 200; // of one event's tree
const CAPTURED = ["bytes", "http", "websocket"]; // the layers that are captured; the others are computed

// memory: {open: the key of the layer that was open last, unmask}. shown: a Set of layer keys.
export function openedRow(row, shown, memory) {
  const panels = layersOf(row).filter(({ key }) => shown.has(key));
  const withFrames = shown.has("websocket");
  const views = panels.map((panel, at) => layerBox(panel, `${rowId(row)}-layer-${at}`, withFrames, memory));
  for (const view of views) {
    view.head.addEventListener("click", () => {
      const on = view.body.hidden;
      for (const other of views) other.open(other === view && on);
      if (on) memory.open = view.key;
    });
  }
  const wrong = row.error?.layer === "tcp" ? "bytes" : row.error?.layer;
  const choices = [wrong, memory.open, "event", "http", "websocket", "bytes"];
  const first = choices.map((key) => views.find((view) => view.key === key)).find(Boolean) ?? views.at(-1);
  first?.open(true);
  const isAll = LAYERS.every((key) => shown.has(key)); // the lessons before "layers" show fewer
  const below = isAll ? belowTcp() : null;
  return element("div", { class: "wire-layers" }, below, ...views.map(({ box }) => box));
}

// The head and the body of one layer; the body is made when it is first opened.
function layerBox(panel, id, withFrames, memory) {
  const body = element("div", { class: "wire-layer-body", id, hidden: true });
  const head = element(
    "button",
    { type: "button", "aria-expanded": "false", "aria-controls": id },
    element("span", { class: "wire-n" }, String(panel.number)),
    element("b", {}, withFrames && panel.key === "bytes" ? NAMES.tcp : panel.title),
    element("bdi", { class: "wire-sum" }, panel.summary),
    badge(panel.badge),
  );
  const title = element("h3", {}, head);
  const box = element("section", { class: "wire-layer", "data-layer": panel.key }, title, body);
  const open = (on) => {
    if (on && !body.firstChild) body.append(...panel.build(memory));
    body.hidden = !on;
    head.setAttribute("aria-expanded", on);
    box.toggleAttribute("data-open", on);
  };
  return { open, head, body, box, key: panel.key };
}

function layersOf(row) {
  const raw = fromHex(row.hex);
  const message = messageOf(row, raw);
  const packets = row.layers.filter(({ packet, layer }) => packet && layer === "engineio").length;
  return row.layers.map((layer) => {
    const key = layer.layer === "tcp" ? "bytes" : layer.layer;
    const which = layer.packet && packets > 1 ? `, packet ${layer.packet}` : "";
    return {
      key,
      number: NUMBERS[key] ?? 2,
      title: (NAMES[key] ?? key) + which,
      summary: summaryOf(layer),
      badge: CAPTURED.includes(key) ? "captured" : "computed",
      build: (memory) => BUILD[key]?.({ row, layer, raw, message, memory }) ?? [],
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

// By layer: the nodes of its body.
const BUILD = {
  bytes: streamBody,
  http: httpBody,
  websocket: frameBody,
  engineio: packetBody,
  socketio: packetBody,
  event: eventBody,
};

function streamBody(opened) {
  const { row, layer } = opened;
  const { connection, offset, length } = layer;
  const place = `On ${nameOf(connection)}, ${way(row.up)}: bytes ${grouped(offset)}`;
  const span = `to ${grouped(offset + length - 1)} of this direction, ${grouped(length)} in all.`;
  return [
    line(`${place} ${span}`, badge("captured")),
    ...bytesAndFields({
      ...crossed(opened),
      fields: row.layers[1] ? [] : layer.fields,
      ...mask(opened),
    }),
    line("TCP hands a program one stream: no segments, no headers, nothing that was sent again."),
  ];
}

function httpBody(opened) {
  return bytesAndFields({ ...crossed(opened), lines: true });
}

function frameBody(opened) {
  const { layer, raw, message } = opened;
  const size = `${grouped(message.bytes.length)} bytes`;
  const lines = [];
  if (layer.pieces)
    lines.push(`The last of ${layer.pieces} frames of one message; put together they are ${size}.`);
  if (layer.deflate) lines.push(`The payload is compressed; inflated it is ${size}.`);
  return [
    ...lines.map((text) => line(text, badge("computed"))),
    ...bytesAndFields({ ...crossed(opened), top: bits(raw, layer), ...mask(opened) }),
  ];
}

// The bytes of the row itself, and the fields of this layer.
function crossed({ row, layer, raw, message, memory }) {
  return {
    row,
    memory,
    fields: layer.fields,
    bytes: raw,
    spans: row.blanked,
    wrong: wrongAt(row, layer, message),
    what: "as they crossed",
  };
}

function eventBody(opened) {
  const { layer, row } = opened;
  const name = layer.name ?? (layer.answers ? `ack of ${layer.answers}` : "ack");
  const said = element("p", {}, element("b", {}, name), ...handledBy(layer, row.up));
  const data = tree(layer.args.length === 1 ? layer.args[0] : layer.args);
  const event = element("div", { class: "wire-event" }, said, data);
  return layer.start === undefined ? [event] : [event, ...packetBody(opened)];
}

// A layer within the message: its bytes stand in the row, or only in the message that was put together.
function packetBody({ row, layer, message, memory }) {
  if (!message || layer.start === undefined) return [];
  const { at, masked } = message;
  const bytes = message.bytes.subarray(layer.start, layer.start + layer.size);
  const whole = at === null ? "of the whole message" : "of the message";
  return bytesAndFields({
    row,
    memory,
    fields: layer.fields,
    bytes,
    spans: at === null ? [] : spansFrom(row.blanked ?? [], at + layer.start),
    wrong: wrongAt(row, layer, message),
    what: masked ? "with the mask taken off" : whole,
    computed: masked || at === null,
  });
}

// Spans of the row as they stand in a part of it that begins at byte `at`.
function spansFrom(spans, at) {
  return spans
    .map(([start, length]) => [Math.max(0, start - at), length - Math.max(0, at - start)])
    .filter(([, length]) => length > 0);
}

// What is known of the mask: the key, the first masked byte, and the bytes without it.
function mask({ row, raw }) {
  const frame = row.layers.find(({ layer }) => layer === "websocket");
  if (!frame?.masked) return {};
  return {
    key: raw.subarray(frame.header_size - 4, frame.header_size),
    from: frame.header_size,
    unmasked: fromHex(frame.payload_hex),
  };
}

export function errorBox({ message, at, layer, source }) {
  const words = element(
    "span",
    {},
    element("b", {}, "Breaks a rule: "),
    element("bdi", {}, message),
    `. Byte ${at} of ${NAMES[layer] ?? layer}. `,
    element("cite", {}, source),
  );
  return element("p", { class: "wire-error" }, sign("wrong"), words);
}

// The byte of this layer where the rule is broken, or null. A layer that could not be read has none of its
// own: then the one below shows the place. ``start`` of an error counts in the message, as a layer's does.
function wrongAt({ error, layers }, layer, message) {
  if (!error) return null;
  const at = error.at + (error.start ?? 0);
  const isOuter = (name) => name === "tcp" || name === "http" || name === "websocket";
  if (isOuter(layer.layer) && isOuter(error.layer)) return at;
  const isUnread = !layers.some((other) => other.layer === error.layer);
  const isIts = layer.layer === error.layer || (layer === layers.at(-1) && isUnread);
  if (!isIts) return null;
  if (isOuter(layer.layer)) return message?.at === null ? null : at + message.at;
  return at - layer.start;
}

// The first two bytes of a frame, bit by bit.
function bits(raw, layer) {
  const value = (bit) => (raw[bit >> 3] >> (7 - (bit & 7))) & 1;
  const groups = [];
  layer.fields.forEach((field, at) => {
    if (field.start_bit >= 16 || field.start_bit + field.bits > 16) return;
    const each = Array.from({ length: field.bits }, (_, n) => String(value(field.start_bit + n)));
    const boxes = each.map((bit) => element("b", {}, bit));
    const group = element(
      "span",
      { "data-f": at },
      element("span", { class: "wire-boxes" }, ...boxes),
      element("small", {}, field.name.replace(/(\D)(\d)$/, "$1\u200b$2")),
    );
    group.style.gridColumn = `span ${field.bits}`;
    groups.push(group);
  });
  return element("div", { class: "wire-bits", "aria-hidden": "true" }, ...groups);
}

const line = (text, ...more) => element("p", { class: "wire-line" }, text, " ", ...more);

// JSON as a tree; long lists are cut, for the bytes stand below.
function tree(value, left = { nodes: MOST_NODES }) {
  if (value === null || typeof value !== "object") {
    const text = element("bdi", {}, plain(JSON.stringify(value)));
    return element("code", { "data-type": typeof value }, text);
  }
  const entries = Array.isArray(value) ? value.map((item, at) => [at, item]) : Object.entries(value);
  if (!entries.length) return element("code", {}, Array.isArray(value) ? "[]" : "{}");
  const list = element("ul", { class: "wire-tree" });
  for (const [key, item] of entries) {
    left.nodes -= 1;
    if (left.nodes < 0) {
      list.append(element("li", {}, "and more"));
      break;
    }
    list.append(element("li", {}, element("bdi", {}, String(key)), " ", tree(item, left)));
  }
  return list;
}

// A lesson's own files know which of their lines handle an event; an answer is made where the event was.
function handledBy({ name, answers }, up) {
  const isAck = name === null;
  const end = isAck === up ? ".js" : ".py";
  for (const { dataset } of document.querySelectorAll("[data-handlers]")) {
    const lines = dataset.file.endsWith(end) && JSON.parse(dataset.handlers)[name ?? answers];
    if (!lines) continue;
    const did = isAck ? "made" : "handled";
    return [element("span", {}, ` ${did} by ${dataset.file}, lines ${lines[0]} to ${lines[1]}`)];
  }
  return [];
}
