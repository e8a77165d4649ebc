const auth = { seat: SEAT, exercise: "namespaces" };

const exercise = io("/exercise", { auth });

io("/kitchen", { auth });
io("/tables", { auth });

// not needed
io("/kitchen", { auth, forceNew: true });
io("/tables", { auth, forceNew: true });

const manager = io("/manager", { auth });
manager.on("connect_error", ({ message }) => console.log(message));

// not needed
manager.on("connect_error", () => exercise.disconnect());

exercise.on("asked", ({ code }) => {
  manager.auth = { seat: SEAT, code };
  manager.connect();
});

// not needed
exercise.on("asked", ({ code }) => {
  io("/manager", { auth: { seat: SEAT, code } });
});
