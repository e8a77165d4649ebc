// What is said of a chosen answer: on a check at once, on a prediction after its run. Fetched when needed.

import { announce, element, icon } from "./dom.js";

const verdictSign = (good) => icon(good ? "tick" : "cross");

export function check(form) {
  const box = form.querySelector("[data-verdict]");
  const choice = form.elements.choice.value;
  const { good, why } = choice ? answer(form, choice) : { why: "Choose one of the answers first." };
  const right = good ? "Right. " : "Not this one. ";
  const word = choice ? right : "";
  box.toggleAttribute("data-good", Boolean(good));
  box.replaceChildren(
    verdictSign(good),
    element("span", {}, element("b", {}, word), why, ...shown(form, choice)),
  );
  box.hidden = false;
  announce(word + why);
  if (choice) keep(form, good ? "right" : "wrong");
}

// For the home page, which says how far one is, and for the warm-up two lessons later. Once right stays right, but
// for a warm-up: that is when it is looked for again.
function keep({ dataset: { check: id, of } }, outcome) {
  try {
    const name = `check ${of ?? document.querySelector("[data-lesson]").dataset.lesson} ${id}`;
    if (of || sessionStorage.getItem(name) !== "right") sessionStorage.setItem(name, outcome);
  } catch {
    // storage is switched off, or full
  }
}

// Where the note names what shows it: a button that opens that row, and room to say that there is none yet.
function shown({ dataset: { wire: name } }, choice) {
  if (!name || !choice) return [];
  const button = element("button", { type: "button" }, "Show me on the wire");
  const note = element("small");
  const none = (words) => {
    note.textContent = words;
    announce(words);
  };
  button.addEventListener("click", () => {
    note.textContent = "";
    document.dispatchEvent(new CustomEvent("show-on-wire", { detail: { name, none } }));
  });
  return [button, note];
}

// A changed choice takes the verdict on the last one away.
document.addEventListener("change", ({ target }) => {
  const verdict = target.closest("[data-check]")?.querySelector("[data-verdict]");
  if (verdict) verdict.hidden = true;
});

const YOU = { good: "As you predicted.", bad: "Not as you predicted.", chose: "You chose" };

// The outcome of a run beside what was predicted of it, and by whom. Returns the verdict in words.
export function reveal({ form, box, locked }, sentences, says = YOU) {
  const { good, text, why, right } = answer(form, locked);
  const words = good ? says.good : says.bad;
  const verdict = element("p", { class: "judged", "data-good": good }, verdictSign(good), words);
  const line = (head, said) => element("p", {}, element("b", {}, `${head}: `), said);
  const facts = element("ul", {}, ...sentences.map((fact) => element("li", {}, fact)));
  const reason = element("details", {}, element("summary", {}, "Why?"), element("p", {}, why));
  const bet = element("div", {}, line(says.chose, text), good ? null : line("Right is", right));
  box.replaceChildren(verdict, reason, element("div", { class: "facts" }, bet, facts));
  return words;
}

// The reasons stand in the page for readers without a script; here they are only looked up.
function answer(form, choice) {
  const item = form.querySelector(`[data-choice="${CSS.escape(choice)}"]`);
  const [text, why] = ["b", "[data-why]"].map((part) => item.querySelector(part).textContent);
  const right = form.querySelector("[data-right] b").textContent;
  return { good: "right" in item.dataset, text, why, right };
}
