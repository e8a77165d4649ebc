// The experiments beside the raw terminal, one at a time: what to do, what to expect, why. An experiment is
// ticked when the server's capture shows that it happened, whoever did it and with what.

import { announce, element, icon } from "./dom.js";
import { EXPERIMENTS, seenIn } from "./experiments.js";

const KEPT = 600; // rows that are judged
const STORE = "socketlab experiments";
const BY = { websocket: "by WebSocket", polling: "by polling", tcp: "by TCP" };

// feed: the rows; isTyped(row): whether it was sent or received by hand; load(experiment) fills the terminal.
export function mountTrials(root, feed, isTyped, load) {
  const view = { root, rows: [], seen: new Set(stored()), at: 0, ...parts() };
  view.at = Math.max(
    0,
    EXPERIMENTS.findIndex(({ id }) => !view.seen.has(id)),
  );
  root.append(view.chips, view.card);
  view.chips.addEventListener("click", ({ target }) => {
    const n = [...view.chips.children].indexOf(target.closest("button"));
    if (n >= 0) show(view, n);
  });
  view.put.addEventListener("click", () => load(EXPERIMENTS[view.at]));
  const take = (added) => judge(view, added.filter(isTyped));
  feed.subscribe(take, () => false);
  show(view, view.at);
}

function parts() {
  const chips = EXPERIMENTS.map((_, n) => element("button", { type: "button" }, String(n + 1)));
  const label = { role: "group", "aria-label": "Experiments" };
  const title = element("h3");
  const put = element("button", { type: "button" }, "Put it into the terminal");
  const [todo, expect, why] = [element("p"), element("p"), element("p", { class: "quiet" })];
  const acts = element("p", { class: "row" }, put, todo);
  const card = element("div", { class: "trial" }, title, acts, expect, why);
  return {
    chips: element("p", { class: "trial-chips", ...label }, ...chips),
    card,
    title,
    put,
    todo,
    expect,
    why,
  };
}

// Judges what has come since, together with what came before.
function judge(view, added) {
  if (!added.length) return;
  view.rows = [...view.rows, ...added].slice(-KEPT);
  const fresh = seenIn(view.rows).filter((id) => !view.seen.has(id));
  if (!fresh.length) return;
  for (const id of fresh) view.seen.add(id);
  store(view.seen);
  const titles = EXPERIMENTS.filter(({ id }) => fresh.includes(id)).map(({ title }) => title);
  announce(`The capture shows it: ${titles.join(", ")}.`);
  show(view, view.at);
}

function show(view, at) {
  const { chips, title, put, todo, expect, why, seen, root } = view;
  const { id, title: name, by, text, expect: expected, why: reason } = EXPERIMENTS[at];
  view.at = at;
  EXPERIMENTS.forEach((experiment, n) => {
    const chip = chips.children[n];
    const isSeen = seen.has(experiment.id);
    chip.toggleAttribute("data-seen", isSeen);
    chip.setAttribute("aria-pressed", n === at);
    chip.title = `${n + 1} ${experiment.title}${isSeen ? ", seen" : ""}`;
    chip.setAttribute("aria-label", chip.title);
  });
  root.querySelector("[data-count]").textContent =
    `${seen.size} of ${EXPERIMENTS.length} seen in the capture`;
  title.replaceChildren(...(seen.has(id) ? [icon("tick")] : []), `${at + 1} ${name}`);
  put.textContent = text ? "Put it into the terminal" : "Set the terminal";
  todo.textContent = `${BY[by]}; you send it.`;
  expect.replaceChildren(element("b", {}, "Expect: "), expected);
  why.replaceChildren(element("b", {}, "Why: "), reason);
}

// A browser may refuse to keep anything; then the ticks last as long as the page.

function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return kept.filter((id) => EXPERIMENTS.some((experiment) => experiment.id === id));
  } catch {
    return [];
  }
}

function store(seen) {
  try {
    localStorage.setItem(STORE, JSON.stringify([...seen]));
  } catch {}
}
