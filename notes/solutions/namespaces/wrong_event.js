// fails code: no second CONNECT to /manager
const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
const manager = io("/manager", { auth });
io("/kitchen", { auth });
io("/tables", { auth });

exercise.on("asked", ({ code }) => {
  manager.emit("code", { code }); // kept by the client until it is connected there
  setTimeout(() => exercise.disconnect(), 1000);
});
