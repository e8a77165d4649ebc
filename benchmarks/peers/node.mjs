// The same work in Node: socket.io on its WebSocket library ws, with their default options.
// `node node.mjs <port>`, after `npm ci --ignore-scripts` in this folder.

import { createServer } from "node:http";
import { Server } from "socket.io";

const PING_MS = 300_000; // no heartbeat within a measurement: the clients count bytes
const BACKLOG = 2048; // as ours; with Node's 511 a thousand at once would wait for a second try
const KEPT = Array.from({ length: 20 }, (_, index) => ({
  run: "a",
  seq: index + 1,
  sent_at: Date.now() + 0.5,
  text: "x".repeat(100),
}));

const http = createServer();
const bench = new Server(http, { serveClient: false, pingInterval: PING_MS }).of("/bench");

bench.on("connection", (socket) => {
  socket.join("all");
  socket.on("say", (data) => bench.to("all").emit("said", { text: data.text }));
  socket.on("echo", (data, answer) => answer({ ok: true, text: data.text }));
  socket.on("resume", (data, answer) => {
    answer({ ok: true, replay: KEPT.filter((event) => event.seq > data.after) });
  });
});

http.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: BACKLOG });
