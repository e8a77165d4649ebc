// The server's lists as a table, and the sockets as a list with large targets for small screens.

import { count, drawn, element } from "../../lib/dom.js";
import { letter, MOST_ROOMS } from "./plan.js";
import { badge, cut, dot } from "./shapes.js";

const MOST = 60; // rows, and sockets in a row

export class Lists {
  constructor(root) {
    this.body = root.querySelector("[data-truth] tbody");
    this.shown = null;
  }

  show({ rooms, sockets, lists }) {
    if (this.shown === lists) return; // the same lists as before need no new table
    this.shown = lists;
    const names = new Map(sockets.map(({ sid, name }) => [sid, name]));
    const rows = rooms.slice(0, MOST).map((room) => roomRow(room, names));
    const more = rooms.length - MOST;
    if (more > 0) rows.push(wholeRow({}, `and ${count(more, "more room")}`));
    if (!rows.length) rows.push(wholeRow({ class: "quiet" }, "No room is open."));
    this.body.replaceChildren(...rows);
  }
}

const wholeRow = (attributes, words) =>
  element("tr", {}, element("td", { colspan: 2, ...attributes }, words));

function roomRow({ name, slot, sids }, names) {
  const view = { class: "badge-room", viewBox: "-8 -8 16 16", "aria-hidden": "true", "data-slot": slot };
  const lettered = slot < MOST_ROOMS ? [drawn("svg", view, badge(slot)), ` ${letter(slot)} `] : [];
  const who = sids.slice(0, MOST).map((sid) => {
    const parts = [element("bdi", {}, names.get(sid) ?? "?"), " ", element("code", {}, sid.slice(0, 4))];
    return element("li", { "data-sid": sid }, ...parts);
  });
  if (sids.length > MOST) who.push(element("li", {}, `and ${sids.length - MOST} more`));
  const head = element("th", { scope: "row" }, ...lettered, element("bdi", {}, name));
  return element("tr", { "data-room": name }, head, element("td", {}, element("ul", {}, ...who)));
}

export class Roll {
  constructor(list, pick) {
    this.list = list;
    this.items = new Map(); // sid → its entry
    list.addEventListener("click", (event) => {
      const sid = event.target.closest("[data-sid]")?.dataset.sid;
      if (sid) pick(sid);
    });
  }

  hide() {
    this.list.hidden = true;
    this.items.clear();
    this.list.replaceChildren();
  }

  show(scene) {
    this.list.hidden = false;
    const listed = scene.sockets.slice(0, MOST);
    for (const socket of listed) this.draw(socket, scene);
    for (const sid of this.items.keys()) {
      if (!listed.some((socket) => socket.sid === sid)) this.items.delete(sid);
    }
    const wanted = [...this.items.values()];
    const { children } = this.list;
    const moved = wanted.some((item, at) => children[at] !== item) || children.length !== wanted.length;
    if (moved) this.list.replaceChildren(...wanted); // otherwise the focus stays where it is
  }

  draw(socket, { rooms, tapping }) {
    const { sid, name, state, guessed, word } = socket;
    if (!this.items.has(sid)) {
      const button = element("button", { type: "button", "data-sid": sid });
      this.items.set(sid, element("li", {}, button));
    }
    const button = this.items.get(sid).firstChild;
    button.dataset.state = state;
    if (tapping) button.setAttribute("aria-pressed", guessed);
    else button.removeAttribute("aria-pressed");
    const glyph = { viewBox: "-22 -22 44 44", "aria-hidden": "true" };
    const where = element("small", {}, cut(places(socket.rooms, rooms), 60));
    button.replaceChildren(
      drawn("svg", glyph, dot(socket, 13, "", tapping)),
      element("span", {}, element("bdi", {}, name), where),
      element("small", { class: "verdict-word" }, word),
    );
  }
}

function places(mine, rooms) {
  const known = mine.map((name) => rooms.find((room) => room.name === name)).filter(Boolean);
  const lettered = known.map(({ name, slot }) => (slot < MOST_ROOMS ? `${letter(slot)} ${name}` : name));
  return lettered.join(", ") || "in no room";
}
