// fails wave: before I had sent waved
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });

socket.on("whoami", ({ nonce }, acknowledge) => acknowledge({ nonce }));
socket.on("connect", () => {
  socket.emit("hello", { name: "Ada" });
  socket.emit("wave", { text: "hi" });
});
