// fails once: handled twice
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });

const history = []; // {sid, reason}: it outlives every connection

// All handlers stand in here, where they are registered again on every connection.
socket.on("connect", () => {
  history.push({ sid: socket.id, reason: null });

  socket.on("poked", ({ number }) => {
    socket.emit("handled", { number });
  });
});

socket.on("disconnect", (reason) => {
  history.at(-1).reason = reason;
});

socket.on("asked", () => {
  socket.emit("report", { history });
});
