// How far a seat is with its exercise, from its row of the roster: {slug, done, check, saw, since, times, attempts,
// passed, of}. check: the one that fails, null for none; since: of the server's clock, in ms; times: in a row.
// Pure: moments are passed in.

export const STUCK_MS = 4 * 60_000; // without another check
export const STUCK_TIMES = 3; // the same failure
const AT_WORK = new Set(["connected", "asleep", "silent"]); // a page is hidden by the editor in front of it
const LONGEST = 90; // characters of what was seen, in a line

// Whether a seat is at an exercise that it has not finished yet, and where a check fails.
export function fails({ exercise, lesson }) {
  if (!exercise?.check || exercise.done) return false;
  return !lesson || lesson === exercise.slug; // who is elsewhere has gone on
}

// Whether it needs somebody there, though it says nothing.
export function isStuckAt(row, serverNow) {
  if (!fails(row) || !AT_WORK.has(row.state)) return false;
  const { times, since } = row.exercise;
  return times >= STUCK_TIMES || serverNow - since >= STUCK_MS;
}

// For the line of who needs somebody: the check, what was seen, how often. placeOf(lesson, step): in words.
export function trouble({ slug, check, saw, attempts }, placeOf) {
  const seen = saw.length > LONGEST ? `${saw.slice(0, LONGEST - 1)}…` : saw;
  return `${placeOf(slug, "exercise")}, ${check}: ${seen} · ${tries(attempts)}`;
}

// For the label of a dot.
export const inShort = ({ done, passed, of }) =>
  done ? "exercise done" : `exercise: ${passed} of ${of} checks`;

// For the seat's own panel: {sum, saw}; saw: of the check that fails, whole, else "".
export function progress({ slug, done, check, saw, attempts, passed, of }, placeOf) {
  const far = done ? "done" : `${passed} of ${of} checks`;
  const sum = `${placeOf(slug, "exercise")}: ${far} · ${tries(attempts)}`;
  return { sum, saw: check ? `${check} fails. The server saw: ${saw}` : "" };
}

// How many have tried the exercise of a lesson, and how many have finished it: {tried, done}.
export function counts(rows, slug) {
  const at = rows.filter(({ exercise, robot }) => exercise?.slug === slug && !robot);
  return { tried: at.length, done: at.filter(({ exercise }) => exercise.done).length };
}

const tries = (n) => (n === 1 ? "1 attempt" : `${n} attempts`);
