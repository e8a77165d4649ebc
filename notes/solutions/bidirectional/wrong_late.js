// fails whoami: no acknowledgement of whoami
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });

socket.on("connect", () => socket.emit("hello", { name: "Ada" }));
setTimeout(() => {
  socket.on("whoami", ({ nonce }, acknowledge) => acknowledge({ nonce }));
  socket.on("waved", () => socket.emit("wave", { text: "hi" }));
}, 1000);
setTimeout(() => socket.disconnect(), 2000);
