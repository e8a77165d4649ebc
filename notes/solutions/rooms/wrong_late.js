// fails relayed: said once in A and never in B
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });
let asked;
let last;

socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
  socket.emit("join", { room: asked.to });
});
socket.on("said", ({ rooms, text }) => {
  if (!rooms.includes(asked.from)) return;
  if (last) socket.emit("say", { room: asked.to, text: last }); // the newest waits for the next
  last = text;
});
