// A plan as it is walked through: which screen comes when, and how far behind the clock is. Pure.

const MINUTE = 60_000;

// "part-a:3 walk-rooms-1:2" → [{screen: "part-a", minutes: 3, at: 0}, {screen: "walk-rooms-1", minutes: 2, at: 3}]
export function routeOf(text) {
  let at = 0;
  return text
    .trim()
    .split(/\s+/)
    .map((part) => {
      const [screen, length] = part.split(":");
      const stop = { screen, minutes: Number(length), at };
      at += stop.minutes;
      return stop;
    });
}

export const lengthOf = (route) => route.reduce((sum, { minutes }) => sum + minutes, 0);

// Where the class's lesson and step stand in a route: the place nearest to `near`; -1: nowhere. places: for
// each stop {lesson, step}, null where it leads the class nowhere.
export function findPlace(places, { lesson, step }, near = 0) {
  let found = -1;
  for (const [at, place] of places.entries()) {
    if (place.lesson === null || place.lesson !== lesson || place.step !== step) continue;
    if (found < 0 || Math.abs(at - near) < Math.abs(found - near)) found = at;
  }
  return found;
}

// The times at a stop, in ms. began: when the plan was begun, entered: when this stop was; null before.
// behind: how much later it is than planned, negative when there is time to spare.
export function timesAt(route, index, { began, entered }, now) {
  const { at, minutes } = route[index];
  const planned = minutes * MINUTE;
  if (began === null) return { elapsed: 0, inStep: 0, planned, behind: 0, share: 0 };
  const [elapsed, inStep] = [now - began, now - (entered ?? began)];
  const behind = elapsed - at * MINUTE - Math.min(inStep, planned);
  return { elapsed, inStep, planned, behind, share: Math.min(1, inStep / planned) };
}

// 72000 → "1:12"
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// "2 behind plan", "3 to spare", "on time": whole minutes, one is not worth a word.
export function behindText(behind) {
  const minutes = Math.trunc(behind / MINUTE);
  if (minutes >= 1) return `${minutes} min behind plan`;
  return minutes <= -1 ? `${-minutes} min to spare` : "on time";
}
