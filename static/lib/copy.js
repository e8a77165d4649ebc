import { element } from "./dom.js";

// The clipboard API wants a secure context; a classroom's http address is none.
export function copyText(text) {
  const area = element("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
