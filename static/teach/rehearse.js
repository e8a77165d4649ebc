// Robots that fill the class: seated by the server, moved by a worker of this browser.

import { count } from "../lib/dom.js";

// A page that hands out worker addresses must have a policy for it, where the browser knows such things.
const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (address) => address });
const ADDRESS = new URL("./robots.worker.js", import.meta.url).href;

export class Rehearsal {
  // predictions: step → {choices: [id …], right: id}; students: the lessons that say what a page does when it
  // opens; pace(): 1 is a classroom's, less is quicker.
  constructor(desk, { predictions, students, pace }) {
    Object.assign(this, { desk, predictions, students, pace });
    this.workers = [];
  }

  async add(number) {
    // Robots of an earlier page ended with it; only their seats are left.
    if (!this.workers.length && this.desk.roster.robots()) await this.dismiss();
    const { seats } = await this.desk.ask("seat_robots", { count: number });
    const address = policy ? policy.createScriptURL(ADDRESS) : ADDRESS;
    const worker = new Worker(address, { type: "module" });
    this.workers.push(worker);
    const { predictions, students } = this;
    worker.postMessage({ seats, predictions, students, pace: this.pace() });
    const undo = () => this.dismiss();
    return { said: `${count(seats.length, "robot")} take their seats. A square is a robot.`, undo };
  }

  async dismiss() {
    for (const worker of this.workers.splice(0)) worker.terminate();
    await this.desk.ask("dismiss_robots", {});
    return { said: "The robots have gone." };
  }
}
