const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
const manager = io("/manager", { auth });
io("/kitchen", { auth });
io("/tables", { auth });

manager.on("connect_error", (error) => console.log(error.message));
exercise.on("asked", ({ code }) => {
  manager.auth = { seat: SEAT, code };
  manager.connect();
});
