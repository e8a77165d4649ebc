// The parts of the picture: heads, arrows, lines of life, silences. Drawn again they keep their nodes, so
// that a new row costs its own arrow and no more. The state is timeline.js's `view`; a plan: timeplan.js.

import { newArrow, placeArrow } from "./arrow.js";
import { drawn } from "./dom.js";
import { change, write } from "./redraw.js";
import { rowId } from "./rows.js";
import { CUT, columnOf, farEnd, headsOf, NARROW, pairsOf } from "./timeplan.js";

const HEAD = 14; // px between two lines of heads

export function drawHeads({ heads }, { columns, server, width }) {
  const names = headsOf([...columns, { x: server, name: "server" }]);
  const height = 22 + HEAD * Math.max(...names.map(({ line }) => line));
  change(heads, { viewBox: `0 0 ${width} ${height}`, width, height });
  while (heads.children.length > names.length) heads.lastChild.remove();
  names.forEach(({ from, line, name }, n) => {
    const text = heads.children[n] ?? heads.appendChild(drawn("text"));
    change(text, { x: from, y: 15 + HEAD * line });
    write(text, name);
  });
}

export function drawArrows(view, items, plan) {
  const { columns, server, width, ys, labels } = plan;
  const pairs = pairsOf(items);
  const byRow = new Map();
  const first = items[0]?.row.at;
  for (const item of items) {
    const { row, told } = item;
    const at = farEnd(row, told);
    const kind = { isMeasured: at !== null, isNarrow: width < NARROW };
    const event = pairs.get(item)?.row;
    const arrow = keptArrow(view, item, kind);
    placeArrow(arrow, {
      x: columnOf(columns, row).x,
      y: ys.get(row.at),
      label: labels.get(row),
      far: at === null ? null : { at, y: ys.get(at) },
      asked: event ? { row: event, y: ys.get(event.at) } : null,
      first,
      server,
      width,
    });
    byRow.set(rowId(row), arrow);
  }
  view.byRow = byRow;
  view.arrows = [...byRow.values()];
}

// The arrow of the last picture, if it has the same parts.
function keptArrow({ byRow }, item, kind) {
  const arrow = byRow.get(rowId(item.row));
  const isSame = arrow?.row === item.row && !arrow.nodes.open === kind.isMeasured;
  return isSame && !arrow.nodes.when === kind.isNarrow ? arrow : newArrow(item, kind);
}

export function livesOf({ svg }, { columns, server, top, bottom }) {
  const old = svg.querySelectorAll(".life");
  return [...columns, { x: server }].map(({ x }, n) => {
    const line = old[n] ?? drawn("line", { class: "life" });
    change(line, { x1: x, x2: x, y1: top, y2: bottom });
    return line;
  });
}

const long = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

export function silencesOf({ svg }, { cuts, server }) {
  const old = svg.querySelectorAll(".silence");
  return cuts.map(({ to, gap }, n) => {
    const group = old[n] ?? newSilence();
    const [plate, edges, text] = group.children;
    const y = to - CUT / 2; // between two labels, and beside the arrows
    change(plate, { y: y - 9, width: server + 8 });
    change(edges, { d: `M8 ${y - 9}H${server + 8}M8 ${y + 9}H${server + 8}` });
    change(text, { x: server + 26, y: y + 4 });
    write(text, `${long(gap)} left out`);
    return group;
  });
}

function newSilence() {
  const plate = drawn("rect", { x: 0, height: 18 });
  return drawn("g", { class: "silence" }, plate, drawn("path"), drawn("text"));
}
