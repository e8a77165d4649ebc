// A page has no TCP socket. It makes the same text and the same bytes by hand,
// and sends them to the judge as two events: request and frame.
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "upgrade" } });

const lines = [
  "GET /exercise/upgrade/raw HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  // One field is missing: a key of your own, from 16 random bytes.
  // crypto.getRandomValues(new Uint8Array(16)) makes some.
];

socket.on("connect", async () => {
  const text = [...lines, "", ""].join("\r\n");
  const answer = await socket.emitWithAck("request", { text });
  console.log(answer.status, answer.error ?? "");

  // Now the Sec-WebSocket-Accept of your key, in a masked text frame:
  // socket.emit("frame", { hex: … })
});

socket.on("connect_error", (error) => console.log("refused:", error.message));
socket.on("checked", ({ check, passed, saw }) => console.log(passed ? "yes" : "no ", check, "-", saw));

// Helpers: bytes as base64, bytes as hex, and the SHA-1 of a text as an array of 20 bytes.

function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What a browser offers only to a page with an https address. Source: FIPS 180-4, section 6.1.
function sha1(text) {
  const turned = (word, by) => (word << by) | (word >>> (32 - by));
  const words = new Array((((text.length + 8) >> 6) + 1) * 16).fill(0);
  for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  words[words.length - 1] = text.length * 8;
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let at = 0; at < words.length; at += 16) {
    const w = words.slice(at, at + 16);
    let [a, b, c, d, e] = hash;
    for (let i = 0; i < 80; i++) {
      if (i > 15) w[i] = turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
      const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d];
      const added = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
      const round = Math.floor(i / 20);
      const next = turned(a, 5) + mixed[round] + e + added[round] + w[i];
      [a, b, c, d, e] = [next | 0, a, turned(b, 30), c, d];
    }
    for (const [i, word] of [a, b, c, d, e].entries()) hash[i] = (hash[i] + word) | 0;
  }
  return hash.flatMap((word) => [24, 16, 8, 0].map((by) => (word >>> by) & 255));
}
