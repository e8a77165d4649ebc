const socket = io("/exercise", { auth: { seat: SEAT, exercise: "missed" } });
const numbers = new Map(); // seq -> number
let run = null;
let complete = true;

socket.on("asked", (asked) => {
  run = asked.run;
  complete = true;
  numbers.clear();
});

function handle({ seq, number }) {
  numbers.set(seq, number);
}

socket.on("posted", handle);

function offset() {
  let seq = 0;
  while (numbers.has(seq + 1)) seq += 1;
  return seq;
}

// not needed
socket.on("disconnect", () => {
  numbers.clear();
});

socket.on("connect", () => {
  if (run) socket.emit("resume", { run, after: offset() }, caughtUp);
});

// not needed
socket.on("connect", () => {
  if (run) socket.emit("resume", { run, after: 0 }, caughtUp);
});

function caughtUp(answer) {
  for (const event of answer.replay) handle(event);
  if (!answer.complete) complete = false;
}

socket.on("finished", () => {
  let sum = 0;
  for (const number of numbers.values()) sum += number;
  socket.emit("report", { run, sum, complete });
});

// not needed
socket.on("posted", ({ number }) => {
  socket.emit("report", { run, sum: number, complete: true });
});
