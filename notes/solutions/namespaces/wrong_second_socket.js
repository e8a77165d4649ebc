// fails one_connection: 2 connections: /manager
const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
io("/manager", { auth });
io("/kitchen", { auth });
io("/tables", { auth });

exercise.on("asked", ({ code }) => {
  io("/manager", { auth: { seat: SEAT, code } }); // the second of this name: a second connection
});
