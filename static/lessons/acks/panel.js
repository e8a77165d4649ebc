// Acks: one order, a client that retries, a kitchen that is slow, and what each of them knows.
// Speaks the events of socketlab/lessons/acks/handlers.py; fills templates/lessons/acks.html.

const FIRST_VIEW = 800; // ms in which the page is looked at before anything begins by itself …
const SPREAD = 2000; // … and over how many more a class that opens it at once orders
const SHOWN = "acks shown";

export default function mount(panel, lab) {
  let play = null;
  const use = lab.late(
    () => import("./play.js"),
    ({ Play }) => {
      play = new Play(panel, lab);
      return play;
    },
  );
  lab.socket.on("cooked", (soup) => use((one) => one.cooked(soup)));
  lab.socket.on("counted", (sums) => use((one) => one.counted(sums)));
  lab.socket.on("called", (call, acknowledge) => {
    acknowledge({ here: true });
    use((one) => one.called(0, call));
  });
  send(panel, use);
  lab.step("three_soups", { run: ({ step }) => use((one) => one.predicted(step)) });
  arrive(lab, () => use((one) => one.arrive()));
  return () => play?.leave();
}

function send(panel, use) {
  panel.querySelector("[data-order]").addEventListener("submit", (event) => {
    event.preventDefault();
    use((play) => play.pressed());
  });
  panel.querySelector("[name=call]").addEventListener("click", () => use((play) => play.call()));
}

// Once in a tab, when somebody looks; who asked for little motion presses the button.
async function arrive(lab, act) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !isFirst()) return;
  await lab.seen();
  await new Promise((done) => setTimeout(done, FIRST_VIEW + Math.random() * SPREAD));
  await lab.seen();
  act();
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
