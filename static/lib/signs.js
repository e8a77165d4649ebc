// Our own strokes and badges; drawn here so that a page pays for them only when it shows rows.

import { drawn, element } from "./dom.js";

const SIGNS = {
  up: "M6 18 18 6M9 6h9v9",
  down: "M18 6 6 18M15 18H6V9",
  pause: "M8.500 5v14M15.500 5v14",
  play: "M8 5v14l11-7z",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 4a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6",
  save: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  low: "M12 5v14m-6-6 6 6 6-6",
  wrong: "M12 4 2.500 20h19zM12 10v4.500m0 2.600v.2",
  back: "m18 6-8 6 8 6zM6 6v12",
  forth: "m6 6 8 6-8 6zM18 6v12",
};

export function sign(name) {
  const path = drawn("path", { d: SIGNS[name] });
  return drawn("svg", { class: "icon", "aria-hidden": "true", viewBox: "0 0 24 24" }, path);
}

const BADGES = {
  captured: "These bytes crossed the connection; the server captured them",
  computed: "Worked out from the captured bytes by the rules of the protocol",
  illustrated: "A drawing: a program cannot see this",
};

export const badge = (kind) =>
  element("span", { class: "wire-badge", "data-kind": kind, title: BADGES[kind] }, kind);
