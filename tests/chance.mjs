// Chance that can be repeated: the same seed, the same numbers. For property tests under `node --test`.

// Numbers from a seed (mulberry32): real() from 0 to 1, whole(a, b) both included, choice(list).
export function chance(seed) {
  let state = seed >>> 0;
  const real = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least, most) => least + Math.floor(real() * (most - least + 1));
  return { real, whole, choice: (list) => list[whole(0, list.length - 1)] };
}

// How many cases of a property to try: this many, or, in a long run (`pytest --long`), fifty times as many.
export const runs = (few) => few * (process.env.SOCKETLAB_LONG === "1" ? 50 : 1);
