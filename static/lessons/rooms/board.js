// The board: the server's lists as a map, and the choices below it. It shows and it is taken hold of; what is
// said and done is play.js, which is fetched when somebody needs it.

import { element, icon } from "../../lib/dom.js";
import { RoomMap } from "./map.js";
import { Members, scene } from "./members.js";

const FEED_LINES = 5;
const LARGE_CLASS = 100; // sockets; from there on the map is drawn four times a second at most
const NODE_NAMES = { opened: "create-room", joined: "join-room", left: "leave-room", closed: "delete-room" };

export class Board {
  // use(act): does something with the Play.
  constructor(panel, lab, use) {
    const find = (selector) => panel.querySelector(selector);
    [this.panel, this.lab] = [panel, lab];
    [this.said, this.sums, this.feed] = ["[data-said]", "[data-sums]", "[data-feed]"].map(find);
    this.members = new Members(lab.socket);
    this.controls = new Controls(panel, () => this.draw());
    this.map = new RoomMap(panel, (sid) => use((play) => play.pick(sid)));
    handOver(this.map, use, lab.late);
    this.run = null; // the run on the map
    this.guess = null; // what is expected of the next one: guess.js
    this.subject = null; // the run of which the newest message speaks
    this.due = false; // a drawing is under way
    this.wasConnected = lab.socket.connected;
    this.watchLine(lab.socket);
    this.draw();
  }

  watchLine(socket) {
    socket.on("connect", () => this.connected(socket));
    socket.on("disconnect", () => this.draw());
    if (!socket.connected) return;
    // The lists come once, on arrival. Connected before this handler was there, the page has missed them.
    setTimeout(() => {
      if (this.members.rev) return;
      socket.disconnect(); // so it arrives anew
      this.wasConnected = false;
      socket.connect();
    }, 500);
  }

  connected({ id }) {
    this.members.forget();
    const news = ` You are back as ${id.slice(0, 4)}, a new socket. Your rooms did not come with you.`;
    if (this.wasConnected) this.tell("bad", icon("cut"), news);
    this.wasConnected = true;
    this.draw();
  }

  tell(kind, ...parts) {
    this.subject = null;
    this.sums.textContent = "";
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...parts);
    this.lab.announce(this.said.textContent);
  }

  // The sum of a run grows as reports come, late ones too; it does not push aside what was said since.
  tellOf(run, words, sums = "") {
    if (run.told && this.subject !== run) return;
    this.tell("", words);
    this.sums.textContent = sums;
    this.subject = run;
    run.told = true;
  }

  // At most one drawing a frame, and fewer with a large class.
  draw() {
    if (this.due) return;
    this.due = true;
    const pause = this.members.index.size > LARGE_CLASS ? 250 : 0;
    setTimeout(() => requestAnimationFrame(() => this.render()), pause);
  }

  render() {
    this.due = false;
    this.members.giveLetters();
    const guess = this.run ? null : (this.guess?.now() ?? null);
    const now = scene(this.members, this.run, guess);
    this.map.show(now);
    const all = now.sockets.map(({ sid, name }) => [sid, name]);
    this.controls.showSockets(this.members.ownNames(), all);
    this.controls.showRooms(this.members.roomsOf(this.members.sidOf(this.actor())));
  }

  // The socket that is chosen to act.
  actor() {
    return this.members.robots.get(Number(this.controls.speaker.value)) ?? this.lab.socket;
  }

  // The rooms that are chosen to receive it.
  chosen() {
    const rooms = this.controls.chosen();
    return rooms.length === 1 ? { room: rooms[0] } : { rooms };
  }

  // What the server says of its lists

  mapped(lists) {
    if (lists.rev < this.members.rev) return; // an older list that came late
    this.members.update(lists);
    this.draw();
  }

  // Resolves once the lists say so, or after a second.
  async until(isSo) {
    const end = Date.now() + 1000;
    while (!isSo() && Date.now() < end) await new Promise((done) => setTimeout(done, 30));
  }

  happened(what, room, who) {
    const known = who && this.members.nameOf(who.sid);
    const name = known === "somebody" ? who.nick : known;
    const words = element("bdi", {}, who ? `${name}, ${room}` : room);
    const node = element("code", {}, NODE_NAMES[what]);
    this.feed.append(element("p", {}, element("b", {}, what), " ", words, " ", node));
    while (this.feed.children.length > FEED_LINES) this.feed.firstChild.remove();
  }
}

const GESTURES = ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown", "focusout"];

// What is done with the dots is hands.js, which comes with the first touch: it is done when the code is there.
function handOver(map, use, late) {
  const hold = late(
    () => import("./hands.js"),
    ({ hands }) => use((play) => hands(map, play)),
  );
  for (const reach of ["pointerover", "focusin"])
    map.svg.addEventListener(reach, () => hold(), { once: true });
  for (const gesture of GESTURES) {
    map.svg.addEventListener(gesture, (event) => {
      if (gesture === "pointermove" && !event.buttons) return; // nothing is held
      const peg = event.target.closest?.(".peg") ?? null;
      hold((hands) => hands[gesture](event, peg));
    });
  }
}

// The choices below the map: who speaks, to whom, in which rooms. They follow the lists; what was chosen
// stays.
class Controls {
  constructor(panel, changed) {
    const find = (selector) => panel.querySelector(selector);
    [this.speaker, this.listener] = [find("#as"), find("#whom")];
    this.targets = find("[data-targets]");
    this.line = find("[data-line]");
    this.skipMe = find("[name=skip_me]");
    this.entered = null; // the room that the speaker has just joined
    this.ran = null; // the emit that ran last, until another is chosen
    panel.addEventListener("change", ({ target }) => {
      this.ran = null;
      if (target === this.speaker) changed();
      else this.showLine();
    });
  }

  // own: [[number, name], …]; all: [[sid, name], …].
  showSockets(own, all) {
    options(this.speaker, own, "0");
    options(this.listener, all, this.listener.value);
  }

  // Those of the speaker: nobody speaks in a room from outside.
  showRooms(rooms) {
    const boxes = () => [...this.targets.querySelectorAll("input")];
    for (const box of boxes()) if (!rooms.includes(box.value)) box.parentNode.remove();
    const shown = boxes().map((box) => box.value);
    for (const name of rooms.filter((room) => !shown.includes(room))) {
      const box = element("input", { type: "checkbox", name: "rooms", value: name });
      this.targets.append(element("label", { class: "tick" }, box, element("bdi", {}, ` ${name}`)));
    }
    this.speakWhereEntered(boxes());
    this.showLine();
  }

  // Who has just come in speaks there; somebody with rooms speaks in one at least.
  speakWhereEntered(boxes) {
    const fresh = boxes.find((box) => box.value === this.entered);
    if (fresh) {
      for (const box of boxes) box.checked = box === fresh;
      this.entered = null;
    }
    if (boxes.length && !this.chosen().length) boxes[0].checked = true;
  }

  // The rooms that are ticked.
  chosen() {
    return [...this.targets.querySelectorAll(":checked")].map((box) => box.value);
  }

  // The emit that the server's handler makes of it; ran: the one that it has just made.
  showLine(ran = this.ran) {
    this.ran = ran;
    this.line.textContent = ran ?? emitOf(this.chosen(), this.skipMe.checked);
  }
}

// The same as Python, to: names of rooms, or a sid.
export function emitOf(to, skipMe = false) {
  const names = to.map((name) => JSON.stringify(name));
  const where = names.length === 1 ? names[0] : `[${names.join(", ")}]`;
  if (!names.length) return "no emit: it refuses a say without a room";
  return `emit("said", said, to=${where}${skipMe ? ", include_self=False" : ""})`;
}

// Sets the options of a select; pairs: [[value, text], …].
function options(select, pairs, chosen) {
  const offered = (value) => pairs.some(([each]) => each === value);
  if (select === document.activeElement && offered(select.value)) return; // someone is choosing
  const now = [...select.options].map((option) => `${option.value} ${option.text}`).join();
  if (now === pairs.map((pair) => pair.join(" ")).join()) return;
  const kept = offered(select.value) ? select.value : chosen;
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
  if (offered(kept)) select.value = kept;
}
