// fails again: wait for the answer first
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "acks" } });

socket.on("asked", ({ dish }) => {
  const order = { dish, order_id: `of ${dish}` };
  let done = false;
  const eat = ({ ticket }) => {
    if (done) return;
    done = true;
    clearInterval(timer);
    socket.emit("eaten", { ticket });
  };
  const ask = () => socket.emit("order", order, eat);
  const timer = setInterval(ask, 100);
  ask();
});
