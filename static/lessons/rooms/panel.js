// Rooms: lists that the server keeps of who hears what.
// Speaks the events of socketlab/lessons/rooms/handlers.py; fills templates/lessons/rooms.html.

import { Board } from "./board.js";

export const ticks = ["mapped", "confirmed", "lit"]; // come by themselves, too often to mark their lines

export default function mount(panel, lab) {
  let play = null; // fetched when somebody reaches for the panel, or says something
  const use = lab.late(
    () => import("./play.js"),
    ({ Play }) => {
      play = new Play(board, act);
      return play;
    },
  );
  const board = new Board(panel, lab, use);
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, () => use(), { once: true });
  const listen = (socket, receipt) => hear(socket, receipt, lab.clock, use);
  receive(lab.socket, board, use);
  listen(lab.socket, lab.receipt);
  send(panel, board, use, listen);
  const act = lab.step("skip_me", {
    run({ step }) {
      const said = { room: "lab", text: "who receives this?", skip_me: true, step };
      return use((play) => play.bet(said, listen));
    },
    chosen: (choice) => use((play) => play.guess.chosen(choice)),
  });
  lab.socket.once("mapped", () => arrive(() => use((play) => play.arrive(listen))));
  return () => play?.leave();
}

// Once, when somebody looks; not where the reader has arranged the rooms: see ARRANGED.
function arrive(begin) {
  const come = () => isArranged() || begin();
  setTimeout(() => {
    if (!document.hidden) come();
    else document.addEventListener("visibilitychange", come, { once: true });
  }, 600);
}

// Who joins, leaves, closes or removes by hand finds no scene set by itself after a reload.
const ARRANGED = "rooms arranged";

function isArranged(by) {
  try {
    if (by) sessionStorage.setItem(ARRANGED, by);
    return Boolean(sessionStorage.getItem(ARRANGED));
  } catch {
    return false; // storage is switched off
  }
}

function receive(socket, board, use) {
  socket.on("mapped", (map) => board.mapped(map)); // all the lists, a few times a second
  socket.on("opened", ({ room }) => board.happened("opened", room));
  socket.on("joined", ({ room, who }) => board.happened("joined", room, who));
  socket.on("left", ({ room, who }) => board.happened("left", room, who));
  socket.on("closed", ({ room }) => board.happened("closed", room));
  socket.on("confirmed", (report) => use((play) => play.confirmed(report))); // whose handlers ran, elsewhere
  socket.on("lit", (report) => use((play) => play.lit(report))); // the same, of what others said
}

// What every socket of this page does with an event, robots too: its handler runs, and says so. Each reports
// on its own connection.
function hear(socket, receipt, clock, use) {
  socket.on("said", (said) => {
    const at = clock.now();
    receipt(said.run, said.seq, at);
    use((play) => play.heard(socket, said, at));
  });
}

function send(panel, board, use, listen) {
  submit(panel, "[data-rooms]", ({ room }, name) => {
    isArranged("hand");
    if (name === "join") use((play) => play.ask("join", { room }));
    if (name === "leave") use((play) => play.ask("leave", { room }));
    if (name === "close") use((play) => play.ask("close", { room }));
  });
  submit(panel, "[data-say]", ({ text, sid, skip_me }, name) => {
    if (name === "whisper") return use((play) => play.speak("whisper", { sid, text }));
    const said = { ...board.chosen(), text, skip_me: skip_me === "on" };
    use((play) => play.speak("say", said));
  });
  press(panel, "[data-scene]", () => use((play) => play.scene(listen)));
  press(panel, "[data-add-robot]", () => use((play) => play.addRobot(listen)));
  press(panel, "[data-remove-robot]", () => {
    isArranged("hand");
    use((play) => play.removeRobot());
  });
}

function submit(panel, form, act) {
  panel.querySelector(form).addEventListener("submit", (event) => {
    event.preventDefault();
    act(Object.fromEntries(new FormData(event.target)), event.submitter?.name);
  });
}

function press(panel, button, act) {
  panel.querySelector(button).addEventListener("click", act);
}
