// The doctor: which addresses other machines have opened, told again while the page is looked at; and what this
// device can do.

import { tryDevice } from "./lib/device.js";
import { announce, element, icon } from "./lib/dom.js";

const EVERY = 2000; // ms
const main = document.querySelector(".check");
const list = main.querySelector("[data-ways]");
const again = main.querySelector("[data-again]");
const verdict = main.querySelector("[data-verdict-of-device]");
const SIGNS = { waiting: "wait", passed: "tick", failed: "cross", reached: "tick" };
const VERDICTS = {
  websocket: "Everything works on this device.",
  polling:
    "It works, by polling. Something between here and the server holds WebSocket back, a proxy perhaps.",
  null: "This device has no connection to the server.",
};
let timer = 0;

if (list) {
  document.addEventListener("visibilitychange", watch);
  watch();
}
again.addEventListener("click", examine);
examine();

// Asks now and, while somebody may be looking, again and again.
async function watch() {
  clearTimeout(timer);
  if (document.hidden) return;
  const answer = await fetch("/check/addresses", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) show(await answer.json());
  clearTimeout(timer); // two may have been under way
  timer = setTimeout(watch, EVERY);
}

function show({ addresses, quiet_seconds: quiet }) {
  const none = element("li", {}, "This machine is in no network.");
  list.replaceChildren(...(addresses.length ? addresses.map(row) : [none]));
  const alone = main.querySelector("[data-alone]");
  if (quiet === null && alone.dataset.state === "waiting") {
    mark(alone, "reached", "A phone, or another machine, has reached this server.");
    announce(alone.textContent);
  }
  const advice = main.querySelector("[data-advice]");
  if (quiet === null || quiet < main.dataset.patience || "told" in advice.dataset) return;
  advice.dataset.told = ""; // who closes it keeps it closed
  advice.open = true;
  announce("Nobody has come for a minute. What to do stands on this page.");
}

function row({ url, visitors, seconds_ago: ago }) {
  const machines = `${visitors} other machine${visitors === 1 ? "" : "s"}`;
  const told = visitors ? `opened by ${machines}, last ${ago} s ago` : "no other machine has opened it yet";
  const attributes = { "data-visitors": visitors };
  return element("li", attributes, element("b", { class: "address" }, url), " ", element("span", {}, told));
}

function mark(line, state, words) {
  line.dataset.state = state;
  line.querySelector(".icon").replaceWith(icon(SIGNS[state]));
  if (words) line.querySelector("span").textContent = words;
}

async function examine() {
  if (again.getAttribute("aria-disabled") === "true") return;
  again.setAttribute("aria-disabled", "true");
  const lines = [...main.querySelectorAll("[data-trial]")];
  const tell = (trial, passed, words) => {
    const line = lines.find(({ dataset }) => dataset.trial === trial);
    mark(line, passed ? "passed" : "failed");
    line.querySelector("b").textContent = words;
  };
  for (const line of lines) {
    mark(line, "waiting");
    line.querySelector("b").textContent = "";
  }
  verdict.textContent = "Trying …";
  const loaded = Boolean(window.io);
  tell("script", loaded, loaded ? "" : "it did not come: reload the page");
  const seat = document.querySelector("meta[name=seat]")?.content;
  verdict.textContent = VERDICTS[loaded ? await tryDevice(window.io, seat, tell) : null];
  announce(verdict.textContent);
  again.removeAttribute("aria-disabled");
}
