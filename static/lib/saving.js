// The two buttons that save the rows of a page. The code that writes the files comes when one is pressed.

import { announce, element } from "./dom.js";
import { sign } from "./signs.js";

// rows(): those to save; title: of the hand-out.
export function saving(rows, title) {
  const press = (label, name, explained, save) => {
    const words = { type: "button", title: explained };
    const button = element("button", words, sign(name), element("span", {}, label));
    button.addEventListener("click", async () => {
      try {
        await save(await import("./handout.js"));
        announce(`The ${label.toLowerCase()} is saved.`);
      } catch (error) {
        announce(`The ${label.toLowerCase()} was not saved. ${error.message}`);
      }
    });
    return button;
  };
  return [
    press("Hand-out", "page", "A page of these rows that opens without a server", ({ saveHandout }) =>
      saveHandout(rows(), title),
    ),
    press("Capture", "save", "A file for python -m socketlab.wiretap", ({ saveCapture }) =>
      saveCapture(rows()),
    ),
  ];
}
