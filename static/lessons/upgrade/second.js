// The second connection of a page: a manager of its own, and the rows of the wire that its session left.

import { ask } from "../../lib/line.js";
import { reader } from "../../lib/wirerows.js";

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

// The rows of one Engine.IO session: the HTTP exchanges that name its sid or hand it out, and the frames of
// its WebSocket.
export function ofSession(rows, sid) {
  const open = new Map(); // TCP connection -> the exchange that is going on there
  const exchanges = [];
  for (const row of rows) {
    const http = row.layers.find(({ layer }) => layer === "http");
    if (http?.kind === "request") {
      const begun = { rows: [], mine: http.target.includes(`sid=${sid}`) };
      open.set(row.connection, begun);
      exchanges.push(begun);
    }
    const exchange = open.get(row.connection);
    exchange?.rows.push(row);
    if (row.layers.some(({ type, data }) => type === "open" && data?.sid === sid)) exchange.mine = true;
  }
  const order = ({ n, part = 0 }, other) => n - other.n || part - (other.part ?? 0);
  return exchanges
    .filter(({ mine }) => mine)
    .flatMap(({ rows }) => rows)
    .sort(order);
}
