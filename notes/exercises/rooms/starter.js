const auth = { seat: SEAT, exercise: "rooms" };
const socket = io("/exercise", { auth });

socket.on("asked", ({ from, to }) => {
  console.log("relay", from, "into", to);
  socket.emit("join", { room: from });
});

socket.on("said", ({ rooms, who, text }) => {
  console.log(who.nick, "in", rooms.join(" and "), "-", text);
  // Which of these do you say again, and where?
  // Are you allowed to speak there?
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => {
  console.log(passed ? "yes" : "no ", check, "-", saw);
});
