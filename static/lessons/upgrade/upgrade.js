// The second connection of this page: opened, used, and drawn step by step from its captured rows.

import { Diagram } from "./diagram.js";
import { second, WAYS } from "./second.js";
import { answered, compare, handshake, joined, moved } from "./steps.js";

export class Upgrade {
  constructor(panel, lab, shared, say) {
    Object.assign(this, { lab, shared, say });
    this.diagram = new Diagram(panel.querySelector("[data-sequence]"), lab);
    this.connection = null; // the second one, while there is one
  }

  async connect(way) {
    this.leave();
    this.diagram.begin();
    this.connection = await second(WAYS[way]);
    this.draw(await this.connection.rows(way === "default" ? moved : joined));
  }

  async echo(text) {
    this.draw(await this.echoRows(this.connection, { text }));
  }

  // The prediction: the same echo over the upgraded connection and over one that only polls. Resolves to the
  // sentences of the outcome.
  async run(text, step) {
    await this.connect("default");
    const rows = await this.echoRows(this.connection, { text, step });
    this.draw(rows);
    const polling = await second(WAYS.polling);
    const polled = await this.echoRows(polling, { text, step }).finally(() => polling.close());
    return compare(rows, polled);
  }

  async echoRows(connection, data) {
    if (!connection) throw new Error("Connect first: there is no second connection yet.");
    const ack = await connection.ask("echo", data);
    if (!ack.ok) throw new Error(ack.error);
    this.lab.ran("echo");
    return connection.rows(answered);
  }

  draw(rows) {
    this.say(`Second connection: ${this.connection.transport()}. ${this.diagram.draw(rows)}`);
    this.shared.handshake = handshake(rows);
    this.shared.changed();
  }

  leave() {
    this.connection?.close();
    this.connection = null;
  }
}
