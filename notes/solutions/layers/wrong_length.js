// fails extended: characters, and it has
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "layers" } });
let stream = [];

socket.on("chunk", ({ hex }, acknowledge) => {
  for (let at = 0; at < hex.length; at += 2) stream.push(parseInt(hex.slice(at, at + 2), 16));
  while (frame()) {}
  acknowledge();
});

function frame() {
  if (stream.length < 2) return false;
  const masked = stream[1] > 127;
  let at = 2;
  const size = stream[1] & 127;
  if (size === 126) at = 4;
  const mask = masked ? stream.slice(at, at + 4) : [0, 0, 0, 0];
  at += masked ? 4 : 0;
  if (stream.length < at + size) return false;
  const bytes = stream.slice(at, at + size).map((byte, n) => byte ^ mask[n % 4]);
  const payload = String.fromCharCode(...bytes);
  socket.emit("decoded", { opcode: stream[0] & 15, masked, payload });
  stream = stream.slice(at + size);
  return true;
}

setTimeout(() => socket.disconnect(), 3000);
