// Layers: the same messages over TCP and over UDP, and the headers around your event.
// Speaks the events of socketlab/lessons/layers/handlers.py; fills templates/lessons/layers.html.

export default function mount(panel, lab) {
  const use = lab.late(
    () => import("./race.js"),
    ({ Race }) => {
      const race = new Race(panel, lab);
      receive(lab, race);
      return race;
    },
  );
  const early = (event) => use((race) => race.heard(event)); // of another tab, before a race was looked at
  lab.socket.once("read", early);
  if (sessionStorage.getItem("layers race")) use();
  else begin(lab, () => use((race) => race.arrive()));
  send(panel, use);
  openEnvelope(panel, lab);
  lab.step("two_roads", {
    run: ({ step }) => use((race) => race.predicted(step)),
    resume: () => use((race) => race.outcome()),
  });
}

const FIRST_VIEW = 600; // ms in which the page is looked at before anything moves by itself …
const SPREAD = 2400; // … and over how many more a class that opens it at once asks the server

// Who asked for little motion presses the button.
async function begin(lab, act) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  await lab.seen();
  await new Promise((done) => setTimeout(done, FIRST_VIEW + Math.random() * SPREAD));
  await lab.seen();
  act();
}

function receive({ socket }, race) {
  socket.on("read", (read) => race.heard(read)); // one recv() of the server's reader
  socket.on("raced", (over) => race.raced(over));
}

function send(panel, use) {
  const form = panel.querySelector("[data-race]");
  form.addEventListener("click", once);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { count, lose } = event.target.elements;
    use((race) => race.pressed(count.valueAsNumber, lose.valueAsNumber));
  });
}

// The second half of a double click asks for nothing.
function once(event) {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
}

// The envelope's code comes when somebody reaches for it.
function openEnvelope(panel, lab) {
  const part = panel.querySelector("[data-envelope]");
  const open = lab.late(
    () => import("./envelope.js"),
    ({ Envelope }) => new Envelope(part, lab),
  );
  for (const reach of ["pointerover", "focusin"]) part.addEventListener(reach, () => open(), { once: true });
  for (const name of ["input", "submit"]) {
    part.addEventListener(name, (event) => {
      event.preventDefault();
      open((envelope) => envelope[name]());
    });
  }
}
