const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });
const history = []; // {sid, reason}

socket.on("connect", () => {
  history.push({ sid: socket.id, reason: null });
});

// not needed
socket.on("connect", () => {
  socket.on("poked", ({ number }) => socket.emit("handled", { number }));
});

socket.on("disconnect", (reason) => {
  history.at(-1).reason = reason;
});

// not needed
socket.on("disconnect", (reason) => {
  history.push({ sid: socket.id, reason });
});

socket.on("poked", ({ number }) => {
  socket.emit("handled", { number });
});

socket.on("asked", () => {
  socket.emit("report", { history });
});
