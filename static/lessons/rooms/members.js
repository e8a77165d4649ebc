// Who is where: the server's lists as last told, beside the sockets that this page has itself. No DOM.

import { MOST_ROOMS } from "./plan.js";

const ownName = (k) => (k ? `robot ${k}` : "you");

export class Members {
  // you: the page's own socket; robots: Map of number → socket.
  constructor(you, robots) {
    [this.you, this.robots] = [you, robots];
    this.slots = new Map(); // room → 0, 1, 2 …: its letter, shape, stroke and hue
    this.forget();
  }

  // After a reconnect the server's numbers may begin anew.
  forget() {
    this.update({ rev: 0, rooms: {} });
  }

  update({ rev, rooms }) {
    [this.rev, this.rooms] = [rev, rooms];
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

  // [[number, socket], …] of this page, those that are connected; yours is number 0.
  own() {
    return [[0, this.you], ...this.robots].filter(([, socket]) => socket.connected);
  }

  ownSocket(sid) {
    return this.own().find(([, socket]) => socket.id === sid)?.[1] ?? null;
  }

  ownNames() {
    return this.own().map(([k, socket]) => [socket.id, ownName(k)]);
  }

  nameOf(sid) {
    const mine = this.ownNames().find(([own]) => own === sid);
    if (mine) return mine[1];
    const who = this.index.get(sid)?.who;
    if (!who) return "somebody";
    return who.robot ? `${who.nick} robot ${who.robot}` : who.nick;
  }

  // A room keeps its letter while it is open; rooms of this page come first, then the oldest.
  giveLetters() {
    for (const name of this.slots.keys()) if (!this.rooms[name]) this.slots.delete(name);
    const ours = new Set(this.own().flatMap(([, socket]) => this.roomsOf(socket.id)));
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
