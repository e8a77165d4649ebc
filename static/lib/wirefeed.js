// The rows of the wire, fetched again and again over plain HTTP: GET /wire?after=n, which is never recorded itself.
// All views of a page share one feed: {rows, dropped, broken, kept, subscribe(view), nudge()}.

export const KEPT = 500; // rows in a view; the server keeps more
const SOON = 250; // ms until the next question while there is news …
const LATER = 1500; // … and at most, in silence

let shared = null;

export const liveFeed = () => (shared ??= pollingFeed("/wire"));

// A feed of rows that are all here: a saved file.
export function stillFeed(rows) {
  return { rows, dropped: 0, broken: "", kept: Infinity, subscribe: () => () => {}, nudge() {} };
}

function pollingFeed(address) {
  const views = new Map(); // view -> whether it is on the screen now
  let [after, timer, pause, busy, unsure] = [0, 0, SOON, false, false];

  const self = {
    rows: [],
    dropped: 0,
    broken: "",
    kept: KEPT,
    // view(added, fresh): fresh means that everything before is void. Returns how to leave.
    // isShown() says whether anybody looks: nothing is asked for closed drawers.
    subscribe(view, isShown = () => true) {
      views.set(view, isShown);
      self.nudge();
      return () => views.delete(view);
    },
    nudge(soon = 0) {
      if (busy || !views.size) return;
      clearTimeout(timer);
      pause = SOON;
      timer = setTimeout(ask, soon);
    },
  };

  async function ask() {
    if (busy || document.hidden) return;
    if (![...views.values()].some((isShown) => isShown())) return;
    busy = true;
    let more = false;
    try {
      const answer = await rowsAfter(unsure ? before(self.rows.at(-1)) : after);
      if (unsure && !follows(answer, self.rows.at(-1))) restart(await rowsAfter(0));
      else take(answer);
      more = answer.rows.length >= KEPT;
      [unsure, self.broken] = [false, ""];
    } catch (error) {
      unsure = true;
      self.broken =
        error instanceof Refused ? error.message : "The server cannot be reached; the page keeps asking.";
      tell([]);
    }
    busy = false;
    timer = setTimeout(ask, more ? 0 : pause);
  }

  async function rowsAfter(n) {
    const answer = await fetch(`${address}?after=${n}`, { cache: "no-store" });
    if (!answer.ok)
      throw new Refused(`The server answered ${answer.status} when asked for rows; the page keeps asking.`);
    return answer.json();
  }

  function take({ rows, next, dropped }) {
    const known = self.rows.at(-1)?.n ?? -1;
    const added = unsure ? rows.filter((row) => row.n > known) : rows;
    pause = added.length ? SOON : Math.min(pause * 1.5, LATER);
    after = next;
    self.dropped += dropped;
    if (!added.length && !self.broken) return;
    self.rows = self.rows.concat(added).slice(-KEPT);
    self.broken = "";
    tell(added);
  }

  // A server that was started anew counts from 1 again.
  function restart({ rows, next, dropped }) {
    Object.assign(self, { rows: rows.slice(-KEPT), dropped, broken: "" });
    after = next;
    tell(self.rows, true);
  }

  function tell(added, fresh = false) {
    for (const view of views.keys()) view(added, fresh);
  }

  // What the reader presses usually crosses the wire.
  for (const event of ["click", "submit", "keyup"]) document.addEventListener(event, () => self.nudge(60));
  document.addEventListener("visibilitychange", () => document.hidden || self.nudge());
  return self;
}

class Refused extends Error {}

const before = (row) => Math.max(0, (row?.n ?? 1) - 1);

// Whether an answer goes on where this row was: then its first row is that row once more.
const follows = ({ rows }, last) => !last || (rows[0]?.n === last.n && rows[0].at === last.at);
