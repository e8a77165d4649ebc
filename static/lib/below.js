// What lies below the TCP stream of a row: drawn, for no program is given it.

import { element } from "./dom.js";
import { badge } from "./signs.js";

const WHY =
  "The system takes these headers off before recv() returns: no program is given them. Wireshark asks it for a copy, as administrator.";
const HEADERS = [
  "Ethernet or Wi-Fi: to the next machine",
  "IP: address to address",
  "TCP: port to port, number of the first byte, acknowledgement, checksum",
];

export function belowTcp() {
  const inside = HEADERS.reduceRight((rest, words) => element("div", {}, words, rest), null);
  const head = element("summary", {}, "Below TCP ", badge("illustrated"));
  return element("details", { class: "wire-below" }, head, WHY, inside);
}
