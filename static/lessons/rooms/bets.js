// The prediction on the map: which sockets each answer says will light, and which answer a set of taps is. Pure.

// lab, hall: the sids on these lists; you: the sid that emits. → Map(answer → Set of sids)
export function answers(lab, hall, you) {
  return new Map([
    ["with_me", new Set(lab)],
    ["without_me", new Set(lab.filter((sid) => sid !== you))],
    ["all_mine", new Set([...lab, ...hall])],
    ["nobody", new Set()],
  ]);
}

const same = (one, other) => one.size === other.size && [...one].every((sid) => other.has(sid));

// The one answer that these taps say; null where none does, or more than one: the lists may make two of them
// the same. Who taps nothing has not answered. In "all of mine" one may see oneself or not.
export function answerOf(taps, sets, you) {
  const says = ([answer, sids]) =>
    same(sids, taps) || (answer === "all_mine" && same(sids, new Set([...taps, you])));
  const found = taps.size ? [...sets].filter(says) : [];
  return found.length === 1 ? found[0][0] : null;
}
