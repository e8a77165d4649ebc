const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" }, retries: 5, ackTimeout: 700 });

socket.on("asked", ({ dish }) => {
  const order_id = Math.random().toString(36);
  socket.emit("order", { dish, order_id }, (error, answer) => {
    if (!error) socket.emit("eaten", { ticket: answer.ticket });
  });
});
