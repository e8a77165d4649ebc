// Upgrade: a second connection of this page, from its first request to its first frame.
// Speaks the events of socketlab/lessons/upgrade/handlers.py; fills templates/lessons/upgrade.html.

const lib = (name) => import(`./${name}.js`); // fetched when it is first needed

export default function mount(panel, lab) {
  const [ways, echoes, says] = ["ways", "echo", "line-says"].map((name) =>
    panel.querySelector(`[data-${name}]`),
  );
  const shared = { handshake: null, changed: () => {} }; // of the last ladder: {key, accept}
  let [tools, line, busy] = [null, null, false]; // line: the second connection

  const say = (text, kind = "") => {
    says.dataset.kind = kind;
    lab.announce((says.textContent = text));
  };
  const draw = (rows) => {
    say(`Second connection: ${line.transport()}. ${tools.rungs.draw(rows)}`);
    shared.handshake = tools.handshake(rows);
    shared.changed();
    return rows;
  };
  async function connect(way) {
    line = line?.close();
    tools.rungs.begin();
    line = await tools.second(tools.WAYS[way]);
    return draw(await line.rows(way === "default" ? tools.moved : tools.joined));
  }
  async function echo(from, step) {
    if (!from) throw new Error("Connect first: there is no second connection yet.");
    const text = echoes.elements.text.value;
    const ack = await from.ask("echo", { text, ...(step && { step }) });
    if (!ack.ok) throw new Error(ack.error);
    lab.ran("echo");
    return from.rows(tools.answered);
  }
  async function run(step) {
    await connect("default");
    const rows = draw(await echo(line, step));
    const other = await tools.second(tools.WAYS.polling);
    lab.reveal(step, tools.compare(rows, await echo(other, step).finally(other.close)));
  }
  async function pressed(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const { name, value, dataset } = event.submitter;
    const act = { connect, echo: async () => draw(await echo(line)), run: () => run(dataset.step) };
    say(name === "echo" ? "The echo goes up." : "Opening a second connection.");
    const ready = async () => (tools ??= await load(panel.querySelector("[data-ladder]"), lab));
    await ready()
      .then(() => act[name](value))
      .catch((error) => say(error.message, "bad"));
    busy = false;
  }
  for (const form of [ways, echoes]) form.addEventListener("submit", pressed);
  for (const part of panel.querySelectorAll("[data-part]"))
    part.addEventListener("toggle", async () => (await lib(part.dataset.part)).default(part, lab, shared), {
      once: true,
    });
  return () => line?.close();
}

async function load(list, lab) {
  const [rows, lines] = await Promise.all([lib("diagram"), lib("second")]);
  return { ...rows, ...lines, rungs: rows.ladder(list, lab) };
}
