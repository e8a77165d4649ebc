// fails fresh: again: that is the order of the soup
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

async function order(dish) {
  for (;;) {
    try {
      return await socket.timeout(700).emitWithAck("order", { dish, order_id: "mine" });
    } catch {}
  }
}

socket.on("asked", async ({ dish }) => {
  const { ticket } = await order(dish);
  socket.emit("eaten", { ticket });
});
