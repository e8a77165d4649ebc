// What if each namespace had a connection of its own? Both ways are really opened, by managers of their own, and
// weighed by what the server captured of them.

import { bytes, count, element } from "../../lib/dom.js";
import { reader } from "../../lib/wirerows.js";

const ANSWER = 5000; // ms that the answers to the CONNECTs may take
const LOOKS = { looks: 25, pause: 200 }; // at the wire: 5 s in all
const WAYS = { "One connection": together, "Three connections": apart };
const COLUMNS = ["Way", "TCP connections", "sids", "Bytes, handshake and all"];

export class Comparison {
  constructor(panel, lab) {
    this.box = panel.querySelector("[data-apart]");
    this.auth = lab.socket.auth;
    this.announce = lab.announce;
    this.rows = lab.table("Namespaces on one connection, and on three", COLUMNS);
    this.isOn = false;
  }

  // names: of the namespaces; code: what the manager is told. Beside one there is never a second.
  async begin(names, code) {
    if (this.isOn) return;
    this.isOn = true;
    this.box.replaceChildren("Opening four connections, one after the other …");
    const auth = { ...this.auth, ...(code && { code }) };
    const found = [];
    for (const [way, open] of Object.entries(WAYS))
      found.push({ way, ...(await weighed(open, names, auth)) });
    this.show(found, names.length);
    this.isOn = false;
  }

  show(found, wanted) {
    const [one, three] = found;
    const most = Math.max(...found.map(({ size }) => size), 1);
    const bar = ({ way, size, sids }) => {
      const drawn = element("i");
      drawn.style.inlineSize = `${(60 * size) / most}%`;
      const name = element("span", {}, `${way}, ${count(sids, "sid")}`);
      return element("li", {}, name, drawn, element("b", {}, bytes(size)));
    };
    const isWhole = one.connections === 1 && three.connections === wanted;
    const times = (three.size / one.size).toFixed(1);
    const sentence = isWhole
      ? `As many sids for ${times} times the bytes: each connection has a handshake of its own, and while it is open a heartbeat.`
      : "Not all of it opened: the server may be busy, or has closed it. Try again.";
    this.box.replaceChildren(element("ul", {}, ...found.map(bar)), element("p", {}, sentence));
    this.announce(sentence);
    for (const { way, connections, sids, size } of found) this.rows(way, [way, connections, sids, size]);
  }
}

const WEBSOCKET = { forceNew: true, reconnection: false, transports: ["websocket"] };
const alone = (name, auth) => window.io(name, { ...WEBSOCKET, auth });

function together([first, ...others], auth) {
  const socket = alone(first, auth);
  return [socket, ...others.map((name) => socket.io.socket(name, { auth }))];
}

function apart(names, auth) {
  return names.map((name) => alone(name, auth));
}

// → {connections, sids, size}: size in bytes on TCP, up and down, from the handshake to the last answer.
async function weighed(open, names, auth) {
  const tap = reader();
  await tap.skip();
  const sockets = open(names, auth);
  const sessions = new Set();
  for (const { io } of sockets) io.engine.once("handshake", ({ sid }) => sessions.add(sid));
  await Promise.all(sockets.map(answered));
  const sids = sockets.filter(({ connected }) => connected).length;
  const rows = [];
  let mine = [];
  await tap.until((more) => {
    rows.push(...more);
    mine = ofSessions(rows, sessions);
    return mine.filter(isAnswer).length >= names.length;
  }, LOOKS);
  for (const socket of sockets) socket.disconnect();
  const connections = new Set(mine.map(({ connection }) => connection)).size;
  return { connections, sids, size: mine.reduce((sum, row) => sum + row.size, 0) };
}

function answered(socket) {
  return new Promise((done) => {
    socket.once("connect", done);
    socket.once("connect_error", done);
    setTimeout(done, ANSWER);
  });
}

// The rows of the connections on which one of these sessions was opened. One whose only namespace has refused is
// closed by the client at once: that does not count.
function ofSessions(rows, sessions) {
  const begins = ({ type, data }) => type === "open" && sessions.has(data?.sid);
  const opened = rows.filter(({ layers }) => layers.some(begins)).map(({ connection }) => connection);
  return rows.filter((row) => opened.includes(row.connection) && !isClose(row));
}

const isClose = ({ layers }) => layers.some(({ type }) => type === "close");
const isAnswer = ({ up, layers }) =>
  !up && layers.some(({ type }) => type === "CONNECT" || type === "CONNECT_ERROR");
