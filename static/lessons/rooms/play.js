// What this page says and does with the rooms: as you or as a robot it joins, leaves and emits, and shows
// what came of it. The board shows the newest run; a dot gets its tick from its own handler, not from a send.

import { count, element } from "../../lib/dom.js";
import { ask, receipts } from "../../lib/line.js";
import { Robots } from "../../lib/robots.js";
import { emitOf } from "./board.js";
import { Guess } from "./guess.js";
import {
  adds,
  cells,
  counts,
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
const LOST = "The connection was lost before all had reported.";
const COLUMNS = ["Socket", "Text", "To", "Rooms of the socket", "Verdict", "After", "You guessed"];

export class Play {
  // act: of the prediction
  constructor(board, act) {
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
    this.guess = board.guess = new Guess(board, act);
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

  // What others said in rooms, as everybody may know it: who was addressed and who confirmed, not the words.
  lit({ who, rooms, ...report }) {
    const { addressed, present } = report;
    const run = this.run(report.run, { speaker: who.sid, to: rooms.join(", "), addressed, present });
    this.note(run, report);
    this.show(run);
    this.list(run);
    if (run.text === undefined) this.board.tellOf(run, `${who.nick} to ${run.to}: ${adds(run)}`);
  }

  tellWords({ who, room, rooms, text }) {
    const where = room === this.lab.socket.id ? "your default room" : rooms.join(" and ");
    const [name, place] = [who.nick, where].map((words) => element("bdi", {}, words));
    this.tell("", name, " says in ", place, ": ", element("q", {}, text));
  }

  // Whose handlers ran elsewhere.
  confirmed(report) {
    const run = this.run(report.run, { addressed: report.addressed, present: report.present, mine: true });
    this.note(run, report);
    this.show(run);
    this.sum(run);
  }

  note(run, { got, silent, missed }) {
    for (const [sid, after] of got) if (!run.got.has(sid)) run.got.set(sid, after);
    Object.assign(run, { silent: new Set(silent), missed: new Set(missed) });
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

  // A run comes onto the map once: late reports do not bring it back. What others say wipes neither one's own
  // result off the map at once nor what one has tapped.
  show(run) {
    const { run: shown } = this.board;
    const isMine = shown?.mine && Date.now() - shown.at < MINE_FIRST_MS;
    const isTapped = !shown && this.guess.isOpen && this.guess.taps;
    if (!run.shown && (run.mine || !(isMine || isTapped))) {
      this.board.run = run;
      run.shown = true;
    }
    this.draw();
  }

  sum(run) {
    if (!run.mine || run.addressed === undefined) return;
    this.board.tellOf(run, sum(run), run.present ? presence(run) : "");
    if (!isDecided(run, Date.now())) return;
    this.list(run);
    if (run.settle) this.judge(run);
  }

  list(run) {
    for (const sid of everybody(run)) {
      this.rows(`${run.id} ${sid}`, cells(run, sid, run.names.get(sid) ?? this.members.nameOf(sid)));
    }
  }

  // Taps against ticks, and the locked answer against both.
  judge(run) {
    if (counts(run).waiting && run.speaker !== this.lab.socket.id)
      return run.settle(Promise.reject(new Error(LOST)));
    run.judged = wrongGuesses(run);
    this.guess.say(guessed(run));
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
      this.tell("", `${members.nameOf(members.sidOf(socket))}: ${inRooms(ack.rooms)}, says the server.`);
    return ack;
  }

  async speak(event, data, sid, about = {}) {
    if (data.rooms?.length === 0) {
      return this.tell(
        "bad",
        "Choose a room to emit to. The server lets only its members say something there.",
      );
    }
    const speaker = this.members.sidOf(this.members.ownSocket(sid) ?? this.board.actor());
    const ack = await this.ask(event, data, sid);
    if (!ack.ok) return ack;
    const rooms = data.rooms ?? [data.room ?? data.sid];
    this.controls.showLine(emitOf(rooms, data.skip_me));
    const to = data.sid ? `the default room of ${this.members.nameOf(data.sid)}` : rooms.join(", ");
    const said = { speaker, text: data.text, to, addressed: ack.addressed, mine: true };
    const run = this.run(ack.run, { ...about, ...said });
    this.show(run);
    this.sum(run);
    setTimeout(() => this.sum(run), WAIT_MS + 50); // whoever is still waited for by then is left out
    return ack;
  }

  // On the map

  pick(sid) {
    this.select(sid);
    this.point(sid);
    if (this.guess.isOpen) this.guess.tap(sid);
    this.draw();
  }

  // At the packet that lit the dot, on the wire and the timeline. What may be dragged is never clicked.
  point(sid) {
    const { event, run, seq } = this.board.map.dots.get(sid)?.dataset ?? {};
    const detail = { event, run, seq: Number(seq) };
    if (seq) document.dispatchEvent(new CustomEvent("select-packet", { detail }));
  }

  select(sid) {
    const { members, controls, guess } = this;
    const mine = members.own().find((one) => one.sid === sid);
    if (mine && !guess.isOpen) controls.speaker.value = mine.k;
    controls.listener.value = sid;
    const short = sid.slice(0, 4);
    const rooms = members.roomsOf(sid).join(" and ") || "no room";
    this.tell("", `${members.nameOf(sid)}: socket ${short}, in ${rooms}, and in its default room ${short}….`);
  }

  async move(sid, { join, leave }) {
    for (const room of leave) await this.ask("leave", { room }, sid);
    for (const room of join) await this.ask("join", { room }, sid);
  }

  aim(sid, name) {
    const act = this.members.roomsOf(sid).includes(name) ? "leave it" : "join it";
    this.tell("", `${this.members.nameOf(sid)} and ${name}: press Enter to ${act}, Escape to let go.`);
  }

  // The prediction, run

  // Resolves to the sentences of the outcome. The question is asked of somebody in lab and in hall.
  async bet(data, listen) {
    await this.takePlace(listen);
    const { sid } = this.members.own()[0];
    const guess = this.guess.sids();
    let settle;
    const over = new Promise((done) => {
      settle = done;
    });
    const ack = await this.speak("say", data, sid, { guess, settle });
    if (!ack.ok) throw new Error(ack.error);
    return over;
  }

  async takePlace(listen) {
    const { members, lab } = this;
    const isListed = ({ sid }) => members.roomsOf(sid).length > 0;
    const isHere = (room) => members.sidsOf(room).includes(lab.socket.id);
    const isSet = () => ["hall", "lab"].every(isHere) && members.own().every(isListed); // also the last robot
    if (members.sidsOf("lab").some((sid) => sid !== lab.socket.id))
      await this.enter(lab.socket, ["hall", "lab"]);
    else await this.scene(listen);
    await this.board.until(isSet);
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

  // What moves by itself on arrival: alone, the scene, and a first word; in a class, or where one is already by
  // another tab, one joins hall and brings no robots.
  async arrive(listen) {
    const { seats, rooms } = this.members;
    if (seats > 1 || Object.keys(rooms).length) return this.enter(this.lab.socket, ["hall"]);
    await this.scene(listen);
    const { sid } = this.members.own().at(1) ?? {};
    if (sid && !this.board.run && !this.guess.now())
      await this.speak("say", { room: "hall", text: "hello, hall" }, sid);
  }

  // Enough to see who receives it: you in both rooms, a robot in each, one in both. With fewer robots, where the
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
