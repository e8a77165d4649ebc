// Where a student's program runs: a worker of a frame that has no origin. It has no cookies, so whatever it asks
// the server for it asks as nobody, and as the seat's program with the token that it is given; it cannot reach
// this page, and its own page lets it reach nothing but the server's Socket.IO. What it says is not believed.

import { headed } from "./prelude.js";

const ADDRESS = "/exercise/sandbox";
const LONGEST = 3000; // characters of a line
const LINES = 200; // of one message

export class Sandbox {
  #frame = null; // a promise of it
  #run = 0;
  #before = 0;

  // on: {said(lines, left), failed(sentence)}; lines are [kind, text], kind is "log", "warn" or "error"
  constructor(on) {
    this.on = on;
    addEventListener("message", (event) => this.#hear(event));
  }

  // seat: the token for this exercise, and no other
  async run(code, { seat, server = location.origin }) {
    const run = ++this.#run;
    const { text, before } = headed(code, { server, seat });
    this.#before = before;
    this.#frame ??= opened();
    const frame = await this.#frame;
    if (run !== this.#run) return; // stopped, or begun anew, meanwhile
    frame.contentWindow.postMessage({ run, text }, "*");
  }

  // Also a program that never ends by itself; what it has said and is not here yet is not heard.
  async stop() {
    this.#run += 1;
    (await this.#frame)?.contentWindow.postMessage({}, "*");
  }

  async #hear({ source, data }) {
    const frame = await this.#frame;
    if (!frame || source !== frame.contentWindow || data?.run !== this.#run) return;
    if (data.flooded) {
      this.on.failed("It sent this page more than it can show, and was stopped.");
    } else if (typeof data.failed === "string") {
      this.on.failed(placed(data.failed.slice(0, LONGEST), data.line - this.#before));
    } else {
      this.on.said(...checked(data.said));
    }
  }
}

// A frame's messages go to no other: "*" is how one without an origin is addressed.
function opened() {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "Where your program runs";
  frame.hidden = true;
  frame.src = ADDRESS;
  return new Promise((done) => {
    frame.addEventListener("load", () => done(frame), { once: true });
    document.body.append(frame);
  });
}

export function placed(message, line) {
  const sentence = message.replace(/^Uncaught /, "");
  return line >= 1 ? `${sentence} (line ${line})` : sentence;
}

// What a worker posted, as far as it has the shape of what ours posts: [lines, left].
export function checked(said) {
  const given = Array.isArray(said?.lines) ? said.lines.slice(0, LINES) : [];
  const lines = given.filter(Array.isArray).map(([kind, text]) => {
    const known = ["log", "warn", "error"].includes(kind) ? kind : "log";
    return [known, String(text).slice(0, LONGEST)];
  });
  const left = Number.isSafeInteger(said?.left) ? Math.max(0, said.left) : 0;
  return [lines, left];
}
