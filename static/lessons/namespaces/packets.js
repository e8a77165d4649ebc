// Reads GET /wire and picks the Socket.IO packets out of its rows.

import { reader, rowsOf } from "../../lib/wirerows.js";

const decoder = new TextDecoder();
const words = (hex) => decoder.decode(Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)));

// Every Socket.IO packet of a row, as it crossed: {n, at, connection, transport, up, request, type,
// namespace, data, name, text}.
export function packets(row) {
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
export function wire() {
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
