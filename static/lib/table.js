// The tables of a demo, drawn while the Table view is open. A button copies one as text with tabs.

import { copyText } from "./copy.js";
import { element, icon } from "./dom.js";

// Draws what changed since the last time. table: {caption, columns, rows: key -> cells, changed: keys, lines}
export function drawTable(home, table) {
  const { rows, changed } = table;
  if (!changed.size) return;
  table.lines ??= { body: emptyTable(home, table), byKey: new Map() };
  const { body, byKey } = table.lines;
  for (const key of changed) {
    if (!rows.has(key)) continue;
    if (!byKey.has(key)) byKey.set(key, body.appendChild(element("tr")));
    fillLine(byKey.get(key), rows.get(key));
  }
  changed.clear();
  for (const [key, line] of byKey) {
    if (rows.has(key)) continue;
    line.remove();
    byKey.delete(key);
  }
}

// The body of a new table at the end of the view.
function emptyTable(home, { caption, columns }) {
  const body = element("tbody");
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const grid = element("table", {}, element("caption", {}, caption), element("thead", {}, head), body);
  const label = document.createTextNode("Copy");
  const copy = element("button", { type: "button" }, icon("copy"), label);
  copy.addEventListener("click", () => {
    const lines = [...grid.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t"));
    label.data = copyText(lines.join("\n")) ? "Copied" : "Select the table and copy it by hand";
  });
  const attributes = { class: "scroll", tabindex: "0", role: "region", "aria-label": caption };
  home.querySelector(":scope > .quiet")?.remove();
  home.append(element("div", attributes, grid), copy);
  return body;
}

// The first cell is the head of its row. Cells that are there already are kept.
function fillLine(line, cells) {
  cells.forEach((cell, at) => {
    const tag = at ? "td" : "th";
    const made = line.cells[at] ?? line.appendChild(element(tag, { scope: !at && "row" }, element("bdi")));
    const text = String(cell);
    if (made.textContent !== text) made.firstChild.textContent = text;
  });
}
