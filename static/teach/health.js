// Server health in the cockpit: what the server says of itself is read again while its panel is open.

import { shown } from "../lib/health.js";

const EVERY_MS = 2000;
const panel = document.querySelector("[data-health-panel]");
const dialog = panel.closest("dialog");
const cells = [...document.querySelectorAll("[data-health]")];
const none = panel.querySelector("[data-no-limits]");
let timer = 0;

new MutationObserver(read).observe(dialog, { attributeFilter: ["open"] });
document.addEventListener("visibilitychange", read);

// Reads now and, while somebody may be looking, again and again.
async function read() {
  clearTimeout(timer);
  if (!dialog.open || document.hidden) return;
  try {
    const answer = await fetch("/healthz");
    if (answer.ok) draw(await answer.json());
  } catch {
    // The server is away: the figures stay as they were.
  }
  clearTimeout(timer); // two may have been under way
  timer = setTimeout(read, EVERY_MS);
}

function draw(health) {
  for (const cell of cells) {
    const text = shown(health, cell.dataset.health, cell.dataset.unit);
    if (text && text !== cell.textContent) cell.textContent = text;
    const line = cell.closest("[data-limit]");
    if (line) line.hidden = text === "0";
  }
  none.hidden = cells.some((cell) => cell.closest("[data-limit]:not([hidden])"));
}
