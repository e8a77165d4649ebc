// Emit: one argument decides on the server who receives an event.
// Speaks the events of socketlab/lessons/emit/handlers.py; fills templates/lessons/emit.html.

export const ticks = ["placed", "confirmed"]; // come by themselves, too often to mark their lines

const FIRST_VIEW = 600; // ms in which the page is looked at before anything begins by itself …
const SPREAD = 2400; // … and over how many more a class that opens it at once comes
const SHOWN = "emit shown"; // in this tab: a reload fires nothing by itself

export default function mount(panel, lab) {
  let play = null; // fetched when the first dots are told
  const use = lab.late(
    () => import("./play.js"),
    ({ Play }) => {
      play = new Play(panel, lab, act);
      return play;
    },
  );
  const listen = (socket, receipt) => hear(socket, receipt, lab.clock, use);
  receive(lab.socket, use);
  listen(lab.socket, lab.receipt);
  send(panel, lab, use, listen);
  const act = lab.step("who_lights", {
    run: ({ step }) => use((play) => play.bet(step)),
    chosen: (choice) => use((play) => play.chosen(choice)),
  });
  arrive(lab, use, listen);
  return () => play?.leave();
}

function receive(socket, use) {
  socket.on("placed", (placed) => use((play) => play.update(placed))); // who is there, when it changes
  socket.on("confirmed", (report) => use((play) => play.confirmed(report))); // whose handlers ran
  socket.on("answered", (answer) => use((play) => play.answered(answer))); // a callback ran on the server
  socket.on("disconnect", () => use((play) => play.forget()));
}

// What every socket of this page does with an event, robots too: its handler runs, and says so. Where the
// server asks for an acknowledgement, there is a function to call.
function hear(socket, receipt, clock, use) {
  for (const name of ["heard", "message"]) {
    socket.on(name, (heard, acknowledge) => {
      const at = clock.now();
      receipt(heard.run, heard.seq, at);
      acknowledge?.({ run: heard.run });
      use((play) => play.heard(socket, name, heard, at));
    });
  }
}

// Little motion: the robots come, and nothing is fired by itself.
async function arrive(lab, use, listen) {
  await lab.seen();
  await new Promise((done) => setTimeout(done, FIRST_VIEW + Math.random() * SPREAD));
  await lab.seen();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  use((play) => play.arrive(listen, !isCalm && isFirst()));
}

function isFirst() {
  try {
    const shown = sessionStorage.getItem(SHOWN);
    sessionStorage.setItem(SHOWN, "yes");
    return !shown;
  } catch {
    return false; // storage is switched off: it would be fired at every reload
  }
}

function send(panel, lab, use, listen) {
  const press = (part, does) =>
    panel.querySelector(part).addEventListener("click", ({ target }) => does(target));
  press("[data-lines]", (target) => {
    const line = target.closest("[data-line]")?.dataset.line;
    if (line) use((play) => play.fire(line));
  });
  press("[data-bets]", ({ dataset: { bet } }) => bet && use((play) => play.act.choose(bet)));
  press("[data-add]", () => use((play) => play.addRobot("/emit", listen)));
  press("[data-add-upstairs]", () => use((play) => play.addRobot("/upstairs", listen)));
  press("[data-on-wire]", () => use((play) => onWire(play)));
  press("[data-try]", async () => {
    const says = panel.querySelector("[data-volatile-says]");
    says.textContent = await use((play) => play.tryVolatile(listen));
  });
  const form = panel.querySelector("[data-bell]");
  const bell = lab.late(
    () => import("./bell.js"),
    ({ Bell }) => use((play) => new Bell(form, lab, play)),
  );
  for (const reach of ["pointerover", "focusin"]) form.addEventListener(reach, () => bell(), { once: true });
  form.addEventListener("input", () => bell((one) => one.showCommand()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    bell((one) => one.ring());
  });
}

function onWire(play) {
  const { event: name, id: run } = play.run ?? {};
  const none = (words) => play.say(words, "bad");
  document.dispatchEvent(new CustomEvent("show-on-wire", { detail: { name, run, none } }));
}
