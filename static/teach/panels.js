// What lies over the cockpit: the way in, server health, keys, one seat, clearing everything.

import { progress } from "./exercise.js";
import { inWords } from "./roster.js";

export class Panels {
  constructor(root, desk, placeOf) {
    this.desk = desk;
    this.placeOf = placeOf;
    this.dialogs = new Map(
      [...root.querySelectorAll("dialog[data-panel]")].map((each) => [each.dataset.panel, each]),
    );
    this.seat = null; // whose panel is open
    for (const dialog of this.dialogs.values()) {
      dialog.addEventListener("click", ({ target }) => {
        if (target === dialog || target.closest("[data-close]")) dialog.close();
      });
    }
  }

  open(name) {
    for (const dialog of this.dialogs.values()) dialog.close();
    this.dialogs.get(name).showModal();
  }

  get isOpen() {
    return [...this.dialogs.values()].some(({ open }) => open);
  }

  openSeat(seat) {
    this.seat = seat;
    this.drawSeat();
    this.open("seat");
  }

  drawSeat() {
    const row = this.seat && this.desk.roster.seats.get(this.seat);
    if (!row) return;
    const dialog = this.dialogs.get("seat");
    dialog.querySelector("h2").textContent = row.nick;
    const line = row.transport
      ? `${row.transport}${row.ms ? `, round trip ${Math.round(row.ms)} ms` : ""}`
      : "";
    const facts = [
      inWords(this.desk.roster.shape(row)),
      this.placeOf(row.lesson, row.step),
      line,
      row.robot && "a robot",
    ];
    dialog.querySelector("[data-facts]").textContent = facts.filter(Boolean).join(" · ");
    const { sum, saw } = row.exercise ? progress(row.exercise, this.placeOf) : { sum: "", saw: "" };
    dialog.querySelector("[data-made]").textContent = sum;
    dialog.querySelector("[data-saw]").textContent = saw;
  }
}
