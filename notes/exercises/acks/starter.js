const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

socket.on("asked", async ({ dish }) => {
  console.log("asked for", dish);
  // Order it, until there is an answer: socket.timeout(800).emitWithAck("order", { dish, order_id })
  // Then: socket.emit("eaten", { ticket });
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
