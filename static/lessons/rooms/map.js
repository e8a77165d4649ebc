// Draws who is in which room: the map, the roll of sockets for small screens, the server's table.
// Knows positions from roomplan.js and states from whoever calls show(); speaks to no socket.

import { count, drawn, element } from "../../lib/dom.js";
import { MOST_ROOMS, plan } from "./plan.js";

const SHAPES = [
  "M0-6a6 6 0 1 0 .01 0z",
  "M-5.5-5.5h11v11h-11z",
  "M0-6.5 6.5 5.5h-13z",
  "M0-7.5 7 0 0 7.5-7 0z",
  "M-2-6h4v4h4v4H2v4h-4V2h-4v-4h4z",
  "M-3.5-6h7L7 0 3.5 6h-7L-7 0z",
];
const MARKS = { received: "tick", sender: "up", missed: "cross" };
const KEY = {
  received: "received",
  idle: "not addressed",
  sender: "sender",
  silent: "silent",
  missed: "gone before it confirmed",
};
const NARROW = 440; // px; below, the roll has the targets and the map is a picture
export const letter = (slot) => String.fromCharCode(65 + slot);
const cut = (text, most) => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);
const move = (node, { x, y }) => (node.style.transform = `translate(${x}px, ${y}px)`);

// does: {pick(sid), move(sid, {join, leave}), aim(sid, name)}; show(scene) draws
// {rooms: [{name, members, slot}], sockets: [{sid, name, rooms, mine, robot, state, says, guessed, wrong}], tapping, says}.
export function roomMap(root, does) {
  const svg = root.querySelector("[data-map]");
  const layers = ["rooms", "links", "dots"].map((name) => svg.appendChild(drawn("g", { class: name })));
  const strip = drawn(
    "g",
    { class: "strip" },
    drawn("path"),
    drawn("text", { x: 10 }, "in no room"),
    drawn("text", { "text-anchor": "end" }),
  );
  svg.insertBefore(strip, layers[0]);
  const outlines = new Map();
  const dots = new Map();
  const roll = root.querySelector("[data-roll]");
  const items = new Map();
  let scene = { rooms: [], sockets: [], says: "" };
  let drawing = null;
  let focus = null; // the one dot in the tab order
  let aim = null; // {sid, name}: the room that the arrow keys point at

  function draw() {
    const { width } = svg.getBoundingClientRect();
    if (!width) return; // not shown now
    const picture = width < NARROW;
    const height = Math.round(Math.min(440, Math.max(280, width * 0.62)));
    svg.setAttribute("viewBox", `0 0 ${Math.round(width)} ${height}`);
    svg.setAttribute("height", height);
    svg.setAttribute("role", picture ? "img" : "group");
    svg.toggleAttribute("data-picture", picture);
    const names = scene.rooms
      .filter((room) => room.slot < MOST_ROOMS)
      .sort((a, b) => a.slot - b.slot)
      .map((room) => room.name);
    const drawable = scene.sockets
      .map((socket) => ({ ...socket, drawn: socket.rooms.filter((name) => names.includes(name)) }))
      .filter((socket) => socket.mine || socket.drawn.length || !socket.rooms.length)
      .sort((a, b) => Boolean(b.mine) - Boolean(a.mine));
    drawing = plan(
      names,
      drawable.map(({ sid, drawn: rooms, mine }) => ({ sid, rooms, mine })),
      Math.round(width),
      height,
      drawing,
    );
    strip.firstChild.setAttribute("d", `M0 ${drawing.strip + 0.5}H${Math.round(width)}`);
    const [none, some] = strip.querySelectorAll("text");
    none.setAttribute("y", drawing.strip + 33);
    some.textContent = drawing.hidden
      ? `${drawable.length - drawing.hidden} of ${drawable.length} sockets drawn`
      : "";
    for (const [name, value] of [
      ["x", width - 8],
      ["y", drawing.strip + 33],
    ])
      some.setAttribute(name, value);
    drawOutlines();
    drawDots(drawable, picture);
    svg.querySelector("desc").textContent = scene.says;
    drawRoll(picture);
    drawTable();
  }

  function drawOutlines() {
    for (const [name, node] of outlines) {
      if (drawing.rooms.some((room) => room.name === name)) continue;
      node.dataset.gone = "";
      outlines.delete(name);
      setTimeout(() => node.remove(), 240);
    }
    for (const room of drawing.rooms) {
      const { name, label } = room;
      const { slot, members } = scene.rooms.find((each) => each.name === name);
      const known = outlines.has(name);
      if (!known) outlines.set(name, layers[0].appendChild(drawn("g", { class: "room" })));
      const node = outlines.get(name);
      Object.assign(node.dataset, { slot, room: name });
      node.toggleAttribute("data-aim", aim?.name === name);
      const outline = room.rx
        ? drawn("ellipse", { cx: room.cx, cy: room.cy, rx: room.rx, ry: room.ry })
        : drawn("rect", { x: room.x, y: room.y, width: room.width, height: room.height, rx: 16 });
      const called = drawn("tspan", {}, name);
      const words = drawn(
        "text",
        { "text-anchor": label.start ? "start" : "middle" },
        drawn("tspan", { class: "letter" }, `${letter(slot)}\u2002\u2003`),
        called,
        ` · ${members}`,
      );
      const shape = drawn("path", { class: "shape", d: SHAPES[slot] });
      node.replaceChildren(outline, words, shape);
      const gaps = drawing.rooms
        .filter((other) => other.label !== label && other.label.y === label.y)
        .map((other) => Math.abs(other.label.x - label.x) - 6);
      const most = label.room ?? Math.min(...gaps, 2 * label.x, 2 * (drawing.width - label.x));
      for (let length = name.length; words.getComputedTextLength() > most && length > 1; )
        called.textContent = cut(name, --length);
      move(words, label);
      const start = label.start ? label.x : label.x - words.getComputedTextLength() / 2;
      const em = parseFloat(getComputedStyle(words).fontSize);
      shape.style.transform = `translate(${start + 1.55 * em}px, ${label.y - 0.33 * em}px) scale(${em / 15})`;
    }
  }

  function drawDots(sockets, picture) {
    const seen = new Set();
    const links = [];
    for (const socket of sockets) {
      const marks = drawing.dots.get(socket.sid);
      if (!marks) continue;
      seen.add(socket.sid);
      const r = socket.drawn.length ? drawing.r : drawing.outsideR;
      if (!dots.has(socket.sid))
        dots.set(
          socket.sid,
          layers[2].appendChild(drawn("g", { class: "peg", role: "button", tabindex: -1 })),
        );
      const node = dots.get(socket.sid);
      Object.assign(node.dataset, { sid: socket.sid, state: socket.state });
      node.toggleAttribute("data-mine", Boolean(socket.mine));
      node.setAttribute("aria-label", socket.says);
      if (scene.tapping) node.setAttribute("aria-pressed", socket.guessed);
      else node.removeAttribute("aria-pressed");
      const named = socket.drawn.length ? drawing.names : !picture;
      const key = [
        r,
        marks.length,
        socket.state,
        socket.guessed,
        socket.wrong,
        socket.robot,
        socket.mine,
        named,
        socket.says,
        scene.tapping,
      ].join();
      if (node.dataset.key !== key) {
        node.dataset.key = key;
        node.replaceChildren(
          ...marks.map((_, at) =>
            peg(socket, r, at === 0 && named ? cut(socket.name, drawing.chars ?? 8) : "", scene.tapping),
          ),
        );
      }
      marks.forEach((mark, at) => move(node.children[at], mark));
      if (marks.length > 1)
        links.push(drawn("path", { d: `M${marks[0].x} ${marks[0].y}V${marks.at(-1).y}` }));
    }
    layers[1].replaceChildren(...links);
    for (const [sid, node] of dots) {
      if (seen.has(sid)) continue;
      node.remove();
      dots.delete(sid);
    }
    if (!dots.has(focus)) focus = sockets.find(({ sid }) => dots.has(sid))?.sid ?? null;
    for (const [sid, node] of dots) node.setAttribute("tabindex", !picture && sid === focus ? 0 : -1);
  }

  function drawRoll(picture) {
    roll.hidden = !picture;
    if (!picture) return roll.replaceChildren(items.clear() ?? "");
    const listed = scene.sockets.slice(0, 60);
    for (const socket of listed) {
      if (!items.has(socket.sid))
        items.set(
          socket.sid,
          element("li", {}, element("button", { type: "button", "data-sid": socket.sid })),
        );
      const button = items.get(socket.sid).firstChild;
      button.dataset.state = socket.state;
      if (scene.tapping) button.setAttribute("aria-pressed", socket.guessed);
      else button.removeAttribute("aria-pressed");
      const glyph = drawn(
        "svg",
        { viewBox: "-22 -22 44 44", "aria-hidden": "true" },
        peg(socket, 13, "", scene.tapping),
      );
      const rooms = socket.rooms
        .map((name) => scene.rooms.find((room) => room.name === name))
        .filter(Boolean);
      const where =
        rooms.map(({ name, slot }) => (slot < MOST_ROOMS ? `${letter(slot)} ${name}` : name)).join(", ") ||
        "in no room";
      button.replaceChildren(
        glyph,
        element("span", {}, element("bdi", {}, socket.name), element("small", {}, cut(where, 60))),
        element("small", { class: "verdict-word" }, socket.word),
      );
    }
    for (const sid of items.keys()) if (!listed.some((socket) => socket.sid === sid)) items.delete(sid);
    const wanted = [...items.values()];
    if (wanted.some((node, at) => roll.children[at] !== node) || roll.children.length !== wanted.length)
      roll.replaceChildren(...wanted);
  }

  let tabled = null;
  function drawTable() {
    if (tabled === scene.lists) return;
    tabled = scene.lists; // the same lists as before need no new table
    const body = root.querySelector("[data-truth] tbody");
    const by = new Map(scene.sockets.map((socket) => [socket.sid, socket]));
    const rows = scene.rooms.slice(0, 60).map(({ name, slot, sids }) => {
      const badge =
        slot < MOST_ROOMS
          ? drawn(
              "svg",
              { class: "badge-room", viewBox: "-8 -8 16 16", "aria-hidden": "true", "data-slot": slot },
              drawn("path", { class: "shape", d: SHAPES[slot] }),
            )
          : null;
      const who = sids
        .slice(0, 60)
        .map((sid) =>
          element(
            "li",
            { "data-sid": sid },
            element("bdi", {}, by.get(sid)?.name ?? "?"),
            " ",
            element("code", {}, sid.slice(0, 4)),
          ),
        );
      if (sids.length > 60) who.push(element("li", {}, `and ${sids.length - 60} more`));
      return element(
        "tr",
        { "data-room": name },
        element(
          "th",
          { scope: "row" },
          badge,
          slot < MOST_ROOMS ? ` ${letter(slot)} ` : "",
          element("bdi", {}, name),
        ),
        element("td", {}, element("ul", {}, ...who)),
      );
    });
    const more = scene.rooms.length - 60;
    if (more > 0)
      rows.push(element("tr", {}, element("td", { colspan: 2 }, `and ${count(more, "more room")}`)));
    if (!rows.length)
      rows.push(element("tr", {}, element("td", { colspan: 2, class: "quiet" }, "No room is open.")));
    body.replaceChildren(...rows);
  }

  // Pointer: a press picks a dot, a drag of one's own dot moves it between rooms.
  let drag = null;
  const here = ({ clientX, clientY }) => {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x, y };
  };
  svg.addEventListener("pointerdown", (event) => {
    const node = event.target.closest?.(".peg");
    if (!node || svg.hasAttribute("data-picture")) return;
    const mark = event.target.closest(".peg > g");
    const at = [...node.children].indexOf(mark);
    drag = {
      node,
      mark,
      sid: node.dataset.sid,
      from: here(event),
      room: drawing.dots.get(node.dataset.sid)?.[at]?.room,
      moved: false,
    };
    if (node.hasAttribute("data-mine") && !scene.tapping) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag || !drag.node.hasAttribute("data-mine") || scene.tapping) return;
    const to = here(event);
    drag.moved ||= Math.hypot(to.x - drag.from.x, to.y - drag.from.y) > 6;
    if (!drag.moved) return;
    drag.node.dataset.dragged = "";
    move(drag.mark, to);
    const over = drawing.at(to.x, to.y);
    for (const [name, node] of outlines) node.toggleAttribute("data-aim", over.includes(name));
  });
  svg.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { sid, moved, room, node } = drag;
    const to = here(event);
    drag = null;
    delete node.dataset.dragged;
    focus = sid;
    if (moved) drop(sid, drawing.at(to.x, to.y), room);
    else does.pick(sid);
    draw();
  });
  svg.addEventListener("pointercancel", () => {
    drag = null;
    draw();
  });

  // On ellipses the place says every room; on lanes a mark is taken from one lane to another.
  function drop(sid, over, room) {
    const socket = scene.sockets.find((each) => each.sid === sid);
    const drawnRooms = socket.rooms.filter((name) => outlines.has(name));
    const join = over.filter((name) => !socket.rooms.includes(name));
    const leave =
      drawing.kind === "lanes"
        ? over.length || !room
          ? []
          : [room]
        : drawnRooms.filter((name) => !over.includes(name));
    if (join.length || leave.length) does.move(sid, { join, leave });
  }

  // Keys: left and right go from dot to dot; up and down point one's own dot at a room, Enter joins or leaves it.
  svg.addEventListener("keydown", (event) => {
    const sid = event.target.closest?.(".peg")?.dataset.sid;
    const socket = scene.sockets.find((each) => each.sid === sid);
    if (!socket) return;
    const names = drawing.rooms.map((room) => room.name);
    const across = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const along = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (across) {
      const order = [...dots.keys()];
      focus = order.at((order.indexOf(sid) + across) % order.length);
      aim = null;
    } else if (along && socket.mine && names.length && !scene.tapping) {
      const at = aim?.sid === sid ? names.indexOf(aim.name) + along : along > 0 ? 0 : -1;
      aim = { sid, name: names.at(at % names.length) };
      does.aim(sid, aim.name);
    } else if (event.key === "Enter" || event.key === " ") {
      const name = aim?.sid === sid && aim.name;
      if (name)
        does.move(
          sid,
          socket.rooms.includes(name) ? { join: [], leave: [name] } : { join: [name], leave: [] },
        );
      else does.pick(sid);
    } else if (event.key === "Escape" && aim) aim = null;
    else return;
    event.preventDefault();
    draw();
    dots.get(focus)?.focus();
  });
  svg.addEventListener("focusout", () => {
    if (!aim) return;
    aim = null;
    for (const node of outlines.values()) node.removeAttribute("data-aim");
  });
  roll.addEventListener("click", (event) => {
    const sid = event.target.closest("[data-sid]")?.dataset.sid;
    if (sid) does.pick(sid);
  });
  new ResizeObserver(() => drag || draw()).observe(svg);
  drawKey(root.querySelector("[data-key]"));

  return {
    show(next) {
      scene = next;
      if (!drag) draw();
    },
    sockets: () => scene.sockets,
  };
}

// One dot: shape, ring and mark say its state without colour.
function peg({ state, robot, mine, guessed, wrong, says }, r, name, tapping) {
  const square = (size) => ({ x: -size, y: -size, width: 2 * size, height: 2 * size, rx: size / 3 });
  const body = (size, name) =>
    robot
      ? drawn("rect", { class: name, ...square(size - r * 0.12) })
      : drawn("circle", { class: name, r: size });
  const parts = says ? [drawn("title", {}, says)] : [];
  if (mine) parts.push(body(r + 4, "own")); // the room that a socket has by itself
  if (state === "sender") parts.push(body(r + 2.5, "ring"));
  if (guessed && tapping) parts.push(body(r + 7, "guess"));
  if (wrong) parts.push(body(r + 7, "wrong"));
  parts.push(body(r, "body"));
  const mark = guessed && tapping ? "tick" : MARKS[state];
  if (mark && r >= 5)
    parts.push(
      drawn("use", {
        href: `#i-${mark}`,
        class: `mark${tapping ? " guessing" : ""}`,
        x: -r * 0.72,
        y: -r * 0.72,
        width: r * 1.44,
        height: r * 1.44,
      }),
    );
  if (name) parts.push(drawn("text", { class: "called", y: r + 15 }, name));
  return drawn("g", { "data-state": tapping ? "idle" : state }, ...parts);
}

function drawKey(home) {
  const entry = (says, peg_of) =>
    element("span", {}, drawn("svg", { viewBox: "-16 -16 32 32" }, peg(peg_of, 9, "", false)), says);
  home.replaceChildren(
    ...Object.entries(KEY).map(([state, says]) => entry(says, { state })),
    entry("robot", { state: "idle", robot: 1 }),
    entry("its private room", { state: "idle", mine: true }),
    entry("you guessed wrong", { state: "idle", wrong: true }),
  );
}
