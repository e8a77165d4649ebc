// What the server captured of these namespaces: asked for, shared out, and counted. The counters are
// read off the captured packets, whatever anybody expected.

import { element } from "../../lib/dom.js";
import { reader, rowsOf } from "../../lib/wirerows.js";
import { short } from "./namespace.js";

const LOOKS = 50; // until what was done is seen in the capture
const PAUSE = 100; // ms between two of them
const HELD = 20; // packets of a namespace that may still turn out to be ours
const COLUMNS = ["Row", "Connection", "Way", "Namespace", "Type", "Packet"];

export class Capture {
  // all: the namespaces by name; manager: the page's connection; failed(sentence): it cannot be read.
  constructor(panel, lab, all, failed) {
    Object.assign(this, { panel, all, failed });
    this.manager = lab.socket.io;
    this.tap = wire();
    this.rows = lab.table("Packets of your namespaces, captured by the server", COLUMNS);
    this.mine = new Set(); // connections that carried the server's answers to this page
    this.transports = {}; // connection → "websocket" or "polling"
    this.looking = Promise.resolve();
  }

  // From here on.
  mark() {
    return this.tap.mark();
  }

  forget() {
    this.mine.clear();
  }

  // After a lost connection another server may number its rows from 1 again.
  rewind() {
    this.forget();
    this.tap.rewind();
  }

  // Reads what is new until isSeen() holds; one look after the other.
  look(isSeen = () => true) {
    const search = () => this.search(isSeen);
    this.looking = this.looking.then(search).catch((error) => this.failed(error.message));
    return this.looking;
  }

  async search(isSeen) {
    for (let tries = 0; tries < LOOKS; tries++) {
      for (const packet of (await this.tap.read()).flatMap(packets)) this.take(packet);
      if (isSeen()) break;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    return this.count();
  }

  // Other tabs of this seat are captured as well: a sid of ours tells which connection is ours.
  take(packet) {
    const one = this.all[packet.namespace];
    if (!one) return;
    const answer = packet.type === "CONNECT" && !packet.up && packet.data?.sid === one.socket?.id;
    const refusal = packet.type === "CONNECT_ERROR" && one.state === "refused" && !this.mine.size;
    if (answer || refusal) this.mine.add(packet.connection);
    one.waiting.push(packet);
    for (const known of one.waiting.filter((held) => this.isOurs(held))) this.crossed(one, known);
    one.waiting = one.waiting.filter((held) => !this.isOurs(held)).slice(-HELD);
  }

  isOurs({ connection, request }) {
    return this.mine.has(connection) || request.includes(`sid=${this.manager.engine?.id}`);
  }

  crossed(one, packet) {
    const { n, connection, up, namespace, type, name, text, transport } = packet;
    one.crossed(packet);
    this.transports[connection] = transport;
    const way = up ? "in" : "out";
    this.rows(`${n} ${text}`, [n, connection, way, namespace, name ? `${type} ${name}` : type, short(text)]);
  }

  // Which namespaces were asked for, on which connections, and which were given a sid.
  tally() {
    const asked = Object.values(this.all).filter((one) => one.connections.size);
    const connections = [...new Set(asked.flatMap((one) => [...one.connections]))];
    return { asked, connections, given: asked.filter((one) => one.sid) };
  }

  async count() {
    const { asked, connections, given } = this.tally();
    for (const [name, { length }] of Object.entries({ asked, connections, given })) {
      this.panel.querySelector(`[data-sum=${name}]`).textContent = asked.length ? length : "–";
    }
    const box = this.panel.querySelector("[data-pipe-name]");
    if (!connections.length || box.dataset.of === String(connections)) return;
    box.dataset.of = connections;
    const begun = await Promise.all(connections.map((number) => this.tap.request(number)));
    const parts = connections.flatMap((number, at) => [
      `${at ? "; " : ""}TCP connection ${number}, ${this.transports[number]}, begun by `,
      element("code", {}, begun[at] ?? "a request kept no longer"),
    ]);
    box.replaceChildren(...parts);
  }

  // How the first of the connections began.
  beginning() {
    return this.panel.querySelector("[data-pipe-name] code").textContent;
  }
}

// Reading: GET /wire, and the Socket.IO packets in its rows

const decoder = new TextDecoder();
const words = (hex) => decoder.decode(Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)));

// Every Socket.IO packet of a row, as it crossed: {n, at, connection, transport, up, request, type,
// namespace, data, name, text}.
function packets(row) {
  const http = row.layers.find(({ layer }) => layer === "http");
  const frame = row.layers.find(({ layer }) => layer === "websocket");
  const bytes = http ? row.hex.slice(2 * http.head_size) : (frame?.payload_hex ?? "");
  const found = [];
  let message = null;
  for (const layer of row.layers) {
    if (layer.layer === "engineio") message = layer;
    if (layer.layer === "socketio") {
      const { n, at, connection, transport, up } = row;
      const text = words(bytes.slice(2 * message.start, 2 * (message.start + message.size)));
      found.push({
        n,
        at,
        connection,
        transport,
        up,
        request: http?.target ?? "",
        type: layer.type,
        namespace: layer.namespace,
        data: layer.data,
        text,
      });
    }
    if (layer.layer === "event" && found.length) found.at(-1).name = layer.name;
  }
  return found;
}

// A place on the wire: mark() goes to its end the first time, read() hands over the rows since then.
function wire() {
  const tap = reader();
  return {
    read: tap.read,
    rewind: tap.rewind,
    async mark() {
      if (!tap.place()) await tap.skip();
    },
    // How a connection began: "GET /socket.io/".
    async request(connection) {
      const { rows } = await rowsOf({ after: 0, connection, limit: 2 });
      const { method, target } = rows[0]?.layers.find(({ layer }) => layer === "http") ?? {};
      return method ? `${method} ${target.split("?")[0]}` : null;
    },
  };
}
