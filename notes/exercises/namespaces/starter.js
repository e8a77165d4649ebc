const auth = { seat: SEAT, exercise: "namespaces" };
const exercise = io("/exercise", { auth });
const kitchen = io("/kitchen", { auth });
const tables = io("/tables", { auth });

kitchen.on("connect", () => console.log("in /kitchen:", kitchen.id));
tables.on("connect", () => console.log("in /tables:", tables.id));

// Now /manager, which refuses you: connect_error.
// What is still open then?

exercise.on("asked", ({ code }) => {
  console.log("the code is", code);
  // How do you come back to /manager with it, on this connection?
});

exercise.on("connect_error", (error) => console.log("refused:", error.message));
exercise.on("checked", ({ check, passed, saw }) => {
  console.log(passed ? "yes" : "no ", check, "-", saw);
});
