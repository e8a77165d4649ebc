// The client that orders: one more socket of this page, on a connection of its own, with retries. They change
// every emit of a socket: its packets wait in a queue, and one is sent when the one before has its answer.

const PATIENCE = 8000; // ms until it is connected
const ROBOT = 1; // its number

export class Customer {
  // sees(text, up): each Socket.IO packet of its connection, as it crosses
  constructor(lab, { retries, timeout }, sees) {
    Object.assign(this, { retries, timeout });
    const auth = { seat: lab.socket.auth.seat, robot: ROBOT };
    const options = { retries, ackTimeout: timeout, transports: ["websocket"], forceNew: true };
    this.socket = window.io("/acks", { auth, ...options });
    this.socket.on("called", (_, acknowledge) => acknowledge({ here: true }));
    const { io } = this.socket;
    io.on("open", () => {
      io.engine.on("packetCreate", ({ type, data }) => type === "message" && sees(data, true));
      io.engine.on("packet", ({ type, data }) => type === "message" && sees(data, false));
    });
  }

  // Resolves to whether it is connected.
  ready() {
    if (this.socket.connected) return true;
    return new Promise((done) => {
      const late = setTimeout(done, PATIENCE, false);
      this.socket.once("connect", () => {
        clearTimeout(late);
        done(true);
      });
    });
  }

  // Resolves, when the client has its answer or has given up, to [error or null, answer].
  order(data) {
    return new Promise((done) => this.socket.emit("order", data, (...told) => done(told)));
  }

  leave() {
    this.socket.disconnect();
  }
}
