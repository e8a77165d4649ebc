// The review's page: a model answer opens once an answer was written, which stays in this browser. The server is
// told that a question was answered, and how well it was known.

import { Answers, whyNot } from "./lib/answers.js";
import { announce, element } from "./lib/dom.js";

const main = document.querySelector("[data-review]");
const answers = new Answers(main.dataset.seat, storage());
const cards = [...main.querySelectorAll("[data-question]")];

for (const card of cards) bring(card);
main.querySelector("[data-forget]").addEventListener("click", forget);
drawSoFar();

function bring(card) {
  const { id, dataset } = card;
  const form = card.querySelector("[data-mine]");
  if ("due" in dataset) answers.again(id);
  const { text, locked } = answers.of(id);
  form.elements.text.value = text;
  form.elements.text.addEventListener("input", () => answers.write(id, form.elements.text.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    lock(card, form);
  });
  card.querySelector("[data-rates]").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) rate(card, button.value);
  });
  if (locked || "told" in dataset) open(card);
}

async function lock(card, form) {
  const note = form.querySelector("[data-note]");
  const why = whyNot(form.elements.text.value);
  note.textContent = why;
  if (why) {
    announce(why);
    return form.elements.text.focus();
  }
  answers.lock(card.id);
  open(card);
  card.querySelector("summary").focus({ preventScroll: true });
  announce("Locked. The model answer is open: compare, then say how well you knew it.");
  drawSoFar();
  note.textContent = await tell(card);
}

// The model answer beside what was written. Without a script it can be opened at once.
function open(card) {
  const { text, before } = answers.of(card.id);
  const form = card.querySelector("[data-mine]");
  const field = form.elements.text;
  field.readOnly = true;
  form.querySelector("button").hidden = true;
  if (!text) {
    form.querySelector("label").hidden = true;
    field.replaceWith(element("p", { class: "quiet" }, "What you wrote is not in this browser."));
  }
  if (before)
    form.append(element("p", { class: "quiet" }, "The last time you wrote:"), element("p", {}, before));
  card.dataset.open = "";
  card.querySelector("[data-model]").open = true;
  card.querySelector("[data-rates]").hidden = false;
}

async function rate(card, rating) {
  const says = card.querySelector("[data-comes-back]");
  const lost = "told" in card.dataset ? "" : await tell(card);
  const answer = lost ? { error: lost } : await post("rate", { question: card.id, rating });
  if (!answer.ok) {
    says.textContent = answer.error;
    return announce(answer.error);
  }
  for (const button of card.querySelectorAll("[data-rates] button"))
    button.setAttribute("aria-pressed", button.value === rating);
  card.dataset.rating = rating;
  says.textContent = answer.comes_back ? `It comes back ${answer.comes_back}.` : "";
  announce(`Rated. ${says.textContent}`);
  drawSoFar();
}

// That it was answered, and not what. Returns why the server could not be told, or "".
async function tell(card) {
  const { ok, error } = await post("answer", { question: card.id });
  if (ok) card.dataset.told = "";
  return ok ? "" : error;
}

async function post(what, body) {
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(`/review/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    const told = await answer.json();
    return told.ok ? told : { error: sentence(told.error) };
  } catch {
    return { error: "The server cannot be reached: it does not know of this yet." };
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function drawSoFar() {
  const done = cards.filter(({ dataset }) => "open" in dataset).length;
  const knew = cards.filter(({ dataset }) => "open" in dataset && dataset.rating === "knew").length;
  const line = `You have answered ${done} of ${cards.length}${knew ? `, and knew ${knew}` : ""}.`;
  main.querySelector("[data-so-far]").textContent = done ? line : "";
}

function forget() {
  answers.forget();
  for (const field of main.querySelectorAll("textarea")) field.value = "";
  const said = "Deleted. What you wrote was nowhere else.";
  main.querySelector("[data-forgotten]").textContent = said;
  announce(said);
}

// Reading the property alone may throw where storage is switched off.
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
