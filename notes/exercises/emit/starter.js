const auth = { seat: SEAT, exercise: "emit" };
const socket = io("/exercise", { auth });

socket.on("asked", ({ number, wanted }) => {
  console.log(number, wanted);
  const args = {};
  // Which arguments make an emit reach
  // whom is wanted, and nobody else?
  socket.emit("choose", { number, args });
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => {
  console.log(passed ? "yes" : "no ", check, "-", saw);
});
