// fails whoami: not an object with the nonce
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });

socket.on("whoami", ({ nonce }, acknowledge) => acknowledge(nonce));
socket.on("waved", () => socket.emit("wave", { text: "hi" }));
socket.on("connect", () => socket.emit("hello", { name: "Ada" }));
