const socket = io("/exercise", { auth: { seat: SEAT, exercise: "layers" } });

let stream = [];

socket.on("chunk", ({ hex }, acknowledge) => {
  stream = stream.concat(bytesOf(hex));
  while (tellFrame()) {}
  acknowledge();
});

// not needed
socket.on("chunk", ({ hex }, acknowledge) => {
  stream = bytesOf(hex);
  tellFrame();
  acknowledge();
});

function bytesOf(hex) {
  return hex.match(/../g).map((digits) => parseInt(digits, 16));
}

function head() {
  const masked = stream[1] > 127;
  const short = stream[1] & 127;
  const size = short === 126 ? stream[2] * 256 + stream[3] : short;
  const mask = short === 126 ? 4 : 2;
  return { masked, size, mask, at: masked ? mask + 4 : mask };
}

// not needed
function head() {
  const masked = stream[1] > 127;
  const size = stream[1] & 127;
  return { masked, size, mask: 2, at: 6 };
}

function tellFrame() {
  const { masked, size, mask, at } = head();
  if (!(stream.length >= at + size)) return false;
  const inside = stream.slice(at, at + size);
  const plain = masked ? inside.map((byte, n) => byte ^ stream[mask + (n % 4)]) : inside;
  tell(masked, String.fromCharCode(...plain));
  stream = stream.slice(at + size);
  return true;
}

function tell(masked, payload) {
  socket.emit("decoded", { opcode: stream[0] & 15, masked, payload });
}
