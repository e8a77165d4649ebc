// How many have answered each question of the review, wherever the cockpit shows it. Told at most twice a second.

export class Reviewed {
  constructor(root, socket) {
    this.rows = [...root.querySelectorAll("[data-reviewed]")];
    socket.on("reviewed", ({ counts }) => this.draw(counts));
  }

  // counts: question → {answered, knew, partly, not_yet}
  draw(counts) {
    for (const row of this.rows) {
      for (const cell of row.querySelectorAll("[data-count]"))
        cell.textContent = counts[row.dataset.reviewed]?.[cell.dataset.count] ?? 0;
    }
  }
}
