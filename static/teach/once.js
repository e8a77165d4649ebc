// What a heavy hand presses twice is one press: the second would close the vote that the first has opened, or cut
// the other half too. Going through the steps is not held back. Pure: moments are passed in.

const TWICE = 400; // ms
const STEPS = ["next", "back"];

export class Once {
  constructor() {
    this.last = { what: "", at: Number.NEGATIVE_INFINITY };
  }

  // Whether a press is the last one again. began: when the plan was; the second click on Begin is no Next.
  isAgain(name, what, { now, began, clicks = 1 }) {
    if (STEPS.includes(name)) return clicks > 1 && now - began < TWICE;
    const { last } = this;
    this.last = { what: `${name} ${what}`, at: now };
    return this.last.what === last.what && now - last.at < TWICE;
  }
}
