// Lifecycle: a robot of this page leaves, in every way there is, and both sides say when they noticed.
// Speaks the events of socketlab/lessons/lifecycle/handlers.py; fills templates/lessons/lifecycle.html.

const FIRST_VIEW = 1200; // ms in which the page is looked at before anything begins by itself
const SPREAD = 1500; // ms over which the robots of a class that comes together connect
const SHOWN = "lifecycle shown";

export default function mount(panel, lab) {
  let play = null; // fetched when the page has been looked at, or when somebody reaches for the panel
  const use = lab.late(
    () => import("./play.js"),
    ({ Play }) => {
      play = new Play(panel, lab, act);
      return play;
    },
  );
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, () => use(), { once: true });
  receive(lab.socket, use);
  send(panel, lab, use);
  const act = lab.step("when_noticed", {
    run: ({ step }) => use((play) => play.bet(step)),
    chosen: (choice, isLocked) => use((play) => play.chosen(choice, isLocked)),
  });
  arrive(lab, use);
  return () => play?.leave();
}

// Once in a tab, when somebody looks: the robot comes, is cut, and is back. Little motion: it only comes.
async function arrive(lab, use) {
  await lab.seen();
  await new Promise((done) => setTimeout(done, FIRST_VIEW + Math.random() * SPREAD));
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  use((play) => play.arrive(!isCalm && isFirst()));
}

function isFirst() {
  try {
    const shown = sessionStorage.getItem(SHOWN);
    sessionStorage.setItem(SHOWN, "yes");
    return !shown;
  } catch {
    return false; // storage is switched off: it would be shown at every reload
  }
}

function receive(socket, use) {
  socket.on("poked", (poke) => use((play) => play.poked(poke))); // what was addressed to the robot
  socket.on("told", (told) => use((play) => play.told(told)));
}

function send(panel, lab, use) {
  panel.querySelector("[data-leave]").addEventListener("submit", (event) => {
    event.preventDefault();
    const [how, seconds] = [event.submitter?.name ?? "cut", event.target.elements.seconds.valueAsNumber];
    use((play) => (how === "connect" ? play.comeBack() : play.press(how, seconds)));
  });
  panel.querySelector("[data-bets]").addEventListener("click", ({ target }) => {
    if (target.dataset.bet) use((play) => play.tap(target.dataset.bet));
  });
  panel
    .querySelector("[data-picture]")
    .addEventListener("click", (event) => use((play) => play.tapAt(event)));
  for (const part of panel.querySelectorAll("[data-part]")) {
    const open = lab.late(
      () => import("./more.js"),
      ({ default: mountPart }) => use((play) => mountPart(part, play, lab)),
    );
    part.addEventListener("toggle", () => open());
  }
}
