// The wire drawer: rows of what crossed, and one of them opened layer by layer.
// mount(root, feed) fills an empty [data-wire]; data-layers says which layers are explained ("event", "all").
// traffic: {isOwn(row), shown}: which rows are the page's own traffic, and whether the views show them.
// isEager: the latest telling row is opened again and again until the reader chooses, not only at first.

import { element } from "./dom.js";
import { housekeeping, telling } from "./housekeeping.js";
import { walk } from "./roving.js";
import { rowId } from "./rows.js";
import { hint, openDetail, showLayer } from "./wiredetail.js";
import { clear, draw, find, follow, listParts, noteScroll, refit, setPaused, take } from "./wirelist.js";

const phone = matchMedia("(max-width: 800px)");

export const ownTraffic = (isOwn = housekeeping()) => ({ isOwn, shown: false });

export function mount(root, feed, options = {}) {
  const { tools = [], onSelect = () => {}, traffic = ownTraffic(), isEager = false } = options;
  const detail = element("section", { class: "wire-detail", "aria-label": "The opened row" }, hint());
  const view = {
    root,
    feed,
    onSelect,
    detail,
    list: listParts(tools),
    traffic,
    isEager,
    entries: new Map(), // row id -> {row, told, isOwn, item, button, text}
    waiting: [], // rows that came and are not drawn yet
    memory: { open: null, unmask: false },
    shown: { words: "", connection: "", paused: false, all: false },
    frame: 0,
    selected: null, // an entry
    unseen: 0, // rows drawn below the edge
    origin: null, // the time of the first row
    following: true, // whether the list stays at its end …
    place: 0, // … else where it was
    wanted: "", // the id of a row that a link asked for and that has not come yet
    isUntouched: true, // nobody has chosen or closed a row yet
    onDrawn: () => openWanted(view),
  };
  const { list } = view;
  const { bar, log, newer } = list;
  const body = element("div", { class: "wire-body" }, element("div", { class: "wire-list" }, log, newer));
  body.append(detail);
  root.classList.add("wire");
  root.removeAttribute("data-peeled");
  root.replaceChildren(bar, body);
  listenToBar(view);
  listenToRows(view);
  const leave = listenOutside(view);
  view.waiting.push(...feed.rows);
  view.wanted = linked();
  view.isUntouched = !view.wanted;
  draw(view);
  log.scrollTop = log.scrollHeight;
  return {
    only(connection) {
      view.shown.connection = connection;
      refit(view);
    },
    // The list is on the screen again.
    seen() {
      feed.nudge();
      draw(view);
      refit(view);
      list.own.checked = traffic.shown;
      log.scrollTop = view.following ? log.scrollHeight : view.place;
      openTelling(view);
      view.selected?.item.scrollIntoView({ block: "nearest" });
    },
    // Opens the latest row of this name: of an event, a method, a status. Returns whether there is one.
    latest(name) {
      draw(view, Infinity);
      const entry = [...view.entries.values()].filter(({ told }) => told.what === name).at(-1);
      view.isUntouched &&= !entry;
      if (entry) select(view, entry, { reveal: true, focus: true });
      return Boolean(entry);
    },
    rows() {
      draw(view, Infinity);
      return [...view.entries.values()].map(({ row }) => row);
    },
    leave,
  };
}

// Until the reader has chosen, the latest event of the lesson is open. On a phone it would cover the list.
function openTelling(view) {
  if (!view.isUntouched || view.wanted || phone.matches) return;
  const row = telling(
    [...view.entries.values()].map((entry) => entry.row),
    view.traffic.isOwn,
  );
  const entry = row && view.entries.get(rowId(row));
  if (entry && entry !== view.selected) select(view, entry, { tellOthers: false });
}

const isLessons = (entry) => Boolean(entry && entry.told.event !== null && !entry.told.isAck);

// The opened row.

function select(view, entry, { tellOthers = true, reveal = false, focus = false } = {}) {
  const { root, detail, list, selected } = view;
  selected?.item.removeAttribute("data-selected");
  selected?.button.removeAttribute("aria-current");
  view.selected = entry;
  root.toggleAttribute("data-peeled", Boolean(entry));
  if (!entry) return detail.replaceChildren(hint());
  const { row, told, item, button } = entry;
  item.toggleAttribute("data-selected", true);
  button.setAttribute("aria-current", "true");
  for (const other of list.rows.querySelectorAll("button[tabindex='0']")) other.tabIndex = -1;
  button.tabIndex = 0;
  if (item.hidden && reveal) clearFilters(view);
  if (reveal) item.scrollIntoView({ block: "nearest" });
  openDetail(view, () => close(view));
  if (focus && phone.matches) detail.querySelector("h3").focus();
  view.onSelect(row, told);
  if (!tellOthers) return;
  const { event, run, seq } = told;
  const packet = { n: row.n, id: rowId(row), event, run, seq, from: root };
  document.dispatchEvent(new CustomEvent("select-packet", { detail: packet }));
}

function close(view) {
  view.isUntouched = false;
  const { button } = view.selected;
  select(view, null);
  button.focus();
}

function clearFilters(view) {
  Object.assign(view.shown, { words: "", connection: "" });
  view.list.filter.value = "";
  if (view.selected.isOwn) view.list.own.checked = view.traffic.shown = true;
  refit(view);
}

// The row that a link names: its id, or nothing.
const linked = () => (location.hash.startsWith("#wire-") ? location.hash.slice(1) : "");

// Rows were put in: opens the one that a link asked for, else the one that tells most.
function openWanted(view) {
  const entry = view.entries.get(view.wanted);
  if (entry) {
    view.wanted = "";
    select(view, entry, { reveal: true });
  }
  const isSettled = isLessons(view.selected) && !view.isEager;
  if (!isSettled && !view.waiting.length) openTelling(view);
}

// Listeners.

function listenToBar(view) {
  const { shown, list, traffic } = view;
  list.pause.addEventListener("click", () => (shown.paused ? follow(view) : setPaused(view, true)));
  list.newer.addEventListener("click", () => follow(view));
  list.log.addEventListener("scroll", () => noteScroll(view), { passive: true });
  list.own.addEventListener("change", () => {
    traffic.shown = list.own.checked;
    refit(view);
  });
  list.filter.addEventListener("input", () => {
    shown.words = list.filter.value.trim().toLowerCase();
    refit(view);
  });
}

function listenToRows(view) {
  const { root, detail, entries } = view;
  const { rows } = view.list;
  rows.addEventListener("click", ({ target }) => {
    const item = target.closest("li");
    view.isUntouched &&= !item;
    if (item) select(view, entries.get(item.id), { focus: true });
  });
  rows.addEventListener("keydown", (event) => {
    const from = event.target.closest("button");
    const to = from && walk(event, from);
    if (to && view.selected && !phone.matches) select(view, entries.get(to.closest("li").id));
  });
  detail.addEventListener("click", ({ target }) => {
    showLayer(detail, target.closest("h3")?.closest(".wire-layer[data-open]"));
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !view.selected) return;
    event.stopPropagation();
    close(view);
  });
}

// The other views, the address, and the feed. Returns how to leave them all.
function listenOutside(view) {
  const { root, feed, waiting, shown } = view;
  const onSelect = ({ detail: asked }) => {
    if (asked.from === root) return;
    if (waiting.length && !shown.paused) draw(view, Infinity);
    const entry = find(view, asked);
    view.isUntouched &&= !entry;
    if (entry) select(view, entry, { tellOthers: false, reveal: true });
  };
  const onLink = () => {
    const id = linked();
    if (!id || id === view.selected?.item.id) return;
    view.wanted = id; // it may still be on its way here
    view.isUntouched = false;
    openWanted(view);
  };
  document.addEventListener("select-packet", onSelect);
  addEventListener("hashchange", onLink);
  const onRows = (added, again) => {
    if (again) {
      clear(view);
      select(view, null);
      view.isUntouched = true;
    }
    take(view, added);
  };
  const unsubscribe = feed.subscribe(onRows, () => root.checkVisibility());
  const { log } = view.list;
  const size = new ResizeObserver(() => {
    if (view.following && !shown.paused) log.scrollTop = log.scrollHeight;
  });
  size.observe(log);
  return () => {
    unsubscribe();
    size.disconnect();
    cancelAnimationFrame(view.frame);
    document.removeEventListener("select-packet", onSelect);
    removeEventListener("hashchange", onLink);
  };
}
