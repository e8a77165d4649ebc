// One event sent twice over a WebSocket, with or without compression: what each frame weighs.

import { count, element } from "../../lib/dom.js";
import { second, WAYS } from "./second.js";

const FIRST = ["First byte", "Frame, first time", "Payload"];
const COLUMNS = ["Run", "Compression", "Way", ...FIRST, "Frame, again", "Payload, again"];

const packets = (rows, kind, up) =>
  rows.filter((row) => row.up === up && row.layers.some(({ type }) => type === kind));

export default function deflate(part, lab) {
  const [form, says] = [part.querySelector("form"), part.querySelector("[data-says]")];
  const cells = lab.table("The same event twice", COLUMNS);
  let run = 0;
  const say = (words) => {
    says.textContent = words;
    lab.announce(words);
  };
  const show = (found, on) => {
    draw(part.querySelector(`[data-weighed="${on ? "on" : "off"}"]`), found.up);
    run += 1;
    for (const [way, frames] of Object.entries(found)) cells(`${run} ${way}`, row(run, on, way, frames));
    lab.ran("echo");
    say(sentence(found));
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const on = form.elements.compressed.checked;
    event.submitter.disabled = true;
    say("On a second connection: once, and again.");
    await twice(form.elements.text.value, on)
      .then((found) => show(found, on))
      .catch((error) => say(error.message));
    event.submitter.disabled = false;
  });
}

// Sends it twice on a connection of its own. → {up: [first, again], down: [first, again]}, each weighed.
async function twice(text, compressed) {
  const line = await second({ ...WAYS.websocket, ...(compressed ? { query: { deflate: 1 } } : {}) });
  try {
    for (let times = 0; times < 2; times++) {
      const ack = await line.ask("echo", { text });
      if (!ack.ok) throw new Error(ack.error);
    }
    const rows = await line.rows((mine) => packets(mine, "ACK", false).length === 2);
    return { up: packets(rows, "EVENT", true).map(weigh), down: packets(rows, "ACK", false).map(weigh) };
  } finally {
    line.close();
  }
}

function weigh(row) {
  const { header_size, length } = row.layers.find(({ layer }) => layer === "websocket");
  return { first: row.hex.slice(0, 2), size: row.size, header: header_size, payload: length };
}

function row(run, on, way, [once, again]) {
  const direction = way === "up" ? "client to server" : "server to client";
  const frames = [once.first, once.size, once.payload, again.size, again.payload];
  return [run, on ? "on" : "off", direction, ...frames];
}

function sentence({ up: [once, again], down: [, answer] }) {
  const bits = parseInt(once.first, 16).toString(2).padStart(8, "0");
  const reserved =
    bits[1] === "1" ? "RSV1 is 1: this message is compressed" : "RSV1 is 0: nothing is compressed";
  const echo = `The echo weighed ${count(once.payload, "byte")} of payload`;
  const later = `the same words again ${again.payload}; the second acknowledgement came back in ${answer.payload}`;
  return `The first byte is ${once.first}, in bits ${bits}. ${reserved}. ${echo}, ${later}.`;
}

// The bars of one way, against the heaviest frame of both.
function draw(home, frames) {
  home.querySelector("[data-first]").textContent = frames[0].first;
  for (const [at, bar] of home.querySelectorAll("[data-frame]").entries()) {
    const { size, header, payload } = frames[at];
    const parts = element("small", {}, `${header} + ${payload}`);
    bar.dataset.size = size;
    bar.querySelector("b").replaceChildren(`${size} B`, " ", parts);
  }
  const bars = [...home.parentNode.querySelectorAll("[data-size]")];
  const most = Math.max(...bars.map(({ dataset }) => Number(dataset.size)));
  for (const bar of bars) bar.querySelector("i").style.inlineSize = `${(bar.dataset.size / most) * 100}%`;
}
