// The opened row beside the list: its head, its layers, and the quiet way past a lesson's order.

import { nameOf } from "./connections.js";
import { copyText } from "./copy.js";
import { announce, bytes, count, element } from "./dom.js";
import { errorBox, openedRow } from "./layers.js";
import { asText, clock, LAYERS, rowId, way } from "./rows.js";
import { sign } from "./signs.js";

export const hint = () => element("p", { class: "wire-hint" }, "Choose a row to open it.");

// Fills the detail with the selected row.
export function openDetail(view, close) {
  const { detail, memory } = view;
  const { row } = view.selected;
  const shown = layersShown(view);
  const locked = LAYERS.filter((key) => !shown.has(key) && row.layers.some(({ layer }) => layer === key));
  const more = () => {
    view.shown.all = true;
    openDetail(view, close);
  };
  detail.replaceChildren(
    header(row, close),
    ...(row.error ? [errorBox(row.error)] : []),
    openedRow(row, shown, memory),
    ...(locked.length ? [lockedLayers(locked.length, more)] : []),
  );
  detail.scrollTop = 0;
  if (!row.error) showLayer(detail, detail.querySelector(".wire-layer[data-open]"));
}

function layersShown({ root, shown }) {
  const { layers = "all" } = root.dataset;
  return new Set(shown.all || layers === "all" || !layers ? LAYERS : layers.split(" "));
}

function header(row, close) {
  const direction = element("span", { class: "wire-wide" }, `${way(row.up)}, `);
  const on = nameOf(row.connection);
  const facts = element("small", {}, direction, `${on}, ${bytes(row.size)}, ${clock(row.at)}`);
  const title = element(
    "h3",
    { tabindex: "-1", "data-way": row.up ? "up" : "down" },
    sign(row.up ? "up" : "down"),
    element("span", {}, `Row ${row.n}`),
    facts,
  );
  return element("header", {}, title, actions(row, close));
}

function actions(row, close) {
  const shut = element("button", { type: "button", "aria-label": "Close this row" }, sign("close"));
  const copied = element("span", {}, "Copy");
  const copy = element("button", { type: "button" }, sign("copy"), copied);
  const label = element("span", {}, "Link");
  const link = element("a", { class: "button", href: `#${rowId(row)}` }, sign("link"), label);
  copy.addEventListener("click", () => {
    const done = copyText(asText(row));
    copied.textContent = done ? "Copied" : "Not possible here";
    announce(done ? `Row ${row.n} is copied as text.` : "This browser does not let the page copy.");
  });
  shut.addEventListener("click", close);
  return element("p", { class: "wire-acts" }, copy, link, shut);
}

function lockedLayers(n, more) {
  const button = element("button", { type: "button", class: "wire-switch" }, "Show all layers");
  button.addEventListener("click", more);
  const words = `${count(n, "layer")} between ${n === 1 ? "is" : "are"} opened in a later lesson.`;
  return element("p", { class: "wire-locked" }, words, button);
}

// An opened layer that reaches below the edge moves up, as far as its own head stays in sight.
export function showLayer(detail, layer) {
  if (!layer) return;
  const box = layer.getBoundingClientRect();
  const below = box.bottom - detail.getBoundingClientRect().bottom;
  const above = box.top - detail.querySelector("header").getBoundingClientRect().bottom;
  if (below > 0) detail.scrollTop += Math.max(0, Math.min(below + 8, above - 4));
}
