// What the teacher tells this student alone, in a box of its own: a hint, or that the seat is ended.

import { announce, element, icon } from "./dom.js";

export function nudge({ hint }) {
  const close = element("button", { type: "button" }, "Put away");
  const box = show("A hint for you alone", hint, close);
  close.addEventListener("click", () => box.remove());
  announce(`Your teacher sends you a hint: ${hint}`);
}

export function farewell({ sentence }) {
  document.querySelector(".class-pill")?.remove();
  show("You are out of the class", sentence, element("a", { class: "button", href: "/" }, "To all lessons"));
}

function show(head, words, way) {
  const title = element("p", {}, icon("hand"), element("b", {}, head));
  const attributes = { class: "nudge", "aria-label": "From your teacher, for you alone" };
  const box = element("aside", attributes, title, element("p", {}, words), way);
  document.querySelector("aside.nudge")?.remove(); // the last one counts
  document.body.append(box);
  return box;
}
