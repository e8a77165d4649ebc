// The list of rows: its bar, its drawing, what it hides and what it keeps. The state is wire.js's `view`.

import { about } from "./about.js";
import { letterOf, nameOf } from "./connections.js";
import { bytes, count, element } from "./dom.js";
import { write } from "./redraw.js";
import { plain, rowId, way } from "./rows.js";
import { sign } from "./signs.js";

const BATCH = 80; // rows put in within one frame: some 10 ms of work
const NEAR = 24; // px from the end that still count as being there
const hidden = (text) => element("span", { class: "hidden" }, text);

// The nodes of the list, and of the bar above it.
export function listParts(tools) {
  const pause = element(
    "button",
    { type: "button", class: "wire-switch", "aria-pressed": "false" },
    sign("pause"),
    element("span", {}, "Pause"),
  );
  const own = element("input", { type: "checkbox", role: "switch" });
  const ownCount = element("span", {}, "0");
  const filter = element("input", {
    type: "search",
    placeholder: "Filter",
    "aria-label": "Show only rows that contain",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "100",
  });
  const [up, down] = [element("span"), element("span")];
  const sums = element("p", { class: "wire-sums", title: "All rows in this list: up, down" });
  sums.append(sign("up"), hidden("up "), up, sign("down"), hidden("down "), down);
  const label = element("label", { class: "wire-switch" }, own, "Show the page's own traffic", ownCount);
  const bar = element("div", { class: "wire-bar" }, pause, label, filter, ...tools, sums);
  return { bar, pause, own, ownCount, filter, up, down, ...logParts() };
}

function logParts() {
  const top = element("p", { class: "wire-top" });
  const rows = element("ol");
  const label = "What crossed the wire, oldest first";
  const attributes = { class: "wire-log", role: "log", "aria-live": "off", "aria-label": label };
  const log = element("div", attributes, top, rows);
  const newerCount = element("span");
  const newer = element(
    "button",
    { type: "button", class: "wire-new", hidden: true },
    newerCount,
    sign("low"),
  );
  return { top, rows, log, newer, newerCount };
}

// Rows came: whatever comes within one frame is put in together; into a closed list, when it is opened.
export function take(view, added) {
  const { waiting, feed } = view;
  waiting.push(...added);
  if (waiting.length > feed.kept) waiting.splice(0, waiting.length - feed.kept);
  soon(view);
}

function soon(view) {
  view.frame ||= requestAnimationFrame(() => {
    view.frame = 0;
    if (view.root.checkVisibility()) draw(view);
  });
}

// Puts in a batch of the rows that wait, or all of them; the next batch follows in the next frame.
export function draw(view, most = BATCH) {
  const { shown, feed, list } = view;
  const stick = view.following && !shown.paused;
  if (!shown.paused) {
    addWaiting(view, stick, most);
    trim(view, stick ? feed.kept : feed.kept * 2);
  }
  if (stick) {
    list.log.scrollTop = list.log.scrollHeight;
    view.unseen = 0;
  }
  tellSums(view);
  view.onDrawn();
  if (view.waiting.length && !shown.paused) soon(view);
}

function addWaiting(view, stick, most) {
  const batch = document.createDocumentFragment();
  for (const row of view.waiting.splice(0, most)) {
    const id = rowId(row);
    if (view.entries.has(id)) continue;
    view.origin ??= row.at;
    const entry = entryOf(view, row, id);
    view.entries.set(id, entry);
    entry.item.hidden = !fits(view, entry);
    batch.append(entry.item);
    if (!stick && !entry.item.hidden) view.unseen++;
  }
  view.list.rows.append(batch);
}

function trim({ entries, selected }, most) {
  for (const [id, { item }] of entries) {
    if (entries.size <= most) break;
    if (selected?.item === item) continue;
    item.remove();
    entries.delete(id);
  }
}

// One row as the list holds it: the row, what is said of it, its nodes, and the text for the filter.
function entryOf({ origin, traffic }, row, id) {
  const told = about(row);
  const isOwn = traffic.isOwn(row);
  const button = element(
    "button",
    { type: "button", tabindex: "-1" },
    element("span", { class: "wire-way" }, sign(row.up ? "up" : "down"), hidden(row.up ? "up" : "down")),
    element("span", { class: "wire-time" }, ((row.at - origin) / 1000).toFixed(3)),
    element("span", { class: "wire-letter", title: nameOf(row.connection) }, letterOf(row.connection)),
    element("span", { class: "wire-what-row" }, ...rowWords(row, told)),
    element("span", { class: "wire-size" }, bytes(row.size)),
  );
  const attributes = { id, "data-way": row.up ? "up" : "down" };
  const marks = { "data-error": Boolean(row.error), "data-own": isOwn };
  const item = element("li", { ...attributes, ...marks }, button);
  const names = `${row.summary} ${told.what} ${told.where} ${row.transport} ${way(row.up)}`;
  const text = `${names} ${nameOf(row.connection)} ${row.error?.message ?? ""}`.toLowerCase();
  return { row, told, isOwn, item, button, text };
}

function rowWords(row, told) {
  const detail = row.error ? row.error.message : plain(told.more.slice(0, 160));
  return [
    ...(row.error ? [sign("wrong"), hidden("breaks a rule: ")] : []),
    element("b", {}, element("bdi", {}, told.what)),
    told.where && element("span", {}, ` ${told.where}`),
    " ",
    element("bdi", { class: "wire-json" }, detail),
    told.also ? ` and ${told.also} more` : "",
  ];
}

const fits = ({ shown, traffic }, { isOwn, row, text }) =>
  (traffic.shown || !isOwn) &&
  (!shown.connection || row.connection === shown.connection) &&
  (!shown.words || text.includes(shown.words));

// The sums, how many rows wait below, and a sentence where the list is empty.
function tellSums(view) {
  const { entries, shown, waiting, list } = view;
  let [up, down, visible] = [0, 0, 0];
  const own = { rows: 0, size: 0 };
  for (const { row, isOwn, item } of entries.values()) {
    own.rows += isOwn;
    own.size += isOwn && row.size;
    if (item.hidden) continue;
    visible++;
    if (row.up) up += row.size;
    else down += row.size;
  }
  write(list.ownCount, `${count(own.rows, "row")}, ${bytes(own.size)}`);
  write(list.up, bytes(up));
  write(list.down, bytes(down));
  const held = shown.paused ? waiting.length : view.unseen;
  list.newer.hidden = !held;
  write(list.newerCount, `${held} new`);
  write(list.top, topLine(view, visible));
  list.top.hidden = !list.top.textContent;
  list.top.toggleAttribute("data-bad", Boolean(view.feed.broken));
  if (!list.rows.querySelector("button[tabindex='0']"))
    list.rows.querySelector("li:not([hidden]) button")?.setAttribute("tabindex", "0");
}

function topLine({ feed, entries, shown }, visible) {
  if (feed.broken) return feed.broken;
  if (feed.dropped) return `${count(feed.dropped, "older row")} are kept no longer.`;
  if (!entries.size) return "Nothing has crossed yet. Press something that sends to the server.";
  if (visible) return "";
  return shown.words || shown.connection
    ? "No row fits the filter."
    : "Only the page's own traffic has crossed so far.";
}

// What is hidden changed.
export function refit(view) {
  const { entries, list } = view;
  for (const entry of entries.values()) entry.item.hidden = !fits(view, entry);
  for (const button of list.rows.querySelectorAll("button[tabindex='0']"))
    if (button.closest("[hidden]")) button.tabIndex = -1;
  if (view.following) list.log.scrollTop = list.log.scrollHeight;
  tellSums(view);
}

export function follow(view) {
  setPaused(view, false);
  view.following = true;
  draw(view, Infinity);
  view.unseen = 0;
  tellSums(view);
}

export function setPaused({ shown, list }, on) {
  shown.paused = on;
  list.pause.setAttribute("aria-pressed", on);
  list.pause.replaceChildren(sign(on ? "play" : "pause"), element("span", {}, on ? "Resume" : "Pause"));
}

export function noteScroll(view) {
  const { log } = view.list;
  if (!log.clientHeight) return; // hidden: it says 0, and will be told where it was
  view.following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  view.place = log.scrollTop;
  if (!view.following || !view.unseen || view.shown.paused) return;
  view.unseen = 0;
  tellSums(view);
}

export function clear(view) {
  view.entries.clear();
  view.list.rows.replaceChildren();
  view.waiting.length = 0;
  view.origin = null;
}

// The entry that another view names: by its id, its number, or its event; the latest that fits.
export function find({ entries }, { id, n, event, run, seq }) {
  if (id) return entries.get(id);
  const newestFirst = [...entries.values()].reverse();
  if (n) return newestFirst.findLast(({ row }) => row.n === n);
  const isIt = ({ told }) =>
    told.event === event &&
    !told.isAck &&
    (run === undefined || told.run === run) &&
    (seq === undefined || told.seq === seq);
  return newestFirst.find(isIt);
}
