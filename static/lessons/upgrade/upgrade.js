// What the diagram shows: how this page's own connection began, and the second ones that the reader opens.

import { rowsOf } from "../../lib/wirerows.js";
import { Diagram } from "./diagram.js";
import { echoOf } from "./plan.js";
import {
  answered,
  beginning,
  caption,
  carries,
  compare,
  handshake,
  joined,
  moved,
  ofSession,
} from "./steps.js";

const SLOW = 400; // ms for a step of the page's own connection, on arrival …
const AT_MOST = 6000; // … and for all of them
const QUICK = 70; // ms for a step of a connection that the reader opened
const LAST = 48; // rows: a page that has just come has fewer
const LOOKS = 12; // at the capture, until the page's own connection has moved …
const PAUSE = 400; // … ms apart
const RUN = "upgrade run"; // kept for this tab: where the rows of the last run are
const DRAWN = "upgrade drawn"; // kept for this tab: the page's own connection has been drawn once

const wait = (time) => new Promise((done) => setTimeout(done, time));

export class Upgrade {
  constructor(panel, lab, shared, say) {
    Object.assign(this, { lab, shared, say });
    const [list, parts] = ["[data-sequence]", "[data-parts]"].map((part) => panel.querySelector(part));
    this.diagram = new Diagram(list, parts, lab);
    this.act = panel.querySelector("[data-act]");
    this.connection = null; // the second one, while there is one
    this.number = 0; // of second connections so far
    this.isRunning = false;
    this.isUsed = false; // the reader has pressed something: what is said then stays
    this.late = lab.late(() => import("./second.js"));
  }

  // What begins by itself: one read of what the server has captured anyway. Drawn slowly the first time, at once
  // after a reload; and where the outcome of a run is there again, its picture is.
  async arrive(calm) {
    const run = this.act.dataset.state === "done" ? await this.recall() : null;
    const rows = run ? [] : await this.ownRows();
    if (this.number) return; // the reader was faster
    if (run) this.drawRun(run);
    else if (rows.length) await this.drawOwn(rows, !calm && keep.first(DRAWN));
    else this.say("The server captured nothing of this page's connection. Press Connect.");
  }

  async drawOwn(rows, slowly) {
    const took = Math.round(rows.at(-1).at - rows[0].at).toLocaleString("en");
    const stayed = moved(rows) ? "" : " It stayed with polling.";
    const how = slowly ? ", drawn slowly" : "";
    const words = `This page's connection, its first ${took} ms${how}: ${caption(rows)}${stayed}`;
    if (!this.isUsed) this.say(words);
    this.compareWith(rows);
    const pace = slowly ? Math.min(SLOW, AT_MOST / rows.length) : 0;
    await this.diagram.draw({ name: "this page", parts: [{ rows }] }, pace);
  }

  // The first rows of the page's own session, once it has moved; after a few seconds what there is.
  async ownRows() {
    let mine = [];
    for (let look = 1; look <= LOOKS; look++) {
      const sid = this.lab.socket.io.engine?.id;
      mine = ofSession((await rowsOf({ after: 0, last: LAST })).rows, sid);
      const opens = (row) => row.layers.some(({ type }) => type === "open");
      if (!mine.some(opens)) mine = ofSession((await rowsOf({ after: 0 })).rows, sid);
      const begun = beginning(mine);
      if (moved(begun) && begun.length < mine.length) break;
      await wait(PAUSE);
    }
    return beginning(mine);
  }

  async connect(way) {
    this.use();
    this.draw(await this.open(way), QUICK);
  }

  use() {
    this.isUsed = true;
    if (this.isRunning) throw new Error("Your prediction is running: wait for its outcome.");
  }

  async open(way) {
    this.leave();
    this.number += 1;
    this.connection = await this.second(way);
    return this.connection.rows(way === "default" ? moved : joined);
  }

  async second(way) {
    const opened = await this.late(({ second, WAYS }) => second(WAYS[way]));
    if (!opened) throw new Error("A part of this page could not be fetched.");
    return opened;
  }

  async echo(text) {
    this.use();
    if (!this.connection) throw new Error("Connect first: there is no second connection yet.");
    if (this.connection.transport() === "closed")
      throw new Error("The second connection is closed: press Connect again.");
    const before = this.connection.last;
    const rows = await this.echoRows(this.connection, { text });
    this.draw(rows, QUICK, echoOf(rows), (row) => row?.n <= before);
  }

  // The prediction: the same echo over the upgraded connection and over one that only polls. Resolves to the
  // sentences of the outcome.
  async run(text, step) {
    [this.isRunning, this.isUsed] = [true, true];
    try {
      const place = { after: (await rowsOf({ after: 0, connection: 0 })).next, sids: [] };
      keep.write(RUN, place);
      this.say("The run opens a second connection.");
      await this.draw(await this.open("default"), QUICK);
      const rows = await this.echoRows(this.connection, { text, step });
      this.say("The echo crossed; now the same one by polling only.");
      const polling = await this.second("polling");
      keep.write(RUN, { ...place, sids: [this.connection.sid, polling.sid] });
      const polled = await this.echoRows(polling, { text, step }).finally(() => polling.close());
      return this.drawRun({ rows, polled });
    } finally {
      this.isRunning = false;
    }
  }

  // Draws the outcome: the predicted frame lit, the same echo by polling below it. Returns its sentences.
  drawRun({ rows, polled }) {
    const [echo, post] = [echoOf(rows), echoOf(polled)];
    const parts = [{ rows }, { title: "The same echo, by polling only", rows: [...post] }];
    const lit = new Set([...echo].filter(carries("EVENT", true)));
    this.compareWith(rows);
    this.say("Your echo is the lit step. In each step: header + message, in bytes.");
    this.number ||= 1;
    const picture = { name: `run ${this.number}`, parts, must: new Set([...echo, ...post]), lit, cut: 1 };
    this.diagram.draw(picture, 0);
    return compare(rows, polled);
  }

  // The run that was drawn before a reload, if the server still has all of it; else null.
  async recall() {
    const { after, sids = [] } = keep.read(RUN) ?? {};
    if (sids.length < 2) return null;
    const captured = (await rowsOf({ after })).rows;
    const [rows, polled] = sids.map((sid) => ofSession(captured, sid));
    return answered(rows) && answered(polled) && moved(rows) ? { rows, polled } : null;
  }

  // After a reload in mid-run: how it ended, where the server captured its end.
  async outcome() {
    const run = await this.recall();
    if (!run) throw new Error("The page was loaded again in mid-run: how this run ended is not known.");
    return this.drawRun(run);
  }

  async echoRows(connection, data) {
    const ack = await connection.ask("echo", data);
    if (!ack.ok) throw new Error(ack.error);
    this.lab.ran("echo");
    return connection.rows(answered);
  }

  draw(rows, pace, lit = new Set(), known = undefined) {
    this.connection.last = rows.at(-1)?.n ?? 0;
    this.say(`Second connection: ${this.connection.transport()}. ${caption(rows)}`);
    this.compareWith(rows);
    return this.diagram.draw({ name: this.number, parts: [{ rows }], must: lit, lit }, pace, known);
  }

  // The key and the value of this picture, for the part that computes it.
  compareWith(rows) {
    this.shared.handshake = handshake(rows);
    this.shared.changed();
  }

  leave() {
    this.connection?.close();
    this.connection = null;
  }
}

// Of one tab of the browser; without storage nothing is kept.
const attempt = (work) => {
  try {
    return work();
  } catch {
    return null;
  }
};
const keep = {
  read: (name) => attempt(() => JSON.parse(sessionStorage.getItem(name))),
  write: (name, value) => attempt(() => sessionStorage.setItem(name, JSON.stringify(value))),
  first(name) {
    const isFirst = !keep.read(name);
    keep.write(name, true);
    return isFirst;
  },
};
