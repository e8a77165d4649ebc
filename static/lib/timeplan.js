// Where each row stands in the space-time diagram. Knows no page; the times of arrival are told to it.

import { letterOf } from "./connections.js";

export const NARROW = 480; // px: short names, and no column of times
export const GAP = 4; // ms; a longer silence is cut out, and its length is printed
const PX = 30; // per millisecond
export const CUT = 40; // px for a silence
const LINE = 24; // between two labels
const TOP = 18;
const RECENT = 30_000; // ms
const HEAD_CHARACTER = 8.2; // px of the name over a line of life, at most
const APART = 6; // px between two such names

const arrivals = new Map(); // "run seq" -> ms on the server's clock

export function noteArrival(run, seq, at) {
  arrivals.set(`${run} ${seq}`, at);
  if (arrivals.size > 1000) arrivals.delete(arrivals.keys().next().value);
}

// When the page's own handler said that it had this event: ms on the server's clock, or null.
export function farEnd(row, told) {
  if (row.up || told.isAck || told.run === null || told.seq === null || row.transport !== "websocket")
    return null;
  const at = arrivals.get(`${told.run} ${told.seq}`);
  return at === undefined ? null : Math.max(at, row.at); // clocks agree to within half a round trip
}

// The items {row, told} of a scope: "run:<id>", "around" a moment, or "recent".
export function inScope(items, scope, around) {
  const [kind, name] = scope.split(/:(.*)/s);
  if (kind === "run") return ofRun(items, name);
  if (kind === "around" && around !== null)
    return items.filter(({ row }) => Math.abs(row.at - around) < 1000);
  const end = items.at(-1)?.row.at ?? 0;
  return items.filter(({ row }) => row.at > end - RECENT);
}

// What belongs to a run: its rows, and the events whose answers name it.
function ofRun(items, name) {
  const mine = new Set(items.filter(({ told }) => String(told.run) === name));
  const times = [...mine].map(({ row }) => row.at);
  const answered = new Set([...mine].filter(({ told }) => told.isAck).map(pairKey));
  const isAnswered = (item) =>
    item.row.at >= times[0] - 1000 &&
    item.row.at <= times.at(-1) &&
    !item.told.isAck &&
    item.told.id !== null &&
    answered.has(pairKey(item));
  return items.filter((item) => mine.has(item) || isAnswered(item));
}

// The same for an event and for its answer.
const pairKey = ({ row, told }) => {
  const line = row.transport === "websocket" ? row.connection : "http";
  return `${row.up !== told.isAck} ${line} ${told.where} ${told.id}`;
};

// answer item -> the item of its event.
export function pairsOf(items) {
  const [events, pairs] = [new Map(), new Map()];
  for (const item of items) {
    const { id, event, isAck } = item.told;
    if (id === null || event === null) continue;
    if (!isAck) events.set(pairKey(item), item);
    else if (events.has(pairKey(item))) pairs.set(item, events.get(pairKey(item)));
  }
  return pairs;
}

// y is exact within a burst: PX for a millisecond. The labels stand at least LINE apart, so each has a y of
// its own. ys: time -> y; labels: row -> y; cuts: the silences left out.
export function layout(items, rows, width) {
  const columns = columnsOf(items, robotsIn(rows), width < NARROW);
  const share = width * (width < NARROW ? 0.36 : 0.44);
  const server = Math.round(Math.min(share, 90 + columns.length * 90));
  columns.forEach((column, at) => {
    column.x = Math.round(34 + ((server - 34) * at) / columns.length);
  });
  return { columns, server, width, ...heights(items) };
}

function heights(items) {
  const times = items
    .flatMap(({ row, told }) => [row.at, farEnd(row, told)])
    .filter((time) => time !== null)
    .sort((a, b) => a - b);
  const [ys, labels, cuts, queue] = [new Map(), new Map(), [], items.slice()];
  let [y, label, last] = [TOP, 0, times[0]];
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
      const { row } = queue.shift();
      label = Math.max(ys.get(row.at) ?? y, label + LINE);
      labels.set(row, label);
    }
  }
  return { ys, labels, cuts, top: 0, bottom: Math.max(y, label) + 24 };
}

// The same plan, further down: a picture that loses its oldest rows leaves the others where they stand.
export function lowered(plan, by) {
  const lower = (map) => new Map([...map].map(([key, y]) => [key, rounded(y + by)]));
  const cuts = plan.cuts.map(({ from, to, gap }) => ({
    from: rounded(from + by),
    to: rounded(to + by),
    gap,
  }));
  const [ys, labels] = [lower(plan.ys), lower(plan.labels)];
  return { ...plan, ys, labels, cuts, top: rounded(by), bottom: rounded(plan.bottom + by) };
}

const rounded = (y) => Math.round(y * 1000) / 1000;

// Each socket is a client of its own; what goes by HTTP is one, for a browser opens and closes connections
// as it likes.
function columnsOf(items, robots, isNarrow) {
  const bySocket = items.filter(({ row }) => row.transport === "websocket");
  const sockets = new Set(bySocket.map(({ row }) => row.connection));
  const keys = new Set(items.map(({ row }) => (sockets.has(row.connection) ? row.connection : "http")));
  const name = (key) => {
    if (key === "http") return "HTTP";
    const robot = robots.get(key);
    if (isNarrow) return letterOf(key);
    return `${letterOf(key)} · ${robot ? `robot ${robot}` : "you"}`;
  };
  return [...keys].map((key) => ({ key, name: name(key) }));
}

// Where the names of the lines of life stand: each over its line, on the first line of text that has room.
export function headsOf(columns) {
  const ends = []; // by line of text
  return columns.map(({ x, name }) => {
    const wide = name.length * HEAD_CHARACTER;
    const from = Math.max(2, x - wide / 2);
    const free = ends.findIndex((end) => end + APART <= from);
    const line = free < 0 ? ends.length : free;
    ends[line] = from + wide;
    return { name, from: rounded(from), to: rounded(from + wide), line };
  });
}

export const columnOf = (columns, row) =>
  columns.find(({ key }) => key === row.connection) ?? columns.find(({ key }) => key === "http");

// Which connections are robots'. A robot says so when it enters a namespace, often still by polling;
// the session in the address tells which socket that became, and that may have been asked for before.
function robotsIn(rows) {
  const [robots, bySession, sockets] = [new Map(), new Map(), new Map()];
  for (const { up, connection, transport, layers } of rows) {
    if (!up) continue;
    const target = layers[1]?.target ?? "";
    const session = /[?&]sid=([\w-]+)/.exec(target)?.[1];
    const robot = layers.find(({ layer, type }) => layer === "socketio" && type === "CONNECT")?.data?.robot;
    if (session && target.includes("transport=websocket")) sockets.set(session, connection);
    if (robot && transport === "websocket") robots.set(connection, robot);
    else if (robot && session) bySession.set(session, robot);
  }
  for (const [session, robot] of bySession) {
    if (sockets.has(session)) robots.set(sockets.get(session), robot);
  }
  return robots;
}
