const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });
let asked;

socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
  socket.emit("join", { room: asked.to });
});
socket.on("said", ({ rooms, text }) => {
  if (rooms.includes(asked.from)) socket.emit("say", { room: asked.to, text });
});
