// fails one_connection: not on that of /exercise
const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
const manager = io("/manager", { auth, forceNew: true });
io("/kitchen", { auth, forceNew: true });
io("/tables", { auth, forceNew: true });

exercise.on("asked", ({ code }) => {
  manager.auth = { seat: SEAT, code };
  manager.connect();
});
