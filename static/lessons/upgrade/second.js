// The second connection of a page: a manager of its own, and the rows of the wire that its session left.

import { ask } from "../../lib/line.js";
import { reader } from "../../lib/wirerows.js";
import { ofSession } from "./steps.js";

export const WAYS = {
  default: {},
  websocket: { transports: ["websocket"] },
  polling: { transports: ["polling"] },
};
const OPENING = 8000; // ms that a connection may take to open
const LOOKS = { looks: 21, pause: 200 }; // at the wire: 4 s in all

let end = 0; // of the wire, as far as this page has read it

// Opens one and waits until it is what it will be. Rejects with an Error whose message is a sentence.
export async function second(options) {
  const tap = reader(end);
  await tap.skip();
  const seat = document.querySelector("meta[name=seat]")?.content;
  const socket = window.io("/upgrade", { auth: { seat }, forceNew: true, reconnection: false, ...options });
  await opened(socket, !options.transports);
  const { engine } = socket.io;
  const sid = engine.id; // of the session; the socket's own id belongs to the namespace
  const rows = [];
  return {
    sid,
    transport: () => (socket.connected ? engine.transport.name : "closed"),
    ask: (event, data) => ask(socket, event, data),
    close: () => void socket.disconnect(),
    // The rows of this session so far, once done(rows) holds and the wire is quiet; after 4 s in any case.
    async rows(done) {
      let mine = [];
      const isEnough = (more) => {
        rows.push(...more);
        mine = ofSession(rows, sid);
        return done(mine) && !more.length;
      };
      await tap.until(isEnough, LOOKS);
      end = Math.max(end, tap.place());
      return mine;
    },
  };
}

function opened(socket, upgrades) {
  return new Promise((done, fail) => {
    const refuse = (sentence) => {
      clearTimeout(late);
      socket.disconnect();
      fail(new Error(sentence));
    };
    const ready = () => {
      clearTimeout(late);
      done();
    };
    const late = setTimeout(() => {
      if (socket.connected) done();
      else refuse("The second connection did not open within 8 seconds.");
    }, OPENING);
    socket.once("connect", () => {
      const { engine } = socket.io;
      if (upgrades && engine.transport.name === "polling") engine.once("upgrade", ready);
      else ready();
    });
    socket.once("connect_error", (error) => refuse(`The second connection was refused: ${error.message}.`));
  });
}
