// fails nothing_else: which I had said in C
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });
let asked;

socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
  socket.emit("join", { room: asked.to });
});
socket.on("said", ({ who, text }) => {
  if (who.sid !== socket.id) socket.emit("say", { room: asked.to, text });
});
