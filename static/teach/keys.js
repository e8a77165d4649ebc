// The cockpit's keys, and a presenter's clicker, which sends PageDown, PageUp and a full stop or B. Pure.

const KEYS = {
  PageDown: "next",
  ArrowRight: "next",
  " ": "next",
  PageUp: "back",
  ArrowLeft: "back",
  ".": "blank",
  b: "blank",
  r: "run",
  p: "vote",
  v: "reveal",
  x: "cut",
  f: "follow",
  "?": "keys",
};
const WRITES = "input:not([type=checkbox], [type=radio], [type=range]), textarea, [contenteditable]";
const WALKS = "select, input, [data-seat]";
const PRESSES = { " ": "button, a, summary, select, input", ArrowLeft: WALKS, ArrowRight: WALKS };

// What a key means, or null: where somebody types, where the key means something to what has the focus, and
// together with another key. A key that is held down means one press.
export function meaning({ key, target, ctrlKey, metaKey, altKey, repeat }) {
  if (ctrlKey || metaKey || altKey || repeat) return null;
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (target.closest?.(WRITES)) return null;
  if (PRESSES[name] && target.closest?.(PRESSES[name])) return null;
  if (target.closest?.("select") && name.length === 1) return null; // it finds an option by its first letter
  return KEYS[name] ?? null;
}
