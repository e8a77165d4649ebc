// fails once: 3 orders with 3 ids: 3 soups
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

async function order(dish) {
  const order_id = Math.random().toString(36);
  try {
    return await socket.timeout(700).emitWithAck("order", { dish, order_id });
  } catch {
    return order(dish);
  }
}

socket.on("asked", async ({ dish }) => {
  const { ticket } = await order(dish);
  socket.emit("eaten", { ticket });
});
