// Check yourself: says of a chosen answer whether it is right, and why. Fetched for the first one.

import { announce, element, icon } from "./dom.js";
import { all, answer } from "./learn.js";

export function check(form) {
  const box = form.querySelector("[data-verdict]");
  const choice = form.elements.choice.value;
  const { good, why } = choice
    ? answer(form, choice)
    : { good: false, why: "Choose one of the answers first." };
  const right = good ? "Right. " : "Not this one. ";
  const word = choice ? right : "";
  box.toggleAttribute("data-good", good);
  box.replaceChildren(icon(good ? "tick" : "cross"), element("span", {}, element("b", {}, word), why));
  box.hidden = false;
  announce(word + why);
}

// A changed choice takes the verdict on the last one away.
for (const form of all("[data-check]"))
  form.addEventListener("change", () => {
    form.querySelector("[data-verdict]").hidden = true;
  });
