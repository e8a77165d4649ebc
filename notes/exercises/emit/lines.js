const socket = io("/exercise", { auth: { seat: SEAT, exercise: "emit" } });

const choices = {};

choices.sender = () => ({});

choices.others = () => ({ broadcast: true, include_self: false });

// not needed
choices.others = () => ({ include_self: false });

choices.room = ({ room }) => ({ to: room });

// not needed
choices.room = () => ({ broadcast: true });

choices.room_others = ({ room }) => ({ to: room, include_self: false });

choices.one = ({ sid }) => ({ to: sid });

socket.on("asked", (asked) => {
  const args = choices[asked.wanted](asked);
  socket.emit("choose", { number: asked.number, args });
});
