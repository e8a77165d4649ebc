// The parts below the demo: every reason by a button, the names sorted by hand, the Manager's events counted.

import { ask } from "../../lib/line.js";
import { seconds } from "./model.js";
import { LONG, MANAGERS, Robot } from "./robot.js";

const PATIENCE = 45_000; // ms for both words
const [FIRST, LAST] = [2, 8]; // robots for the tries; the first one is the demo's
const ACTS = {
  goodbye: { how: "goodbye", does: ({ socket }) => socket.disconnect() },
  server_goodbye: { how: "server_goodbye" },
  cut: { how: "cut" },
  cut_poll: { how: "cut", options: { transports: ["polling"] } },
  hole: { how: "hole", long: true },
  freeze: { how: "freeze", long: true, apart: true },
  reload: { how: "reload", apart: true, silent: true },
  unknown: { how: "unknown", does: ({ socket }) => socket.io.engine.send('2/nope,["hello",{}]') },
  manager: { how: "goodbye", does: ({ socket }) => socket.io.disconnect() },
};

export default function mountPart(part, play, lab) {
  if (part.dataset.part in PARTS) PARTS[part.dataset.part](part, play, lab);
}

const PARTS = { reasons: mountReasons, names: mountNames, manager: mountManager };

// Every reason

function mountReasons(part, play, lab) {
  const free = new Set(Array.from({ length: LAST - FIRST + 1 }, (_, n) => FIRST + n));
  const waiting = new Map(); // run → resolve
  play.onTold = (told) => told.side === "server" && waiting.get(told.run)?.(told);
  part.addEventListener("click", async ({ target }) => {
    if (target.matches("[data-nope]")) return askForNope(part, lab);
    const row = target.closest("[data-way]");
    if (target.name !== "try" || target.getAttribute("aria-disabled") === "true") return;
    const k = [...free][0];
    if (!k) return;
    free.delete(k);
    target.setAttribute("aria-disabled", true);
    const seen = row.querySelector("[data-seen]");
    await attempt(ACTS[row.dataset.way], {
      lab,
      k,
      play,
      waiting,
      tell: (words) => seen.replaceChildren(words),
    });
    free.add(k);
    target.setAttribute("aria-disabled", false);
  });
}

async function attempt(act, { lab, k, play, waiting, tell }) {
  tell(act.long ? `waiting: up to ${LONG} s …` : "…");
  const robot = act.apart ? await apart(lab, k) : await here(lab, k, act);
  if (!robot) return tell("The robot cannot reach the server.");
  const ack = await robot.leaves(act.how, act.long ? LONG : 1);
  if (!ack.ok) {
    robot.end();
    return tell(ack.error);
  }
  const told = new Promise((done) => waiting.set(ack.run, done));
  const server = within(play.tolds.get(ack.run) ?? told);
  robot.act?.();
  const [it, me] = await Promise.all([server, act.silent ? null : within(robot.gone)]);
  waiting.delete(ack.run);
  robot.end();
  const side = (name, said) => (said ? `${name}: ${said.reason}, ${seconds(said.after_ms)}` : `${name}: –`);
  tell(`${side("JavaScript", me)}\n${side("Python", it)}`);
  lab.announce(`${side("JavaScript", me)}. ${side("Python", it)}.`);
}

const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, PATIENCE, null))]);

// A robot in this page; it does not come back by itself, so that only its one departure is seen.
async function here(lab, k, { does, options }) {
  let done = null;
  const gone = new Promise((resolve) => {
    done = resolve;
  });
  let began = 0;
  const hears = { gone: (reason) => done({ reason, after_ms: performance.now() - began }) };
  const about = { transports: ["websocket"], reconnection: false, ...options };
  const robot = new Robot(lab, k, hears, about);
  if (!(await robot.ready())) return null;
  return {
    gone,
    act: does && (() => does(robot)),
    leaves: async (...asks) => {
      const ack = await robot.leaves(...asks);
      began = performance.now();
      return ack;
    },
    end: () => robot.socket.disconnect(),
  };
}

// A robot in a worker, which can be frozen, or ended as a page is by a reload.
const policy = () =>
  globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (address) => address });
let made = null; // the policy, once: a page may not have two of one name

function apart(lab, k) {
  made ??= { policy: policy() };
  const address = new URL("./frozen.worker.js", import.meta.url).href;
  const worker = new Worker(made.policy?.createScriptURL(address) ?? address, { type: "module" });
  const waits = {};
  const hear = (name) =>
    new Promise((done) => {
      waits[name] = done;
    });
  worker.addEventListener("message", ({ data }) => waits[data.said]?.(data));
  const [ready, acked, gone] = [hear("connected"), hear("acked"), hear("gone")];
  const { auth, nsp } = lab.socket;
  worker.postMessage({ nsp, auth: { seat: auth.seat, robot: k } });
  const robot = {
    gone,
    leaves: async (how, lasts) => {
      worker.postMessage({ how, lasts });
      const { ack } = await acked;
      if (how === "reload") robot.act = () => worker.terminate();
      return ack;
    },
    end: () => worker.terminate(),
  };
  return within(ready).then((isThere) => isThere && robot);
}

// A door that nobody opens: on the page's own connection, which stays as it is.
function askForNope(part, lab) {
  const socket = lab.socket.io.socket("/nope", { auth: lab.socket.auth });
  const says = part.querySelector("[data-nope-says]");
  socket.once("connect_error", ({ message }) => {
    says.textContent = `connect_error: ${message}. The page's own sockets are still connected.`;
    socket.disconnect();
  });
  if (!socket.active) socket.connect();
}

// Reserved names

function mountNames(part, _play, lab) {
  const right = new Map(); // name → whether the guess was
  part.addEventListener("click", async ({ target }) => {
    const card = target.closest("[data-name]");
    if (!card || !["library", "free"].includes(target.name) || card.dataset.state) return;
    const { name } = card.dataset;
    card.dataset.state = "tried";
    for (const button of card.querySelectorAll("button")) button.setAttribute("aria-disabled", true);
    target.setAttribute("aria-pressed", true);
    const { thrown, words } = await emitted(lab, name);
    const isRight = thrown === (target.name === "library");
    right.set(name, isRight);
    card.dataset.state = isRight ? "right" : "wrong";
    card.querySelector("[data-verdict]").textContent = `${isRight ? "Right" : "Not so"}: ${words}`;
    const cards = part.querySelectorAll("[data-name]").length;
    const good = [...right.values()].filter(Boolean).length;
    part.querySelector("[data-score]").textContent =
      `${good} of ${right.size} right${right.size === cards ? ": six names throw, three of them from the notes" : ""}.`;
  });
}

// Really emits it. The client throws for a name that it keeps; every other one crosses, and the server answers.
async function emitted(lab, name) {
  const said = await ask(lab.socket, "try_name", { name });
  try {
    const answer = await lab.socket.timeout(5000).emitWithAck(name, {});
    return { thrown: false, words: `it crossed, and the server answered “${answer.error}”.` };
  } catch ({ message }) {
    return { thrown: said.thrown ?? true, words: `the client threw: ${message}.` };
  }
}

// The Manager's events

function mountManager(part, play) {
  const show = () => {
    for (const name of MANAGERS) {
      part.querySelector(`[data-manager="${name}"] [data-count]`).textContent = play.counts[name] ?? 0;
    }
  };
  play.tellCounts = show;
  show();
}
