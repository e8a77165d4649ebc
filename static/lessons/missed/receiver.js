// The receiver: what a client keeps in mind, so that nothing goes missing silently.
// Pure: a receiver is a value, every function answers with the next one; `now` is handed in, in ms.
//
//     OUT ── connected ──▶ SYNCING ── answered ──▶ LIVE
//      ▲                   │     ▲                 │  │
//      │                   │     └── hole, 250 ms ─┘  │
//      └── disconnected ───┴──────────────────────────┘

export const HOLD_MS = 250;
export const HOLD_EVENTS = 64;

// cursor: the last seq handled, or known to be lost. log: what became of each event, in order; all sums
// and pictures come from it. held: events that came too early. lost: the server's reason for keeping nothing.
export const receiver = (run, state = "LIVE") => ({
  run,
  state,
  cursor: 0,
  log: [],
  held: [],
  holeAt: null,
  lost: null,
  count: null,
  drop: true,
});

export const disconnected = (r) => ({ ...r, state: "OUT", holeAt: null });

export const connected = (r) => ({ ...r, state: "SYNCING", lost: null });

// What to ask the server now; null where there is nothing to ask.
export const question = (r) => (r.state === "SYNCING" ? { run: r.run, after: r.cursor } : null);

// An event came by itself.
export function received(r, event, now) {
  if (event.run !== r.run || r.state === "OUT") return r;
  const known = event.seq <= r.cursor || r.held.some(({ seq }) => seq === event.seq);
  if (known) return again(r, event, now);
  return caughtUp({ ...r, held: [...r.held, event].sort((a, b) => a.seq - b.seq) }, now);
}

// The server's answer to the question: everything it still keeps after our cursor, in order. What came by
// itself meanwhile may stand in it once more, or may have been trimmed before the answer was written.
export function answered(r, { replay, complete, reason, more }, now) {
  if (r.state !== "SYNCING") return r;
  const unfinished = more && replay.length > 0;
  // What we hold beyond this page waits for the next one.
  const end = unfinished ? replay.at(-1).seq : Infinity;
  const early = r.held.filter(({ seq }) => seq <= end);
  const sent = new Set(replay.map(({ seq }) => seq));
  const live = early.filter(({ seq }) => !sent.has(seq)).map((event) => [event, "live"]);
  const all = [...replay.map((event) => [event, "replayed"]), ...live].sort(([a], [b]) => a.seq - b.seq);
  let next = { ...r, held: r.held.filter(({ seq }) => seq > end), holeAt: null };
  for (const [event, how] of all) {
    if (event.seq <= next.cursor) next = again(next, event, now);
    else next = handled(missed(next, event.seq - 1, reason ?? "not sent again", now), event, how, now);
  }
  for (const event of early) if (sent.has(event.seq)) next = again(next, event, now);
  if (unfinished) return next; // still SYNCING: the next page is asked for
  const gone = complete ? (r.count === null ? null : "not sent again") : reason;
  return caughtUp({ ...next, state: "LIVE", lost: all.length ? null : gone }, now);
}

// The run is over: so many were sent.
export function finished(r, { run, count }, now) {
  return run !== r.run ? r : caughtUp({ ...r, count }, now);
}

// Time passes: a hole that does not close by itself is asked about.
export function waited(r, now) {
  const open = r.state === "LIVE" && r.holeAt !== null;
  return open && (now - r.holeAt >= HOLD_MS || r.held.length > HOLD_EVENTS) ? connected(r) : r;
}

// The sums, from the log and from nothing else: live + replayed + gap is everything up to the cursor.
export function sums({ log }) {
  const seqs = (how) => log.filter((entry) => entry.how === how).map(({ seq }) => seq);
  return {
    live: seqs("live"),
    replayed: seqs("replayed"),
    gap: seqs("gap"),
    dropped: seqs("dropped"),
    twice: seqs("twice"),
  };
}

// Handle what is next in line. A loss that the server has announced is no hole: it is a gap.
function caughtUp(r, now) {
  const head = r.held[0]?.seq ?? (r.count === null ? r.cursor + 1 : r.count + 1);
  let next = r.lost ? missed(r, head - 1, r.lost, now) : r;
  while (next.held[0]?.seq === next.cursor + 1) {
    const [event, ...held] = next.held;
    next = handled({ ...next, held, lost: null }, event, "live", now);
  }
  const hole = next.held.length > 0 || next.count > next.cursor;
  return waited({ ...next, holeAt: hole ? (next.holeAt ?? now) : null }, now);
}

const handled = (r, event, how, at) => ({ ...r, cursor: event.seq, log: [...r.log, { ...event, how, at }] });

const again = (r, event, at) => ({
  ...r,
  log: [...r.log, { ...event, how: r.drop ? "dropped" : "twice", at }],
});

function missed(r, last, why, at) {
  let next = r;
  for (let seq = r.cursor + 1; seq <= last; seq++) next = handled(next, { seq, why }, "gap", at);
  return next;
}
