// Where the dots stand: one place for each seat, kept for the whole lesson, and a grid that fills the map. Pure.

// How many places there are. Few sizes, so that most newcomers move nobody.
const SIZES = [1, 2, 4, 6, 8, 12, 15, 20, 24, 32, 40, 48, 60, 80, 100, 126, 150, 180, 216, 252, 300];
const BEYOND = 50; // places that are added at once to a larger class
export const MOST_NAMED = 60; // places up to which a name stands under each dot

export const sizeFor = (count) => SIZES.find((size) => size >= count) ?? Math.ceil(count / BEYOND) * BEYOND;

// Seats are numbered in the order in which they came. Who has gone keeps the place, for who goes may come back (a
// phone that slept, a server that was started again), until no other is left for a newcomer.
export class Places {
  // kept: what toJSON gave, to go on after a reload.
  constructor(kept = null) {
    this.of = new Map(kept?.of ?? []); // seat → place, from 0
    this.size = kept?.size ?? 1;
    this.here = new Set(); // the seats that are in the class
  }

  toJSON() {
    return { of: [...this.of], size: this.size };
  }

  // These seats are in the class now. The map grows where it must, and never shrinks by this.
  take(seats) {
    this.here = new Set(seats);
    const wanting = seats.filter((seat) => !this.of.has(seat));
    if (!wanting.length && this.of.size <= this.size) return;
    const free = this.free();
    for (const seat of wanting) {
      if (!free.length) {
        const gone = [...this.of.keys()].find((other) => !this.here.has(other));
        free.push(this.of.get(gone) ?? this.of.size);
        this.of.delete(gone);
      }
      this.of.set(seat, free.shift());
    }
    this.size = Math.max(this.size, sizeFor(Math.max(0, ...this.of.values()) + 1));
  }

  // Places that nobody has had, in their order.
  free() {
    const taken = new Set(this.of.values());
    return Array.from({ length: this.size }, (_, place) => place).filter((place) => !taken.has(place));
  }

  // A new lesson: the holes are closed, the order stays.
  renew() {
    const order = [...this.of].sort(([, a], [, b]) => a - b).filter(([seat]) => this.here.has(seat));
    this.of = new Map(order.map(([seat], place) => [seat, place]));
    this.size = sizeFor(order.length);
  }
}

const LINE = 1.35; // of a name, in type sizes
const LETTER = 0.56; // the width of a letter, in type sizes
const FIRST = 9; // letters of a name that should be readable
const MOST_R = 0.2; // of the map's shorter side: the dot of somebody who is alone
const GAP = 0.8; // of a cell that its dot may fill: the ring of a sender stands around it

// The largest dots that `size` places leave room for in width × height px, with type px for names under them.
// Returns {columns, rows, r, letters, cell: [width, height], at(place) → [x, y] of the dot's centre}.
export function grid(size, width, height, type) {
  const label = size <= MOST_NAMED ? type * LINE : 0;
  const most = Math.min(width, height) * MOST_R;
  let best = null;
  for (let columns = 1; columns <= size; columns++) {
    const rows = Math.ceil(size / columns);
    const cell = [width / columns, height / rows];
    const r = Math.min(most, (cell[0] * GAP) / 2, ((cell[1] - label) * GAP) / 2);
    const letters = Math.floor((cell[0] * 0.94) / (LETTER * type));
    const worth = r * (label ? Math.min(1, letters / FIRST) : 1) - (r * 1.2 * (columns * rows - size)) / size;
    if (!best || worth > best.worth) best = { worth, columns, rows, r, letters, cell, label };
  }
  const { columns, cell, r } = best;
  const at = (place) => {
    const [column, row] = [place % columns, Math.floor(place / columns)];
    return [cell[0] * (column + 0.5), cell[1] * (row + 0.5) - label / 2];
  };
  return { columns, rows: best.rows, r, letters: label ? best.letters : 0, cell, at };
}

// A name in the room of so many letters of common width: of WWWW there is room for fewer.
export function fitted(name, letters) {
  const all = [...name];
  if (all.reduce((sum, letter) => sum + widthOf(letter), 0) <= letters) return name;
  let [taken, width] = [0, 1]; // the dots
  while (taken < all.length && width + widthOf(all[taken]) <= letters) width += widthOf(all[taken++]);
  return `${all.slice(0, Math.max(1, taken)).join("")}…`;
}

const widthOf = (letter) => (/[WMmw@%]/.test(letter) ? 1.6 : /\p{Lu}/u.test(letter) ? 1.2 : 1);
