// A prediction that the whole class votes on: round after round, hidden until it is closed, then as counts. The
// right answer is marked only once the teacher has revealed it.

import { announce, count, element, icon } from "./dom.js";

export class Votes {
  // acts: step → Act; find(form): brings a question into view
  constructor(acts, find) {
    Object.assign(this, { acts, find });
    this.open = null; // "step round" of the vote that is open here
    this.told = new Set(); // what was announced of which round
  }

  // vote: of the class's state; mine: this seat's ballot in the open vote, or null, or undefined if not known
  update(vote, mine) {
    const key = vote && `${vote.step} ${vote.round}`;
    const act = vote && this.acts.get(vote.step);
    for (const one of this.acts.values()) if (one.waits && !(one === act && vote.open)) this.end(one);
    if (!act) return;
    if (vote.open && (this.open !== key || mine)) this.begin(act, vote, key, mine);
    if (vote.counts) this.show(act, vote, key);
  }

  begin(act, { round, step }, key, mine) {
    const isNew = this.open !== key;
    this.open = key;
    act.openVote(round, mine?.step === step ? mine.choice : null);
    const says =
      round > 1 ? `Round ${round}: talk about it, then choose again.` : "Your class votes on this now.";
    part(act.form, "says").replaceChildren(icon("hand"), says);
    part(act.form, "result").replaceChildren();
    if (!isNew) return;
    this.find(act.form);
    announce(`A vote is open. ${says}`);
  }

  end(act) {
    this.open = null;
    act.closeVote();
    part(act.form, "says").replaceChildren();
  }

  show(act, { round, counts, right, in: cast, before = [] }, key) {
    const last = before.at(-1);
    const most = Math.max(1, ...Object.values(counts));
    const rows = Object.keys(counts).map((choice) => {
      const bar = element("span", { class: "bar" });
      bar.style.setProperty("--share", counts[choice] / most);
      const was = last ? `${last[choice] ?? 0} → ` : "";
      const sign = right === choice ? icon("tick") : null;
      const words = right === choice ? `${act.words(choice)} (right)` : act.words(choice);
      return element(
        "li",
        { "data-revealed": right === choice },
        bar,
        element("span", {}, sign, words),
        element("b", {}, `${was}${counts[choice]}`),
      );
    });
    const head = `Round ${round}: ${count(cast, "vote")}`;
    part(act.form, "result").replaceChildren(
      element("p", { class: "said" }, head),
      element("ul", {}, ...rows),
    );
    const news = right ? `Right is: ${act.words(right)}.` : `The vote is closed. ${head}.`;
    if (this.told.has(`${key} ${right}`)) return;
    this.told.add(`${key} ${right}`);
    announce(news);
  }
}

// A place of its own in the form of a question: "says" above the answers, "result" below them.
function part(form, name) {
  const found = form.querySelector(`[data-vote-${name}]`);
  if (found) return found;
  const made = element("div", { [`data-vote-${name}`]: true, class: `vote-${name}` });
  if (name === "says") form.prepend(made);
  else form.querySelector("fieldset").after(made);
  return made;
}
