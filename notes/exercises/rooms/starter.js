const socket = io("/exercise", { auth: { seat: SEAT, exercise: "rooms" } });

socket.on("asked", ({ from, to }) => {
  console.log("relay what is said in", from, "into", to);
  socket.emit("join", { room: from });
});

socket.on("said", (said) => {
  console.log("said in", said.rooms.join(" and "), "by", said.who.nick, "-", said.text);
  // Which of these do you say again, and where? Are you allowed to speak there?
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
