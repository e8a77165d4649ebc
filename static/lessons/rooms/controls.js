// The choices below the map: who speaks, to whom, in which rooms. They follow the lists; what was chosen
// stays.

import { element } from "../../lib/dom.js";

export class Controls {
  constructor(panel, changed) {
    const find = (selector) => panel.querySelector(selector);
    [this.speaker, this.listener] = [find("#as"), find("#whom")];
    this.targets = find("[data-targets]");
    this.line = find("[data-line]");
    this.skipMe = find("[name=skip_me]");
    this.entered = null; // the room that the speaker has just joined
    panel.addEventListener("change", ({ target }) => {
      if (target === this.speaker) changed();
      else this.showLine();
    });
  }

  // own and all: [[sid, name], …].
  showSockets(own, all, you) {
    options(this.speaker, own, you);
    options(this.listener, all, this.listener.value);
  }

  // Those of the speaker: nobody speaks in a room from outside.
  showRooms(rooms) {
    const boxes = () => [...this.targets.querySelectorAll("input")];
    for (const box of boxes()) if (!rooms.includes(box.value)) box.parentNode.remove();
    const shown = boxes().map((box) => box.value);
    for (const name of rooms.filter((room) => !shown.includes(room))) {
      const box = element("input", { type: "checkbox", name: "rooms", value: name });
      this.targets.append(element("label", { class: "tick" }, box, element("bdi", {}, ` ${name}`)));
    }
    this.speakWhereEntered(boxes());
    this.showLine();
  }

  // Who has just come in speaks there; somebody with rooms speaks in one at least.
  speakWhereEntered(boxes) {
    const fresh = boxes.find((box) => box.value === this.entered);
    if (fresh) {
      for (const box of boxes) box.checked = box === fresh;
      this.entered = null;
    }
    if (boxes.length && !this.chosen().length) boxes[0].checked = true;
  }

  // The rooms that are ticked.
  chosen() {
    return [...this.targets.querySelectorAll(":checked")].map((box) => box.value);
  }

  // The line of Python that the server will run.
  showLine() {
    const names = this.chosen().map((name) => JSON.stringify(name));
    const to = names.length === 1 ? names[0] : `[${names.join(", ")}]`;
    const skip = this.skipMe.checked ? ", include_self=False" : "";
    this.line.textContent = `emit("said", said, to=${to}${skip})`;
  }
}

// Sets the options of a select; pairs: [[value, text], …].
function options(select, pairs, chosen) {
  const offered = (value) => pairs.some(([each]) => each === value);
  if (select === document.activeElement && offered(select.value)) return; // someone is choosing
  const now = [...select.options].map((option) => `${option.value} ${option.text}`).join();
  if (now === pairs.map((pair) => pair.join(" ")).join()) return;
  const kept = offered(select.value) ? select.value : chosen;
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
  if (offered(kept)) select.value = kept;
}
