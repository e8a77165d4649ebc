// The doorbell: a POST of plain HTTP, from which the server emits.

import { copyText } from "../../lib/copy.js";
import { count } from "../../lib/dom.js";

const PATIENCE = 5000; // ms

export class Bell {
  constructor(form, lab, play) {
    Object.assign(this, { form, lab, play });
    this.says = form.querySelector("[data-answer]");
    this.command = form.querySelector("[data-command]");
    this.showCommand();
    form.querySelector("[data-copy]").addEventListener("click", () => {
      this.say(copyText(this.command.textContent) ? "Copied." : "Mark it and copy it by hand.");
    });
  }

  get asked() {
    const { text, how } = this.form.elements;
    return JSON.stringify({ text: text.value, how: how.value });
  }

  // In single quotes a shell changes nothing, but for a single quote itself.
  showCommand() {
    const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
    const { seat } = this.lab.socket.auth;
    const address = `${location.origin}/emit/bell?seat=${encodeURIComponent(seat)}`;
    const json = quoted("Content-Type: application/json");
    this.command.textContent = `curl -H ${json} -d ${quoted(this.asked)} ${quoted(address)}`;
  }

  say(words, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = words;
  }

  async ring() {
    const { body, status } = await this.post();
    if (!body.ok) return this.say(`${status ? `${status}: ` : ""}${body.error}`, "bad");
    this.say(`200: ${JSON.stringify(body)}`);
    const title = `the doorbell rang in ${count(body.addressed, "page")}`;
    this.play.began(body, { line: "bell", event: "heard", sender: null, title });
  }

  async post() {
    const headers = { "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      const answer = await fetch("/emit/bell", { method: "POST", headers, body: this.asked, signal });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return { status: 0, body: { ok: false, error: "The server did not answer." } };
    }
  }
}
