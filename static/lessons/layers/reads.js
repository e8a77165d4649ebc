// What the reads of a race mean: which numbers are whole, torn, late or missing. Pure.
// A read is {seq, proto, size, text}, as the server tells it; a message is SIZE digits.

import { count } from "../../lib/dom.js";

export const SIZE = 3;

// A read of the stream in parts: {text, torn: null | "end" | "start"}. before: the bytes that came earlier.
// "end" of a message that an earlier read began; "start" of one that goes on in the next read.
export function parts(text, before) {
  const found = [];
  const rest = (SIZE - (before % SIZE)) % SIZE;
  if (rest) found.push({ text: text.slice(0, rest), torn: "end" });
  for (let at = rest; at < text.length; at += SIZE) {
    const part = text.slice(at, at + SIZE);
    found.push({ text: part, torn: part.length < SIZE ? "start" : null });
  }
  return found;
}

export const bytesOf = (reads) => reads.reduce((sum, { text }) => sum + text.length, 0);

// Datagrams in the order in which they arrived, each {number, late}.
export function datagrams(reads) {
  let highest = 0;
  return reads.map(({ text }) => {
    const number = Number(text);
    const late = number < highest;
    highest = Math.max(highest, number);
    return { number, late };
  });
}

// Where a missing number would stand: before the first datagram in time that is greater; at the end.
export function placeOf(missing, arrived) {
  const at = arrived.findIndex(({ number, late }) => !late && number > missing);
  return at < 0 ? arrived.length : at;
}

// How many messages the stream's reads cut in two.
export function torn(texts) {
  let [sum, cuts] = [0, 0];
  for (const text of texts) {
    sum += text.length;
    if (sum % SIZE) cuts += 1;
  }
  return cuts;
}

// How many numbers each read of the stream completed, at least and at most.
export function completed(texts) {
  let begun = 0;
  const each = texts.map((text) => {
    const whole = Math.floor((begun + text.length) / SIZE);
    begun = (begun + text.length) % SIZE;
    return whole;
  });
  return [Math.min(...each), Math.max(...each)];
}

// "40 sent = 36 received + 4 missing".
export const sum = (sent, { missing }) =>
  `${sent} sent = ${sent - missing.length} received + ${missing.length} missing`;

const listed = (numbers) => (numbers.length > 8 ? `${numbers.slice(0, 8).join(", ")} …` : numbers.join(", "));

// The outcome in sentences, from the server's last event.
export function outcome({ sent, tcp, udp, texts }) {
  const [least, most] = completed(texts.tcp);
  const split = torn(texts.tcp);
  const some = least === most ? least : `${least} to ${most}`;
  const halves = `${split} of them ${split === 1 ? "was" : "were"} cut in two`;
  const lost = udp.missing.length ? `${udp.missing.length} missing (${listed(udp.missing)})` : "none missing";
  return [
    `TCP: ${count(tcp.reads, "call")} of recv() for ${sent - tcp.missing.length} messages, ${some} at a time. ${halves}, none is missing.`,
    `UDP: ${count(udp.reads, "call")} of recv(), each one whole message; ${lost}, ${udp.swapped} behind a later one.`,
  ];
}
