// What lies below the TCP stream of a row: drawn, for no program is given it.

import { element } from "./dom.js";
import { grouped } from "./rows.js";
import { badge } from "./signs.js";

const SEGMENT = 1460; // bytes that a segment carries where a packet may have 1,500
const WHY =
  "The operating system reads these headers and takes them off before a program's recv() returns. No program is given them, this server neither. Wireshark and tcpdump ask the system for a copy, which needs an administrator's rights.";

// layer: the TCP stream of the row.
export function belowTcp({ offset, length }) {
  const least = Math.max(1, Math.ceil(length / SEGMENT));
  const pieces = `${grouped(length)} bytes in ${least === 1 ? "one segment" : `${grouped(least)} segments`} or more`;
  const first = `number of the first byte: a random start, and ${grouped(offset + 1)}`;
  const tcp = box("TCP header", ["port to port", first, "acknowledgement", "window", "checksum"], pieces);
  const ip = box("IP header", ["address to address", "protocol 6: TCP", "hops left"], tcp);
  const link = box("Ethernet or Wi-Fi header", ["to the next machine", "checksum behind it all"], ip);
  return element(
    "details",
    { class: "wire-below" },
    element("summary", {}, element("b", {}, "IP, link"), " below TCP ", badge("illustrated")),
    element("p", { class: "wire-line" }, WHY),
    link,
  );
}

// A header's fields, and in front of what they stand.
function box(name, fields, inside) {
  const list = fields.map((field) => element("span", {}, field));
  return element("div", {}, element("p", {}, element("b", {}, name), ...list), element("div", {}, inside));
}
