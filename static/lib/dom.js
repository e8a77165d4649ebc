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

// What the reader has chosen: kept by the browser, or where its storage is switched off, by the page.
const chosen = {};

export function keep(name, value) {
  chosen[name] = value;
  try {
    localStorage.setItem(name, value);
  } catch {
    // for this page, then
  }
}

export function kept(name) {
  try {
    return chosen[name] ?? localStorage.getItem(name);
  } catch {
    return null;
  }
}

// What the page says aloud: at most one summary in two seconds, and of those that wait only the last. Who wants
// every sentence hears one a second, and MOST of them wait; who wants none, none.
const MOST = 20;
let waiting = [];
let quietUntil = 0;
let timer = 0;

export function announce(text) {
  const voice = kept("voice");
  if (voice === "off") return;
  waiting = voice === "every" ? [...waiting, text].slice(-MOST) : [text];
  if (!timer) timer = setTimeout(speak, Math.max(0, quietUntil - Date.now()));
}

function speak() {
  const pace = kept("voice") === "every" ? 1000 : 2000;
  document.querySelector("[data-status]").textContent = waiting.shift();
  quietUntil = Date.now() + pace;
  timer = waiting.length ? setTimeout(speak, pace) : 0;
}

// Only for a connection that is lost, and for one that is back.
export function alarm(kind, text) {
  const box = document.querySelector("[data-alert]");
  const line = element("span", {}, text);
  box.dataset.kind = kind;
  box.replaceChildren(line);
  const over = () => {
    if (!line.isConnected) return; // something newer is said
    line.remove();
    delete box.dataset.kind;
  };
  if (kind === "back") setTimeout(over, 6000);
}
