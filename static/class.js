// The pages around the lessons, for a student who is in a class: they go along too.

import { attend } from "./lib/classroom.js";
import { REVIEW } from "./lib/classstate.js";
import { leaveWhenRemoved } from "./lib/line.js";

const seat = document.querySelector("meta[name=seat]").content;
const waits = document.querySelector(".joined") !== null; // nothing else to do here
const review = document.querySelector("[data-place=review]") !== null; // where a class can be led
const stays = document.querySelector(".join") !== null; // a name is being changed

if (window.io) {
  const everyone = window.io("/class", { auth: { seat } });
  leaveWhenRemoved(everyone);
  const page = review ? { slug: REVIEW, isPhone: () => false } : {};
  attend(everyone, { ...page, waits, stays });
}
