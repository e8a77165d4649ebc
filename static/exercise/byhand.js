// The raw terminal of the packet inspector, with the first packet of this exercise put in.

import { terminal } from "../lib/terminal.js";

let is = null;

export function mount(root) {
  if (is) return;
  const sheet = document.createElement("link");
  Object.assign(sheet, { rel: "stylesheet", href: new URL("../css/wire.css", import.meta.url) });
  document.head.append(sheet);
  is = terminal(root);
  const { by, first } = root.dataset;
  if (first) preset(is, by, first);
}

// Put in without taking the focus away from where it is.
function preset({ load }, by, text) {
  const { activeElement } = document;
  load({ by, text });
  activeElement?.focus();
}
