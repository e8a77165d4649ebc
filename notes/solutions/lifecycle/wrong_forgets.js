// fails sids: 1 of 3 connections
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });

let history = []; // {sid, reason}

socket.on("connect", () => {
  history = [{ sid: socket.id, reason: null }];
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
