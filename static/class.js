// The pages around the lessons, for a student who is in a class: they go along too.

import { attend } from "./lib/classroom.js";
import { leaveWhenRemoved } from "./lib/line.js";

const seat = document.querySelector("meta[name=seat]").content;
const waits = document.querySelector(".joined") !== null; // nothing else to do here
const stays = document.querySelector(".join") !== null; // a name is being changed

if (window.io) {
  const everyone = window.io("/class", { auth: { seat } });
  leaveWhenRemoved(everyone);
  attend(everyone, { waits, stays });
}
