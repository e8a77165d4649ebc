// The home page's picture: the request that this very page was, as the browser measured it, shown slowly; and
// another one at the press of a button. No socket: three hundred open home pages cost the server nothing.
// Source: Navigation Timing Level 2, section 3; Resource Timing, requestStart and responseEnd.

import { announce, bytes } from "./lib/dom.js";

const LENGTH = 1600; // ms that the picture takes, whatever it shows
const home = document.querySelector("[data-live]");
const says = home.querySelector("[data-says]");
const button = home.querySelector("[data-ask]");
const still = matchMedia("(prefers-reduced-motion: reduce)");

button.addEventListener("click", ask);
if (document.readyState === "complete") own();
else addEventListener("load", () => setTimeout(own));
for (const pips of document.querySelectorAll("[data-pips]")) markDone(pips);

function own() {
  const [page] = performance.getEntriesByType("navigation");
  if (!page?.responseEnd) return;
  const size = page.encodedBodySize ? `, ${bytes(page.encodedBodySize)},` : "";
  const took = page.responseEnd - page.requestStart;
  const since = "Since then the server has sent nothing. Over HTTP it cannot: you have to ask.";
  play(took, `You asked for this page; the answer${size} was here after ${lasted(took)}. ${since}`);
}

async function ask() {
  button.setAttribute("aria-disabled", "true");
  const began = performance.now();
  const answer = await fetch("/healthz", { cache: "no-store" })
    .then((response) => response.json())
    .catch(() => null);
  const took = performance.now() - began;
  button.removeAttribute("aria-disabled");
  if (!answer) return tell("There was no answer. Is the server still running?");
  const news = `${answer.seats} taken ${answer.seats === 1 ? "seat" : "seats"}, ${answer.connections} open sockets`;
  play(
    took,
    `Answered after ${lasted(took)}: ${news}. If that changes now, you will not be told: ask again.`,
  );
}

function play(took, sentence) {
  const slower = Math.round(LENGTH / took);
  tell(slower > 1 ? `${sentence} Shown ${slower} times slower.` : sentence);
  if (still.matches) return;
  const [up, down] = [".request", ".answer"].map((dot) => home.querySelector(dot));
  const fly = (dot, way, from) =>
    dot.animate(
      [
        { opacity: 1, transform: "none" },
        { opacity: 1, transform: `translateY(${way}px)` },
      ],
      { duration: LENGTH * 0.42, delay: from, easing: "linear" },
    );
  fly(up, -38, 0);
  fly(down, 38, LENGTH * 0.58);
}

function tell(sentence) {
  says.textContent = sentence;
  announce(sentence);
}

function lasted(time) {
  return time < 10 ? `${time.toFixed(1)} ms` : `${Math.round(time)} ms`;
}

// The server knows what was predicted. The outcome of a run, and the right answers to a lesson's checks, are
// kept by this tab of the browser alone.
function markDone(pips) {
  const [, ran, checked] = pips.querySelectorAll(".pip");
  const steps = Object.entries(JSON.parse(pips.dataset.locked));
  const [all, right] = [Number(pips.dataset.checks), rightAnswers(pips)];
  if (right) pips.hidden = false;
  if (steps.length && steps.every(([step, choice]) => hasRun(step, choice))) mark(ran);
  if (right) checked.childNodes[1].data = `Checked ${right} of ${all}`;
  if (right && right === all) mark(checked);
}

function mark(pip) {
  pip.dataset.done = "";
  pip.querySelector("use").setAttribute("href", "#i-tick");
  pip.querySelector(".hidden").textContent = ": done";
}

function hasRun(step, choice) {
  const outcome = JSON.parse(kept(`outcome ${step}`) ?? "null");
  return outcome?.choice === choice && Boolean(outcome.sentences);
}

function rightAnswers({ dataset: { pips: slug, checks } }) {
  const names = Array.from({ length: checks }, (_, at) => `check ${slug} q${at + 1}`);
  return names.filter((name) => kept(name) === "right").length;
}

function kept(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // storage is switched off
  }
}
