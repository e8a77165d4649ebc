const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });

socket.on("connect", () => {
  console.log("connected:", socket.id);
  socket.emit("hello", { name: "Ada" });
});

// Now the judge asks: whoami {nonce}. Which handler answers it, and how?

// A second later it waves: waved {text}. When may you wave?

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
