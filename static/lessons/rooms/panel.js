// Rooms: lists that the server keeps of who hears what.
// Speaks the events of socketlab/lessons/rooms/handlers.py; fills templates/lessons/rooms.html.

import { Play } from "./play.js";

export const ticks = ["mapped", "confirmed"]; // come by themselves, too often to mark their lines

export default function mount(panel, lab) {
  const play = new Play(panel, lab);
  receive(lab.socket, play);
  send(panel, play);
  return () => play.leave();
}

function receive(socket, play) {
  socket.on("mapped", (map) => play.mapped(map)); // all the lists, a few times a second
  socket.on("opened", ({ room }) => play.happened("opened", room));
  socket.on("joined", ({ room, who }) => play.happened("joined", room, who));
  socket.on("left", ({ room, who }) => play.happened("left", room, who));
  socket.on("closed", ({ room }) => play.happened("closed", room));
  socket.on("confirmed", (report) => play.confirmed(report)); // whose handlers ran, elsewhere
  listen(socket, play);
}

// What every socket of this page does with an event, robots too: its handler runs, and says so.
function listen(socket, play) {
  socket.on("said", (said) => play.heard(socket, said));
}

function send(panel, play) {
  submit(panel, "[data-rooms]", ({ room }, name) => {
    if (name === "join") play.ask("join", { room });
    if (name === "leave") play.ask("leave", { room });
    if (name === "close") play.ask("close", { room });
  });
  submit(panel, "[data-say]", ({ text, sid, skip_me }, name) => {
    if (name === "whisper") return play.speak("whisper", { sid, text });
    play.speak("say", { ...play.chosen(), text, skip_me: skip_me === "on" });
  });
  submit(panel, "[data-run]", () => {
    play.bet("say", { room: "lab", text: "who hears this?", skip_me: true, step: "skip_me" });
  });
  press(panel, "[data-guess]", () => play.toggleGuess());
  press(panel, "[data-scene]", () => play.scene((robot) => listen(robot, play)));
  press(panel, "[data-add-robot]", () => play.addRobot((robot) => listen(robot, play)));
  press(panel, "[data-remove-robot]", () => play.removeRobot());
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
