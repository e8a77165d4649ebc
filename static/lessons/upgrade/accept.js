// Sec-WebSocket-Accept, step by step: what the server computes for a key, beside what stands in its 101.

import { element, icon } from "../../lib/dom.js";
import { post } from "./post.js";

const GUID_LENGTH = 36;
const PAUSE = 200; // ms after the last key, before the server is asked

// `shared.handshake` is the {key, accept} of the last diagram with a 101, or null; `shared.changed` is called
// when it changes.
export default function accept(part, lab, shared) {
  const sum = new AcceptValue(part, lab, shared);
  shared.changed = () => sum.takeOwnKey();
  if (shared.handshake) sum.takeOwnKey();
  else {
    sum.own.disabled = true;
    sum.compute();
  }
}

class AcceptValue {
  constructor(part, lab, shared) {
    Object.assign(this, { lab, shared });
    const form = part.querySelector("form");
    this.key = form.elements.key;
    this.own = form.querySelector("[data-own]");
    this.out = Object.fromEntries(
      [...part.querySelectorAll("[data-out]")].map((out) => [out.dataset.out, out]),
    );
    this.asked = 0; // only the response to the last request is shown
    let timer = 0;
    this.key.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.compute(), PAUSE);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.compute();
    });
    this.own.addEventListener("click", () => this.takeOwnKey());
  }

  // The key that the reader's own browser sent.
  takeOwnKey() {
    const { handshake } = this.shared;
    this.own.disabled = !handshake;
    if (!handshake) return;
    this.key.value = handshake.key;
    this.compute();
  }

  async compute() {
    const mine = ++this.asked;
    const answer = await post("/upgrade/accept", { key: this.key.value });
    if (mine !== this.asked) return;
    this.out.error.textContent = answer.ok ? "" : `${answer.error}.`;
    if (answer.ok) this.show(answer);
    else this.lab.announce(this.out.error.textContent);
  }

  show({ concatenated, sha1_hex, accept }) {
    const guid = element("mark", {}, concatenated.slice(-GUID_LENGTH));
    this.out.concatenated.replaceChildren(concatenated.slice(0, -GUID_LENGTH), guid);
    this.out.sha1_hex.textContent = sha1_hex.match(/../g).join(" ");
    this.out.accept.textContent = accept;
    const { handshake } = this.shared;
    const same = handshake?.accept === accept;
    const words = verdict(handshake, same);
    this.out.verdict.toggleAttribute("data-good", same);
    const sign = handshake ? [icon(same ? "tick" : "cross")] : [];
    this.out.verdict.replaceChildren(...sign, element("span", {}, words));
    this.lab.announce(`Sec-WebSocket-Accept is ${accept}. ${words}`);
  }
}

function verdict(handshake, same) {
  if (!handshake) return "Connect above, and the 101 of that connection is compared with this.";
  const where = "value stands in the 101 that your browser got";
  if (same) return `The same ${where}: the server read the key and knows the protocol.`;
  return `Another ${where}, ${handshake.accept}: it sent another key.`;
}
