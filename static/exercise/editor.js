// A plain textarea with line numbers. Tab leaves it, as everywhere; who wants Tab to indent says so, and leaves by
// Escape, then Tab. What is typed is kept by the browser, for each exercise.

import { announce, keep, kept } from "../lib/dom.js";

const INDENT = "  ";
const CHOICE = "tab indents";

// home: the textarea, its line numbers, a switch for Tab, Reset. Returns {text(), focus(), line(number)}.
export function editor(home, name) {
  const [area, gutter, tab, reset] = ["textarea", "[data-gutter]", "[data-tab-indents]", "[data-reset]"].map(
    (part) => home.querySelector(part),
  );
  const view = { area, gutter, tab, reset, name, starter: area.defaultValue, before: null, isLeaving: false };
  area.value = kept(name) || view.starter;
  tab.checked = kept(CHOICE) === "yes";
  tab.addEventListener("change", () => keep(CHOICE, tab.checked ? "yes" : "no"));
  area.addEventListener("input", () => changed(view));
  area.addEventListener("scroll", () => follow(view), { passive: true });
  area.addEventListener("keydown", (event) => pressed(view, event));
  area.addEventListener("focus", () => {
    view.isLeaving = false;
  });
  reset.addEventListener("click", () => (view.before === null ? startAnew(view) : undo(view)));
  number(view);
  sayReset(view);
  return {
    text: () => area.value,
    focus: () => area.focus(),
    line: (n) => select(view, n),
  };
}

function changed(view) {
  const { area, name, starter } = view;
  view.before = null;
  keep(name, area.value === starter ? "" : area.value);
  number(view);
  sayReset(view);
}

function number({ area, gutter }) {
  const lines = area.value.split("\n").map((_, n) => n + 1);
  const text = lines.join("\n");
  if (gutter.textContent !== text) gutter.textContent = text;
  follow({ area, gutter });
}

function follow({ area, gutter }) {
  gutter.scrollTop = area.scrollTop;
}

function pressed(view, event) {
  const { area, tab } = view;
  const isLeaving = view.isLeaving;
  view.isLeaving = event.key === "Escape";
  if (event.key !== "Tab" || !tab.checked || isLeaving || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  if (event.shiftKey) outdent(area);
  else insert(area, INDENT);
}

// As if it was typed, so that the browser's own undo knows of it.
function insert(area, text) {
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }
}

function outdent(area) {
  const at = area.selectionStart;
  const start = area.value.lastIndexOf("\n", at - 1) + 1;
  if (!area.value.startsWith(INDENT, start)) return;
  area.setSelectionRange(start, start + INDENT.length);
  document.execCommand("delete");
  const back = Math.max(start, at - INDENT.length);
  area.setSelectionRange(back, back);
}

function startAnew(view) {
  const { area, starter } = view;
  const before = area.value;
  area.value = starter;
  changed(view);
  view.before = before;
  sayReset(view);
  announce("The starter is back. Press again to undo that.");
}

function undo(view) {
  view.area.value = view.before;
  changed(view);
  announce("Your program is back.");
}

function sayReset({ area, reset, starter, before }) {
  reset.textContent = before === null ? "Reset" : "Undo reset";
  reset.disabled = before === null && area.value === starter;
}

function select({ area }, n) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, n - 1).join("\n").length + (n > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[n - 1] ?? "").length);
}
