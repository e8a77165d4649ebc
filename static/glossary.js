// The glossary's search field: shows the terms that hold what is typed, and says how many they are.

import { announce, count } from "./lib/dom.js";

const form = document.querySelector("[data-find]");
const field = form.elements.find;
const found = form.querySelector("[data-found]");
const fold = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();
const sections = [...document.querySelectorAll("main > section")].map((node) => ({
  node,
  link: document.querySelector(`a[href="#${node.id}"]`),
  terms: [...node.querySelectorAll("[data-term]")].map((term) => ({
    node: term,
    name: fold(term.querySelector("dt").textContent),
    text: fold(term.textContent),
  })),
}));
const all = sections.flatMap(({ terms }) => terms);

field.addEventListener("input", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  best()?.scrollIntoView({ block: "center" });
  best()?.focus();
});
if (field.value) show(); // a browser fills it in again on the way back

function show() {
  const words = fold(field.value);
  for (const term of all) term.node.hidden = !term.text.includes(words);
  for (const { node, link, terms } of sections) {
    node.hidden = terms.every((term) => term.node.hidden);
    link.hidden = node.hidden;
  }
  const left = all.filter(({ node }) => !node.hidden).length;
  found.textContent = words ? `${count(left, "term")} of ${all.length}` : "";
  announce(words ? `${count(left, "term")} found` : `All ${all.length} terms`);
}

// Where Enter leads: to the term of that name, else to one whose name begins so, else to the first.
function best() {
  const words = fold(field.value);
  const seen = all.filter(({ node }) => !node.hidden);
  const named = seen.find(({ name }) => name === words) ?? seen.find(({ name }) => name.startsWith(words));
  return (named ?? seen[0])?.node;
}
