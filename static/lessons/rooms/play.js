// What this page knows of the rooms: the server's lists, its own sockets, the runs and their verdicts.
// The map shows the newest run; a dot gets its tick from its own handler, never from a send.

import { count, element, icon, ms } from "../../lib/dom.js";
import { ask } from "../../lib/line.js";
import { letter, roomMap } from "./map.js";
import { MOST_ROOMS } from "./plan.js";

const ROBOTS = 8;
const WAIT_MS = 4000; // a run without all its verdicts is summed up anyway
const MINE_FIRST_MS = 6000; // what others say does not wipe one's own result off the map at once
const NODE_NAMES = { opened: "create-room", joined: "join-room", left: "leave-room", closed: "delete-room" };
const WORDS = { sender: "said it", received: "received", silent: "silent", missed: "gone", idle: "" };

const farewell = (robot) => [robot.reports.disconnect(), robot.disconnect()];

function byMember(rooms) {
  const index = new Map();
  for (const [name, members] of Object.entries(rooms)) {
    for (const who of members) {
      if (!index.has(who.sid)) index.set(who.sid, { who, rooms: [] });
      index.get(who.sid).rooms.push(name);
    }
  }
  return index;
}

export function roomPlay(panel, lab) {
  const find = (selector) => panel.querySelector(selector);
  const [said, sums, betSays, feed] = ["[data-said]", "[data-sums]", "[data-bet-says]", "[data-feed]"].map(
    find,
  );
  const [as, whom, targets] = ["#as", "#whom", "[data-targets]"].map(find);
  const robots = new Map(); // k → socket
  const runs = new Map(); // run id → run
  const slots = new Map(); // room → 0, 1, 2 …: its letter, shape, stroke and hue
  const rows = lab.table("Who was addressed and who confirmed", [
    "Socket",
    "Text",
    "To",
    "Rooms of the socket",
    "Verdict",
    "After",
    "You guessed",
  ]);
  let map = { rev: 0, rooms: {} };
  let index = new Map(); // the same by socket: sid → {who, rooms}
  let shown = null; // the run on the map
  let guess = null; // {sids: Set, tapping}
  let came = lab.socket.connected; // whether this page was connected before
  let pressed = 0;
  let entered = null; // the room that the acting socket has just joined

  const view = roomMap(panel, {
    pick: (sid) => (guess?.tapping ? tap(sid) : select(sid)),
    aim: (sid, name) =>
      tell(
        "",
        `${nameOf(sid)} and ${name}: press Enter to ${roomsOf(sid).includes(name) ? "leave it" : "join it"}, Escape to let go.`,
      ),
    async move(sid, { join, leave }) {
      for (const room of leave) await self.ask("leave", { room }, sid);
      for (const room of join) await self.ask("join", { room }, sid);
    },
  });

  // Names and places

  const own = () => [[0, lab.socket], ...robots].filter(([, socket]) => socket.connected);
  const mine = (sid) => own().find(([, socket]) => socket.id === sid);
  const listed = () => Object.entries(map.rooms);
  const roomsOf = (sid) => index.get(sid)?.rooms ?? [];
  const ownName = (k) => (k ? `robot ${k}` : "you");
  const nameOf = (sid) => {
    const [k] = mine(sid) ?? [];
    const who = index.get(sid)?.who;
    return k !== undefined
      ? ownName(k)
      : who
        ? `${who.nick}${who.robot ? ` robot ${who.robot}` : ""}`
        : "somebody";
  };
  const actor = () => mine(as.value)?.[1] ?? lab.socket;

  const tell = (kind, ...parts) => {
    said.dataset.kind = kind;
    said.replaceChildren(...parts);
    lab.announce(said.textContent);
  };

  // A room keeps its letter while it is open; rooms of this page come first, then the oldest.
  function name_rooms() {
    for (const name of slots.keys()) if (!map.rooms[name]) slots.delete(name);
    const ours = new Set(own().flatMap(([, socket]) => roomsOf(socket.id)));
    const waiting = Object.keys(map.rooms)
      .filter((name) => !slots.has(name))
      .sort((a, b) => ours.has(b) - ours.has(a));
    for (const name of waiting) {
      let slot = 0;
      while ([...slots.values()].includes(slot)) slot++;
      const stranger =
        slot >= MOST_ROOMS &&
        ours.has(name) &&
        [...slots.keys()].find((other) => slots.get(other) < MOST_ROOMS && !ours.has(other));
      if (stranger) {
        slots.set(name, slots.get(stranger));
        slots.set(stranger, slot);
      } else slots.set(name, slot);
    }
  }

  // The picture

  function stateOf(sid) {
    if (!shown) return "idle";
    if (sid === shown.speaker) return "sender";
    if (shown.got.has(sid)) return "received";
    return shown.missed.has(sid) ? "missed" : shown.silent.has(sid) ? "silent" : "idle";
  }

  // At most one drawing a frame, and with a large class four a second.
  let due = false;
  function draw() {
    if (due) return;
    due = true;
    setTimeout(() => requestAnimationFrame(render), index.size > 100 ? 250 : 0);
  }

  function render() {
    due = false;
    name_rooms();
    const sockets = new Map();
    for (const [k, socket] of own()) sockets.set(socket.id, { sid: socket.id, mine: true, robot: k });
    for (const [, members] of listed())
      for (const who of members)
        if (!sockets.has(who.sid)) sockets.set(who.sid, { sid: who.sid, robot: who.robot ?? 0 });
    for (const sid of shown?.missed ?? [])
      if (!sockets.has(sid)) sockets.set(sid, { sid, robot: 0, name: shown.names.get(sid) });
    for (const socket of sockets.values()) {
      const { sid } = socket;
      const state = stateOf(sid);
      const guessed = Boolean((guess ?? shown?.guess)?.sids.has(sid));
      const wrong = Boolean(shown?.guess && !guess && shown.judged?.has(sid));
      const rooms = roomsOf(sid);
      const name = socket.name ?? nameOf(sid);
      const time = shown?.got.has(sid) ? ` after ${ms(shown.got.get(sid))}` : "";
      const word = guess?.tapping
        ? guessed
          ? "will light"
          : ""
        : `${WORDS[state]}${state === "sender" && time ? ", heard it" : ""}${time}${wrong ? (guessed ? ", guessed" : ", not guessed") : ""}`;
      Object.assign(socket, { name, rooms, state, guessed, wrong, word });
      socket.says = [
        name,
        socket.robot && !socket.mine ? "robot" : "",
        rooms.length ? `in ${rooms.join(" and ")}` : "in no room",
        word,
      ]
        .filter(Boolean)
        .join(", ");
    }
    const rooms = listed().map(([name, members]) => ({
      name,
      slot: slots.get(name),
      members: members.length,
      sids: members.map((who) => who.sid),
    }));
    rooms.sort((a, b) => a.slot - b.slot);
    view.show({
      rooms,
      sockets: [...sockets.values()],
      tapping: Boolean(guess?.tapping),
      says: describe(rooms, sockets),
      lists: `${lab.socket.id} ${[...robots.keys()]} ${map.rev}`,
    });
    controls(sockets);
  }

  function describe(rooms, sockets) {
    const each = rooms
      .slice(0, MOST_ROOMS)
      .map((room) => `${letter(room.slot)} ${room.name} has ${room.members}`)
      .join(", ");
    const here = roomsOf(lab.socket.id);
    const more =
      rooms.length > MOST_ROOMS ? ` and ${rooms.length - MOST_ROOMS} more, which only the table lists` : "";
    return rooms.length
      ? `${count(rooms.length, "room")} and ${count(sockets.size, "socket")}: ${each}${more}; you are in ${here.join(" and ") || "none"}.`
      : "No room is open; the first socket to join one opens it.";
  }

  // The choices below the map follow the lists; what was chosen stays chosen.
  function controls(sockets) {
    options(
      as,
      own().map(([k, socket]) => [socket.id, ownName(k)]),
      lab.socket.id,
    );
    options(
      whom,
      [...sockets.values()].map(({ sid, name }) => [sid, name]),
      whom.value,
    );
    const here = roomsOf(actor().id);
    const boxes = new Map(
      [...targets.querySelectorAll("label")].map((label) => [label.firstChild.value, label]),
    );
    for (const [name, label] of boxes) if (!here.includes(name)) label.remove();
    for (const name of here) {
      if (boxes.has(name)) continue;
      const box = element("input", { type: "checkbox", name: "rooms", value: name });
      targets.append(element("label", { class: "tick" }, box, element("bdi", {}, ` ${name}`)));
    }
    const all = [...targets.querySelectorAll("input")];
    const fresh = all.find((box) => box.value === entered);
    if (fresh) for (const box of all) box.checked = box === fresh; // who has just come in speaks there
    if (fresh) entered = null;
    if (all.length && !checked().length) all[0].checked = true;
    code();
  }

  function options(select, pairs, chosen) {
    if (select === document.activeElement && pairs.some(([value]) => value === select.value)) return; // someone is choosing
    const now = [...select.options].map((option) => `${option.value} ${option.text}`).join();
    if (now === pairs.map((pair) => pair.join(" ")).join()) return;
    const kept = pairs.some(([value]) => value === select.value) ? select.value : chosen;
    select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
    if (pairs.some(([value]) => value === kept)) select.value = kept;
  }

  const checked = () => [...targets.querySelectorAll(":checked")].map((box) => box.value);
  function code() {
    const names = checked().map((name) => JSON.stringify(name));
    const to = names.length === 1 ? names[0] : `[${names.join(", ")}]`;
    find("[data-line]").textContent =
      `emit("said", said, to=${to}${find("[name=skip_me]").checked ? ", include_self=False" : ""})`;
  }
  panel.addEventListener("change", ({ target }) => (target === as ? draw() : code()));

  function select(sid) {
    if (mine(sid)) as.value = sid;
    whom.value = sid;
    const rooms = roomsOf(sid);
    tell(
      "",
      `${nameOf(sid)}: socket ${sid.slice(0, 4)}, in ${rooms.join(" and ") || "no room"}, and in its private room ${sid.slice(0, 4)}….`,
    );
    draw();
  }

  // Runs and their verdicts

  function run(id, about = {}) {
    if (!runs.has(id)) {
      const names = new Map(listed().flatMap(([, members]) => members.map(({ sid }) => [sid, nameOf(sid)])));
      runs.set(id, {
        id,
        n: ++pressed,
        at: Date.now(),
        got: new Map(),
        silent: new Set(),
        missed: new Set(),
        names,
        places: new Map(listed().map(([name, members]) => [name, members.map((who) => who.sid)])),
      });
      if (runs.size > 40) runs.delete(runs.keys().next().value);
    }
    return Object.assign(runs.get(id), about);
  }

  function show(which) {
    const keep = shown?.mine && !which.mine && shown !== which && Date.now() - shown.at < MINE_FIRST_MS;
    if (!keep) shown = which;
    draw();
  }

  const told = (each) =>
    each.got.size + [...each.silent, ...each.missed].filter((sid) => !each.got.has(sid)).length;

  // The sum, in words: every socket in the lesson has one verdict.
  function sum(each) {
    if (!each.mine || each.addressed === undefined) return;
    const [got, silent, missed] = [
      each.got.size,
      [...each.silent].filter((sid) => !each.got.has(sid)).length,
      each.missed.size,
    ];
    const waiting = Math.max(0, each.addressed - told(each));
    const parts = [
      `${got} confirmed`,
      silent && `${silent} silent`,
      missed && `${missed} gone`,
      waiting && `${waiting} waited for`,
    ]
      .filter(Boolean)
      .join(" + ");
    tell("", `Addressed ${each.addressed} = ${parts}.`);
    if (each.present)
      sums.textContent = `${count(each.present, "socket")} in the lesson = ${each.addressed} addressed + ${each.present - each.addressed} not addressed.`;
    if (waiting && Date.now() - each.at < WAIT_MS) return;
    for (const sid of new Set([...each.got.keys(), ...each.silent, ...each.missed, ...each.names.keys()]))
      row(each, sid);
    if (each.step) settle(each, got, silent + missed);
  }

  function row(each, sid) {
    const verdict = each.got.has(sid)
      ? "received"
      : each.missed.has(sid)
        ? "gone before it confirmed"
        : each.silent.has(sid)
          ? "silent"
          : "not addressed";
    const rooms = [...each.places]
      .filter(([, sids]) => sids.includes(sid))
      .map(([name]) => name)
      .join(", ");
    const guessed = each.guess ? (each.guess.sids.has(sid) ? "yes" : "no") : "";
    const time = each.got.has(sid) ? ms(each.got.get(sid)) : "";
    rows(`${each.id} ${sid}`, [
      each.names.get(sid) ?? nameOf(sid),
      each.text,
      each.to,
      rooms,
      `${verdict}${sid === each.speaker ? ", said it" : ""}`,
      time,
      guessed,
    ]);
  }

  // Taps against ticks, and the locked answer against both.
  function settle(each, got, lost) {
    if (each.guess)
      each.judged = new Set(
        [...each.names.keys()].filter((sid) => each.guess.sids.has(sid) !== each.got.has(sid)),
      );
    const wrong = each.judged?.size ?? 0;
    const right = each.names.size - wrong;
    betSays.textContent = each.guess
      ? `Your taps: ${right} right, ${wrong} wrong${wrong ? ". The wrong ones keep their ring." : "."}`
      : "";
    lab.reveal(each.step, [
      `Addressed by the server: ${each.addressed} of the ${each.present ?? each.names.size} sockets in the lesson.`,
      `Confirmed by their own handlers: ${got}${lost ? `, not confirmed: ${lost}` : ""}.`,
      each.got.has(each.speaker)
        ? "Your own handler ran too."
        : "Your own handler did not run: you were left out.",
      ...(each.guess ? [betSays.textContent] : []),
    ]);
    draw();
  }

  // The bet on the picture

  function tap(sid) {
    if (!guess.sids.delete(sid)) guess.sids.add(sid);
    tell("", `${count(guess.sids.size, "dot")} will light, you say. Press Done when that is your guess.`);
    draw();
  }

  const self = {
    mapped(next) {
      if (next.rev < map.rev) return; // an older list that came late
      map = next;
      index = byMember(map.rooms);
      draw();
    },
    happened(what, room, who) {
      feed.append(
        element(
          "li",
          {},
          element("b", {}, what),
          " ",
          element(
            "bdi",
            {},
            who ? `${nameOf(who.sid) === "somebody" ? who.nick : nameOf(who.sid)}, ${room}` : room,
          ),
          " ",
          element("code", {}, NODE_NAMES[what]),
        ),
      );
      while (feed.children.length > 5) feed.firstChild.remove();
    },
    // A handler of this page ran: that is the receipt. Each socket reports on its own connection.
    said(socket, event) {
      const at = lab.clock.now();
      if (socket === lab.socket) lab.receipt(event.run, event.seq, at);
      else ask(socket.reports, "receipt", { run: event.run, got: [[event.seq, Math.round(at * 10) / 10]] });
      const each = run(event.run, { speaker: event.who.sid, text: event.text });
      each.to ??= event.rooms.join(", ");
      each.got.set(socket.id, Math.max(0, at - event.sent_at));
      each.mine ||= Boolean(mine(event.who.sid));
      show(each);
      if (each.mine) sum(each);
      else if (socket === lab.socket)
        tell(
          "",
          element("bdi", {}, event.who.nick),
          " says in ",
          element("bdi", {}, event.room === socket.id ? "your private room" : event.rooms.join(" and ")),
          ": ",
          element("q", {}, event.text),
        );
    },
    confirmed(report) {
      const each = run(report.run, { addressed: report.addressed, present: report.present, mine: true });
      for (const [sid, after] of report.got) if (!each.got.has(sid)) each.got.set(sid, after);
      Object.assign(each, { silent: new Set(report.silent), missed: new Set(report.missed) });
      show(each);
      sum(each);
    },
    // As the socket that is chosen, or as the one with this sid.
    async ask(event, data, sid) {
      const socket = mine(sid)?.[1] ?? actor();
      const ack = await (socket === lab.socket ? lab.ask(event, data) : ask(socket, event, data));
      if (socket !== lab.socket) lab.ran(event);
      if (ack.ok && event === "join" && socket === actor()) {
        entered = data.room.trim();
        draw();
      }
      if (!ack.ok) tell("bad", ack.error);
      else if (ack.rooms)
        tell(
          "",
          `${nameOf(socket.id)}: ${ack.rooms.length ? `in ${ack.rooms.join(" and ")}` : "in no room"}, says the server.`,
        );
      return ack;
    },
    chosen() {
      const rooms = checked();
      return rooms.length === 1 ? { room: rooms[0] } : { rooms };
    },
    async speak(event, data, sid, about = {}) {
      if (data.rooms?.length === 0)
        return tell("bad", "Choose a room to speak to. You can speak only in rooms that you are in.");
      const speaker = (mine(sid)?.[1] ?? actor()).id;
      const ack = await self.ask(event, data, sid);
      if (!ack.ok) return ack;
      const to = data.sid
        ? `the private room of ${nameOf(data.sid)}`
        : (data.rooms ?? [data.room]).join(", ");
      const each = run(ack.run, { ...about, speaker, text: data.text, addressed: ack.addressed, mine: true });
      each.to = to;
      show(each);
      sum(each);
      setTimeout(() => sum(each), WAIT_MS + 50);
      return ack;
    },
    guess() {
      if (!guess?.tapping) guess = { sids: new Set(), tapping: true };
      else guess.tapping = false;
      const button = find("[data-guess]");
      button.setAttribute("aria-pressed", guess.tapping);
      button.textContent = guess.tapping ? "Done" : "Tap again";
      find("[data-guessed]").disabled = guess.tapping;
      const sentence = guess.tapping
        ? "Tap every dot that you expect to light. Then press Done."
        : `Your guess: ${count(guess.sids.size, "dot")} will light.`;
      betSays.textContent = sentence;
      tell("", sentence);
      draw();
    },
    async bet(event, data) {
      if (find("[data-guessed]").disabled) return;
      const mark = guess;
      guess = null;
      const ack = await self.speak(event, data, lab.socket.id, { step: data.step, guess: mark });
      if (ack.ok) {
        find("[data-guessed]").disabled = true; // one guess, one run
        find("[data-guess]").textContent = "Tap who will hear it";
        return;
      }
      guess = mark;
      betSays.textContent = `${ack.error} Set the scene, or join lab, and run again.`;
      draw();
    },
    addRobot(listen) {
      const k = Array.from({ length: ROBOTS }, (_, at) => at + 1).find((n) => !robots.has(n));
      if (!k) return tell("bad", `${ROBOTS} robots are as many as one page may have.`);
      const robot = lab.robot(k);
      robot.reports = robot.io.socket("/class", { auth: robot.auth }); // its receipts, on its own connection
      robots.set(k, robot);
      listen(robot);
      for (const event of ["connect", "disconnect"]) robot.on(event, draw);
      robot.on("connect_error", (error) => {
        if (robot.active) return; // the network: it tries again by itself
        robots.delete(k);
        tell("bad", `The server refused the robot: ${error.message}.`);
      });
      tell("", "A robot is one more real socket, opened by this page. It is in no room yet.");
      return new Promise((ready) => robot.once("connect", () => ready(robot)));
    },
    removeRobot() {
      const k = Math.max(...robots.keys());
      if (!robots.has(k)) return tell("bad", "There is no robot to remove.");
      farewell(robots.get(k));
      robots.delete(k);
      draw();
    },
    // Enough to see who hears it: you in both rooms, a robot in each, one in both.
    async scene(listen) {
      while (robots.size < 3) await self.addRobot(listen);
      const [one, two, three] = [...robots.values()];
      const parts = [
        [one, "hall"],
        [lab.socket, "hall", "lab"],
        [two, "hall", "lab"],
        [three, "lab"],
      ];
      for (const [socket, ...names] of parts) {
        const before = roomsOf(socket.id);
        for (const room of names) if (!before.includes(room)) await self.ask("join", { room }, socket.id);
      }
      tell("", "You are in hall and in lab, with a robot in each and one in both.");
    },
    leave: () => robots.forEach(farewell),
  };

  lab.socket.on("connect", () => {
    [map, index] = [{ rev: 0, rooms: {} }, new Map()];
    if (came)
      tell(
        "bad",
        icon("cut"),
        ` You are back as ${lab.socket.id.slice(0, 4)}, a new socket. Your rooms did not come with you.`,
      );
    came = true;
    draw();
  });
  lab.socket.on("disconnect", draw);
  // The lists come once, on arrival. Connected before this handler was there, the page has missed them: it arrives anew.
  if (lab.socket.connected)
    setTimeout(() => map.rev || [lab.socket.disconnect(), (came = false), lab.socket.connect()], 500);
  draw();
  return self;
}
