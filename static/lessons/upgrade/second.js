// The second connection of a page: a manager of its own, and the rows of the wire that its session left.

import { ask } from "../../lib/line.js";

export const WAYS = {
  default: {},
  websocket: { transports: ["websocket"] },
  polling: { transports: ["polling"] },
};

const wait = (time) => new Promise((done) => setTimeout(done, time));
let end = 0; // of the wire, as far as this page has read it

async function wire(query) {
  const answer = await fetch(`/wire?${query}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

// Opens one and waits until it is what it will be. Rejects with an Error whose message is a sentence.
export async function second(options) {
  end = (await wire(`after=${end}&connection=0`)).next; // no rows: only where the wire ends now
  const seat = document.querySelector("meta[name=seat]")?.content;
  const socket = window.io("/upgrade", { auth: { seat }, forceNew: true, reconnection: false, ...options });
  await opened(socket, !options.transports);
  const { engine } = socket.io;
  const sid = engine.id; // of the session; the socket's own id belongs to the namespace
  const rows = [];
  let after = end;
  return {
    sid,
    transport: () => (socket.connected ? engine.transport.name : "closed"),
    ask: (event, data) => ask(socket, event, data),
    close: () => void socket.disconnect(),
    // The rows of this session so far, once done(rows) holds and the wire is quiet; after 4 s in any case.
    async rows(done) {
      for (let tries = 20; ; tries--) {
        const more = await wire(`after=${after}`);
        after = end = Math.max(after, more.next);
        rows.push(...more.rows);
        const mine = ofSession(rows, sid);
        if (tries === 0 || (done(mine) && !more.rows.length)) return mine;
        await wait(200);
      }
    },
  };
}

function opened(socket, upgrades) {
  return new Promise((done, fail) => {
    const no = (sentence) => {
      socket.disconnect();
      fail(new Error(sentence));
    };
    const late = setTimeout(
      () => (socket.connected ? done() : no("The second connection did not open within 8 seconds.")),
      8000,
    );
    const ready = () => [clearTimeout(late), done()];
    socket.once("connect", () => {
      const { engine } = socket.io;
      if (upgrades && engine.transport.name === "polling") engine.once("upgrade", ready);
      else ready();
    });
    socket.once("connect_error", (error) => [
      clearTimeout(late),
      no(`The second connection was refused: ${error.message}.`),
    ]);
  });
}

// The rows of one Engine.IO session: HTTP exchanges that name its sid or hand it out, and the frames of its WebSocket.
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
