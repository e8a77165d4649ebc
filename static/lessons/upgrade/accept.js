// The accept value, step by step: the server's sum for a key, beside what it answered in its 101.

import { element, icon } from "../../lib/dom.js";

const GUID_LENGTH = 36;

// Asks the server with one JSON object: its answer, or {ok: false, error: "a sentence"}.
export async function post(path, data) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(data) });
    return await answer.json();
  } catch {
    return { ok: false, error: "the server cannot be reached" };
  }
}

// `shared.handshake` is the {key, accept} of the last ladder with a 101, or null; `shared.changed` is called when it changes.
export default function accept(part, lab, shared) {
  const form = part.querySelector("form");
  const { key } = form.elements;
  const own = form.querySelector("[data-own]");
  const out = Object.fromEntries(
    [...part.querySelectorAll("[data-out]")].map((place) => [place.dataset.out, place]),
  );
  let asked = 0;
  let timer = 0;

  const verdict = (answer) => {
    const seen = shared.handshake;
    const same = seen?.accept === answer.accept;
    const text = !seen
      ? "Connect above, and the 101 of your own ladder is compared with this."
      : same
        ? "The same value stands in the 101 that your browser got: the server read the key and knows the protocol."
        : `Another value stands in the 101 that your browser got, ${seen.accept}: it sent another key.`;
    out.verdict.toggleAttribute("data-good", same);
    out.verdict.replaceChildren(...(seen ? [icon(same ? "tick" : "cross")] : []), element("span", {}, text));
    lab.announce(`The accept value is ${answer.accept}. ${text}`);
  };
  const compute = async () => {
    const mine = ++asked;
    const answer = await post("/upgrade/accept", { key: key.value });
    if (mine !== asked) return;
    out.error.textContent = answer.ok ? "" : `${answer.error}.`;
    if (!answer.ok) return lab.announce(out.error.textContent);
    const { concatenated, sha1_hex } = answer;
    out.concatenated.replaceChildren(
      concatenated.slice(0, -GUID_LENGTH),
      element("mark", {}, concatenated.slice(-GUID_LENGTH)),
    );
    out.sha1_hex.textContent = sha1_hex.match(/../g).join(" ");
    out.accept.textContent = answer.accept;
    verdict(answer);
  };
  const take = () => {
    own.disabled = !shared.handshake;
    if (!shared.handshake) return;
    key.value = shared.handshake.key;
    compute();
  };
  key.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(compute, 200);
  });
  form.addEventListener("submit", (event) => [event.preventDefault(), compute()]);
  own.addEventListener("click", take);
  shared.changed = take;
  if (shared.handshake) take();
  else [(own.disabled = true), compute()];
}
