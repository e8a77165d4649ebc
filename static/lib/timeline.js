// A space-time diagram of the rows: time runs down, one line of life for each client and one for the server.
// What is measured is when a frame crossed the server's socket. Where this page's own handlers say when
// something arrived, arrived(run, seq, at) draws the far end; else that end stays open.

import { announce, drawn, element } from "./dom.js";
import { about } from "./explain.js";
import { badge, clock, plain, rowId, sign } from "./peel.js";

const RECENT = 30_000; // ms
const MOST = 200; // arrows in one picture
const PX = 30; // per millisecond; longer silences than GAP are cut out, and their length is printed
const GAP = 4;
const CUT = 40;
const LINE = 24; // between two labels
const NARROW = 480; // px: short names, and no column of times
const FLIGHT = 400; // ms a dot flies where the true flight is not known
const SKIP = 700; // ms a silence takes in the replay
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

const arrivals = new Map(); // "run seq" -> ms on the server's clock
const pictures = new Set();

export function arrived(run, seq, at) {
  arrivals.set(`${run} ${seq}`, at);
  if (arrivals.size > 1000) arrivals.delete(arrivals.keys().next().value);
  for (const again of pictures) again();
}

export function mountTimeline(root, feed) {
  const scope = element("select", { "aria-label": "What is drawn" });
  const speed = element(
    "select",
    { "aria-label": "Speed of the replay" },
    ...[20, 200, 1000].map((slow) => element("option", { value: slow, selected: slow === 200 }, `1/${slow}`)),
  );
  const press = (name, text) =>
    element("button", { type: "button", "aria-label": text, title: text }, sign(name));
  const [back, play, forth] = [
    press("back", "One step back"),
    press("play", "Replay"),
    press("forth", "One step on"),
  ];
  const caption = element("p", { class: "time-caption" });
  const words = element("p", { class: "time-words" });
  const heads = drawn("svg", { class: "time-heads", "aria-hidden": "true" });
  const svg = drawn("svg", {
    class: "time-picture",
    role: "listbox",
    "aria-label": "Arrows in the order of time",
  });
  const area = element("div", { class: "time-area" }, svg);
  const key = element(
    "p",
    { class: "time-key" },
    ...[
      ["up", "up"],
      ["down", "down"],
      ["ack", "an answer, tied to its event"],
      ["open", "this end is not measured"],
      ["cut", "time left out: nothing crosses"],
    ].map(([name, text]) => element("span", { "data-key": name }, sample(name), text)),
  );
  root.classList.add("time");
  root.replaceChildren(
    element(
      "div",
      { class: "wire-bar" },
      scope,
      back,
      play,
      forth,
      element("label", { class: "row" }, "speed", speed),
    ),
    element("div", { class: "time-top" }, heads, caption),
    area,
    words,
    key,
  );

  let [marks, shownTo, playing, timer, frame, around, spanOf] = [[], null, false, 0, 0, null, ""];

  const soon = () =>
    (frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (!playing && area.clientHeight) draw();
    }));

  function rowsInScope() {
    const rows = feed.rows.map((row) => ({ row, told: about(row) })).filter(({ told }) => !told.heartbeat);
    const runs = new Map();
    for (const { told } of rows)
      if (told.run !== null) runs.set(String(told.run), (runs.get(String(told.run)) ?? 0) + 1);
    offer(runs);
    const [kind, name] = scope.value.split(/:(.*)/s);
    if (kind === "run") {
      const mine = rows.filter(({ told }) => String(told.run) === name);
      const [from, to] = [mine[0]?.row.at, mine.at(-1)?.row.at];
      const ids = new Set(mine.filter(({ told }) => told.isAck).map(({ row, told }) => pairKey(row, told)));
      return rows.filter(
        (one) =>
          mine.includes(one) ||
          (one.row.at >= from - 1000 &&
            one.row.at <= to &&
            !one.told.isAck &&
            one.told.id !== null &&
            ids.has(pairKey(one.row, one.told))),
      );
    }
    if (kind === "around" && around !== null)
      return rows.filter(({ row }) => Math.abs(row.at - around) < 1000);
    const end = rows.at(-1)?.row.at ?? 0;
    return rows.filter(({ row }) => row.at > end - RECENT);
  }

  function offer(runs) {
    const options = [
      ["recent", "the last 30 seconds"],
      ...(around === null ? [] : [["around", "around the chosen row"]]),
      ...[...runs]
        .reverse()
        .slice(0, 20)
        .map(([run, n]) => [`run:${run}`, `run ${run} (${n} rows)`]),
    ];
    const now = options.map(([value, text]) => `${value} ${text}`).join("\n");
    if (now === spanOf) return;
    spanOf = now;
    const kept = scope.value;
    scope.replaceChildren(...options.map(([value, text]) => element("option", { value }, text)));
    scope.value = options.some(([value]) => value === kept) ? kept : "recent";
  }

  // Where each thing stands. y is exact within a burst: PX for a millisecond.
  function layout(items, width) {
    const columns = columnsOf(items, robotsIn(feed.rows), width < NARROW);
    const server = Math.round(Math.min(width * (width < NARROW ? 0.36 : 0.44), 90 + columns.length * 90));
    columns.forEach((column, at) => (column.x = Math.round(34 + ((server - 34) * at) / columns.length)));
    const times = items
      .flatMap(({ row, told }) => [row.at, ...(farEnd(row, told) ?? [])])
      .sort((a, b) => a - b);
    const ys = new Map();
    const cuts = [];
    let [y, label, last] = [18, 0, times[0]];
    const at = new Map(items.map(({ row }) => [row, 0]));
    const queue = items.slice();
    for (const time of times) {
      const gap = time - last;
      if (gap > GAP) {
        const to = Math.max(y + CUT, label + CUT);
        cuts.push({ from: y, to, gap });
        y = to;
      } else y += gap * PX;
      ys.set(time, y);
      last = time;
      while (queue.length && queue[0].row.at <= time) {
        label = Math.max(ys.get(queue[0].row.at) ?? y, label + LINE);
        at.set(queue.shift().row, label);
      }
    }
    return { columns, server, ys, cuts, at, height: Math.max(y, label) + 24 };
  }

  function draw() {
    const width = Math.max(280, area.clientWidth);
    const items = rowsInScope().slice(-MOST);
    const stick = area.scrollHeight - area.scrollTop - area.clientHeight < 40;
    const plan = layout(items, width);
    const { columns, server, ys, cuts, at, height } = plan;
    for (const [node, h] of [
      [svg, height],
      [heads, columns.length > 2 ? 34 : 22],
    ]) {
      node.setAttribute("viewBox", `0 0 ${width} ${h}`);
      node.setAttribute("width", width);
      node.setAttribute("height", h);
    }
    heads.replaceChildren(
      ...[...columns, { x: server, name: "server" }].map(({ x, name }, n, all) =>
        drawn(
          "text",
          {
            x,
            y: 15 + (all.length > 3 && n % 2 ? 13 : 0),
            "text-anchor": n ? "middle" : "start",
            dx: n ? 0 : -26,
          },
          name,
        ),
      ),
    );
    const lives = [...columns, { x: server }].map(({ x }) =>
      drawn("line", { class: "life", x1: x, x2: x, y1: 0, y2: height }),
    );
    const silences = cuts.map(({ from, to, gap }) =>
      drawn(
        "g",
        { class: "silence" },
        drawn("rect", { x: 0, y: (from + to) / 2 - 9, width: server + 8, height: 18 }),
        drawn("path", {
          d: `M8 ${(from + to) / 2 - 9}H${server + 8}M8 ${(from + to) / 2 + 9}H${server + 8}`,
        }),
        drawn(
          "text",
          { x: server - 8, y: (from + to) / 2 + 4, "text-anchor": "end" },
          `${long(gap)} left out`,
        ),
      ),
    );
    const events = new Map();
    const first = items[0]?.row.at;
    marks = items.map(({ row, told }) => {
      const y = ys.get(row.at);
      const x = columnOf(columns, row).x;
      let asked = null;
      if (told.id !== null && told.event !== null) {
        const name = pairKey(row, told);
        if (told.isAck) asked = events.get(name) ?? null;
        else events.set(name, { row, y });
      }
      const mark = arrow({ row, told, y, x, server, label: at.get(row), width, asked, first, ys });
      mark.row = row;
      return mark;
    });
    const focused = svg.contains(document.activeElement) ? document.activeElement.dataset.row : null;
    svg.replaceChildren(
      ...lives,
      ...silences,
      ...marks.flatMap(({ bond }) => bond ?? []),
      ...marks.map(({ node }) => node),
    );
    const roving = marks.find(({ row }) => rowId(row) === (focused ?? shownTo)) ?? marks[0];
    roving?.node.setAttribute("tabindex", "0");
    if (focused) roving?.node.focus({ preventScroll: true });
    words.textContent = items.length ? "Choose an arrow, or step through them." : "Nothing has crossed yet.";
    if (shownTo !== null) {
      const n = marks.findIndex(({ row }) => rowId(row) === shownTo);
      if (n >= 0) highlight(n);
    } else if (stick) area.scrollTop = area.scrollHeight;
    tellCaption();
  }

  function highlight(n) {
    marks.forEach(({ node }, at) => {
      node.toggleAttribute("data-on", at === n);
      node.setAttribute("aria-selected", at === n);
    });
    words.replaceChildren(...(marks[n]?.words ?? []));
  }

  function step(to, { focus = false, tellOthers = true } = {}) {
    const n = Math.min(marks.length - 1, Math.max(0, to));
    if (!marks[n]) return;
    shownTo = rowId(marks[n].row);
    highlight(n);
    reveal(marks[n]);
    if (focus) marks[n].node.focus({ preventScroll: true });
    if (tellOthers) choose(marks[n].row);
    return n;
  }

  function reveal({ y, label }) {
    const [top, bottom] = [Math.min(y, label) - 30, Math.max(y, label) + 30];
    if (top < area.scrollTop) area.scrollTop = top;
    else if (bottom > area.scrollTop + area.clientHeight) area.scrollTop = bottom - area.clientHeight;
  }

  function choose(row) {
    const told = about(row);
    document.dispatchEvent(
      new CustomEvent("select-packet", {
        detail: { n: row.n, id: rowId(row), event: told.event, run: told.run, seq: told.seq, from: root },
      }),
    );
  }

  const current = () => marks.findIndex(({ row }) => rowId(row) === shownTo);

  // The replay: real gaps, stretched; silences are skipped.

  function tellCaption() {
    const slow = Number(speed.value);
    caption.textContent =
      playing || root.dataset.replayed !== undefined
        ? `replayed at 1/${slow} of real speed; what is left out is skipped`
        : "";
  }

  function setPlaying(on) {
    playing = on;
    if (on) root.dataset.replayed = "";
    play.replaceChildren(sign(on ? "pause" : "play"));
    play.setAttribute("aria-label", on ? "Pause" : "Replay");
    play.title = on ? "Pause" : "Replay";
    clearTimeout(timer);
    root.toggleAttribute("data-playing", on);
    if (!on) for (const { node } of marks) node.removeAttribute("data-later");
    tellCaption();
  }

  function run(n) {
    if (!playing) return;
    if (n >= marks.length) {
      setPlaying(false);
      announce("The replay is over.");
      return draw();
    }
    marks.forEach(({ node }, at) => node.toggleAttribute("data-later", at > n));
    highlight(n);
    shownTo = rowId(marks[n].row);
    reveal(marks[n]);
    fly(marks[n], Number(speed.value));
    const gap = (marks[n + 1]?.row.at ?? marks[n].row.at + GAP) - marks[n].row.at;
    timer = setTimeout(run, gap > GAP ? SKIP : Math.max(gap * speed.value, 60), n + 1);
  }

  function fly({ node, from, to, flight }, slow) {
    if (CALM.matches) return;
    const dot = drawn("circle", { class: "flying", r: 5 });
    node.append(dot);
    const time = flight === null ? FLIGHT : Math.min(4000, Math.max(120, flight * slow));
    dot
      .animate(
        [
          { transform: `translate(${from[0]}px, ${from[1]}px)` },
          { transform: `translate(${to[0]}px, ${to[1]}px)` },
        ],
        { duration: time, easing: "linear" },
      )
      .finished.finally(() => dot.remove());
  }

  play.addEventListener("click", () => {
    if (playing) return setPlaying(false);
    if (!marks.length) return;
    setPlaying(true);
    const from = current();
    run(from < 0 || from >= marks.length - 1 ? 0 : from);
  });
  back.addEventListener("click", () => [
    setPlaying(false),
    step(current() < 0 ? marks.length - 1 : current() - 1),
  ]);
  forth.addEventListener("click", () => [setPlaying(false), step(current() + 1)]);
  speed.addEventListener("change", tellCaption);
  scope.addEventListener("change", () => {
    setPlaying(false);
    shownTo = null;
    draw();
    area.scrollTop = 0;
  });
  svg.addEventListener("click", ({ target }) => {
    const n = marks.findIndex(({ node }) => node.contains(target));
    if (n >= 0) [setPlaying(false), step(n)];
  });
  svg.addEventListener("keydown", (event) => {
    const n = marks.findIndex(({ node }) => node === event.target);
    if (n < 0) return;
    const to = {
      ArrowDown: n + 1,
      ArrowRight: n + 1,
      ArrowUp: n - 1,
      ArrowLeft: n - 1,
      Home: 0,
      End: marks.length - 1,
      Enter: n,
      " ": n,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setPlaying(false);
    const on = step(to, { focus: true });
    marks.forEach(({ node }, at) => node.setAttribute("tabindex", at === on ? 0 : -1));
  });

  const heardSelect = ({ detail }) => {
    if (detail.from === root) return;
    const row = detail.id
      ? feed.rows.find((one) => rowId(one) === detail.id)
      : detail.n
        ? feed.rows.find((one) => one.n === detail.n)
        : feed.rows.findLast((one) => {
            const told = about(one);
            return (
              told.event === detail.event &&
              !told.isAck &&
              (detail.run === undefined || told.run === detail.run) &&
              (detail.seq === undefined || told.seq === detail.seq)
            );
          });
    if (!row) return;
    setPlaying(false);
    shownTo = rowId(row);
    if (!marks.some((mark) => mark.row === row)) {
      around = row.at;
      spanOf = "";
      rowsInScope();
      scope.value = "around";
    }
    draw();
    step(current(), { tellOthers: false });
  };
  document.addEventListener("select-packet", heardSelect);
  const size = new ResizeObserver(soon);
  size.observe(area);
  const leave = feed.subscribe(soon, () => root.checkVisibility());
  pictures.add(soon);
  draw();
  area.scrollTop = area.scrollHeight;

  return {
    seen() {
      feed.nudge();
      soon();
    },
    leave() {
      leave();
      size.disconnect();
      pictures.delete(soon);
      clearTimeout(timer);
      document.removeEventListener("select-packet", heardSelect);
    },
  };
}

// One arrow with its label; bond is the dotted line that ties an answer to its event.
function arrow({ row, told, y, x, server, label, width, asked, first, ys }) {
  const far = farEnd(row, told);
  const end = far ? ys.get(far[0]) : y;
  const [from, to] = row.up
    ? [
        [far ? x : x + 15, end],
        [server - 1, y],
      ]
    : [
        [server, y],
        [far ? x + 1 : x + 22, end],
      ];
  const slope = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const tip = (turn) =>
    `L${(to[0] - 8 * Math.cos(slope + turn)).toFixed(1)} ${(to[1] - 8 * Math.sin(slope + turn)).toFixed(1)}`;
  const shape = `M${from[0]} ${from[1]}L${to[0]} ${to[1]}`;
  const head = `M${to[0]} ${to[1]}${tip(0.45)}M${to[0]} ${to[1]}${tip(-0.45)}`;
  const narrow = width < NARROW;
  const room = Math.max(8, Math.floor((width - server - (narrow ? 34 : 106)) / 7.85));
  const time = row.at - first;
  const name = `${told.what}${told.where && told.where !== "/" ? ` ${told.where}` : ""}`;
  const after = asked
    ? `${short(row.at - asked.row.at)} after its event`
    : far
      ? `${short(Math.abs(far[0] - row.at))} on its way`
      : "";
  const text = plain(cut(after ? `${name} · ${after}` : `${name} ${told.more}`, room));
  const sentence = `Row ${row.n}, ${row.up ? "up" : "down"}: ${name}, ${row.size} bytes, at ${short(time)}${after ? `, ${after}` : ""}`;
  const node = drawn(
    "g",
    {
      class: "arrow",
      role: "option",
      tabindex: "-1",
      "aria-label": sentence,
      "data-way": row.up ? "up" : "down",
      "data-ack": told.isAck,
      "data-error": Boolean(row.error),
      "data-row": rowId(row),
      "data-at": row.at,
      "data-asked": asked ? rowId(asked.row) : null,
    },
    drawn("path", { class: "hit", d: shape }),
    drawn("path", { class: "shaft", d: shape }),
    drawn("path", { class: "head", d: head }),
    far ? null : drawn("circle", { class: "open", cx: x + 9, cy: y, r: 4 }),
    drawn("circle", { class: "seen", cx: server, cy: y, r: 3 }),
    drawn("path", { class: "leader", d: `M${server + 4} ${y}L${server + 16} ${label}H${server + 20}` }),
    drawn("rect", {
      class: "plate",
      x: server + 20,
      y: label - 11,
      width: Math.max(10, width - server - 24),
      height: 22,
      rx: 4,
    }),
    narrow ? null : drawn("text", { x: server + 26, y: label + 4.5, class: "when" }, short(time)),
    drawn("text", { x: server + (narrow ? 26 : 100), y: label + 4.5 }, text),
  );
  const bend = asked && Math.min(26, 8 + (y - asked.y) / 8);
  const bond = asked
    ? [
        drawn("path", {
          class: "bond",
          "data-of": rowId(row),
          d: `M${server} ${asked.y}C${server + bend} ${asked.y} ${server + bend} ${y} ${server} ${y}`,
        }),
      ]
    : null;
  const words = [
    element("b", {}, name),
    ` ${row.up ? "reached" : "left"} the server at ${clock(row.at)}, ${short(time)} after the first arrow. `,
    badge("captured"),
    ...(after
      ? [
          ` ${asked ? `It answers row ${asked.row.n}: ${short(row.at - asked.row.at)} between the two at the server.` : `This page's handler ran ${short(Math.abs(far[0] - row.at))} later, by the clock it shares with the server.`} `,
          badge("computed"),
        ]
      : [` When it ${row.up ? "left you" : "arrived"} is not measured.`]),
  ];
  return { node, bond, from, to, flight: far ? Math.abs(far[0] - row.at) : null, y, label, words };
}

// When the page's own handler said that it had this event: [ms on the server's clock], or null.
function farEnd(row, told) {
  if (row.up || told.isAck || told.run === null || told.seq === null || row.transport !== "websocket")
    return null;
  const at = arrivals.get(`${told.run} ${told.seq}`);
  return at === undefined ? null : [Math.max(at, row.at)]; // clocks agree to within half a round trip
}

// Each socket is a client of its own; what goes by HTTP is one, for a browser opens and closes connections as it likes.
function columnsOf(items, robots, narrow) {
  const sockets = new Set(
    items.filter(({ row }) => row.transport === "websocket").map(({ row }) => row.connection),
  );
  const keys = new Set(items.map(({ row }) => (sockets.has(row.connection) ? row.connection : "http")));
  return [...keys].map((key) => {
    const robot = robots.get(key);
    return {
      key,
      name: key === "http" ? "HTTP" : robot ? (narrow ? `R${robot}` : `robot ${robot}`) : `you, ${key}`,
    };
  });
}

// Which connections are robots'. A robot says so when it enters a namespace, often still by polling;
// the session in the address tells which socket that became.
function robotsIn(rows) {
  const [robots, sessions] = [new Map(), new Map()];
  for (const { up, connection, transport, layers } of rows) {
    if (!up) continue;
    const session = /[?&]sid=([\w-]+)/.exec(layers[1]?.target ?? "")?.[1];
    const robot = layers.find(({ layer, type }) => layer === "socketio" && type === "CONNECT")?.data?.robot;
    if (robot && transport === "websocket") robots.set(connection, robot);
    else if (robot && session) sessions.set(session, robot);
    else if (sessions.has(session) && /transport=websocket/.test(layers[1].target))
      robots.set(connection, sessions.get(session));
  }
  return robots;
}

const columnOf = (columns, row) =>
  columns.find(({ key }) => key === row.connection) ?? columns.find(({ key }) => key === "http");

const pairKey = (row, { where, id, isAck }) =>
  `${row.up !== isAck} ${row.transport === "websocket" ? row.connection : "http"} ${where} ${id}`;

const short = (ms) => (ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(4)} s`);
const long = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const cut = (text, room) => (text.length > room ? `${text.slice(0, room - 1)}…` : text);

function sample(name) {
  const shapes = {
    up: [
      drawn("path", { class: "shaft", d: "M2 8H24" }),
      drawn("path", { class: "head", d: "M24 8l-7-4M24 8l-7 4" }),
    ],
    down: [
      drawn("path", { class: "shaft", d: "M24 8H2" }),
      drawn("path", { class: "head", d: "M2 8l7-4M2 8l7 4" }),
    ],
    ack: [drawn("path", { class: "bond", d: "M8 1C22 1 22 15 8 15" })],
    open: [
      drawn("circle", { class: "open", cx: 6, cy: 8, r: 4 }),
      drawn("path", { class: "shaft", d: "M12 8H26" }),
    ],
    cut: [drawn("g", { class: "silence" }, drawn("path", { d: "M2 4H26M2 12H26" }))],
  };
  return drawn(
    "svg",
    {
      viewBox: "0 0 28 16",
      width: 28,
      height: 16,
      "aria-hidden": "true",
      class: "arrow",
      "data-way": name === "up" ? "up" : "down",
      "data-ack": false,
    },
    ...shapes[name],
  );
}
