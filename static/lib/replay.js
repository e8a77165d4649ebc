// The replay of a timeline: real gaps, stretched; silences are skipped. The state is timeline.js's `view`.

import { announce, drawn } from "./dom.js";
import { rowId } from "./rows.js";
import { sign } from "./signs.js";
import { GAP } from "./timeplan.js";

const SKIP = 700; // ms that a silence takes in the replay
const FLIGHT = 400; // ms a dot flies where the true flight is not known
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export function setPlaying(view, on) {
  const { root, play } = view;
  const label = on ? "Pause" : "Replay";
  view.isPlaying = on;
  if (on) root.dataset.replayed = "";
  play.replaceChildren(sign(on ? "pause" : "play"));
  play.setAttribute("aria-label", label);
  play.title = label;
  clearTimeout(view.timer);
  root.toggleAttribute("data-playing", on);
  if (!on) for (const { node } of view.arrows) node.removeAttribute("data-later");
  tellCaption(view);
}

export function tellCaption({ root, speed, caption, isPlaying }) {
  const isReplay = isPlaying || root.dataset.replayed !== undefined;
  const words = `replayed at 1/${speed.value} of real speed; what is left out is skipped`;
  caption.textContent = isReplay ? words : "";
}

// Shows arrow n and those before it, and goes on. show(n) brings it into sight; over() draws them all again.
export function replayFrom(view, n, show, over) {
  const { arrows, speed } = view;
  if (!view.isPlaying) return;
  if (n >= arrows.length) {
    setPlaying(view, false);
    announce("The replay is over.");
    return over();
  }
  arrows.forEach(({ node }, at) => {
    node.toggleAttribute("data-later", at > n);
  });
  view.chosen = rowId(arrows[n].row);
  show(n);
  fly(arrows[n], Number(speed.value));
  const { at } = arrows[n].row;
  const gap = (arrows[n + 1]?.row.at ?? at + GAP) - at;
  const pause = gap > GAP ? SKIP : Math.max(gap * speed.value, 60);
  view.timer = setTimeout(() => replayFrom(view, n + 1, show, over), pause);
}

function fly({ node, from, to, flight }, slow) {
  if (CALM.matches) return;
  const dot = drawn("circle", { class: "flying", r: 5 });
  node.append(dot);
  const at = ([x, y]) => ({ transform: `translate(${x}px, ${y}px)` });
  const duration = flight === null ? FLIGHT : Math.min(4000, Math.max(120, flight * slow));
  const flying = dot.animate([at(from), at(to)], { duration, easing: "linear" });
  flying.finished.finally(() => dot.remove());
}
