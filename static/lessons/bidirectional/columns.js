// The sockets of this page as columns under the server: up on the left rail, down on the right one.

import { element, icon } from "../../lib/dom.js";

const HOLD = 3000; // ms that a dot stays lit; hearing again within that time only extends it

export class Columns {
  constructor(list) {
    this.list = list;
    this.columns = new Map([["you", withRails(list.firstElementChild)]]); // name → column
    this.timers = new Map();
  }

  addRobot(name) {
    this.insert(name, withRails(column("data-robot", name, "")));
  }

  // The sockets of other pages are one column with their number in it.
  showElsewhere(number) {
    this.remove("elsewhere");
    if (number) this.insert("elsewhere", column("data-ghost", "elsewhere", String(number)));
  }

  insert(name, column) {
    this.columns.set(name, column);
    this.list.insertBefore(column, this.list.querySelector("[data-ghost]"));
  }

  remove(name) {
    this.columns.get(name)?.remove();
    this.columns.delete(name);
  }

  connected(name, is) {
    this.columns.get(name)?.toggleAttribute("data-on", is);
  }

  // direction: "up" for what this socket sends, "down" for what it hears.
  light(name, direction) {
    const column = this.columns.get(name);
    if (!column) return;
    const attribute = `data-${direction}`;
    column.removeAttribute(attribute);
    void column.offsetWidth; // so that the arrow is drawn anew
    column.setAttribute(attribute, "");
    clearTimeout(this.timers.get(name + direction));
    const dark = setTimeout(() => column.removeAttribute(attribute), HOLD);
    this.timers.set(name + direction, dark);
  }
}

function column(kind, name, inside) {
  const rails = element("span", { class: "rails", "aria-hidden": "true" });
  const dot = element("i", { class: "dot" }, inside);
  return element("li", { [kind]: true }, rails, dot, element("span", { class: "name" }, name));
}

function withRails(column) {
  column.querySelector(".rails").append(element("i"), element("i"));
  column.querySelector(".dot").append(icon("tick"));
  return column;
}
