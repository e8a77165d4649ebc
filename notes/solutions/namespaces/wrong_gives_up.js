// fails code: no second CONNECT to /manager
const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
const manager = io("/manager", { auth });
io("/kitchen", { auth });
io("/tables", { auth });

manager.on("connect_error", () => {
  setTimeout(() => exercise.disconnect(), 1000); // waits for it to come by itself
});
