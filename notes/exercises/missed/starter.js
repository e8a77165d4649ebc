const socket = io("/exercise", { auth: { seat: SEAT, exercise: "missed" } });

let run = null;

socket.on("asked", (asked) => {
  run = asked.run;
  console.log("a run of", asked.count, "numbers; the buffer keeps", asked.keep);
});

socket.on("posted", ({ seq, number }) => {
  console.log("number", seq, "is", number);
});

// This runs again when you are back. What do you have, and what do you ask for?
socket.on("connect", () => console.log(run ? "back" : "connected"));

// Now the judge sends: finished {run, count}. What do you report?

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
