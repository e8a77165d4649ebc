// A vote as the wall may show it: how many are in while it is open, the counts once it is closed. Pure.

const SHOWN = 2; // rounds beside one another: before the discussion, and after it

export class Votes {
  constructor() {
    this.now = null; // {step, round, open, in, of?, before: [counts …], counts?, right?}
  }

  get step() {
    return this.now?.step ?? null;
  }

  get isOpen() {
    return Boolean(this.now?.open);
  }

  // vote: of the class's state; null without one.
  follow(vote) {
    const { now } = this;
    const isSame = vote && now && vote.step === now.step && vote.round === now.round;
    this.now = vote && { before: [], ...vote, ...(isSame && vote.open && { in: now.in, of: now.of }) };
  }

  // How many are in, as the server tells while the vote is open.
  progress({ step, round, in: come, of }) {
    const { now } = this;
    if (this.isOpen && now.step === step && now.round === round) Object.assign(now, { in: come, of });
  }

  // The rounds that are closed, oldest first: {round, counts}.
  rounds() {
    if (!this.now) return [];
    const { round, before, counts } = this.now;
    const all = counts ? [...before, counts] : before;
    const first = (counts ? round : round - 1) - all.length + 1;
    return all.map((each, at) => ({ round: first + at, counts: each }));
  }

  // For each round that is drawn the bar of a choice: {round, n, share} of all in that round, 0 to 1. None while
  // the vote is open, so that nobody votes with the crowd.
  bars(choice) {
    if (this.isOpen) return [];
    return this.rounds()
      .slice(-SHOWN)
      .map(({ round, counts }) => {
        const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
        const n = counts[choice] ?? 0;
        return { round, n, share: all ? n / all : 0 };
      });
  }

  // What most of the class chose in the last round that is closed; null without votes.
  favourite() {
    const counts = this.rounds().at(-1)?.counts ?? {};
    const [best] = Object.entries(counts).sort(([, a], [, b]) => b - a);
    return best?.[1] ? best[0] : null;
  }

  says() {
    const { now } = this;
    if (!now) return "";
    const number = now.round > 1 ? `, round ${now.round}` : "";
    const of = now.of ? ` of ${now.of}` : "";
    if (now.open) return `${now.in}${of} in${number}. The counts come when the vote is closed.`;
    return `${now.in} voted${number}.`;
  }
}
