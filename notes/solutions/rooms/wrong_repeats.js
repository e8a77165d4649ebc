// fails relayed: 3 times in A and once in B
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });
const seen = new Set();
let asked;

socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
  socket.emit("join", { room: asked.to });
});
socket.on("said", ({ rooms, text }) => {
  if (!rooms.includes(asked.from) || seen.has(text)) return;
  seen.add(text);
  socket.emit("say", { room: asked.to, text });
});
