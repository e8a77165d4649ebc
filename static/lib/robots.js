// Robots: more sockets of one page, each on a connection of its own.

import { ROBOTS, refusal, whyRefused } from "./line.js";

export class Robots {
  // open(k): a new socket. says(sentence): why one did not get in, or why there cannot be another.
  // gone(k, robot): it is removed, by the server or by the reader.
  constructor({ open, says, gone }) {
    Object.assign(this, { open, says, gone });
    this.sockets = new Map(); // number → socket
    this.waiting = new Map(); // number → the end of the wait for it
  }

  // One more. prepare(robot, k) puts its handlers on before it connects. Resolves to the robot once it is
  // connected, and to null when it will not come: whoever waits for it must be able to go on.
  async add(prepare) {
    const numbers = Array.from({ length: ROBOTS }, (_, at) => at + 1);
    const k = numbers.find((n) => !this.sockets.has(n));
    if (!k) {
      this.says(`${ROBOTS} robots are as many as one page may have.`);
      return null;
    }
    const robot = this.open(k);
    this.sockets.set(k, robot);
    prepare(robot, k);
    return new Promise((done) => {
      this.waiting.set(k, done);
      this.watch(robot, k);
    });
  }

  // A robot that does not get in at its first try is removed. One that was in and lost its connection goes on
  // trying, as every client does, and says once why it is kept out.
  watch(robot, k) {
    let [wasIn, told] = [false, false];
    robot.on("connect", () => {
      [wasIn, told] = [true, false];
      this.waiting.get(k)?.(robot);
      this.waiting.delete(k);
    });
    robot.on("connect_error", (error) => {
      const why = whyRefused(error);
      const triesAgain = wasIn && robot.active;
      if (triesAgain && (told || !why)) return;
      told = true;
      this.says(`${refusal("the robot", why)}${triesAgain ? " It tries again by itself." : ""}`);
      if (!triesAgain) this.remove(k);
    });
  }

  // Returns whether there was one.
  remove(k = Math.max(...this.sockets.keys())) {
    const robot = this.sockets.get(k);
    if (!robot) return false;
    this.sockets.delete(k);
    this.gone(k, robot);
    robot.disconnect();
    this.waiting.get(k)?.(null);
    this.waiting.delete(k);
    return true;
  }

  removeAll() {
    for (const k of [...this.sockets.keys()]) this.remove(k);
  }
}
