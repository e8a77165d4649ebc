// One pipe and the strands inside it: each is a namespace, drawn as the tap and its own socket say it is.

import { count, element, icon, ms } from "../../lib/dom.js";
import { ask } from "../../lib/line.js";
import { packets, wire } from "./packets.js";

const LOOKS = 50; // at the wire, 100 ms apart, until what was done is seen on it
const CALM = 1000; // ms for which an order of other people stays shown; one of our own stays longer
const wait = (time) => new Promise((done) => setTimeout(done, time));
const dishes = (n) => `${n} ${n === 1 ? "dish" : "dishes"}`;
const list = (names) => names.join(" and ");
const short = (text) => text.replace(/\*{7,}/g, "******…"); // what the tap blanked

export function strands(panel, lab) {
  const manager = lab.socket.io; // the page's one connection: every strand is opened on it
  const tap = wire();
  const all = Object.fromEntries(
    [...panel.querySelectorAll("[data-strand]")].map((row) => [row.dataset.strand, strand(row)]),
  );
  const each = () => Object.values(all);
  const says = panel.querySelector("[data-said]");
  const rows = lab.table("Packets of your namespaces, captured by the server's tap", [
    "Row",
    "Connection",
    "Way",
    "Namespace",
    "Kind",
    "Packet",
  ]);
  const orders = lab.table("Orders", ["Order", "Dish", "By", "Namespace", "Room", "Heard here by"]);
  const mine = new Set(); // connections that carried the server's answers to this page
  const kinds = {}; // connection -> "websocket" | "polling"
  let looking = Promise.resolve();
  let upgraded = null;
  let shown = { heard: new Set() };

  const say = (kind, ...parts) => {
    says.dataset.kind = kind;
    says.replaceChildren(...parts);
    lab.announce(says.textContent);
  };

  // The wire: what the tap captured since the last look, asked for until `seen` holds.
  const look = (seen = () => true) =>
    (looking = looking.then(() => search(seen)).catch((error) => say("bad", error.message)));
  const search = async (seen) => {
    for (let tries = 0; tries < LOOKS; tries++) {
      for (const packet of (await tap.read()).flatMap(packets)) take(packet);
      if (seen()) break;
      await wait(100);
    }
    return sum();
  };
  // Other tabs of this seat are on the same wire: a sid of ours tells which connection is ours.
  const take = (packet) => {
    const one = all[packet.namespace];
    if (!one) return;
    const answer = packet.type === "CONNECT" && !packet.up && packet.data?.sid === one.socket?.id;
    const refusal = packet.type === "CONNECT_ERROR" && one.state === "refused" && !mine.size;
    if (answer || refusal) mine.add(packet.connection);
    const ours = ({ connection, request }) =>
      mine.has(connection) || request.includes(`sid=${manager.engine?.id}`);
    one.waiting.push(packet);
    for (const known of one.waiting.filter(ours)) {
      const { n, connection, up, namespace, type, name = "", text } = known;
      one.crossed(known);
      one.left ||= up && type === "DISCONNECT";
      kinds[connection] = known.transport;
      rows(`${n} ${text}`, [n, connection, up ? "in" : "out", namespace, `${type} ${name}`, short(text)]);
    }
    one.waiting = one.waiting.filter((held) => !ours(held)).slice(-20);
  };
  // The counters are read off the captured packets, whatever anybody expected.
  const tally = () => {
    const asked = each().filter((one) => one.connections.size);
    return {
      asked,
      connections: [...new Set(asked.flatMap((one) => [...one.connections]))],
      given: asked.filter((one) => one.sid),
    };
  };
  const sum = async () => {
    const { asked, connections, given } = tally();
    for (const [name, { length }] of Object.entries({ asked, connections, given })) {
      panel.querySelector(`[data-sum=${name}]`).textContent = asked.length ? length : "–";
    }
    const box = panel.querySelector("[data-pipe-name]");
    if (!connections.length || box.dataset.of === String(connections)) return;
    box.dataset.of = connections;
    const begun = await Promise.all(connections.map(tap.request));
    box.replaceChildren(
      ...connections.flatMap((number, at) => [
        `${at ? "; " : ""}TCP connection ${number}, ${kinds[number]}, begun by `,
        element("code", {}, begun[at] ?? "a request kept no longer"),
      ]),
    );
  };

  // The sockets
  const ready = async () => {
    if (manager.engine && manager.engine !== upgraded && manager.engine.transport.name === "polling") {
      await Promise.race([new Promise((done) => manager.engine.once("upgrade", done)), wait(3000)]);
    }
    upgraded = manager.engine;
    await tap.mark();
  };
  // Asks for a namespace on the connection that is there; resolves when the answer is seen on the wire.
  const enter = async (one, code) => {
    const answered = new Promise((done) => (one.settle = done));
    const auth = { ...lab.socket.auth, ...(code && { code }) };
    one.show("opening");
    if (one.socket) Object.assign(one.socket, { auth }).connect();
    else listen(one, (one.socket = manager.socket(one.name, { auth })));
    await Promise.race([answered, wait(5000)]);
    await looking;
  };
  const listen = (one, socket) => {
    const settled = (state, why) => {
      one.show(state, why);
      look(() => (state === "open" ? one.sid === socket.id : one.told));
      one.settle();
    };
    socket.on("connect", () => settled("open"));
    socket.on("connect_error", (error) => socket.active || settled("refused", error.message));
    socket.on("disconnect", (reason) => {
      one.show(socket.active ? "lost" : "closed");
      if (reason === "io client disconnect") return;
      one.connections.clear(); // that pipe is gone
      mine.clear();
      tap.rewind();
    });
    socket.on("ordered", (order) => heard(one, order));
    socket.onAny((event) => lab.ran(event));
  };
  const heard = (one, order) => {
    const own = each().some(({ socket }) => socket?.id === order.by.sid);
    if (order.run !== shown.run) {
      if (!own && Date.now() < shown.until) return;
      shown = { run: order.run, until: Date.now() + (own ? 5 : 1) * CALM, heard: new Set() };
      if (!own)
        say(
          "",
          element("bdi", {}, order.by.nick),
          " orders ",
          element("bdi", {}, order.dish),
          ` in ${order.namespace}.`,
        );
    }
    shown.heard.add(one.name);
    if (one.name === order.namespace) lab.receipt(order.run, order.seq, lab.clock.now());
    for (const other of each()) other.ear(shown.heard.has(other.name));
    orders(order.run, [
      order.run,
      order.dish,
      own ? "you" : order.by.nick,
      order.namespace,
      order.room ?? "",
      [...shown.heard].join(", "),
    ]);
  };
  const listeners = (name, room, addressed) => {
    const ears = each().filter((one) => one.state === "open");
    const not = ears.filter((one) => !shown.heard.has(one.name));
    const yes = ears
      .filter((one) => shown.heard.has(one.name))
      .map((one) => (one.name === "/manager" ? "/manager, a copy" : one.name));
    const twin = room && not.some((one) => one.room);
    const passed = not.length
      ? `, not by ${list(not.map((one) => one.name))}${twin ? `, where ${room} is another room` : ""}`
      : "";
    return `Addressed ${addressed} in ${room ? `room ${room} of ` : ""}${name}; heard here by ${list(yes) || "nobody"}${passed}.`;
  };

  const open = async (one, code) => {
    await ready();
    await enter(one, code);
    if (one.state === "open")
      say(
        "",
        `${one.name} is open. One packet in, one packet out with a sid, ${ms(one.took)} later by the tap.`,
      );
    else
      say("bad", `${one.name} refuses: ${one.why || "no answer came"}. What is open beside it stays open.`);
  };
  const close = async (one) => {
    one.left = false;
    one.socket.disconnect();
    await look(() => one.left);
    say("", `${one.name} is closed by one packet, 41${one.name}. The connection stays.`);
  };
  const join = async (name, room) => {
    const ack = await ask(all[name].socket, "join", { room });
    lab.ran(`${name.slice(1)} join`);
    if (!ack.ok) return say("bad", ack.error);
    all[name].joined(ack.rooms.includes(room));
    say("", `${name} has put you into its room ${room}. You asked; the server keeps the list.`);
    await look();
  };
  // An order in one namespace; resolves to the sentence about who heard it, or to nothing when it is refused.
  const order = async (name, what) => {
    const { socket, answered } = all[name];
    if (!socket?.connected) return say("bad", `Open ${name} first.`);
    for (const one of each()) one.ear(false);
    shown = { heard: new Set() };
    const ack = await ask(socket, "order", what);
    lab.ran(`${name.slice(1)} order`);
    if (!ack.ok) return say("bad", ack.error);
    answered(handled(ack));
    const sentence = listeners(name, what.room, ack.addressed);
    say("", sentence);
    await look();
    return sentence;
  };
  // The prediction: all are closed, then these are asked for at once, and the first gets an order.
  const run = async (names, code, what) => {
    await ready();
    for (const one of each()) one.socket?.disconnect();
    await look();
    for (const one of each()) one.clear();
    mine.clear();
    await Promise.all(names.map((name) => enter(all[name], name === "/manager" ? code : "")));
    const sentence = await order(names[0], what);
    if (!sentence) return null;
    const { asked, connections, given } = tally();
    const begun = panel.querySelector("[data-pipe-name] code");
    const shut = names.map((name) => all[name]).filter((one) => one.state === "refused");
    return [
      `Packets of ${count(asked.length, "namespace")} on ${count(connections.length, "TCP connection")}, begun by ${begun.textContent}.`,
      `${count(given.length, "sid")}, given by ${list(given.map((one) => one.name))}.`,
      ...shut.map((one) => `${one.name} gave none: ${one.why}.`),
      sentence,
    ];
  };

  // What is pressed is done in its turn.
  let turn = Promise.resolve();
  const inTurn =
    (work) =>
    (...given) =>
      (turn = turn.then(() => work(...given)).catch((error) => say("bad", error.message)));
  const toggle = inTurn((one, code) => (one.socket?.active ? close(one) : open(one, code)));
  return {
    toggle: (name, code) => all[name].state !== "opening" && toggle(all[name], code),
    join: inTurn(join),
    order: inTurn(order),
    run: inTurn(run),
  };
}

// The names of the answer's fields tell which handler it was.
function handled({ minutes, cooking, items, total }) {
  if (minutes) return `on the stove, done in ${count(minutes, "minute")}; ${dishes(cooking)} cooking`;
  return `on your bill: ${dishes(items)}, ${(total / 100).toFixed(2)} in all`;
}

// The drawing of one namespace, and what is known of it.
function strand(row) {
  const find = (selector) => row.querySelector(selector);
  const [given, answer, ear, line] = ["[data-given]", "[data-answer]", ".ear", ".line"].map(find);
  const [button, join] = ["[name=open]", "[name=join]"].map(find);
  const first = { given: given.textContent, button: button.textContent, join: join?.textContent };
  const self = {
    name: row.dataset.strand,
    state: "closed",
    socket: null,
    connections: new Set(),
    waiting: [], // packets of which it is not known yet whether they are ours
    settle() {},
    clear() {
      self.connections.clear();
      self.waiting = [];
      for (const part of row.querySelectorAll("[data-packet] :is(code, small)")) part.textContent = "";
      self.show("closed");
    },
    show(state, why = "") {
      Object.assign(self, {
        state,
        why,
        ...(state !== "open" && state !== "refused" && { sid: null, told: false }),
      });
      row.dataset.state = state;
      const words = { closed: first.given, opening: "asked", refused: why, lost: "connection lost" };
      given.replaceChildren(
        ...(state === "open" ? ["sid ", element("code", {}, self.socket.id)] : [words[state]]),
      );
      button.textContent = state === "open" || state === "lost" ? "Close" : first.button;
      answer.textContent = "";
      self.joined(false);
      self.ear(false);
    },
    ear(heard) {
      row.toggleAttribute("data-heard", heard);
      ear.setAttribute(
        "aria-label",
        self.state !== "open"
          ? "not listening"
          : heard
            ? "heard the last order"
            : "has not heard the last order",
      );
    },
    joined(room) {
      self.room = room;
      row.toggleAttribute("data-room", room);
      if (!join) return;
      join.disabled = self.state !== "open";
      join.replaceChildren(...(room ? [icon("tick"), "In window"] : [first.join]));
    },
    answered: (sentence) => (answer.textContent = sentence),
    // A packet of this namespace has crossed the pipe.
    crossed({ n, at, connection, up, type, name, namespace, data, text }) {
      self.connections.add(connection);
      if (up) self.asked = at;
      else self.took = at - self.asked;
      if (type === "CONNECT" && !up) self.sid = data.sid;
      if (type === "CONNECT_ERROR") self.told = true;
      const way = up ? "up" : "down";
      const box = find(`[data-packet=${way}]`);
      box.dataset.wireRow = n; // chosen here, it is chosen on the wire as well
      const cut = text.indexOf(namespace);
      box
        .querySelector("code")
        .replaceChildren(
          text.slice(0, cut),
          element("b", {}, namespace),
          short(text.slice(cut + namespace.length)),
        );
      box.querySelector("small").textContent = name ? `${type} ${name}` : type;
      line.querySelector(`[data-way=${way}]`)?.remove();
      const flight = element("i", { class: "flight", "data-way": way });
      flight.addEventListener("animationend", () => flight.remove());
      line.append(flight);
    },
  };
  return self;
}
