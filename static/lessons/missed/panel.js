// Missed: what was sent while you were away, and how a number on each event brings it back.
// Speaks the events of socketlab/lessons/missed/handlers.py; fills templates/lessons/missed.html.

export const ticks = ["buffered"]; // come by themselves, too often to mark their lines

export default function mount(panel, lab) {
  let runs = null; // fetched when somebody reaches for the panel, or when there is something to show
  const ready = () =>
    (runs ??= import("./run.js").then(({ missedRun }) => listen(missedRun(panel, lab), lab)));
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, ready, { once: true });
  lab.socket.once("posted", ready);
  if (sessionStorage.getItem("missed")) ready();
  send(panel, ready);
  return async () => (await runs)?.leave();
}

function listen(runs, { socket, everyone }) {
  for (const reader of runs.readers) receive(reader, runs);
  socket.on("buffered", (says) => runs.buffered(says));
  everyone.on("wire_cut", (says) => runs.wireCut(says));
  return runs.begin();
}

// You and your twin: the same handlers. Only the answers to resume differ.
function receive(reader, runs) {
  const { socket } = reader;
  reader.handler = (event) => reader.heard(event);
  reader.sync = () => resync(reader);
  socket.on("posted", reader.handler);
  socket.on("finished", (end) => reader.over(end));
  socket.on("disconnect", (reason) => reader.left(reason));
  socket.on("connect", () => [reader.back(), runs.follow()]);
}

// After each connect and for each hole: "my last was n, what came after it?" Until the answer is whole.
async function resync(reader) {
  for (let asks; (asks = await reader.question()); ) {
    const ack = await reader.ask("resume", asks);
    if (!reader.answer(ack, asks)) break;
  }
}

function send(panel, ready) {
  const acts = {
    keeping: (runs, { kind, keep }) => runs.setBuffer(kind.value, keep.valueAsNumber),
    run: (runs, _, { dataset }) => runs.bet(dataset.step),
    start: (runs, { count, every }) =>
      runs.start({ count: count.valueAsNumber, every: every.valueAsNumber * 1000 }),
    cut: (runs, { seconds, how }) => runs.cut(seconds.valueAsNumber, how.value),
    scene: (runs, _, { value }) => runs.scene(value),
    drop: (runs, { drop }) => runs.dropping(drop.checked),
    again: (runs) => runs.again(5),
    reconnect: (runs) => runs.reconnect(),
  };
  const act = async (name, form, button) => acts[name](await ready(), form.elements, button);
  panel.addEventListener("submit", (event) => [
    event.preventDefault(),
    act(event.submitter?.name ?? "keeping", event.target, event.submitter),
  ]);
  panel.addEventListener(
    "change",
    ({ target }) => "now" in target.form.dataset && act(target.form.dataset.now, target.form),
  );
  for (const part of panel.querySelectorAll("[data-part]")) {
    part.addEventListener(
      "toggle",
      async () => (await import("./remedies.js")).default(part, await ready()),
      { once: true },
    );
  }
}
