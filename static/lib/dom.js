// Making elements, writing numbers, speaking to a screen reader. Text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// element("p", {class: "quiet"}, "text", child): attributes that are null or false are left out.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function drawn(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  return drawn("svg", { class: "icon", "aria-hidden": "true" }, drawn("use", { href: `#i-${name}` }));
}

export const bytes = (n) => (n < 1000 ? `${n} B` : `${(n / 1000).toFixed(1)} kB`);

export function ms(n) {
  if (n === null || n === undefined) return "–";
  return n < 1 ? "< 1 ms" : `${Math.round(n).toLocaleString("en")} ms`;
}

export const count = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;

// A table whose rows are replaced by key; the button copies it as text with tabs.
export function table(home, caption, columns) {
  const rows = new Map();
  const body = element("tbody");
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const grid = element("table", {}, element("caption", {}, caption), element("thead", {}, head), body);
  const copy = element("button", { type: "button" }, icon("copy"), "Copy");
  copy.addEventListener("click", () => {
    const lines = [...grid.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t"));
    copy.lastChild.data = copyText(lines.join("\n")) ? "Copied" : "Select the table and copy it by hand";
  });
  const box = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, grid);
  return (key, cells) => {
    if (!box.isConnected) home.append(box, copy);
    home.querySelector(":scope > .quiet")?.remove();
    const shown = cells.map((cell) => element("bdi", {}, String(cell)));
    const made = shown.map((cell, at) => element(at ? "td" : "th", { scope: !at && "row" }, cell));
    if (!rows.has(key)) body.append(rows.set(key, element("tr")).get(key));
    rows.get(key).replaceChildren(...made);
    if (rows.size > 200) {
      const [oldest] = rows.keys();
      rows.get(oldest).remove();
      rows.delete(oldest);
    }
  };
}

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

// What the page says aloud: at most one summary in two seconds, and of those that wait only the last.
const PAUSE = 2000;
let pending = "";
let quietUntil = 0;
let timer = 0;

export function announce(text) {
  pending = text;
  if (!timer) timer = setTimeout(speak, Math.max(0, quietUntil - Date.now()));
}

function speak() {
  document.querySelector("[data-status]").textContent = pending;
  quietUntil = Date.now() + PAUSE;
  timer = 0;
}

// Only for a connection that is lost, and for one that is back.
export function alarm(kind, text) {
  const box = document.querySelector("[data-alert]");
  const line = element("span", {}, text);
  box.dataset.kind = kind;
  box.replaceChildren(line);
  if (kind === "back") setTimeout(() => line.remove(), 6000);
}
