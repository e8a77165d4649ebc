// Everything that the map shows at one moment, put together from the lists, the newest run and the guess.
// Pure.

import { count, ms } from "../../lib/dom.js";
import { letter, MOST_ROOMS } from "./plan.js";
import { stateOf } from "./runs.js";

const WORDS = { sender: "said it", received: "received", silent: "silent", missed: "gone", idle: "" };

// → {rooms: [{name, slot, members, sids}], tapping, says, lists,
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
  const own = `${members.you.id} ${[...members.robots.keys()]}`;
  return {
    rooms,
    sockets,
    tapping: Boolean(guess?.tapping),
    says: sentence(rooms, sockets, members.roomsOf(members.you.id)),
    lists: `${own} ${members.rev}`, // the same text: the same lists
  };
}

// This page's sockets, all that are in a room, and those that were addressed and are gone.
function known(members, run) {
  const sockets = new Map();
  for (const [k, { id }] of members.own()) sockets.set(id, { sid: id, mine: true, robot: k });
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
  const guessed = (guess ?? run?.guess)?.sids.has(sid) ?? false;
  const wrong = !guess && (run?.judged?.has(sid) ?? false);
  const tapped = guessed ? "will light" : "";
  const word = guess?.tapping ? tapped : verdictWord(run, sid, { state, guessed, wrong });
  const kind = socket.robot && !socket.mine ? "robot" : "";
  const where = rooms.length ? `in ${rooms.join(" and ")}` : "in no room";
  const says = [name, kind, where, word].filter(Boolean).join(", ");
  return { ...socket, name, rooms, state, guessed, wrong, word, says };
}

function verdictWord(run, sid, { state, guessed, wrong }) {
  const time = run?.got.has(sid) ? ` after ${ms(run.got.get(sid))}` : "";
  const heard = state === "sender" && time ? ", heard it" : "";
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
