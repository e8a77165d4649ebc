// The rows of the wire for the views of a page, asked for again and again while one of them is looked at.
// All views share one feed: {rows, dropped, broken, kept, subscribe(view), nudge()}.

import { Refused, rowsOf } from "./wirerows.js";

export const KEPT = 500; // rows in a view; the server keeps more
const SOON = 250; // ms until the next question while there is news …
const LATER = 1500; // … and at most, in silence

let shared = null;

export function liveFeed() {
  shared ??= pollingFeed();
  return shared;
}

// A feed of rows that are all here: a saved file.
export function stillFeed(rows) {
  return { rows, dropped: 0, broken: "", kept: Infinity, subscribe: () => () => {}, nudge() {} };
}

function pollingFeed() {
  const state = {
    views: new Map(), // view -> whether it is on the screen now
    after: 0,
    timer: 0,
    pause: SOON,
    isBusy: false,
    isUnsure: false, // whether the server may be another one than before
  };
  const feed = {
    rows: [],
    dropped: 0,
    broken: "",
    kept: KEPT,
    // view(added, fresh): fresh means that everything before is void. Returns how to leave.
    // isShown() says whether anybody looks: nothing is asked for closed drawers.
    subscribe(view, isShown = () => true) {
      state.views.set(view, isShown);
      feed.nudge();
      return () => state.views.delete(view);
    },
    nudge(soon = 0) {
      if (state.isBusy || !state.views.size) return;
      clearTimeout(state.timer);
      state.pause = SOON;
      state.timer = setTimeout(() => poll(feed, state), soon);
    },
  };
  // What the reader presses usually crosses the wire.
  for (const event of ["click", "submit", "keyup"]) document.addEventListener(event, () => feed.nudge(60));
  document.addEventListener("visibilitychange", () => document.hidden || feed.nudge());
  return feed;
}

async function poll(feed, state) {
  if (state.isBusy || document.hidden) return;
  if (![...state.views.values()].some((isShown) => isShown())) return;
  state.isBusy = true;
  let isFull = false;
  try {
    isFull = (await fetchRows(feed, state)) >= KEPT;
    state.isUnsure = false;
    feed.broken = "";
  } catch (error) {
    state.isUnsure = true;
    feed.broken = sentenceOf(error);
    tell(state, []);
  }
  state.isBusy = false;
  state.timer = setTimeout(() => poll(feed, state), isFull ? 0 : state.pause);
}

const sentenceOf = (error) =>
  error instanceof Refused
    ? `The server answered ${error.status} when asked for rows; the page keeps asking.`
    : "The server cannot be reached; the page keeps asking.";

// Returns how many rows the server sent. After an error the last row is asked for once more: it tells
// whether this is still the same server.
async function fetchRows(feed, state) {
  const last = feed.rows.at(-1);
  const answer = await rowsOf({ after: state.isUnsure ? before(last) : state.after });
  if (state.isUnsure && !follows(answer, last)) restart(feed, state, await rowsOf({ after: 0 }));
  else take(feed, state, answer);
  return answer.rows.length;
}

const before = (row) => Math.max(0, (row?.n ?? 1) - 1);

// Whether an answer goes on where this row was: then its first row is that row once more.
const follows = ({ rows }, last) => !last || (rows[0]?.n === last.n && rows[0].at === last.at);

function take(feed, state, { rows, next, dropped }) {
  const known = feed.rows.at(-1)?.n ?? -1;
  const added = state.isUnsure ? rows.filter((row) => row.n > known) : rows;
  state.pause = added.length ? SOON : Math.min(state.pause * 1.5, LATER);
  state.after = next;
  feed.dropped += dropped;
  if (!added.length && !feed.broken) return;
  feed.rows = feed.rows.concat(added).slice(-KEPT);
  feed.broken = "";
  tell(state, added);
}

// A server that was started anew counts from 1 again.
function restart(feed, state, { rows, next, dropped }) {
  Object.assign(feed, { rows: rows.slice(-KEPT), dropped, broken: "" });
  state.after = next;
  tell(state, feed.rows, true);
}

function tell({ views }, added, fresh = false) {
  for (const view of views.keys()) view(added, fresh);
}
