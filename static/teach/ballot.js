// What a vote looks like on the cockpit: how many are in, then how many chose what, and what to do next. Pure.

const DISCUSS = [30, 70]; // % right: from here to there a discussion teaches most

const letter = (at) => String.fromCharCode(65 + at);

// choices: [{id, text, right}]; vote: {step, round, open, in, of, counts, right} or null.
// → {head, rows: [{letter, text, right, n, share}], advice, again}; n is null as long as it is nobody's business.
export function ballot(choices, vote) {
  const counts = vote && !vote.open ? vote.counts : null;
  const all = counts ? Object.values(counts).reduce((sum, n) => sum + n, 0) : 0;
  const rows = choices.map(({ id, text, right }, at) => {
    const n = counts ? (counts[id] ?? 0) : null;
    return { letter: letter(at), text, right, n, share: all ? n / all : 0 };
  });
  return { head: head(vote), rows, ...advice(rows, vote, all) };
}

function head(vote) {
  if (!vote) return "not opened yet";
  const round = vote.round > 1 ? `, round ${vote.round}` : "";
  if (vote.open) return `${vote.in}${vote.of ? ` of ${vote.of}` : ""} in${round} · hidden from the class`;
  return `${vote.in} answered${round}${vote.right ? " · right answer shown" : ""}`;
}

// What the share of right answers suggests; "again" says that a second vote is worth it.
function advice(rows, vote, all) {
  if (!vote || vote.open) return { advice: "", again: false };
  if (!all) return { advice: "Nobody has answered.", again: true };
  const percent = Math.round(100 * rows.find(({ right }) => right).share);
  const [least, most] = DISCUSS;
  if (percent > most) return { advice: `${percent} % right: run it.`, again: false };
  if (percent < least) return { advice: `${percent} % right: run it, and let them explain.`, again: false };
  if (vote.round > 1) return { advice: `${percent} % right after the discussion: run it.`, again: false };
  return { advice: `${percent} % right: let them discuss, then vote again.`, again: true };
}
