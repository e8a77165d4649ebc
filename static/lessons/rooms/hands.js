// Pointer and keys on the map: a press picks a dot, a drag or the arrow keys move one's own between rooms.

import { move } from "./map.js";

const FAR = 6; // px; from there on a press is a drag

// Returns what to do for each kind of event; some happened before this code was there.
// does: {pick(sid), move(sid, {join, leave}), aim(sid, name)}
export const hands = (map, does) => ({ ...pointer(map, does), ...keys(map, does) });

function pointer(map, does) {
  const { svg } = map;
  let drag = null; // {node, mark, sid, from, room, moved}
  const end = () => {
    drag = null;
    map.dragging = false;
  };
  return {
    pointerdown(event, peg) {
      if (!peg || svg.hasAttribute("data-picture")) return;
      drag = grasp(map, peg, event);
      map.dragging = true;
      if (movable(peg)) capture(svg, event);
    },
    pointermove(event) {
      if (!drag || !movable(drag.node)) return;
      const to = place(svg, event);
      drag.moved ||= Math.hypot(to.x - drag.from.x, to.y - drag.from.y) > FAR;
      if (!drag.moved) return;
      drag.node.dataset.dragged = "";
      if (drag.mark) move(drag.mark, to);
      map.point(map.plan.at(to.x, to.y));
    },
    pointerup(event) {
      if (!drag) return;
      const { sid, moved, room, node } = drag;
      const to = place(svg, event);
      end();
      delete node.dataset.dragged;
      map.focus = sid;
      if (moved) drop(map, does, sid, map.plan.at(to.x, to.y), room);
      else does.pick(sid);
      map.draw();
    },
    pointercancel() {
      end();
      map.draw();
    },
  };
}

function capture(svg, { pointerId }) {
  try {
    svg.setPointerCapture(pointerId);
  } catch {
    // The finger was lifted before this code was there.
  }
}

function grasp(map, node, event) {
  const mark = event.target.closest(".peg > g");
  const { sid } = node.dataset;
  const { room } = map.plan.dots.get(sid)?.[[...node.children].indexOf(mark)] ?? {};
  return { node, mark, sid, from: place(map.svg, event), room, moved: false };
}

const movable = (node) => node.hasAttribute("data-mine");

function place(svg, { clientX, clientY }) {
  return new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
}

// On ellipses the place says every room; on lanes a mark is taken from one lane to another.
function drop(map, does, sid, over, room) {
  const socket = map.scene.sockets.find((each) => each.sid === sid);
  const join = over.filter((name) => !socket.rooms.includes(name));
  const left = socket.rooms.filter((name) => map.outlines.has(name) && !over.includes(name));
  const taken = over.length || !room ? [] : [room];
  const leave = map.plan.kind === "lanes" ? taken : left;
  if (join.length || leave.length) does.move(sid, { join, leave });
}

// Left and right go from dot to dot; up and down point one's own dot at a room, Enter joins or leaves it.
function keys(map, does) {
  return {
    keydown(event, peg) {
      const socket = map.scene.sockets.find((each) => each.sid === peg?.dataset.sid);
      if (!socket || !pressed(map, does, socket, event.key)) return;
      event.preventDefault();
      map.draw();
      map.dots.get(map.focus)?.focus();
    },
    focusout() {
      if (!map.aim) return;
      map.aim = null;
      map.point([]);
    },
  };
}

// Returns whether the key means something here.
function pressed(map, does, socket, key) {
  const across = { ArrowRight: 1, ArrowLeft: -1 }[key];
  const along = { ArrowDown: 1, ArrowUp: -1 }[key];
  const aims = socket.mine && map.plan.rooms.length > 0;
  if (across) walk(map, socket.sid, across);
  else if (along && aims) aim(map, does, socket.sid, along);
  else if (key === "Enter" || key === " ") confirm(map, does, socket);
  else if (key === "Escape" && map.aim) map.aim = null;
  else return false;
  return true;
}

function walk(map, sid, step) {
  const order = [...map.dots.keys()];
  map.focus = order.at((order.indexOf(sid) + step) % order.length);
  map.aim = null;
}

function aim(map, does, sid, step) {
  const names = map.plan.rooms.map((room) => room.name);
  const first = step > 0 ? 0 : -1;
  const at = map.aim?.sid === sid ? names.indexOf(map.aim.name) + step : first;
  map.aim = { sid, name: names.at(at % names.length) };
  does.aim(sid, map.aim.name);
}

function confirm(map, does, { sid, rooms }) {
  const name = map.aim?.sid === sid && map.aim.name;
  if (!name) does.pick(sid);
  else if (rooms.includes(name)) does.move(sid, { join: [], leave: [name] });
  else does.move(sid, { join: [name], leave: [] });
}
