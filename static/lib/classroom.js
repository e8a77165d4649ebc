// A page of a student who is in a class: it knows the state of the class, goes along with it, votes, and tells the
// teacher whether anybody looks at it. Fetched only where there is a class.

import { ClassState, EVENTS } from "./classstate.js";
import { Pill } from "./classpill.js";
import { Follower } from "./follow.js";
import { ask } from "./line.js";

const AGAIN = 1000; // ms until take_seat is asked once more where it was refused

// everyone: the socket of /class. page: see lib/follow.js; with acts (step → Act), where there is something to vote
// on; with exercise, its slug, where one is done.
export function attend(everyone, page) {
  const model = new ClassState();
  const pill = { draw() {} };
  const follower = new Follower(page, () => pill.draw());
  const shown = new Pill(follower, (kind) => ask(everyone, "signal", { kind }));
  pill.draw = () => shown.draw();
  const changed = (mine, missed) => {
    if (missed) page.caughtUp?.(missed);
    follower.update(model.state);
    if (page.acts) vote(model.state.vote, mine);
    look();
  };
  const isLed = () => ["following", "show", "free"].includes(follower.does) && !follower.busy;
  const vote = voting({ ...page, find: (form) => isLed() && page.find(form) });
  const sit = sitting(everyone, model, changed);
  for (const event of EVENTS) {
    everyone.on(event, (told) => {
      const heard = model.hear(event, told);
      if (heard === "gap") sit();
      if (heard === "news") changed();
    });
  }
  everyone.on("cleared", () => location.replace("/join")); // names and predictions are gone
  everyone.on("nudged", async (told) => (await import("./nudge.js")).nudge(told));
  everyone.on("removed", async ({ sentence }) => {
    (await import("./nudge.js")).farewell({ sentence: sentence[0].toUpperCase() + sentence.slice(1) });
  });

  // For the teacher's eyes: where this page is, and whether it is looked at.
  function look() {
    const shown = follower.isThere ? (follower.shown ?? null) : null;
    const at = page.exercise ? { lesson: page.exercise, step: "exercise" } : null;
    const place = { ...(at ?? { lesson: page.slug ?? null, step: shown }), hidden: document.hidden };
    if (JSON.stringify(place) === look.last || !everyone.connected) return;
    look.last = JSON.stringify(place);
    everyone.emit("look", place);
  }
  document.addEventListener("visibilitychange", look);
  everyone.on("disconnect", () => {
    look.last = "";
  });
}

// Returns how to ask for everything: on every connection, and where something is missing. One question at a time.
function sitting(everyone, model, changed) {
  let asking = false;
  const sit = async () => {
    if (asking || !everyone.connected) return;
    asking = true;
    const ack = await ask(everyone, "take_seat", {});
    asking = false;
    if (!ack.ok) return setTimeout(sit, AGAIN);
    const missed = model.whole(ack.state);
    if (missed === null) return;
    changed(ack.voted, missed);
  };
  everyone.on("connect", sit);
  sit();
  return sit;
}

// Returns what to do with the vote of the class as it is now. Its code is fetched for the first one.
function voting({ acts, find }) {
  let coming = null;
  return async (vote, mine) => {
    const isWaiting = [...acts.values()].some((act) => act.waits); // the server drew it so
    if (!coming && !vote && !isWaiting) return;
    coming ??= import("./vote.js").then(({ Votes }) => new Votes(acts, find));
    (await coming).update(vote, mine);
  };
}
