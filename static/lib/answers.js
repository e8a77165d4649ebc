// What a student has written on /review: kept by this browser for the seat that sits here, and never sent. Pure.

const LEAST = 4; // different words that make an answer
const NAME = "review";
const NOTHING = { text: "", locked: false, before: "" };

// Why a text is no answer yet; "" if it is one.
export function whyNot(text) {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{N}'’-]*/gu) ?? [];
  if (new Set(words).size >= LEAST) return "";
  return words.length ? "A little more: what would you tell a classmate?" : "Write your own answer first.";
}

export class Answers {
  // store: as localStorage; where it fails, what is written lasts until the page is left.
  constructor(seat, store) {
    Object.assign(this, { seat, store, all: {} });
    const kept = this.read();
    if (kept?.seat === seat && kept.answers) this.all = kept.answers; // somebody else's are not shown
  }

  // {text, locked, before}: before is what was written the last time that the question was asked.
  of(question) {
    return { ...NOTHING, ...this.all[question] };
  }

  write(question, text) {
    if (!this.of(question).locked) this.keep(question, { text });
  }

  lock(question) {
    this.keep(question, { locked: true });
  }

  // The question has come back: a new answer, beside the old one.
  again(question) {
    const { text, locked } = this.of(question);
    if (locked) this.keep(question, { text: "", locked: false, before: text });
  }

  forget() {
    this.all = {};
    try {
      this.store.removeItem(NAME);
    } catch {
      // it holds nothing
    }
  }

  keep(question, change) {
    this.all[question] = { ...this.of(question), ...change };
    try {
      this.store.setItem(NAME, JSON.stringify({ seat: this.seat, answers: this.all }));
    } catch {
      // switched off, or full
    }
  }

  read() {
    try {
      return JSON.parse(this.store.getItem(NAME));
    } catch {
      return null;
    }
  }
}
