const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

socket.on("asked", ({ dish }) => {
  const order_id = Math.random().toString(36);
  ask({ dish, order_id });
});

// not needed
socket.on("asked", ({ dish }) => {
  ask({ dish, order_id: "mine" });
});

function ask(order) {
  socket.timeout(700).emit("order", order, (error, answer) => {
    if (error) ask(order);
    else eat(answer);
  });
}

// not needed
function ask(order) {
  socket.emit("order", order, eat);
  setTimeout(ask, 100, order);
}

function eat({ ticket }) {
  socket.emit("eaten", { ticket });
}
