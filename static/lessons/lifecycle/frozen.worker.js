// A robot in a thread of its own: it can stand still without the page, and be ended as a page is by a reload.
//
//   in:   {nsp, auth}, then {how, lasts}        out:  {said: "connected"}, {said: "acked", ack}, {said: "gone", reason, after_ms}

import "/socket.io/socket.io.js";

let socket = null;
let began = 0;

self.addEventListener("message", async ({ data: { nsp, auth, how, lasts } }) => {
  if (nsp) return open(nsp, auth);
  const ack = await socket.emitWithAck("leave", { how, seconds: lasts });
  began = performance.now();
  self.postMessage({ said: "acked", ack });
  if (ack.ok && how === "freeze") stand(lasts * 1000);
});

function open(nsp, auth) {
  socket = self.io(nsp, { auth, transports: ["websocket"], reconnection: false });
  socket.on("connect", () => self.postMessage({ said: "connected" }));
  socket.on("disconnect", (reason) => {
    self.postMessage({ said: "gone", reason, after_ms: performance.now() - began });
  });
}

// As a page that computes: no handler runs meanwhile, and no pong goes out.
function stand(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
