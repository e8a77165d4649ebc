// Bidirectional: either side may send at any time; three ways to receive the same events.
// Speaks the events of socketlab/lessons/bidirectional/handlers.py,
// fills templates/lessons/bidirectional.html.

import { Race } from "./race.js";
import { Stage } from "./stage.js";

const BETS = { per_event: "8", per_interval: "12", both: "20", one: "1" }; // requests, by the prediction's answers
const FOLDED = ["running", "done", "broken"]; // states of the act in which the race has the room

export const ticks = ["metered"]; // come by themselves, too often to mark their lines

export default function mount(panel, lab) {
  const waves = new Stage(panel, lab);
  const lanes = new Race(panel.querySelector("[data-race]"), lab);
  lab.countMissed(() => lanes.missed());
  receive(lab, waves, lanes);
  send(panel, waves, lanes, lab);
  makeRoom(panel);
  handOutToken(panel, lab);
  return () => {
    waves.leave();
    lanes.leave();
  };
}

function receive({ socket, receipt, clock }, waves, lanes) {
  socket.on("waved", ({ who, text, run, seq }) => {
    if (run) receipt(run, seq, clock.now()); // the server's own wave has none
    waves.heard("you", who, text);
  });
  socket.on("posted", (event) => lanes.arrived("socket", event)); // the third lane: nobody asked
  socket.on("metered", (counts) => lanes.metered(counts));
}

// Waves first; once a race is on, the lanes have their place. They come back at a press.
function makeRoom(panel) {
  const [waves, act] = ["[data-waves]", "[data-act=race]"].map((part) => panel.querySelector(part));
  const look = () => {
    if (FOLDED.includes(act.dataset.state)) waves.open = false;
  };
  new MutationObserver(look).observe(act, { attributeFilter: ["data-state"] });
  look();
}

// For the scripts that readers write: the token that this page itself shows the server.
function handOutToken(panel, { socket, announce, late }) {
  const copying = late(() => import("../../lib/copy.js"));
  const token = panel.querySelector("[data-token]");
  token.value = socket.auth.seat ?? ""; // none on the wall
  panel.querySelector("[data-copy-token]").addEventListener("click", () =>
    copying(({ copyText }) => {
      const done = copyText(token.value) ? "Copied." : "Select it and copy it by hand.";
      panel.querySelector("[data-copied]").textContent = done;
      announce(done);
    }),
  );
}

function send(panel, waves, lanes, lab) {
  const form = panel.querySelector("[data-race]");
  const { every } = form.elements;
  const pace = (seconds) => {
    every.value = seconds;
    form.querySelector("output").value = Number(seconds).toFixed(1);
  };
  every.addEventListener("input", () => pace(every.value));
  panel.querySelector("[data-wave]").addEventListener("submit", (event) => {
    event.preventDefault();
    waves.wave(event.target.elements.text.value);
  });
  panel.querySelector("[data-add-robot]").addEventListener("click", () => waves.addRobot());
  panel.querySelector("[data-remove-robot]").addEventListener("click", () => waves.removeRobot());
  const race = async (step) => {
    const run = await lanes.start(every.value * 1000, step);
    panel.querySelector("[data-waves]").open = false;
    shortPolling(run, lanes); // side by side
    longPolling(run, lanes);
    return run.outcome;
  };
  form.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("button")) event.preventDefault(); // of a double click
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter.name === "stop") lanes.stop();
    else race().catch(({ message }) => lanes.say(message));
  });
  lab.step("race", {
    chosen: (choice) => lanes.predicted(BETS[choice]),
    run({ step }) {
      pace(2); // the prediction is about 2 seconds
      return race(step);
    },
  });
}

// Asks at a fixed pace, whether or not there is news.
async function shortPolling(run, lanes) {
  for (let after = run.next; run.running; ) {
    after = await lanes.fetch(run, "poll", "/bidirectional/latest", after);
    await new Promise((wake) => setTimeout(wake, run.every));
  }
}

// Asks and waits: the server holds its response until there is news. Then asks again at once.
async function longPolling(run, lanes) {
  for (let after = run.next; run.running; ) {
    after = await lanes.fetch(run, "long_poll", "/bidirectional/wait", after);
  }
}
