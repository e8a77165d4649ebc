// How a robot of a rehearsal behaves: like a student, some wrong, some late, one asleep, one stuck. Pure, but for
// chance(), which is handed in: 0 up to, not including, 1.

const LATE = 5; // every fifth takes its time
const KNOWS = 0.45; // of the robots, before the discussion
const LEARNS = 0.6; // of those who were wrong, by it
const QUICK = [1000, 4000]; // ms until the answer
const SLOW = [6000, 9000];

// The robots of a class of so many: each {kind: "awake" | "asleep" | "stuck", late}.
export function minds(count) {
  return Array.from({ length: count }, (_, k) => ({
    kind: count > 2 && k === count - 1 ? "asleep" : count > 2 && k === count - 2 ? "stuck" : "awake",
    late: k % LATE === LATE - 1,
  }));
}

// What a mind answers to {choices: [id …], right: id} in a round; before: its answer of the round before, or null.
export function choose({ choices, right }, before, chance) {
  if (before === right) return right;
  if (chance() < (before === null ? KNOWS : LEARNS)) return right;
  const wrong = choices.filter((id) => id !== right);
  return before ?? wrong[Math.floor(chance() * wrong.length)];
}

// How long it thinks, in ms; pace 1 is that of a classroom.
export function thinks({ late }, chance, pace = 1) {
  const [least, most] = late ? SLOW : QUICK;
  return (least + chance() * (most - least)) * pace;
}
