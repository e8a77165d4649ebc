const socket = io("/exercise", { auth: { seat: SEAT, exercise: "lifecycle" } });

// This runs again when you are back. What do you note, and where?
socket.on("connect", () => {
  console.log("connected as", socket.id);
});

socket.on("disconnect", (reason) => {
  console.log("over:", reason);
});

socket.on("poked", ({ number }) => {
  console.log("poke", number);
});

// Now the judge sends: asked {}. What do you report?

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
