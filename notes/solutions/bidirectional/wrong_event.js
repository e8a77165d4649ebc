// fails whoami: an event whoami
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });

socket.on("whoami", ({ nonce }) => socket.emit("whoami", { nonce }));
socket.on("waved", () => socket.emit("wave", { text: "hi" }));
socket.on("connect", () => socket.emit("hello", { name: "Ada" }));
