// fails room_others: reached the sender too many
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "emit" } });

socket.on("asked", ({ number, wanted, room, sid }) => {
  const args = {
    sender: {},
    others: { broadcast: true, include_self: false },
    room: { to: room },
    room_others: { to: room },
    one: { to: sid },
  }[wanted];
  socket.emit("choose", { number, args });
});
