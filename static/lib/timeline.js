// A space-time diagram of the rows: time runs down, one line of life for each client and one for the server.
// What is measured is when a frame crossed the server's socket. Where this page's own handlers say when
// something arrived, arrived(run, seq, at) draws the far end; else that end stays open.

import { about } from "./about.js";
import { keyOf, sentences } from "./arrow.js";
import { drawn, element } from "./dom.js";
import { arrange, change } from "./redraw.js";
import { replayFrom, setPlaying, tellCaption } from "./replay.js";
import { rowId } from "./rows.js";
import { sign } from "./signs.js";
import { onSpeed, SPEEDS, setSpeed, speed } from "./speed.js";
import { drawArrows, drawHeads, livesOf, silencesOf } from "./timedraw.js";
import { inScope, layout, lowered, noteArrival } from "./timeplan.js";
import { ownTraffic } from "./wire.js";

const MOST = 200; // arrows in one picture
const RUNS = 20; // offered
const FAR = 100_000; // px that a picture may wander down before it is drawn from the top again

const pictures = new Set(); // how to draw each again

export function arrived(run, seq, at) {
  noteArrival(run, seq, at);
  for (const again of pictures) again();
}

export function mountTimeline(root, feed, traffic = ownTraffic()) {
  const view = {
    root,
    feed,
    traffic,
    ...parts(),
    arrows: [], // in the order of time
    byRow: new Map(), // row id -> arrow
    top: 0, // where the picture begins
    chosen: null, // a row id
    around: null, // a moment that another view chose
    offered: "", // the scopes, as text
    isPlaying: false,
    timer: 0,
    frame: 0,
  };
  furnish(view);
  const soon = () => {
    view.frame ||= requestAnimationFrame(() => {
      view.frame = 0;
      if (!view.isPlaying && view.area.clientHeight) draw(view);
    });
  };
  listenToBar(view);
  listenToPicture(view);
  const onSelect = ({ detail }) => detail.from === root || selectAsked(view, detail);
  document.addEventListener("select-packet", onSelect);
  const size = new ResizeObserver(soon);
  size.observe(view.area);
  const ignore = onSpeed(() => {
    view.speed.value = speed();
    tellCaption(view);
  });
  const unsubscribe = feed.subscribe(soon, () => root.checkVisibility());
  pictures.add(soon);
  draw(view);
  view.area.scrollTop = view.area.scrollHeight;
  return {
    seen() {
      feed.nudge();
      soon();
    },
    leave() {
      unsubscribe();
      ignore();
      size.disconnect();
      pictures.delete(soon);
      clearTimeout(view.timer);
      document.removeEventListener("select-packet", onSelect);
    },
  };
}

function parts() {
  const press = (name, text) =>
    element("button", { type: "button", "aria-label": text, title: text }, sign(name));
  const slow = (n) => element("option", { value: n, selected: n === speed() }, `1/${n}`);
  const picture = { class: "time-picture", role: "listbox", "aria-label": "Arrows in the order of time" };
  const svg = drawn("svg", picture);
  return {
    scope: element("select", { "aria-label": "What is drawn" }),
    speed: element("select", { "aria-label": "Speed of the replay" }, ...SPEEDS.map(slow)),
    back: press("back", "One step back"),
    play: press("play", "Replay"),
    forth: press("forth", "One step on"),
    caption: element("p", { class: "time-caption" }),
    words: element("p", { class: "time-words" }),
    heads: drawn("svg", { class: "time-heads", "aria-hidden": "true" }),
    svg,
    area: element("div", { class: "time-area" }, svg),
  };
}

function furnish({ root, scope, back, play, forth, speed: slow, heads, caption, area, words }) {
  const label = element("label", { class: "row" }, "speed", slow);
  root.classList.add("time");
  root.replaceChildren(
    element("div", { class: "wire-bar" }, scope, back, play, forth, label),
    element("div", { class: "time-top" }, heads, caption),
    area,
    words,
    keyOf(),
  );
}

// What is drawn.

function itemsInScope(view) {
  const { feed, traffic } = view;
  const rows = traffic.shown ? feed.rows : feed.rows.filter((row) => !traffic.isOwn(row));
  const items = rows.map((row) => ({ row, told: about(row) })).filter(({ told }) => !told.heartbeat);
  offerScopes(view, items);
  return inScope(items, view.scope.value, view.around);
}

function offerScopes(view, items) {
  const runs = new Map(); // run -> its rows
  for (const { told } of items) {
    if (told.run !== null) runs.set(String(told.run), (runs.get(String(told.run)) ?? 0) + 1);
  }
  const newest = [...runs].reverse().slice(0, RUNS);
  const options = [
    ["recent", "the last 30 seconds"],
    ...(view.around === null ? [] : [["around", "around the chosen row"]]),
    ...newest.map(([run, n]) => [`run:${run}`, `run ${run} (${n} rows)`]),
  ];
  const offered = options.map(([value, text]) => `${value} ${text}`).join("\n");
  if (offered === view.offered) return;
  view.offered = offered;
  const kept = view.scope.value;
  view.scope.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
  view.scope.value = options.some(([value]) => value === kept) ? kept : "recent";
}

function draw(view) {
  const { area, svg } = view;
  const isAtEnd = area.scrollHeight - area.scrollTop - area.clientHeight < 40;
  const items = itemsInScope(view).slice(-MOST);
  const plan = steady(view, items, layout(items, view.feed.rows, Math.max(280, area.clientWidth)));
  const hadFocus = svg.contains(document.activeElement) ? document.activeElement.dataset.row : null;
  view.top = plan.top;
  drawHeads(view, plan);
  drawArrows(view, items, plan);
  change(svg, {
    viewBox: `0 ${plan.top} ${plan.width} ${plan.bottom - plan.top}`,
    width: plan.width,
    height: plan.bottom - plan.top,
  });
  const bonds = view.arrows.map(({ bond }) => bond).filter(Boolean);
  const nodes = view.arrows.map(({ node }) => node);
  arrange(svg, [...livesOf(view, plan), ...silencesOf(view, plan), ...bonds, ...nodes]);
  keepOneTabStop(view, hadFocus);
  highlight(view, current(view));
  if (view.chosen === null && isAtEnd) area.scrollTop = area.scrollHeight;
  tellCaption(view);
}

// The plan moved so far down that the newest arrow of the last picture stays where it stands.
function steady(view, items, plan) {
  const last = items.findLast(({ row }) => view.byRow.has(rowId(row)));
  if (!last) return plan;
  const by = view.byRow.get(rowId(last.row)).y - plan.ys.get(last.row.at);
  return by > 0 && by < FAR ? lowered(plan, by) : plan;
}

// The arrow that had the focus keeps it, even where it was made anew.
function keepOneTabStop({ arrows, byRow, chosen }, hadFocus) {
  const stop = byRow.get(hadFocus ?? chosen) ?? arrows[0];
  for (const arrow of arrows) change(arrow.node, { tabindex: arrow === stop ? "0" : "-1" });
  if (hadFocus && stop && document.activeElement !== stop.node) stop.node.focus({ preventScroll: true });
}

// What is chosen.

const current = ({ arrows, chosen }) => arrows.findIndex(({ row }) => rowId(row) === chosen);

// Lights arrow n and says what it is; with n below 0 none is lit.
function highlight({ arrows, words }, n) {
  arrows.forEach(({ node }, at) => {
    change(node, { "data-on": at === n, "aria-selected": n < 0 ? null : String(at === n) });
  });
  const rest = arrows.length ? "Choose an arrow, or step through them." : "Nothing has crossed yet.";
  if (arrows[n]) words.replaceChildren(...sentences(arrows[n]));
  else if (words.textContent !== rest) words.textContent = rest;
}

// Chooses arrow number `to`, or the nearest there is. Returns its number.
function step(view, to, { focus = false, tellOthers = true } = {}) {
  const n = Math.min(view.arrows.length - 1, Math.max(0, to));
  const arrow = view.arrows[n];
  if (!arrow) return;
  view.chosen = rowId(arrow.row);
  highlight(view, n);
  scrollTo(view, arrow);
  if (focus) arrow.node.focus({ preventScroll: true });
  if (tellOthers) tellSelected(view, arrow);
  return n;
}

function scrollTo({ area, top }, { y, label }) {
  const [from, to] = [Math.min(y, label) - 30 - top, Math.max(y, label) + 30 - top];
  if (from < area.scrollTop) area.scrollTop = from;
  else if (to > area.scrollTop + area.clientHeight) area.scrollTop = to - area.clientHeight;
}

function tellSelected({ root }, { row, told: { event, run, seq } }) {
  const packet = { n: row.n, id: rowId(row), event, run, seq, from: root };
  document.dispatchEvent(new CustomEvent("select-packet", { detail: packet }));
}

function selectAsked(view, asked) {
  const row = findRow(view.feed.rows, asked);
  if (!row) return;
  setPlaying(view, false);
  view.chosen = rowId(row);
  if (!view.byRow.has(rowId(row))) {
    view.around = row.at;
    view.offered = "";
    itemsInScope(view);
    view.scope.value = "around";
  }
  draw(view);
  step(view, current(view), { tellOthers: false });
}

function findRow(rows, { id, n, event, run, seq }) {
  if (id) return rows.find((row) => rowId(row) === id);
  if (n) return rows.find((row) => row.n === n);
  return rows.findLast((row) => {
    const told = about(row);
    const isEvent = told.event === event && !told.isAck;
    return isEvent && (run === undefined || told.run === run) && (seq === undefined || told.seq === seq);
  });
}

// Listeners.

function listenToBar(view) {
  const { back, play, forth, scope, area } = view;
  const stepTo = (to) => {
    setPlaying(view, false);
    step(view, to);
  };
  play.addEventListener("click", () => {
    if (view.isPlaying) return setPlaying(view, false);
    if (!view.arrows.length) return;
    setPlaying(view, true);
    const from = current(view);
    const show = (n) => {
      highlight(view, n);
      scrollTo(view, view.arrows[n]);
    };
    const isAtEnd = from < 0 || from >= view.arrows.length - 1;
    replayFrom(view, isAtEnd ? 0 : from, show, () => draw(view));
  });
  back.addEventListener("click", () =>
    stepTo(current(view) < 0 ? view.arrows.length - 1 : current(view) - 1),
  );
  forth.addEventListener("click", () => stepTo(current(view) + 1));
  view.speed.addEventListener("change", () => setSpeed(Number(view.speed.value)));
  scope.addEventListener("change", () => {
    setPlaying(view, false);
    view.chosen = null;
    draw(view);
    area.scrollTop = 0;
  });
}

function listenToPicture(view) {
  const { svg } = view;
  svg.addEventListener("click", ({ target }) => {
    const n = view.arrows.findIndex(({ node }) => node.contains(target));
    if (n < 0) return;
    setPlaying(view, false);
    step(view, n);
  });
  svg.addEventListener("keydown", (event) => {
    const n = view.arrows.findIndex(({ node }) => node === event.target);
    const to = n < 0 ? undefined : goalOf(event.key, n, view.arrows.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    setPlaying(view, false);
    const on = step(view, to, { focus: true });
    view.arrows.forEach(({ node }, at) => {
      node.setAttribute("tabindex", at === on ? 0 : -1);
    });
  });
}

const goalOf = (key, n, last) =>
  ({
    ArrowDown: n + 1,
    ArrowRight: n + 1,
    ArrowUp: n - 1,
    ArrowLeft: n - 1,
    Home: 0,
    End: last,
    Enter: n,
    " ": n,
  })[key];
