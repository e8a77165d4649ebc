const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

socket.on("asked", async ({ dish }) => {
  console.log("asked for", dish);
  socket.emit("order", { dish, order_id: "order-1" });
  // Nobody acknowledges it. Order until somebody does: socket.timeout(800).emitWithAck("order", …)
  // Then: socket.emit("eaten", { ticket });
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
