// What a vote looks like on the cockpit: how many are in, then how many chose what, and what to do next. Pure.

const DISCUSS = [30, 70]; // % right: from here to there a discussion teaches most

const letter = (at) => String.fromCharCode(65 + at);

// choices: [{id, text, right}]; vote: {step, round, open, in, of, counts, right} or null.
// vote.before: the counts of earlier rounds. → {head, rows: [{id, letter, text, right, n, share}], advice, again};
// n is null as long as it is nobody's business.
export function ballot(choices, vote) {
  const counts = vote && !vote.open ? vote.counts : null;
  const all = counts ? sum(counts) : 0;
  const rows = choices.map(({ id, text, right }, at) => {
    const n = counts ? (counts[id] ?? 0) : null;
    return { id, letter: letter(at), text, right, n, share: all ? n / all : 0 };
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
  const { id } = rows.find(({ right }) => right);
  const now = percent(vote.counts, id);
  const [before] = (vote.before ?? []).slice(-1);
  const [least, most] = DISCUSS;
  if (before)
    return { advice: `${now} % right, ${percent(before, id)} % before the discussion.`, again: false };
  if (now > most) return { advice: `${now} % right: run it.`, again: false };
  if (now < least) return { advice: `${now} % right: run it, and let them explain.`, again: false };
  return { advice: `${now} % right: let them discuss, then vote again.`, again: true };
}

const sum = (counts) => Object.values(counts).reduce((all, n) => all + n, 0);
const percent = (counts, id) => Math.round((100 * (counts[id] ?? 0)) / (sum(counts) || 1));
