// The twin: a second socket of this page, on a connection of its own, for which the server keeps nothing.

import { refusal, whyRefused } from "../../lib/line.js";

const PAUSE = 400; // ms before the second try; twice as long before each further one

export class Twin {
  // page: the page's own socket, which the twin follows. says(sentence): why it is kept out.
  constructor(page, says) {
    [this.page, this.says] = [page, says];
    this.trying = false; // connected, or about to be: a second CONNECT would be an error
    this.refusals = 0; // in a row
    this.why = ""; // the server's words for the last one
    const auth = { seat: page.auth.seat, buffer: "off", twin: true };
    const apart = { forceNew: true, autoConnect: false, reconnection: false };
    this.socket = window.io(page.nsp, { auth, ...apart });
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", () => {
      this.trying = false;
    });
    this.socket.on("connect_error", (error) => this.refused(error));
  }

  // It has no plan of its own: it comes when the page does.
  follow() {
    if (!this.page.connected || this.trying) return;
    this.trying = true;
    this.socket.connect();
  }

  connected() {
    [this.refusals, this.why] = [0, ""];
  }

  refused(error) {
    // Without the page it is no news: then both are kept out.
    this.why = this.page.connected ? whyRefused(error) : "";
    if (this.why && this.refusals === 0)
      this.says(`${refusal("your twin", this.why)} It tries again by itself.`);
    const pause = PAUSE * 2 ** Math.min(5, this.refusals);
    this.refusals += 1;
    setTimeout(() => {
      this.trying = false;
      this.follow();
    }, pause);
  }
}
