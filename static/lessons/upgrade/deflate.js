// One event said twice over a WebSocket, with or without compression: what each frame weighs.

import { count, element } from "../../lib/dom.js";
import { second, WAYS } from "./second.js";

const packets = (rows, kind, up) =>
  rows.filter((row) => row.up === up && row.layers.some(({ type }) => type === kind));

export default function deflate(part, lab) {
  const [form, says] = [part.querySelector("form"), part.querySelector("[data-says]")];
  const cells = lab.table("The same event twice", [
    "Run",
    "Compression",
    "Way",
    "First byte",
    "Frame, first time",
    "Payload",
    "Frame, again",
    "Payload, again",
  ]);
  let run = 0;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const on = form.elements.compressed.checked;
    event.submitter.disabled = true;
    lab.announce((says.textContent = "On a second connection: once, and again."));
    try {
      const found = await twice(form.elements.text.value, on);
      draw(part.querySelector(`[data-weighed="${on ? "on" : "off"}"]`), found.up);
      run++;
      for (const [way, [once, again]] of Object.entries(found))
        cells(`${run} ${way}`, [
          run,
          on ? "on" : "off",
          way === "up" ? "client to server" : "server to client",
          once.first,
          once.size,
          once.payload,
          again.size,
          again.payload,
        ]);
      lab.ran("echo");
      lab.announce((says.textContent = sentence(found)));
    } catch (error) {
      lab.announce((says.textContent = error.message));
    }
    event.submitter.disabled = false;
  });
}

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

function sentence({ up: [once, again], down: [, answer] }) {
  const bits = parseInt(once.first, 16).toString(2).padStart(8, "0");
  const reserved =
    bits[1] === "1" ? "RSV1 is 1: this message is compressed" : "RSV1 is 0: nothing is compressed";
  return `The first byte is ${once.first}, in bits ${bits}. ${reserved}. The echo weighed ${count(once.payload, "byte")} of payload, the same words again ${again.payload}; the second answer came back in ${answer.payload}.`;
}

function draw(home, frames) {
  const most = Math.max(
    ...[...home.parentNode.querySelectorAll("[data-size]")].map(({ dataset }) => Number(dataset.size)),
    ...frames.map(({ size }) => size),
  );
  home.querySelector("[data-first]").textContent = frames[0].first;
  [...home.querySelectorAll("[data-frame]")].forEach((bar, at) => {
    const { size, header, payload } = frames[at];
    bar.dataset.size = size;
    bar.querySelector("b").replaceChildren(`${size} B`, " ", element("small", {}, `${header} + ${payload}`));
  });
  for (const bar of home.parentNode.querySelectorAll("[data-size]"))
    bar.querySelector("i").style.inlineSize = `${(bar.dataset.size / most) * 100}%`;
}
