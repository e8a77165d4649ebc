// One event up, one event down to every socket.
// Speaks the events of socketlab/lessons/newlesson/handlers.py; fills templates/lessons/newlesson.html.

import { count, element, ms } from "../../lib/dom.js";

const SHOWN = 20; // lines

export default function mount(panel, lab) {
  const list = panel.querySelector("[data-greetings]");
  receive(list, lab);
  send(panel, list, lab);
}

function receive(list, { socket, clock, receipt, table }) {
  const row = table("Events that this page received", ["run", "from", "text", "on the way"]);
  socket.on("greeted", ({ who, text, run, seq, sent_at }) => {
    const now = clock.now();
    receipt(run, seq, now); // so that the server knows whose handler ran
    list.prepend(element("li", { "data-run": run, "data-seq": seq }, element("b", {}, who.nick), text));
    if (list.children.length > SHOWN) list.lastElementChild.remove();
    row(run, [run, who.nick, text, ms(now - sent_at)]);
  });
}

function send(panel, list, lab) {
  const said = panel.querySelector("[data-said]");
  const say = (text, kind = "") => {
    said.dataset.kind = kind;
    said.textContent = text;
    lab.announce(text);
  };
  const form = panel.querySelector("[data-greet]");
  // Resolves to what came of it, in sentences; throws the server's sentence when it refuses.
  const greet = async (more) => {
    const ack = await lab.ask("greet", { text: form.elements.text.value, ...more });
    if (!ack.ok) throw new Error(ack.error);
    const addressed = `The server emitted it to ${count(ack.addressed, "socket")}.`;
    const mine = list.querySelector(`[data-run="${ack.run}"]`) ? "received it too" : "did not receive it";
    say(addressed);
    return [addressed, `This page, which sent it, ${mine}.`];
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    greet().catch(({ message }) => say(message, "bad"));
  });
  lab.step("newlesson_who", { run: ({ step }) => greet({ step }) });
}
