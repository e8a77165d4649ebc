// Upgrade: how a connection begins, from its first request to its first frames: the page's own, and second ones.
// Speaks the events of socketlab/lessons/upgrade/handlers.py; fills templates/lessons/upgrade.html.

export default function mount(panel, lab) {
  const shared = { handshake: null, changed: () => {} }; // of the last diagram: {key, accept}
  const says = panel.querySelector("[data-line-says]");
  const say = (text, kind = "") => {
    says.dataset.kind = kind;
    says.textContent = text;
    lab.announce(text);
  };
  let upgrade = null; // fetched when it is first needed
  const use = lab.late(
    () => import("./upgrade.js"),
    ({ Upgrade }) => {
      upgrade = new Upgrade(panel, lab, shared, say);
      return upgrade;
    },
  );
  begin(lab, (calm) => use((it) => it.arrive(calm)).catch(({ message }) => say(message, "bad")));
  send(panel, use, say, lab);
  openParts(panel, lab, shared);
  return () => upgrade?.leave();
}

const FIRST_VIEW = 600; // ms in which the page is looked at before anything moves by itself …
const SPREAD = 2400; // … and over how many more a class that opens it at once asks the server

// It opens no connection. Who asked for little motion has it drawn at once.
async function begin(lab, act) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  await lab.seen();
  if (!calm) await new Promise((done) => setTimeout(done, FIRST_VIEW + Math.random() * SPREAD));
  await lab.seen();
  act(calm);
}

// What an answer of the prediction says of the header, in bytes.
const BETS = {
  hundreds: { size: 700, words: "hundreds" },
  short: { size: 90, words: "under 100" },
  none: { size: 6, words: "a few" },
  squeezed: { size: 20, words: "about 20" },
};

const ACTS = {
  connect: (upgrade, _text, { value }) => upgrade.connect(value),
  echo: (upgrade, text) => upgrade.echo(text),
};

// What the server sends is read off the captured rows: there is no event of its own to receive here.
function send(panel, use, say, lab) {
  const { text } = panel.querySelector("[data-echo]").elements;
  let busy = false;
  const press = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const { submitter } = event;
    await use((upgrade) => {
      say(submitter.name === "echo" ? "The echo goes up." : "Opening a second connection.");
      return ACTS[submitter.name](upgrade, text.value, submitter);
    }).catch((error) => say(error.message, "bad"));
    busy = false;
  };
  for (const form of panel.querySelectorAll("[data-ways], [data-echo]")) {
    form.addEventListener("click", once);
    form.addEventListener("submit", press);
  }
  lab.step("after_101", {
    chosen: (choice) => use((upgrade) => upgrade.diagram.expect(BETS[choice])),
    run: ({ step }) => use((upgrade) => upgrade.run(text.value, step)),
    resume: () => use((upgrade) => upgrade.outcome()),
  });
}

// The second half of a double click would open another one.
function once(event) {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
}

// Sec-WebSocket-Accept, the raw request, compression: each is fetched when it is first opened.
function openParts(panel, lab, shared) {
  for (const part of panel.querySelectorAll("[data-part]")) {
    const open = lab.late(
      () => import(`./${part.dataset.part}.js`),
      ({ default: mountPart }) => mountPart(part, lab, shared),
    );
    part.addEventListener("toggle", () => open());
  }
}
