// The wire drawer: rows of what crossed, and one of them opened layer by layer.
// mount(root, feed) fills an empty [data-wire]; data-layers says which layers are explained ("event bytes", "all").

import { announce, bytes, copyText, count, element } from "./dom.js";
import { about } from "./explain.js";
import { LAYERS, asText, clock, errorBox, peel, plain, rowId, sign, walk, way } from "./peel.js";

const NEAR = 24; // px from the end that still count as being there
const phone = matchMedia("(max-width: 800px)");

export function mount(root, feed, { tools = [], onSelect = () => {} } = {}) {
  const entries = new Map(); // row id -> {row, told, item}
  const waiting = []; // rows that came and are not drawn yet
  const memory = { open: null, unmask: false };
  const shown = { heartbeats: false, words: "", connection: "", paused: false, all: false };
  let [frame, selected, unseen, origin] = [0, null, 0, null];
  let [following, place] = [true, 0]; // whether the list stays at its end; else where it was

  const pause = toggle("pause", "Pause");
  const beats = element("input", { type: "checkbox", role: "switch" });
  const beatsCount = element("span", {}, "0");
  const filter = element("input", {
    type: "search",
    placeholder: "Filter",
    "aria-label": "Show only rows that contain",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "100",
  });
  const sums = element(
    "p",
    { class: "wire-sums", title: "All rows in this list: up, down" },
    sign("up"),
    element("span", { class: "hidden" }, "up "),
    element("span"),
    sign("down"),
    element("span", { class: "hidden" }, "down "),
    element("span"),
  );
  const bar = element(
    "div",
    { class: "wire-bar" },
    pause,
    element("label", { class: "wire-switch" }, beats, "Heartbeats and clock", beatsCount),
    filter,
    ...tools,
    sums,
  );
  const top = element("p", { class: "wire-top" });
  const list = element("ol");
  const log = element(
    "div",
    {
      class: "wire-log",
      role: "log",
      "aria-live": "off",
      "aria-label": "What crossed the wire, oldest first",
    },
    top,
    list,
  );
  const newer = element(
    "button",
    { type: "button", class: "wire-new", hidden: true },
    element("span"),
    sign("low"),
  );
  const detail = element(
    "section",
    { class: "wire-detail", "aria-label": "The opened row" },
    element("p", { class: "wire-hint" }, "Choose a row to open it."),
  );
  root.classList.add("wire");
  root.removeAttribute("data-peeled");
  root.replaceChildren(
    bar,
    element("div", { class: "wire-body" }, element("div", { class: "wire-list" }, log, newer), detail),
  );

  // Drawing: whatever comes within one frame is put in together.

  const fits = ({ told, row, text }) =>
    (shown.heartbeats || !told.heartbeat) &&
    (!shown.connection || row.connection === shown.connection) &&
    (!shown.words || text.includes(shown.words));
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const soon = () => (frame ||= requestAnimationFrame(draw));

  function draw() {
    frame = 0;
    const stick = following && !shown.paused;
    if (!shown.paused) {
      const batch = document.createDocumentFragment();
      for (const row of waiting.splice(0)) {
        const id = rowId(row);
        if (entries.has(id)) continue;
        origin ??= row.at;
        const entry = made(row, id);
        entries.set(id, entry);
        entry.item.hidden = !fits(entry);
        batch.append(entry.item);
        if (!stick && !entry.item.hidden) unseen++;
      }
      list.append(batch);
      trim(stick ? feed.kept : feed.kept * 2);
    }
    if (stick) {
      log.scrollTop = log.scrollHeight;
      unseen = 0;
    }
    tell();
  }

  function made(row, id) {
    const told = about(row);
    const button = element(
      "button",
      { type: "button", tabindex: "-1" },
      element(
        "span",
        { class: "wire-way" },
        sign(row.up ? "up" : "down"),
        element("span", { class: "hidden" }, row.up ? "up" : "down"),
      ),
      element("span", { class: "wire-time" }, ((row.at - origin) / 1000).toFixed(3)),
      element(
        "span",
        { class: "wire-what-row" },
        ...(row.error ? [sign("wrong"), element("span", { class: "hidden" }, "breaks a rule: ")] : []),
        element("b", {}, element("bdi", {}, told.what)),
        told.where && element("span", {}, ` ${told.where}`),
        " ",
        element(
          "bdi",
          { class: "wire-json" },
          row.error ? row.error.message : plain(told.more.slice(0, 160)),
        ),
        told.also ? ` and ${told.also} more` : "",
      ),
      element("span", { class: "wire-size" }, bytes(row.size)),
    );
    const item = element(
      "li",
      {
        id,
        "data-way": row.up ? "up" : "down",
        "data-error": Boolean(row.error),
        "data-beat": told.heartbeat,
      },
      button,
    );
    return {
      row,
      told,
      item,
      button,
      text: `${row.summary} ${told.what} ${told.where} ${row.transport} ${way(row.up)} ${row.error?.message ?? ""}`.toLowerCase(),
    };
  }

  function trim(most) {
    for (const [id, { item }] of entries) {
      if (entries.size <= most) break;
      if (selected?.item === item) continue;
      item.remove();
      entries.delete(id);
    }
  }

  function tell() {
    let [up, down, heartbeats, visible] = [0, 0, 0, 0];
    for (const { row, told, item } of entries.values()) {
      if (told.heartbeat) heartbeats++;
      if (item.hidden) continue;
      visible++;
      row.up ? (up += row.size) : (down += row.size);
    }
    put(beatsCount, String(heartbeats));
    put(sums.children[2], bytes(up));
    put(sums.children[5], bytes(down));
    const held = shown.paused ? waiting.length : unseen;
    newer.hidden = !held;
    put(newer.firstElementChild, `${held} new`);
    put(
      top,
      feed.broken ||
        (feed.dropped
          ? `${count(feed.dropped, "older row")} are kept no longer.`
          : entries.size && !visible
            ? "No row fits the filter."
            : entries.size
              ? ""
              : "Nothing has crossed yet. Press something that speaks to the server."),
    );
    top.hidden = !top.textContent;
    top.toggleAttribute("data-bad", Boolean(feed.broken));
    if (!list.querySelector("button[tabindex='0']"))
      list.querySelector("li:not([hidden]) button")?.setAttribute("tabindex", "0");
  }

  function refit() {
    for (const entry of entries.values()) entry.item.hidden = !fits(entry);
    for (const button of list.querySelectorAll("button[tabindex='0']"))
      if (button.closest("[hidden]")) button.tabIndex = -1;
    if (following) log.scrollTop = log.scrollHeight;
    tell();
  }

  function follow() {
    setPaused(false);
    following = true;
    draw();
    unseen = 0;
    tell();
  }

  function setPaused(on) {
    shown.paused = on;
    pause.setAttribute("aria-pressed", on);
    pause.replaceChildren(sign(on ? "play" : "pause"), element("span", {}, on ? "Resume" : "Pause"));
  }

  // Opening a row.

  const layers = () =>
    new Set(
      shown.all || root.dataset.layers === "all" || !root.dataset.layers
        ? LAYERS
        : root.dataset.layers.split(" "),
    );

  function select(entry, { tellOthers = true, reveal = false, focus = false } = {}) {
    selected?.item.removeAttribute("data-selected");
    selected?.button.removeAttribute("aria-current");
    selected = entry;
    root.toggleAttribute("data-peeled", Boolean(entry));
    if (!entry)
      return detail.replaceChildren(element("p", { class: "wire-hint" }, "Choose a row to open it."));
    entry.item.toggleAttribute("data-selected", true);
    entry.button.setAttribute("aria-current", "true");
    for (const button of list.querySelectorAll("button[tabindex='0']")) button.tabIndex = -1;
    entry.button.tabIndex = 0;
    if (entry.item.hidden && reveal) clearFilters();
    if (reveal) entry.item.scrollIntoView({ block: "nearest" });
    open(entry);
    if (focus && phone.matches) detail.querySelector("h3").focus();
    onSelect(entry.row, entry.told);
    if (tellOthers)
      document.dispatchEvent(new CustomEvent("select-packet", { detail: { ...known(entry), from: root } }));
  }

  function open({ row }) {
    const some = layers();
    const close = element("button", { type: "button", "aria-label": "Close this row" }, sign("close"));
    const copy = element("button", { type: "button" }, sign("copy"), element("span", {}, "Copy"));
    const here = element(
      "a",
      { class: "button", href: `#${rowId(row)}` },
      sign("link"),
      element("span", {}, "Link"),
    );
    const hidden = LAYERS.filter((key) => !some.has(key) && row.layers.some(({ layer }) => layer === key));
    copy.addEventListener("click", () => {
      const done = copyText(asText(row));
      copy.lastChild.textContent = done ? "Copied" : "Not possible here";
      announce(done ? `Row ${row.n} is copied as text.` : "This browser does not let the page copy.");
    });
    close.addEventListener("click", () => {
      const { button } = selected;
      select(null);
      button.focus();
    });
    detail.replaceChildren(
      element(
        "header",
        {},
        element(
          "h3",
          { tabindex: "-1", "data-way": row.up ? "up" : "down" },
          sign(row.up ? "up" : "down"),
          element("span", {}, `Row ${row.n}`),
          element(
            "small",
            {},
            element("span", { class: "wire-wide" }, `${way(row.up)}, `),
            `${bytes(row.size)}, ${clock(row.at)}`,
          ),
        ),
        element("p", { class: "wire-acts" }, copy, here, close),
      ),
      ...(row.error ? [errorBox(row.error)] : []),
      peel(row, some, memory),
      ...(hidden.length ? [more(hidden.length)] : []),
    );
    detail.scrollTop = 0;
    if (!row.error) toLayer(detail.querySelector(".wire-layer[data-open]"));
  }

  // An opened layer that reaches below the edge moves up, as far as its own head stays in sight.
  function toLayer(layer) {
    if (!layer) return;
    const below = layer.getBoundingClientRect().bottom - detail.getBoundingClientRect().bottom;
    const above =
      layer.getBoundingClientRect().top - detail.querySelector("header").getBoundingClientRect().bottom;
    if (below > 0) detail.scrollTop += Math.max(0, Math.min(below + 8, above - 4));
  }

  // The quiet way past a lesson's order.
  function more(n) {
    const button = element("button", { type: "button", class: "wire-switch" }, "Show all layers");
    button.addEventListener("click", () => {
      shown.all = true;
      open(selected);
    });
    return element(
      "p",
      { class: "wire-locked" },
      `${count(n, "layer")} between ${n === 1 ? "is" : "are"} opened in a later lesson.`,
      button,
    );
  }

  const known = ({ row, told }) => ({
    n: row.n,
    id: rowId(row),
    event: told.event,
    run: told.run,
    seq: told.seq,
  });

  function find({ id, n, event, run, seq }) {
    const all = [...entries.values()].reverse();
    if (id) return entries.get(id);
    if (n) return all.findLast(({ row }) => row.n === n);
    return all.find(
      ({ told }) =>
        told.event === event &&
        !told.isAck &&
        (run === undefined || told.run === run) &&
        (seq === undefined || told.seq === seq),
    );
  }

  function clearFilters() {
    Object.assign(shown, { words: "", connection: "", heartbeats: true });
    filter.value = "";
    beats.checked = true;
    refit();
  }

  // Ears.

  pause.addEventListener("click", () => (shown.paused ? follow() : setPaused(true)));
  newer.addEventListener("click", follow);
  log.addEventListener(
    "scroll",
    () => {
      if (!log.clientHeight) return; // hidden: it says 0, and will be told where it was
      [following, place] = [atEnd(), log.scrollTop];
      if (!following || !unseen || shown.paused) return;
      unseen = 0;
      tell();
    },
    { passive: true },
  );
  beats.addEventListener("change", () => {
    shown.heartbeats = beats.checked;
    refit();
  });
  filter.addEventListener("input", () => {
    shown.words = filter.value.trim().toLowerCase();
    refit();
  });
  list.addEventListener("click", ({ target }) => {
    const item = target.closest("li");
    if (item) select(entries.get(item.id), { focus: true });
  });
  list.addEventListener("keydown", (event) => {
    const from = event.target.closest("button");
    const to = from && walk(event, from);
    if (to && selected && !phone.matches) select(entries.get(to.closest("li").id));
  });
  detail.addEventListener("click", ({ target }) =>
    toLayer(target.closest("h3")?.closest(".wire-layer[data-open]")),
  );
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !selected) return;
    event.stopPropagation();
    const { button } = selected;
    select(null);
    button.focus();
  });

  const heardSelect = ({ detail: asked }) => {
    if (asked.from === root) return;
    if (waiting.length && !shown.paused) draw();
    const entry = find(asked);
    if (entry) select(entry, { tellOthers: false, reveal: true });
  };
  // A link to a packet; it may still be on its way here.
  let wanted = "";
  const byLink = () => {
    const id = location.hash.slice(1);
    if (!id.startsWith("wire-") || id === selected?.item.id) return;
    const entry = entries.get(id);
    wanted = entry ? "" : id;
    if (entry) select(entry, { reveal: true });
  };
  document.addEventListener("select-packet", heardSelect);
  addEventListener("hashchange", byLink);

  const leave = feed.subscribe(
    (added, again) => {
      if (again) {
        entries.clear();
        list.replaceChildren();
        waiting.length = 0;
        origin = null;
        select(null);
      }
      waiting.push(...added);
      if (waiting.length > feed.kept) waiting.splice(0, waiting.length - feed.kept);
      soon();
      if (wanted) requestAnimationFrame(() => requestAnimationFrame(byLink));
    },
    () => root.checkVisibility(),
  );
  waiting.push(...feed.rows);
  draw();
  log.scrollTop = log.scrollHeight;
  byLink();

  return {
    only(connection) {
      shown.connection = connection;
      refit();
    },
    // The list is on the screen again.
    seen() {
      feed.nudge();
      log.scrollTop = following ? log.scrollHeight : place;
      if (selected) selected.item.scrollIntoView({ block: "nearest" });
    },
    rows: () => [...entries.values()].map(({ row }) => row),
    leave() {
      leave();
      cancelAnimationFrame(frame);
      document.removeEventListener("select-packet", heardSelect);
      removeEventListener("hashchange", byLink);
    },
  };
}

// Most frames change nothing in most places.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function toggle(name, text) {
  return element(
    "button",
    { type: "button", class: "wire-switch", "aria-pressed": "false" },
    sign(name),
    element("span", {}, text),
  );
}
