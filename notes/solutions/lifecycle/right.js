const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });

const history = []; // {sid, reason}: it outlives every connection

socket.on("connect", () => {
  history.push({ sid: socket.id, reason: null });
});

socket.on("disconnect", (reason) => {
  history.at(-1).reason = reason;
});

socket.on("poked", ({ number }) => {
  socket.emit("handled", { number });
});

socket.on("asked", () => {
  socket.emit("report", { history });
});
