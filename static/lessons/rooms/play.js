// What this page says and does with the rooms: as you or as a robot it joins, leaves and speaks, and shows
// what came of it. The board shows the newest run; a dot gets its tick from its own handler, not from a send.

import { count, element } from "../../lib/dom.js";
import { ask, receipts } from "../../lib/line.js";
import { Robots } from "../../lib/robots.js";
import { hands } from "./hands.js";
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

const MINE_FIRST_MS = 6000; // what others say does not wipe one's own result off the map at once
const RUNS_KEPT = 40;
const SCENE_ROBOTS = 3;
const COLUMNS = ["Socket", "Text", "To", "Rooms of the socket", "Verdict", "After", "You guessed"];

export class Play {
  constructor(board) {
    const { lab, members, controls } = board;
    Object.assign(this, { board, lab, members, controls });
    this.rows = lab.table("Who was addressed and who confirmed", COLUMNS);
    this.robots = new Robots({
      open: (k) => lab.robot(k),
      says: (sentence) => {
        this.refused = sentence;
        this.tell("bad", sentence);
      },
      gone: (_k, robot) => this.removed(robot),
    });
    members.robots = this.robots.sockets;
    this.guess = new Guess(board);
    this.hands = hands(board.map, this);
    this.runs = new Map(); // id → run
    this.refused = ""; // why the last robot did not come
    this.setting = null; // the scene that is being set
    this.pressed = 0; // runs so far
  }

  tell(kind, ...parts) {
    this.board.tell(kind, ...parts);
  }

  draw() {
    this.board.draw();
  }

  // What the server says

  // A handler of this page ran, at this moment.
  heard(socket, event, at) {
    const run = this.run(event.run, { speaker: event.who.sid, text: event.text });
    run.to ??= event.rooms.join(", ");
    run.got.set(socket.id, Math.max(0, at - event.sent_at));
    run.mine ||= this.members.ownSocket(event.who.sid) !== null;
    this.show(run);
    if (run.mine) this.sum(run);
    else if (socket === this.lab.socket) this.tellWords(event);
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
    const { run: shown } = this.board;
    const keep = shown?.mine && !run.mine && shown !== run && Date.now() - shown.at < MINE_FIRST_MS;
    if (!keep) this.board.run = run;
    this.draw();
  }

  sum(run) {
    if (!run.mine || run.addressed === undefined) return;
    this.tell("", sum(run));
    if (run.present) this.board.sums.textContent = presence(run);
    if (!isDecided(run, Date.now())) return;
    for (const sid of everybody(run)) {
      this.rows(`${run.id} ${sid}`, cells(run, sid, run.names.get(sid) ?? this.members.nameOf(sid)));
    }
    if (run.settle) this.judge(run);
  }

  // Taps against ticks, and the locked answer against both.
  judge(run) {
    if (run.guess) run.judged = wrongGuesses(run);
    this.guess.says.textContent = run.guess ? guessed(run) : "";
    run.settle(outcome(run));
    this.draw();
  }

  // What the user does

  // As the socket that is chosen, or as the one with this sid.
  async ask(event, data, sid) {
    const { lab, members, board } = this;
    const socket = members.ownSocket(sid) ?? board.actor();
    const ack = await (socket === lab.socket ? lab.ask(event, data) : ask(socket, event, data));
    if (socket !== lab.socket) lab.ran(event);
    if (ack.ok && event === "join" && socket === board.actor()) {
      this.controls.entered = data.room.trim();
      this.draw();
    }
    if (!ack.ok) this.tell("bad", ack.error);
    else if (ack.rooms)
      this.tell("", `${members.nameOf(socket.id)}: ${inRooms(ack.rooms)}, says the server.`);
    return ack;
  }

  async speak(event, data, sid, about = {}) {
    if (data.rooms?.length === 0) {
      return this.tell("bad", "Choose a room to speak to. You can speak only in rooms that you are in.");
    }
    const speaker = (this.members.ownSocket(sid) ?? this.board.actor()).id;
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

  aim(sid, name) {
    const act = this.members.roomsOf(sid).includes(name) ? "leave it" : "join it";
    this.tell("", `${this.members.nameOf(sid)} and ${name}: press Enter to ${act}, Escape to let go.`);
  }

  // The bet on the picture

  toggleGuess() {
    this.tell("", this.guess.toggle());
    this.draw();
  }

  // Resolves to the sentences of the outcome.
  async bet(event, data) {
    const taps = this.guess.take();
    let settle;
    const over = new Promise((done) => {
      settle = done;
    });
    const ack = await this.speak(event, data, this.lab.socket.id, { guess: taps, settle });
    if (ack.ok) {
      this.guess.spent();
      return over;
    }
    this.guess.giveBack(taps, ack.error);
    this.draw();
    throw new Error(ack.error);
  }

  // Robots

  // listen(robot, receipt): its handlers, which are those of the page. Resolves to the robot, or to null.
  addRobot(listen) {
    return this.robots.add((robot) => {
      robot.reports = robot.io.socket("/class", { auth: robot.auth }); // its receipts, on its own connection
      listen(robot, receipts(robot.reports));
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

  // A second press while the scene is being set asks for nothing more.
  scene(listen) {
    this.setting ??= this.setScene(listen).finally(() => {
      this.setting = null;
    });
    return this.setting;
  }

  // Enough to see who hears it: you in both rooms, a robot in each, one in both. With fewer robots, where the
  // server refuses one, the scene is set with those that came.
  async setScene(listen) {
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

// The guess: the dots that somebody expects to light, tapped before the run.
class Guess {
  constructor(board) {
    const find = (selector) => board.panel.querySelector(selector);
    this.board = board;
    [this.button, this.says] = ["[data-guess]", "[data-bet-says]"].map(find);
  }

  get tapping() {
    return Boolean(this.board.taps?.tapping);
  }

  // Begins to tap, or is done with it. Returns what to say.
  toggle() {
    const { board } = this;
    if (this.tapping) board.taps.tapping = false;
    else board.taps = { sids: new Set(), tapping: true };
    this.button.setAttribute("aria-pressed", this.tapping);
    this.button.textContent = this.tapping ? "Done" : "Tap again";
    this.says.textContent = this.tapping
      ? "Tap every dot that you expect to light. Then press Done."
      : `Your guess: ${count(board.taps.sids.size, "dot")} will light.`;
    return this.says.textContent;
  }

  tap(sid) {
    const { sids } = this.board.taps;
    if (!sids.delete(sid)) sids.add(sid);
    return `${count(sids.size, "dot")} will light, you say. Press Done when that is your guess.`;
  }

  // The run takes the guess with it; it comes back when the server refuses the run.
  take() {
    const { taps } = this.board;
    this.board.taps = null;
    this.button.setAttribute("aria-pressed", false);
    return taps;
  }

  giveBack(taps, why) {
    this.board.taps = taps;
    this.says.textContent = `${why} Set the scene, or join lab, and run again.`;
  }

  // One guess, one run.
  spent() {
    this.button.textContent = "Tap who will hear it";
  }
}
