// fails refused: no CONNECT to /manager
const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
io("/kitchen", { auth });
io("/tables", { auth });

exercise.on("asked", ({ code }) => {
  io("/manager", { auth: { seat: SEAT, code } }); // nobody asks before the first refusal
});
setTimeout(() => exercise.disconnect(), 2000);
