// The same task as parts of a program that are put in order: with buttons, by dragging, by the keyboard. What is
// not needed is put aside.

import { announce, element, icon, keep, kept } from "../lib/dom.js";

// Pure. order: indices of parts, used and unused: {used: [2, 0], aside: [1]}. Each returns a new one.

export function moved({ used, aside }, part, by) {
  const at = used.indexOf(part);
  const to = Math.min(used.length - 1, Math.max(0, at + by));
  if (at < 0 || to === at) return { used, aside };
  const rest = used.filter((one) => one !== part);
  return { used: [...rest.slice(0, to), part, ...rest.slice(to)], aside };
}

export function toggled({ used, aside }, part) {
  const without = (list) => list.filter((one) => one !== part);
  return used.includes(part)
    ? { used: without(used), aside: [...aside, part] }
    : { used: [...used, part], aside: without(aside) };
}

// What was kept, if it is an order of so many parts; else the first one.
export function restored(text, count) {
  const first = { used: Array.from({ length: count }, (_, n) => n), aside: [] };
  try {
    const { used, aside } = JSON.parse(text);
    const all = [...used, ...aside].sort((a, b) => a - b);
    return all.length === count && all.every((part, n) => part === n) ? { used, aside } : first;
  } catch {
    return first;
  }
}

export const joined = ({ used }, parts) => `${used.map((part) => parts[part]).join("\n\n")}\n`;

// The part in which a line of the joined text stands: of the empty one between two, the part above.
export function partAt({ used }, parts, line) {
  let last = 0;
  return used.find((part) => {
    last += parts[part].split("\n").length + 1;
    return line <= last;
  });
}

// home: two lists; the parts stand in the first. Returns {text(), line(number)}.
export function ordering(home, name) {
  const [used, aside] = home.querySelectorAll("ol");
  const items = [...used.children];
  const parts = items.map((item) => item.querySelector("code").textContent);
  const view = { home, used, aside, items, name, order: restored(kept(name), parts.length) };
  for (const [part, item] of items.entries()) item.append(buttons(view, part));
  home.addEventListener("pointerdown", (event) => drag(view, event));
  draw(view);
  return {
    text: () => joined(view.order, parts),
    line: (n) => items[partAt(view.order, parts, n)]?.querySelector("pre").focus(),
  };
}

function buttons(view, part) {
  const button = (does, words, sign) => {
    const made = element("button", { type: "button", "data-does": does, "aria-label": words }, icon(sign));
    made.addEventListener("click", () => press(view, part, does));
    return made;
  };
  const use = element("button", { type: "button", "data-does": "toggle" });
  use.addEventListener("click", () => press(view, part, "toggle"));
  const row = element(
    "p",
    { class: "row" },
    button("up", "Move up", "up"),
    button("down", "Move down", "down"),
  );
  row.append(use);
  return row;
}

function press(view, part, does) {
  const focus = view.items[part].querySelector(`[data-does=${does}]`);
  view.order =
    does === "toggle" ? toggled(view.order, part) : moved(view.order, part, does === "up" ? -1 : 1);
  draw(view);
  if (!focus.disabled) focus.focus();
  const place = view.order.used.indexOf(part) + 1;
  announce(place ? `Part ${place} of ${view.order.used.length}` : "Put aside");
}

function draw(view) {
  const { used, aside, items, order, name } = view;
  keep(name, JSON.stringify(order));
  used.append(...order.used.map((part) => items[part]));
  aside.append(...order.aside.map((part) => items[part]));
  aside.closest("section").toggleAttribute("data-empty", !order.aside.length);
  items.forEach((item, part) => {
    const at = order.used.indexOf(part);
    const [up, down, use] = ["up", "down", "toggle"].map((does) => item.querySelector(`[data-does=${does}]`));
    up.disabled = at <= 0;
    down.disabled = at < 0 || at === order.used.length - 1;
    use.textContent = at < 0 ? "Use it" : "Not needed";
  });
}

// Dragging by the code itself would keep a finger from scrolling: there is a handle.
function drag(view, event) {
  const item = event.target.closest("[data-handle]")?.closest("li");
  if (!item || event.button) return;
  event.preventDefault();
  const part = view.items.indexOf(item);
  const stop = new AbortController();
  const end = () => {
    item.removeAttribute("data-dragged");
    stop.abort();
  };
  item.setAttribute("data-dragged", "");
  const move = ({ clientY }) => {
    const order = dropped(view, part, clientY);
    if (JSON.stringify(order) === JSON.stringify(view.order)) return;
    view.order = order;
    draw(view);
  };
  document.addEventListener("pointermove", move, { signal: stop.signal });
  for (const over of ["pointerup", "pointercancel"])
    document.addEventListener(over, end, { signal: stop.signal });
}

// Below the heading of what is not needed it is put aside; else it goes before the first part that is lower.
function dropped({ order, items, aside }, part, y) {
  const isAside = y > aside.closest("section").getBoundingClientRect().top;
  if (isAside !== order.aside.includes(part)) return toggled(order, part);
  if (isAside) return order;
  const middle = (one) => {
    const { top, height } = items[one].getBoundingClientRect();
    return top + height / 2;
  };
  const above = order.used.filter((one) => one !== part && middle(one) < y).length;
  return moved(order, part, above - order.used.indexOf(part));
}
