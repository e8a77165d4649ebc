// One namespace: what is known of it, and its row in the drawing.

import { element, icon } from "../../lib/dom.js";

export const short = (text) => text.replace(/\*{7,}/g, "******…"); // what the capture blanked

export class Namespace {
  constructor(row) {
    const find = (selector) => row.querySelector(selector);
    this.row = row;
    this.name = row.dataset.namespace;
    [this.given, this.answer, this.ear] = ["[data-given]", "[data-answer]", ".ear"].map(find);
    [this.line, this.button, this.joinButton] = [".line", "[name=open]", "[name=join]"].map(find);
    const [given, open, join] = [this.given, this.button, this.joinButton].map((part) => part?.textContent);
    this.atFirst = { given, open, join }; // the words of the page
    this.socket = null; // made when it is first opened
    this.state = "closed"; // "opening", "open", "refused", "lost"
    this.why = ""; // it was refused
    this.isIn = false; // in the room
    this.sid = null; // as captured
    this.told = false; // a refusal was captured
    this.left = false; // our DISCONNECT was captured
    this.answered = () => {}; // ends the wait for the server's answer
    this.forget();
  }

  forget() {
    this.connections = new Set(); // that carried its packets
    this.waiting = []; // packets of which it is not known yet whether they are ours
  }

  clear() {
    this.forget();
    for (const way of ["up", "down"]) this.showNothing(way);
    this.show("closed");
  }

  show(state, why = "") {
    [this.state, this.why] = [state, why];
    if (state !== "open" && state !== "refused") [this.sid, this.told] = [null, false];
    this.row.dataset.state = state;
    const words = { closed: this.atFirst.given, opening: "asked", refused: why, lost: "connection lost" };
    const sid = () => ["sid ", element("code", {}, this.socket.id)];
    this.given.replaceChildren(...(state === "open" ? sid() : [words[state]]));
    this.button.textContent = state === "open" || state === "lost" ? "Close" : this.atFirst.open;
    this.showAnswer("");
    this.showRoom(false);
    this.showReceived(false);
  }

  showAnswer(sentence) {
    this.answer.textContent = sentence;
  }

  showReceived(received) {
    this.row.toggleAttribute("data-received", received);
    const words = received ? "received the last order" : "has not received the last order";
    this.ear.setAttribute("aria-label", this.state === "open" ? words : "not listening");
  }

  showRoom(isIn) {
    this.isIn = isIn;
    this.row.toggleAttribute("data-room", isIn);
    if (!this.joinButton) return;
    this.joinButton.disabled = this.state !== "open";
    this.joinButton.replaceChildren(...(isIn ? [icon("tick"), "In window"] : [this.atFirst.join]));
  }

  // A packet of this namespace has crossed the connection.
  crossed(packet) {
    const { at, connection, up, type, data } = packet;
    this.connections.add(connection);
    if (up) {
      this.asked = at;
      this.showNothing("down"); // what stands there answered something else
    } else this.took = at - this.asked;
    if (type === "CONNECT" && !up) this.sid = data.sid;
    if (type === "CONNECT_ERROR") this.told = true;
    if (type === "DISCONNECT" && up) this.left = true;
    this.showPacket(packet);
    this.fly(up ? "up" : "down");
  }

  showNothing(way) {
    const box = this.row.querySelector(`[data-packet=${way}]`);
    for (const part of box.querySelectorAll("code, small")) part.textContent = "";
    delete box.dataset.wireRow;
  }

  showPacket({ n, up, type, name, namespace, text }) {
    const box = this.row.querySelector(`[data-packet=${up ? "up" : "down"}]`);
    box.dataset.wireRow = n; // chosen here, it is chosen on the wire as well
    const at = text.indexOf(namespace);
    const rest = short(text.slice(at + namespace.length));
    box.querySelector("code").replaceChildren(text.slice(0, at), element("b", {}, namespace), rest);
    box.querySelector("small").textContent = name ? `${type} ${name}` : type;
  }

  fly(way) {
    this.line.querySelector(`[data-way=${way}]`)?.remove();
    const flight = element("i", { class: "flight", "data-way": way });
    flight.addEventListener("animationend", () => flight.remove());
    this.line.append(flight);
  }
}
