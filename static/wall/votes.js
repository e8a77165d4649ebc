// A vote as the wall may show it: how many are in while it is open, the counts once it is closed. Pure.

export class Votes {
  constructor() {
    this.step = null;
    this.rounds = new Map(); // round → {choice: n}, of those that are closed
    this.now = null; // {step, round, open, in, of?, right?}
  }

  // vote: of the class's state; null without one.
  follow(vote) {
    if (!vote) {
      this.now = null;
      return;
    }
    if (vote.step !== this.step || vote.round === 1) this.rounds.clear();
    this.step = vote.step;
    for (const [at, counts] of (vote.before ?? []).entries()) this.rounds.set(at + 1, counts);
    if (vote.counts) this.rounds.set(vote.round, vote.counts);
    const { in: come, of } = this.now?.step === vote.step && this.now.round === vote.round ? this.now : {};
    this.now = { ...vote, in: Math.max(vote.in ?? 0, come ?? 0), of };
  }

  progress({ step, round, in: come, of }) {
    const { now } = this;
    if (now?.open && now.step === step && now.round === round) Object.assign(now, { in: come, of });
  }

  get isOpen() {
    return Boolean(this.now?.open);
  }

  // [{round, counts}] to be drawn: none while a vote is open, so that nobody votes with the crowd.
  closed() {
    if (!this.now || this.isOpen) return [];
    const last = [...this.rounds].sort(([a], [b]) => a - b).slice(-2);
    return last.map(([round, counts]) => ({ round, counts }));
  }

  // For each round that is drawn the bar of a choice: {round, n, share} of all in that round, 0 to 1.
  bars(choice) {
    return this.closed().map(({ round, counts }) => {
      const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
      const n = counts[choice] ?? 0;
      return { round, n, share: all ? n / all : 0 };
    });
  }

  // What most of the class chose in the last round that is closed; null without votes.
  favourite() {
    const counts = this.rounds.get(Math.max(...this.rounds.keys())) ?? {};
    const [best] = Object.entries(counts).sort(([, a], [, b]) => b - a);
    return best?.[1] ? best[0] : null;
  }

  says() {
    const { now } = this;
    if (!now) return "";
    const number = now.round > 1 ? `, round ${now.round}` : "";
    if (now.open)
      return `${now.in}${now.of ? ` of ${now.of}` : ""} in${number}. The counts come when the vote is closed.`;
    return `${now.in} voted${number}.`;
  }
}
