const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });

let asked;

socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
  socket.emit("join", { room: asked.to });
});

// not needed
socket.on("asked", (names) => {
  asked = names;
  socket.emit("join", { room: asked.from });
});

// not needed
socket.on("said", ({ text }) => {
  socket.emit("say", { room: asked.to, text });
});

socket.on("said", ({ rooms, text }) => {
  if (rooms.includes(asked.from)) relay(text);
});

function relay(text) {
  socket.emit("say", { room: asked.to, text });
}

// not needed
socket.on("said", ({ who, text }) => {
  if (who.sid !== socket.id) relay(text);
});
