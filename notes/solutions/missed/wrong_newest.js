// fails resume: and so without numbers 11 to 22
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "missed" } });

let run = null;
let numbers = new Map(); // seq -> number: what comes twice is there once
let complete = true;

socket.on("asked", (asked) => {
  run = asked.run;
  numbers = new Map();
  complete = true;
});

let last = 0;
let back = false;

socket.on("posted", (event) => {
  handle(event);
  last = event.seq;
  if (back) socket.emit("resume", { run, after: last }, caughtUp);
  back = false;
});

function handle({ seq, number }) {
  numbers.set(seq, number);
}

socket.on("connect", () => {
  back = run !== null;
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
