// fails one: did not reach Flo
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "emit" } });

socket.on("asked", ({ number, wanted, room }) => {
  const args = {
    sender: {},
    others: { broadcast: true, include_self: false },
    room: { to: room },
    room_others: { to: room, include_self: false },
    one: {},
  }[wanted];
  socket.emit("choose", { number, args });
});
