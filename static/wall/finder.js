// Who is that? The name and the state of one dot: under the pointer, under the focus, or searched for by name.

import { drawn, ms } from "../lib/dom.js";
import { label } from "./words.js";

const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class Finder {
  constructor(dots, search) {
    Object.assign(this, { dots, search, seat: null });
    const { svg } = dots;
    this.tag = drawn(
      "g",
      { class: "tag", "aria-hidden": "true" },
      drawn("circle", { class: "halo" }),
      drawn("rect"),
      drawn("text"),
    );
    svg.append(this.tag);
    for (const event of ["pointerover", "focusin"])
      svg.addEventListener(event, ({ target }) => this.point(seatOf(target)));
    for (const event of ["pointerleave", "focusout"])
      svg.addEventListener(event, () => this.point(this.found()));
    svg.addEventListener("keydown", (event) => this.walk(event));
    search.addEventListener("input", () => this.point(this.found()));
  }

  // The first seat whose name begins with, or else holds, what is searched for.
  found() {
    const wanted = this.search.value.trim().toLowerCase();
    if (!wanted) return null;
    const rows = [...this.dots.map.rows.values()];
    const names = rows.map(({ seat, nick }) => ({ seat, nick: nick.toLowerCase() }));
    return (
      (names.find(({ nick }) => nick.startsWith(wanted)) ?? names.find(({ nick }) => nick.includes(wanted)))
        ?.seat ?? null
    );
  }

  point(seat) {
    if (seat === undefined) return;
    const before = this.dots.nodes.get(this.seat);
    if (before && seat !== this.seat) before.g.setAttribute("aria-label", before.nick);
    this.seat = seat;
    this.draw();
  }

  // What the dot that is pointed at says now: after every drawing.
  draw() {
    const { dots, tag, seat } = this;
    const spot = seat && dots.nodes.has(seat) ? dots.spot(seat) : null;
    tag.toggleAttribute("data-on", Boolean(spot));
    if (!spot) return;
    const { nick, g, state } = dots.nodes.get(seat);
    const time = dots.map.event?.got.get(seat);
    const words = `${nick}: ${label(state, dots.map.event)}${time === undefined ? "" : `, ${ms(time)}`}`;
    if (g.getAttribute("aria-label") !== words) g.setAttribute("aria-label", words);
    this.stand(words, spot);
  }

  stand(words, { x, y, r }) {
    const [halo, box, text] = this.tag.children;
    const [width] = this.dots.size;
    const { type } = this.dots;
    const half = words.length * type * 0.29 + type * 0.5;
    const middle = Math.min(Math.max(x, half), width - half);
    const above = y - r * 1.3 - type * 1.9;
    const top = above > 0 ? above : y + r * 1.3;
    const put = (node, attributes) => {
      for (const [name, n] of Object.entries(attributes)) node.setAttribute(name, n);
    };
    put(halo, { cx: x, cy: y, r: r * 1.32 });
    put(box, { x: middle - half, y: top, width: 2 * half, height: type * 1.7, rx: type * 0.3 });
    put(text, { x: middle, y: top + type * 1.2 });
    text.textContent = words;
  }

  // Arrow keys walk the grid; one tab stop.
  walk(event) {
    const { dots } = this;
    const from = seatOf(event.target);
    const order = dots.inOrder();
    const at = order.findIndex(({ seat }) => seat === from);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to =
      { Home: order[0], End: order.at(-1) }[event.key] ?? this.neighbour(from, order, STEPS[event.key]);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    order[at].g.setAttribute("tabindex", -1);
    to.g.setAttribute("tabindex", 0);
    to.g.focus();
  }

  // Along a row to the next seat, past holes; up and down to the seat in that column, past holes too.
  neighbour(from, order, step) {
    if (!step) return null;
    const { of } = this.dots.places;
    const { columns } = this.dots.grid;
    const by = step[0] + step[1] * columns;
    const there = new Map(order.map((node) => [of.get(node.seat), node]));
    for (let place = of.get(from) + by; place >= 0 && place < this.dots.places.size; place += by)
      if (there.has(place)) return there.get(place);
    return null;
  }
}

const seatOf = (target) => target.closest?.("[data-seat]")?.dataset.seat;
