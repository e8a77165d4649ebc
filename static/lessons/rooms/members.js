// Who is where: the server's lists as last told, beside the sockets that this page has itself; and what the
// map shows of them. Pure.

import { count, ms } from "../../lib/dom.js";
import { letter, MOST_ROOMS } from "./plan.js";

const WORDS = { sender: "said it", received: "received", silent: "silent", missed: "gone", idle: "" };
const ownName = (k) => (k ? `robot ${k}` : "you");

export class Members {
  // you: the page's own socket.
  constructor(you) {
    this.you = you;
    this.robots = new Map(); // number → socket
    this.slots = new Map(); // room → 0, 1, 2 …: its letter, shape, stroke and hue
    this.lastSids = new WeakMap(); // of this page's sockets: without a connection, they still are who they were
    this.forget();
  }

  // After a reconnect the server's numbers may begin anew.
  forget() {
    this.update({ rev: 0, rooms: {}, seats: 0 });
  }

  // seats: how many have a socket in the lesson.
  update({ rev, rooms, seats }) {
    Object.assign(this, { rev, rooms, seats });
    this.index = new Map(); // the same by socket: sid → {who, rooms}
    for (const [name, members] of this.listed()) {
      for (const who of members) {
        if (!this.index.has(who.sid)) this.index.set(who.sid, { who, rooms: [] });
        this.index.get(who.sid).rooms.push(name);
      }
    }
  }

  // [[room, its members], …]
  listed() {
    return Object.entries(this.rooms);
  }

  roomsOf(sid) {
    return this.index.get(sid)?.rooms ?? [];
  }

  sidsOf(room) {
    return (this.rooms[room] ?? []).map((who) => who.sid);
  }

  // [{k, socket, sid}, …] of this page; you are number 0.
  own() {
    const all = [[0, this.you], ...this.robots].map(([k, socket]) => ({
      k,
      socket,
      sid: this.sidOf(socket),
    }));
    return all.filter(({ sid }) => sid);
  }

  sidOf(socket) {
    if (socket.id) this.lastSids.set(socket, socket.id);
    return this.lastSids.get(socket);
  }

  ownSocket(sid) {
    return this.own().find((one) => one.sid === sid)?.socket ?? null;
  }

  // [[number, name], …]
  ownNames() {
    return this.own().map(({ k }) => [String(k), ownName(k)]);
  }

  nameOf(sid) {
    const mine = this.own().find((one) => one.sid === sid);
    if (mine) return ownName(mine.k);
    const who = this.index.get(sid)?.who;
    if (!who) return "somebody";
    return who.robot ? `${who.nick} robot ${who.robot}` : who.nick;
  }

  // A room keeps its letter while it is open; rooms of this page come first, then the oldest.
  giveLetters() {
    for (const name of this.slots.keys()) if (!this.rooms[name]) this.slots.delete(name);
    const ours = new Set(this.own().flatMap(({ sid }) => this.roomsOf(sid)));
    const waiting = Object.keys(this.rooms).filter((name) => !this.slots.has(name));
    waiting.sort((a, b) => ours.has(b) - ours.has(a));
    for (const name of waiting) this.giveLetter(name, ours);
  }

  giveLetter(name, ours) {
    const taken = [...this.slots.values()];
    let slot = 0;
    while (taken.includes(slot)) slot++;
    const drawn = ([other, at]) => at < MOST_ROOMS && !ours.has(other);
    const stranger = slot >= MOST_ROOMS && ours.has(name) && [...this.slots].find(drawn);
    if (!stranger) return this.slots.set(name, slot);
    this.slots.set(name, stranger[1]); // a room of this page is drawn, another one makes way
    this.slots.set(stranger[0], slot);
  }
}

// Everything that the map shows at one moment, put together from the lists and either a run or a guess: what is
// expected and what came are never drawn together, but for the rings that a judged run leaves.
// guess: {sids: Set, tapping}
// → {rooms: [{name, slot, members, sids}], betting, tapping, run, says, lists,
//    sockets: [{sid, name, rooms, mine, robot, state, guessed, wrong, word, says}]}
export function scene(members, run, guess) {
  const sockets = [...known(members, run).values()].map((socket) => described(socket, members, run, guess));
  const rooms = members.listed().map(([name, listed]) => ({
    name,
    slot: members.slots.get(name),
    members: listed.length,
    sids: listed.map((who) => who.sid),
  }));
  rooms.sort((a, b) => a.slot - b.slot);
  const own = `${members.sidOf(members.you)} ${[...members.robots.keys()]}`;
  return {
    rooms,
    sockets,
    betting: Boolean(guess),
    tapping: Boolean(guess?.tapping),
    run: run?.id ?? null,
    says: sentence(rooms, sockets, members.roomsOf(members.sidOf(members.you))),
    lists: `${own} ${members.rev}`, // the same text: the same lists
  };
}

// This page's sockets, all that are in a room, and those that were addressed and are gone.
function known(members, run) {
  const sockets = new Map();
  for (const { k, sid } of members.own()) sockets.set(sid, { sid, mine: true, robot: k });
  for (const [sid, { who }] of members.index) {
    if (!sockets.has(sid)) sockets.set(sid, { sid, robot: who.robot ?? 0 });
  }
  for (const sid of run?.missed ?? []) {
    if (!sockets.has(sid)) sockets.set(sid, { sid, robot: 0, name: run.names.get(sid) });
  }
  return sockets;
}

function described(socket, members, run, guess) {
  const { sid } = socket;
  const name = socket.name ?? members.nameOf(sid);
  const rooms = members.roomsOf(sid);
  const state = stateOf(run, sid);
  const guessed = (guess?.sids ?? run?.guess)?.has(sid) ?? false;
  const wrong = run?.judged?.has(sid) ?? false;
  const tapped = guessed ? "will light" : "";
  const word = guess ? tapped : verdictWord(run, sid, { state, guessed, wrong });
  const kind = socket.robot && !socket.mine ? "robot" : "";
  const where = rooms.length ? `in ${rooms.join(" and ")}` : "in no room";
  const says = [name, kind, where, word].filter(Boolean).join(", ");
  return { ...socket, name, rooms, state, guessed, wrong, word, says };
}

function stateOf(run, sid) {
  if (!run) return "idle";
  if (sid === run.speaker) return "sender";
  if (run.got.has(sid)) return "received";
  if (run.missed.has(sid)) return "missed";
  return run.silent.has(sid) ? "silent" : "idle";
}

function verdictWord(run, sid, { state, guessed, wrong }) {
  const time = run?.got.has(sid) ? ` after ${ms(run.got.get(sid))}` : "";
  const heard = state === "sender" && time ? ", received it" : "";
  const guess = wrong ? (guessed ? ", guessed" : ", not guessed") : "";
  return `${WORDS[state]}${heard}${time}${guess}`;
}

function sentence(rooms, sockets, mine) {
  if (!rooms.length) return "No room is open; the first socket to join one opens it.";
  const drawn = rooms.slice(0, MOST_ROOMS);
  const each = drawn.map(({ slot, name, members }) => `${letter(slot)} ${name} has ${members}`).join(", ");
  const rest = rooms.length - MOST_ROOMS;
  const more = rest > 0 ? ` and ${rest} more, which only the table lists` : "";
  const here = `you are in ${mine.join(" and ") || "none"}.`;
  return `${count(rooms.length, "room")} and ${count(sockets.length, "socket")}: ${each}${more}; ${here}`;
}
