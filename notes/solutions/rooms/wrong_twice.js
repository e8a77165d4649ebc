// fails relayed: said once in A and twice in B
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });

socket.on("asked", ({ from, to }) => {
  for (const room of [from, to]) {
    socket.emit("join", { room });
    socket.on("said", ({ rooms, text }) => {
      if (rooms.includes(from)) socket.emit("say", { room: to, text });
    });
  }
});
