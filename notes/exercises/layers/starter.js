const socket = io("/exercise", { auth: { seat: SEAT, exercise: "layers" } });
const stream = []; // the bytes that have come and are not decoded yet

socket.on("asked", ({ frames, chunks }) => console.log(frames, "frames in", chunks, "chunks"));

socket.on("chunk", ({ seq, hex }, acknowledge) => {
  for (let at = 0; at < hex.length; at += 2) stream.push(parseInt(hex.slice(at, at + 2), 16));
  console.log("chunk", seq, "and now there are", stream.length, "bytes");
  // Is a whole frame there? Then take it off the front and tell it:
  // socket.emit("decoded", { opcode, masked, payload });
  acknowledge();
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));
