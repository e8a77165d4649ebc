// What this page does with the rooms: as you or as a robot it joins, leaves and speaks, and shows what came
// of it. The map shows the newest run; a dot gets its tick from its own handler, never from a send.

import { count, element, icon } from "../../lib/dom.js";
import { ask } from "../../lib/line.js";
import { Robots } from "../../lib/robots.js";
import { Controls } from "./controls.js";
import { Guess } from "./guess.js";
import { RoomMap } from "./map.js";
import { Members } from "./members.js";
import {
  cells,
  everybody,
  guessed,
  isDecided,
  newRun,
  outcome,
  presence,
  sum,
  WAIT_MS,
  wrongGuesses,
} from "./runs.js";
import { scene } from "./scene.js";

const MINE_FIRST_MS = 6000; // what others say does not wipe one's own result off the map at once
const RUNS_KEPT = 40;
const FEED_LINES = 5;
const LARGE_CLASS = 100; // sockets; from there on the map is drawn four times a second at most
const SCENE_ROBOTS = 3;
const NODE_NAMES = { opened: "create-room", joined: "join-room", left: "leave-room", closed: "delete-room" };
const COLUMNS = ["Socket", "Text", "To", "Rooms of the socket", "Verdict", "After", "You guessed"];

export class Play {
  constructor(panel, lab) {
    const find = (selector) => panel.querySelector(selector);
    this.lab = lab;
    [this.said, this.sums, this.feed] = ["[data-said]", "[data-sums]", "[data-feed]"].map(find);
    this.rows = lab.table("Who was addressed and who confirmed", COLUMNS);
    this.robots = new Robots({
      open: (k) => lab.robot(k),
      says: (sentence) => {
        this.refused = sentence;
        this.tell("bad", sentence);
      },
      gone: (_k, robot) => this.removed(robot),
    });
    this.members = new Members(lab.socket, this.robots.sockets);
    this.controls = new Controls(panel, () => this.draw());
    this.guess = new Guess(panel);
    this.map = new RoomMap(panel, {
      pick: (sid) => this.pick(sid),
      move: (sid, rooms) => this.move(sid, rooms),
      aim: (sid, name) => this.aimed(sid, name),
    });
    this.runs = new Map(); // id → run
    this.refused = ""; // why the last robot did not come
    this.shown = null; // the run on the map
    this.pressed = 0; // runs so far
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
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...parts);
    this.lab.announce(this.said.textContent);
  }

  // The picture

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
    const now = scene(this.members, this.shown, this.guess.taps);
    this.map.show(now);
    const all = now.sockets.map(({ sid, name }) => [sid, name]);
    this.controls.showSockets(this.members.ownNames(), all, this.lab.socket.id);
    this.controls.showRooms(this.members.roomsOf(this.actor().id));
  }

  // What the server says

  mapped(lists) {
    if (lists.rev < this.members.rev) return; // an older list that came late
    this.members.update(lists);
    this.draw();
  }

  happened(what, room, who) {
    const known = who && this.members.nameOf(who.sid);
    const name = known === "somebody" ? who.nick : known;
    const words = element("bdi", {}, who ? `${name}, ${room}` : room);
    const node = element("code", {}, NODE_NAMES[what]);
    this.feed.append(element("li", {}, element("b", {}, what), " ", words, " ", node));
    while (this.feed.children.length > FEED_LINES) this.feed.firstChild.remove();
  }

  // A handler of this page ran: that is the receipt. Each socket reports on its own connection.
  heard(socket, event) {
    const { lab } = this;
    const at = lab.clock.now();
    const receipt = { run: event.run, got: [[event.seq, Math.round(at * 10) / 10]] };
    if (socket === lab.socket) lab.receipt(event.run, event.seq, at);
    else ask(socket.reports, "receipt", receipt);
    const run = this.run(event.run, { speaker: event.who.sid, text: event.text });
    run.to ??= event.rooms.join(", ");
    run.got.set(socket.id, Math.max(0, at - event.sent_at));
    run.mine ||= this.members.ownSocket(event.who.sid) !== null;
    this.show(run);
    if (run.mine) this.sum(run);
    else if (socket === lab.socket) this.tellWords(event);
  }

  tellWords({ who, room, rooms, text }) {
    const where = room === this.lab.socket.id ? "your private room" : rooms.join(" and ");
    const [name, place] = [who.nick, where].map((words) => element("bdi", {}, words));
    this.tell("", name, " says in ", place, ": ", element("q", {}, text));
  }

  // Whose handlers ran elsewhere.
  confirmed(report) {
    const run = this.run(report.run, { addressed: report.addressed, present: report.present, mine: true });
    for (const [sid, after] of report.got) if (!run.got.has(sid)) run.got.set(sid, after);
    Object.assign(run, { silent: new Set(report.silent), missed: new Set(report.missed) });
    this.show(run);
    this.sum(run);
  }

  // Runs and their verdicts

  // The run with this id, which begins when it is first heard of.
  run(id, about) {
    if (!this.runs.has(id)) {
      this.runs.set(id, newRun(id, ++this.pressed, Date.now(), this.members));
      if (this.runs.size > RUNS_KEPT) this.runs.delete(this.runs.keys().next().value);
    }
    return Object.assign(this.runs.get(id), about);
  }

  show(run) {
    const { shown } = this;
    const keep = shown?.mine && !run.mine && shown !== run && Date.now() - shown.at < MINE_FIRST_MS;
    if (!keep) this.shown = run;
    this.draw();
  }

  sum(run) {
    if (!run.mine || run.addressed === undefined) return;
    this.tell("", sum(run));
    if (run.present) this.sums.textContent = presence(run);
    if (!isDecided(run, Date.now())) return;
    for (const sid of everybody(run)) {
      this.rows(`${run.id} ${sid}`, cells(run, sid, run.names.get(sid) ?? this.members.nameOf(sid)));
    }
    if (run.step) this.judge(run);
  }

  // Taps against ticks, and the locked answer against both.
  judge(run) {
    if (run.guess) run.judged = wrongGuesses(run);
    this.guess.says.textContent = run.guess ? guessed(run) : "";
    this.lab.reveal(run.step, outcome(run));
    this.draw();
  }

  // What the user does

  // The socket that is chosen to act.
  actor() {
    return this.members.ownSocket(this.controls.speaker.value) ?? this.lab.socket;
  }

  // As the socket that is chosen, or as the one with this sid.
  async ask(event, data, sid) {
    const { lab } = this;
    const socket = this.members.ownSocket(sid) ?? this.actor();
    const ack = await (socket === lab.socket ? lab.ask(event, data) : ask(socket, event, data));
    if (socket !== lab.socket) lab.ran(event);
    if (ack.ok && event === "join" && socket === this.actor()) {
      this.controls.entered = data.room.trim();
      this.draw();
    }
    if (!ack.ok) this.tell("bad", ack.error);
    else if (ack.rooms)
      this.tell("", `${this.members.nameOf(socket.id)}: ${inRooms(ack.rooms)}, says the server.`);
    return ack;
  }

  chosen() {
    const rooms = this.controls.chosen();
    return rooms.length === 1 ? { room: rooms[0] } : { rooms };
  }

  async speak(event, data, sid, about = {}) {
    if (data.rooms?.length === 0) {
      return this.tell("bad", "Choose a room to speak to. You can speak only in rooms that you are in.");
    }
    const speaker = (this.members.ownSocket(sid) ?? this.actor()).id;
    const ack = await this.ask(event, data, sid);
    if (!ack.ok) return ack;
    const rooms = (data.rooms ?? [data.room]).join(", ");
    const to = data.sid ? `the private room of ${this.members.nameOf(data.sid)}` : rooms;
    const said = { speaker, text: data.text, to, addressed: ack.addressed, mine: true };
    const run = this.run(ack.run, { ...about, ...said });
    this.show(run);
    this.sum(run);
    setTimeout(() => this.sum(run), WAIT_MS + 50); // whoever is still waited for by then is left out
    return ack;
  }

  // On the map

  pick(sid) {
    if (this.guess.tapping) this.tell("", this.guess.tap(sid));
    else this.select(sid);
    this.draw();
  }

  select(sid) {
    const { members, controls } = this;
    if (members.ownSocket(sid)) controls.speaker.value = sid;
    controls.listener.value = sid;
    const short = sid.slice(0, 4);
    const rooms = members.roomsOf(sid).join(" and ") || "no room";
    this.tell("", `${members.nameOf(sid)}: socket ${short}, in ${rooms}, and in its private room ${short}….`);
  }

  async move(sid, { join, leave }) {
    for (const room of leave) await this.ask("leave", { room }, sid);
    for (const room of join) await this.ask("join", { room }, sid);
  }

  aimed(sid, name) {
    const act = this.members.roomsOf(sid).includes(name) ? "leave it" : "join it";
    this.tell("", `${this.members.nameOf(sid)} and ${name}: press Enter to ${act}, Escape to let go.`);
  }

  // The bet on the picture

  toggleGuess() {
    this.tell("", this.guess.toggle());
    this.draw();
  }

  async bet(event, data) {
    if (this.guess.run.disabled) return;
    const taps = this.guess.take();
    const ack = await this.speak(event, data, this.lab.socket.id, { step: data.step, guess: taps });
    if (ack.ok) return this.guess.spent();
    this.guess.giveBack(taps, ack.error);
    this.draw();
  }

  // Robots

  // listen(robot): its handlers, which are those of the page. Resolves to the robot, or to null.
  addRobot(listen) {
    return this.robots.add((robot) => {
      robot.reports = robot.io.socket("/class", { auth: robot.auth }); // its receipts, on its own connection
      listen(robot);
      for (const event of ["connect", "disconnect"]) robot.on(event, () => this.draw());
      this.tell("", "A robot is one more real socket, opened by this page. It is in no room yet.");
    });
  }

  removed(robot) {
    robot.reports.disconnect();
    this.draw();
  }

  removeRobot() {
    if (!this.robots.remove()) this.tell("bad", "There is no robot to remove.");
  }

  // Enough to see who hears it: you in both rooms, a robot in each, one in both. With fewer robots, where the
  // server refuses one, the scene is set with those that came.
  async scene(listen) {
    let came = true;
    this.refused = "";
    while (came && this.robots.sockets.size < SCENE_ROBOTS) came = Boolean(await this.addRobot(listen));
    const [one, two, three] = [...this.robots.sockets.values()].filter((robot) => robot.connected);
    const parts = [
      [one, "hall"],
      [this.lab.socket, "hall", "lab"],
      [two, "hall", "lab"],
      [three, "lab"],
    ];
    for (const [socket, ...names] of parts) if (socket) await this.enter(socket, names);
    if (came) return this.tell("", "You are in hall and in lab, with a robot in each and one in both.");
    const robots = count([one, two, three].filter(Boolean).length, "robot");
    const scene = `The scene is set without it: you are in hall and in lab, with ${robots}.`;
    this.tell("bad", `${this.refused} ${scene}`.trim());
  }

  async enter(socket, names) {
    const before = this.members.roomsOf(socket.id);
    for (const room of names) if (!before.includes(room)) await this.ask("join", { room }, socket.id);
  }

  leave() {
    this.robots.removeAll();
  }
}

const inRooms = (rooms) => (rooms.length ? `in ${rooms.join(" and ")}` : "in no room");
