// Missed: what was sent while you were away, and how a number on each event brings it back.
// Speaks the events of socketlab/lessons/missed/handlers.py; fills templates/lessons/missed.html.

export const ticks = ["buffered"]; // come by themselves, too often to mark their lines

export default function mount(panel, lab) {
  let run = null; // fetched when somebody reaches for the panel, or when there is something to show
  const use = lab.late(
    () => import("./run.js"),
    ({ Run }) => {
      run = new Run(panel, lab);
      return receive(run, lab);
    },
  );
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, () => use(), { once: true });
  lab.socket.once("posted", () => use());
  if (sessionStorage.getItem("missed")) use();
  else begin(lab, () => use((run) => run.arrive()));
  send(panel, use, lab);
  lab.step("slept", {
    chosen: (choice) => use((run) => run.expect(choice)),
    run: ({ step }) => use((run) => run.bet(step)),
    resume: () => use((run) => run.outcomeOf()),
  });
  return () => run?.leave();
}

const FIRST_VIEW = 1500; // ms in which the page is looked at before anything begins by itself

// Who asked for little motion presses a button instead.
async function begin(lab, act) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  await lab.seen();
  setTimeout(act, FIRST_VIEW);
}

function receive(run, { socket, everyone }) {
  for (const reader of run.readers) read(reader, run);
  socket.on("buffered", (says) => run.bufferTold(says));
  everyone.on("wire_cut", (says) => run.wireCut(says));
  return run.begin();
}

// You and your twin: the same handlers. Only the answers to resume differ.
function read(reader, run) {
  const { socket } = reader;
  reader.handler = (event) => reader.heard(event);
  reader.sync = () => resync(reader);
  socket.on("posted", reader.handler);
  socket.on("finished", (end) => reader.over(end));
  socket.on("disconnect", (reason) => reader.left(reason));
  socket.on("connect", () => {
    reader.back();
    run.twin.follow();
  });
}

// After each connect and for each hole: "my last was n, what came after it?" Until the answer is whole.
async function resync(reader) {
  let more = true;
  while (more) {
    const asks = await reader.question();
    more = asks !== null && reader.answer(await reader.ask("resume", asks), asks);
  }
}

const ACTS = {
  keeping: (run, { buffer, kind, keep }) =>
    run.setBuffer(buffer.checked ? kind.value : "off", keep.valueAsNumber),
  start: (run, { count, every }) => run.startOwn(count.valueAsNumber, every.valueAsNumber),
  cut: (run, { seconds, how }) => run.cut(seconds.valueAsNumber, how.value),
  scene: (run, _fields, { value }) => run.scene(value),
  drop: (run, { drop }) => run.dropping(drop.checked),
  again: (run) => run.again(5),
  reconnect: (run) => run.reconnect(),
};

function send(panel, use, lab) {
  const act = (name, form, button) => use((run) => ACTS[name](run, form.elements, button));
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter?.name ?? "keeping", event.target, event.submitter);
  });
  panel.addEventListener("change", ({ target }) => {
    if ("now" in target.form.dataset) act(target.form.dataset.now, target.form);
  });
  for (const part of panel.querySelectorAll("[data-part]")) {
    const open = lab.late(
      () => import("./remedies.js"),
      ({ default: mountPart }) => use((run) => mountPart(part, run)),
    );
    part.addEventListener("toggle", () => open());
  }
}
