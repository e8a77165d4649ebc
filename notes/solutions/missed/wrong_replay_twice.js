// fails sum: it counts the replay twice
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "missed" } });

let run = null;
let numbers = new Map(); // seq -> number: what comes twice is there once
let complete = true;
let again = 0;

socket.on("asked", (asked) => {
  run = asked.run;
  numbers = new Map();
  complete = true;
  again = 0;
});

socket.on("posted", handle);

function handle({ seq, number }) {
  numbers.set(seq, number);
}

socket.on("connect", () => {
  if (run) socket.emit("resume", { run, after: offset() }, caughtUp);
});

// The last number before the first hole: a live number may have come already.
function offset() {
  let seq = 0;
  while (numbers.has(seq + 1)) seq += 1;
  return seq;
}

function caughtUp(answer) {
  for (const event of answer.replay) {
    handle(event);
    again += event.number;
  }
  if (!answer.complete) complete = false;
}

socket.on("finished", () => {
  let sum = again;
  for (const number of numbers.values()) sum += number;
  socket.emit("report", { run, sum, complete });
});
