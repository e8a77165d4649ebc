// What the notes propose, tried as far as a page can: a handler that is really taken off, a queue worked out
// by its rule. And the receiver's own file, as it is on disk.

import { count, element } from "../../lib/dom.js";
import { sums } from "./receiver.js";
import { spans } from "./words.js";

export default async function mount(part, run) {
  const box = element("div");
  part.append(box);
  box.append(...(part.dataset.part === "receiver" ? [await listing()] : [...handlers(run), ...queue(run)]));
}

async function listing() {
  const answer = await fetch(new URL("receiver.js", import.meta.url));
  const code = element("code", {}, answer.ok ? await answer.text() : `The server answered ${answer.status}.`);
  return element("pre", { tabindex: "0", "aria-label": "static/lessons/missed/receiver.js" }, code);
}

// "Always have handlers": your socket stays connected, and its handler is taken off.
function handlers({ readers: [on, off] }) {
  const { socket, handler } = on;
  const unheard = []; // numbers of events that found no handler
  const button = element("button", { type: "button", "aria-pressed": "false" }, "Take my handler off");
  const first = "Start a run, take the handler off for a while, and put it back.";
  const says = element("p", { "data-handler-says": true }, first);
  socket.onAny((event, { seq } = {}) => {
    if (event !== "posted" || socket.hasListeners("posted")) return;
    unheard.push(seq);
    const crossed = `${count(unheard.length, "event")} arrived and found no handler`;
    says.textContent = `${crossed}: ${spans(unheard)}.`;
  });
  button.addEventListener("click", () => {
    const taken = socket.hasListeners("posted");
    if (taken) socket.off("posted", handler);
    else socket.on("posted", handler);
    button.setAttribute("aria-pressed", taken);
    button.textContent = taken ? "Put my handler back" : "Take my handler off";
    if (taken) says.textContent = "No handler. The socket is connected, and the events go on arriving.";
    else says.textContent = back(unheard.splice(0), on, off);
  });
  const cure =
    "It cures an event without a handler, and a handler that came too late. Yours can be taken off:";
  const title = element("h3", {}, "“Always have the handlers”");
  return [title, element("p", {}, cure), element("p", {}, button), says];
}

function back(unheard, on, off) {
  const arrived = `${spans(unheard)} arrived and nobody handled them.`;
  const hole = "The next number shows the hole, and your page asks for it.";
  const here = unheard.length ? `${arrived} ${hole}` : "Nothing arrived meanwhile.";
  if (!on.r) return here;
  const { gap } = sums(off.r);
  if (!gap.length) {
    return `${here} Now cut your connection: the twin keeps its handler all the time. Does that help it?`;
  }
  const twin = `Your twin had its handler all the time, and misses ${spans(gap)}`;
  return `${here} ${twin}: no handler can handle what does not arrive.`;
}

// "Keep a queue and delete what was received": two readers of one queue, by the rule of the reading notes.
function queue({ readers: [on] }) {
  const first = "One queue for you alone keeps what you sleep through. But what if two read it?";
  const says = element("p", { "data-queue-says": true }, first);
  const button = element("button", { type: "button" }, "Work it out for the last run");
  button.addEventListener("click", () => {
    says.textContent = shared(on.r?.cursor ?? 0);
  });
  const badge = element("span", { class: "badge" }, "worked out by its rule, not run");
  return [
    element("h3", {}, "“Keep a queue, delete what was received”"),
    element("p", {}, badge, " Lesson 10, still to come, runs one."),
    element("p", {}, button),
    says,
  ];
}

function shared(sent) {
  if (!sent) return "There is no run yet.";
  const mine = Math.ceil(sent / 2);
  const reaches = sent === 1 ? "it reaches one of you" : "none of them reaches both";
  return [
    `${count(sent, "event")}. One reader: all ${sent} wait for it.`,
    `Two readers who take turns: you get ${mine}, your twin gets ${sent - mine}, and ${reaches},`,
    "because who receives an event deletes it for the other.",
    "A log deletes nothing on reading: each reader keeps its own position.",
  ].join(" ");
}
