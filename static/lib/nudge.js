// What the teacher tells this student alone: a hint, or that the seat is ended. It covers no button, and goes away
// when it is put away.

import { announce, element, icon } from "./dom.js";

export function nudge({ hint }) {
  const close = element("button", { type: "button" }, "Put away");
  const box = element(
    "aside",
    { class: "nudge", "aria-label": "From your teacher, for you alone" },
    element("p", {}, icon("hand"), element("b", {}, "A hint for you alone")),
    element("p", {}, hint),
    close,
  );
  document.querySelector("aside.nudge")?.remove(); // the last one counts
  document.body.append(box);
  close.addEventListener("click", () => box.remove());
  announce(`Your teacher sends you a hint: ${hint}`);
}
