// The class in the bar on top: one press between following and looking around, and a small menu to tell the
// teacher something and to say how one wants to be led.

import { announce, element, icon } from "./dom.js";

const WORDS = {
  none: "in class",
  free: "in class",
  following: "following",
  show: "following",
  go: "following",
  apart: "Back to the class",
  offer: "Go to the teacher",
};
const SIGNALS = { stuck: "I am stuck", done: "I am done", fine: "I am fine" };
const SAID = {
  stuck: "Your teacher sees that you are stuck.",
  done: "Your teacher sees that you are done.",
  fine: "Your teacher sees that you are fine.",
};

export class Pill {
  // follower: lib/follow.js; signal(kind): resolves to an ack
  constructor(follower, signal) {
    Object.assign(this, { follower, signal });
    this.words = element("span", { class: "pill-words" });
    this.button = element("button", { type: "button", class: "pill" }, icon("live"), this.words);
    this.button.hidden = true; // until the class is known
    this.button.addEventListener("click", () => follower.toggle());
    this.menu = this.makeMenu();
    this.bar = element("div", { class: "class-pill" }, this.button, this.menu);
    document.querySelector(".top-end").prepend(this.bar);
  }

  makeMenu() {
    const { class: code } = document.body.dataset;
    const label = element(
      "summary",
      { class: "pill" },
      icon("hand"),
      hidden("Your class, and what to tell the teacher"),
    );
    this.place = element("p", { "data-teacher": true });
    this.says = element("p", { class: "quiet" }, "Only your teacher sees this.");
    this.asks = element("input", { type: "checkbox" });
    this.asks.checked = this.follower.asks;
    this.asks.addEventListener("change", () => {
      this.follower.asks = this.asks.checked;
    });
    const nick = document.querySelector(".seated bdi")?.textContent ?? "";
    const sheet = element(
      "div",
      { class: "class-sheet" },
      element("p", {}, element("b", { class: "code" }, code), " ", element("bdi", {}, nick)),
      this.place,
      element("div", { class: "row", role: "group", "aria-label": "Tell your teacher" }, ...this.signals()),
      this.says,
      element("label", { class: "row" }, this.asks, element("span", {}, "Ask me before this page changes")),
    );
    const menu = element("details", { class: "class-menu" }, label, sheet);
    closing(menu);
    return menu;
  }

  signals() {
    this.kinds = Object.entries(SIGNALS).map(([kind, words]) => {
      const button = element("button", { type: "button", "aria-pressed": "false", value: kind }, words);
      button.addEventListener("click", () => this.send(kind));
      return button;
    });
    return this.kinds;
  }

  async send(kind) {
    const ack = await this.signal(kind);
    this.says.textContent = ack.ok ? SAID[kind] : ack.error;
    announce(this.says.textContent);
    if (ack.ok) for (const button of this.kinds) button.setAttribute("aria-pressed", button.value === kind);
  }

  // As the follower is now.
  draw() {
    const { does, state } = this.follower;
    const isApart = does === "apart" || does === "offer";
    this.bar.dataset.does = does;
    this.button.hidden = does === "none" || (does === "free" && this.follower.isThere);
    this.button.firstElementChild.replaceWith(icon(isApart || does === "free" ? "hollow" : "live"));
    const words = does === "free" ? WORDS.offer : WORDS[does];
    this.words.textContent = words;
    this.button.setAttribute(
      "aria-label",
      isApart || does === "free" ? words : "Following the teacher. Look around",
    );
    const place = state?.lesson ? `Your teacher is on ${this.follower.where()}.` : "It begins on the wall.";
    this.place.textContent = place;
    this.button.title = isApart || does === "free" ? place : `${place} Press to look around.`;
  }
}

const hidden = (words) => element("span", { class: "hidden" }, words);

// Escape closes a menu and gives the focus back; so does a press, or the focus, anywhere else, without.
function closing(menu) {
  const close = ({ target }) => menu.contains(target) || menu.removeAttribute("open");
  addEventListener("pointerdown", close);
  addEventListener("focusin", close);
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
}
