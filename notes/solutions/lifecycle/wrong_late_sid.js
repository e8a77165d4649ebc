// fails sids: sid must be
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });

const history = []; // {sid, reason}: it outlives every connection

socket.on("connect", () => {
  history.push({ sid: null, reason: null });
});

socket.on("disconnect", (reason) => {
  history.at(-1).reason = reason;
  history.at(-1).sid = socket.id; // it is gone by now
});

socket.on("poked", ({ number }) => {
  socket.emit("handled", { number });
});

socket.on("asked", () => {
  history.at(-1).sid = socket.id;
  socket.emit("report", { history });
});
