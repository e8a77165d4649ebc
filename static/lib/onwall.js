// A lesson's demo on the wall, in a frame of /wall and without its text. The teacher runs a step for the whole
// class: nothing is locked, and the prediction beside the outcome is the one that most of the class made.

import { Act } from "./act.js";
import { announce, element } from "./dom.js";

const CLASS = {
  good: "As most of the class predicted.",
  bad: "Not as most of the class predicted.",
  chose: "Most chose",
};

export class ClassAct extends Act {
  constructor(...parts) {
    super(...parts);
    this.kept = { read: () => null, write: () => {} }; // what one class saw is nothing to the next
    this.tell("The teacher runs this for the class.");
  }

  // The press: here, or on the teacher's page.
  async begin() {
    if (["locking", "running"].includes(this.state)) return;
    this.tell(this.choice ? `${CLASS.chose}: ${this.words(this.choice)}` : "It runs.");
    this.follow((async () => this.does.run({ step: this.id, choice: this.choice }))());
  }

  // choice: what most of the class predicts; null where it has not voted.
  runFor(choice) {
    for (const input of this.form.elements.choice) input.checked = input.value === choice;
    this.chose();
    return this.begin();
  }

  async finish(sentences) {
    this.enter("done");
    const { form, box, choice } = this;
    if (choice)
      return (
        (await this.verdicts(({ reveal }) => reveal({ form, box, locked: choice }, sentences, CLASS))) ?? ""
      );
    const facts = element("ul", {}, ...sentences.map((fact) => element("li", {}, fact)));
    box.replaceChildren(element("div", { class: "facts" }, facts));
    return "";
  }

  showButton() {
    const { state, button } = this;
    const isRunning = ["locking", "running"].includes(state);
    button.disabled = false;
    button.setAttribute("aria-disabled", isRunning);
    button.lastChild.data = { open: "Run it", running: "Running …" }[state] ?? "Run it again";
  }
}

// Does what the page around this one says: {run: step, choice}. Keys go the other way, since they are the wall's.
export function obey(acts) {
  const { parent, origin } = window;
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== parent || parent === window) return;
    const { run, choice = null } = event.data ?? {};
    const act = acts.get(run);
    if (act) act.runFor(choice).catch(({ message }) => announce(message));
  });
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
    if (key.length === 1 && key !== " ") parent.postMessage({ key }, origin);
  });
  parent.postMessage({ ready: true }, origin);
}
