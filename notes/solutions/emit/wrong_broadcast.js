// fails sender: too many
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "emit" } });

socket.on("asked", ({ number, wanted, room, sid }) => {
  const args = {
    sender: { broadcast: true },
    others: { broadcast: true, include_self: false },
    room: { to: room },
    room_others: { to: room, include_self: false },
    one: { to: sid },
  }[wanted];
  socket.emit("choose", { number, args });
});
