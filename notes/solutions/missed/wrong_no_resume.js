// fails sum: that is what came live
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "missed" } });

let run = null;
let numbers = new Map(); // seq -> number

socket.on("asked", (asked) => {
  run = asked.run;
  numbers = new Map();
});

socket.on("posted", handle);

function handle({ seq, number }) {
  numbers.set(seq, number);
}

socket.on("finished", () => {
  let sum = 0;
  for (const number of numbers.values()) sum += number;
  socket.emit("report", { run, sum, complete: true });
});
