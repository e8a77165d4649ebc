// Upgrade: a second connection of this page, from its first request to its first frame.
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
  send(panel, use, say, lab);
  openParts(panel, lab, shared);
  return () => upgrade?.leave();
}

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
  for (const form of panel.querySelectorAll("[data-ways], [data-echo]"))
    form.addEventListener("submit", press);
  lab.step("after_101", { run: ({ step }) => use((upgrade) => upgrade.run(text.value, step)) });
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
