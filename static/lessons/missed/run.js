// A run and its two readers: the page's own socket, whose questions are answered, and its twin without a buffer.
// The receivers are values (receiver.js); here are the sockets, the clock and the cut.

import { count } from "../../lib/dom.js";
import { ask } from "../../lib/line.js";
import {
  answered,
  connected,
  disconnected,
  finished,
  question,
  received,
  receiver,
  sums,
  waited,
} from "./receiver.js";
import { missedView } from "./view.js";

const TICK = 100; // ms
const AGAIN = 2500; // ms until a question that was refused is asked again
const KEPT_AS = "missed"; // in the tab's session storage: a reload is one more way to be away
const KEPT_FOR = 600_000; // ms
// Four short runs, each with its own cut after so many events.
const SCENES = {
  nothing: { kind: "off", keep: 5, count: 14, every: 300, plan: { at: 4, seconds: 2, how: "cut" } },
  buffer: { kind: "memory", keep: 50, count: 14, every: 300, plan: { at: 4, seconds: 2, how: "cut" } },
  end: { kind: "memory", keep: 3, count: 14, every: 300, plan: { at: 4, seconds: 2, how: "cut" } },
  overlap: {
    kind: "memory",
    keep: 200,
    count: 80,
    every: 50,
    plan: { at: 10, seconds: 1, how: "cut" },
    wait: 250,
  },
};
const BET = { keep: 5, count: 14, every: 1000, plan: { at: 4, seconds: 6, how: "cut" } };
const fresh = (run) => ({
  run,
  count: null,
  every: null,
  origin: 0,
  kind: "",
  keep: 0,
  step: null,
  plan: null,
  over: false,
  readers: {},
});

export function missedRun(panel, lab) {
  const old = new Set(); // runs that are behind us
  let model = remembered(lab) ?? fresh(null);
  let cut = null; // {until, how}: why the wire is away
  let buffered = null; // what the server said of its buffer, and when
  let drop = true;
  let chosen = null; // the buffer of the next run, as the server last confirmed it
  let late = 0; // ms to wait before asking, so that the overlap is large enough to see
  const now = () => lab.clock.now();
  const view = missedView(panel, lab);
  const seen = {
    get model() {
      return model;
    },
    get cut() {
      return cut;
    },
    get buffered() {
      return buffered;
    },
    now,
    readers: [],
  };
  const changed = () => view.draw(seen);
  const hurry = (manager) => manager.reconnectionDelay(400).reconnectionDelayMax(600); // with jitter, as always
  const { seat } = lab.socket.auth;
  const twin = window.io(lab.socket.nsp, {
    auth: { seat, buffer: "off", twin: true },
    forceNew: true,
    autoConnect: false,
    reconnection: false,
  });
  let trying = false; // the twin is connected, or about to be: a second CONNECT would be an error
  let refusals = 0;
  twin.on("connect", () => (refusals = 0));
  twin.on("disconnect", () => (trying = false));
  twin.on("connect_error", () =>
    setTimeout(() => [(trying = false), self.follow()], 400 * 2 ** Math.min(5, refusals++)),
  );
  hurry(lab.socket.io);
  lab.socket.io.on("reconnect_attempt", () => (seen.readers[0].tries += 1));

  const form = panel.querySelector("[data-keeping]").elements;
  const choose = (kind, keep) => {
    chosen = { kind, keep };
    form.kind.value = kind;
    if (document.activeElement !== form.keep) form.keep.value = keep; // nobody is typing there
    form.kind.querySelector("[value='']")?.remove();
  };
  const asClass = async () => {
    const { state } = await ask(lab.everyone, "take_seat", {});
    const buffer = state?.buffer;
    if (buffer?.keep && !chosen) choose(form.kind.value || buffer.kind, form.keep.value || buffer.keep);
  };
  lab.everyone.on("connect", asClass);
  const say = (text, kind = "") => view.say(text, kind);
  const refused = (ack) => (ack.ok ? false : [say(ack.error, "bad")]);

  function reader(key, socket, wanted) {
    const mine = () => model.readers[key];
    const self = {
      key,
      socket,
      tries: 0,
      reason: "",
      handler: null,
      sync: () => {},
      ask: wanted,
      get r() {
        return mine()?.r ?? null;
      },
      get away() {
        return mine()?.away ?? [];
      },
      get asked() {
        return mine()?.asked ?? [];
      },
      get tally() {
        return mine()?.tally ?? null;
      },
      get connected() {
        return socket.connected;
      },
      begin(run) {
        model.readers[key] = {
          r: { ...receiver(run, socket.connected ? "LIVE" : "OUT"), drop },
          away: [],
          asked: [],
          tally: null,
        };
      },
      change(next) {
        const before = self.r;
        if (!next || next === before) return;
        mine().r = next;
        if (key === "on") for (const entry of next.log.slice(before.log.length)) report(entry);
        if (next.state === "SYNCING" && before.state !== "SYNCING") self.sync();
        planned();
        if (done(next)) settle(self);
        changed();
      },
      // Everything below is called by the handlers of the demo.
      heard(event) {
        if (event.run !== model.run && !old.has(event.run)) follow(event.run);
        if (self.r) self.change(received(self.r, event, now()));
      },
      over: (end) => self.r && self.change(finished(self.r, end, now())),
      left(reason) {
        if (!model.over) mine()?.away.push({ from: now(), to: null, mine: reason, theirs: null });
        [self.tries, self.reason] = [0, reason];
        if (self.r) self.change(disconnected(self.r));
        changed();
      },
      back() {
        if (lab.clock.trip === null) return setTimeout(self.back, 20); // a page that was loaded anew has no clock yet
        const last = self.away.at(-1);
        if (last && !last.to) last.to = now();
        if (mine()?.tally?.ok === false) mine().tally = null;
        if (key === "on") cut = null;
        if (self.r?.state === "OUT") self.change(connected(self.r));
        changed();
      },
      async question() {
        const asks = self.r && socket.connected && question(self.r);
        if (!asks) return null;
        if (late && key === "on") await new Promise((wake) => setTimeout(wake, late));
        if (!model.over) mine().asked.push({ at: now(), after: asks.after });
        return asks;
      },
      // True: there may be more to ask. A refusal (too many questions) is not for ever.
      answer(ack, asked) {
        if (asked.run !== model.run) return false;
        if (refused(ack)) setTimeout(() => self.r?.state === "SYNCING" && self.sync(), AGAIN);
        if (!ack.ok) return false;
        const last = self.away.at(-1);
        if (last && ack.left) last.theirs ??= ack.left;
        const { oldest, replay } = ack; // the answer, too, says what is kept
        if (oldest && replay.length)
          buffered = { kind: model.kind, keep: model.keep, kept: [oldest, replay.at(-1).seq], at: now() };
        self.change(answered(self.r, ack, now()));
        if (["restarted", "unknown run"].includes(ack.reason)) ended(self, ack.reason);
        return true;
      },
    };
    return self;
  }

  const report = ({ run, seq, how, at }) => how !== "gap" && how !== "dropped" && lab.receipt(run, seq, at);
  const done = (r) => r.count !== null && r.cursor >= r.count && !r.held.length && r.state === "LIVE";

  const on = reader("on", lab.socket, lab.ask);
  const off = reader("off", twin, (event, data) => ask(twin, event, data));
  seen.readers.push(on, off);
  if (model.run) for (const each of seen.readers) returned(each, model);

  function follow(run) {
    if (model.run) old.add(model.run);
    model = { ...fresh(run), origin: now() };
    for (const each of seen.readers) each.begin(run);
    buffered = null;
  }

  // The store does not know the run any more: nothing will follow, and nobody knows what else there was.
  function ended(self, reason) {
    model.readers[self.key].ended = reason;
    finish();
  }

  // The sums of this page, set beside the server's own record.
  async function settle(self) {
    const mine = model.readers[self.key];
    if (mine.tally) return;
    mine.tally = { waiting: true };
    const { live, replayed, dropped, twice } = sums(mine.r);
    const duplicates = dropped.length + twice.length;
    mine.tally = await self.ask("tally", { run: model.run, live, replayed, duplicates });
    if (mine === model.readers[self.key]) finish();
    changed();
  }

  function finish() {
    const ready = seen.readers.every(
      ({ tally, key }) => (tally && !tally.waiting) || model.readers[key].ended,
    );
    if (!ready || model.over) return;
    model.over = true;
    const outcome = view.outcome(seen);
    lab.announce(outcome.join(" "));
    if (model.step) lab.reveal(model.step, outcome);
    changed();
  }

  // A run of the panel cuts its own wire once enough has been handled.
  function planned() {
    const { plan } = model;
    if (!plan || on.r.cursor < plan.at) return;
    model.plan = null;
    self.cut(plan.seconds, plan.how);
  }

  // A run begins with both: the twin may still be connecting.
  async function twinsHere() {
    for (let n = 0; n < 20 && lab.socket.connected && !twin.connected; n++)
      await new Promise((wake) => setTimeout(wake, TICK));
  }

  const beat = setInterval(() => {
    for (const each of seen.readers) if (each.r) each.change(waited(each.r, now()));
    view.tick(seen);
  }, TICK);

  const self = {
    readers: seen.readers,
    say,
    seen,
    async start({ count: events, every, step = null, plan = null, wait = 0 }) {
      await twinsHere();
      const ack = await lab.ask("start", {
        count: events,
        every_ms: Math.round(every),
        ...(step && { step }),
      });
      if (refused(ack)) return;
      if (ack.run !== model.run) follow(ack.run);
      late = wait;
      choose(ack.kind, ack.keep);
      Object.assign(model, {
        count: ack.count,
        every: ack.every_ms ?? every,
        kind: ack.kind,
        keep: ack.keep,
        step,
        plan,
      });
      say(`A run of ${count(ack.count, "event")} is on.`);
      view.look();
      planned();
      changed();
    },
    async scene(name) {
      const { kind, keep, ...run } = SCENES[name];
      if (await self.setBuffer(kind, keep)) await self.start(run);
    },
    async bet(step) {
      const kind = ["", "off"].includes(form.kind.value) ? "memory" : form.kind.value;
      if (await self.setBuffer(kind, BET.keep)) await self.start({ ...BET, step });
    },
    async cut(seconds, how) {
      const ack = await lab.ask("cut", { seconds, how });
      if (refused(ack)) return;
      cut = { until: ack.until, how };
      say("");
      changed();
    },
    async setBuffer(kind, keep) {
      const ack = await lab.ask("set_buffer", { kind, keep });
      if (refused(ack)) {
        if (chosen && keep >= 1 && keep <= 1000) form.kind.value = chosen.kind; // so it was the kind
        return false;
      }
      choose(ack.kind, ack.keep);
      for (const option of ack.kinds ? form.kind.options : [])
        option.disabled = !ack.kinds.includes(option.value);
      const what = ack.kind === "off" ? "will keep nothing" : `will keep the last ${ack.keep} in ${ack.kind}`;
      say(`Your next run ${what}.`);
      return true;
    },
    reconnect() {
      for (const socket of [lab.socket, lab.everyone]) if (!socket.connected) socket.connect();
    },
    // At least once means: asking again is always allowed.
    async again(back) {
      const run = model.run;
      if (!on.r) return say("Start a run first: there is nothing to ask for.", "bad");
      if (on.r.state !== "LIVE")
        return say("Not now: the page is not connected, or is asking already.", "bad");
      const after = Math.max(0, on.r.cursor - back);
      const ack = await lab.ask("resume", { run, after });
      if (refused(ack) || run !== model.run) return;
      const mine = model.readers.on;
      [mine.tally, model.over] = [null, false];
      mine.asked.push({ at: now(), after });
      on.change(answered(connected(on.r), ack, now()));
      say(`Asked once more for everything after ${after}: ${count(ack.replay.length, "event")} came.`);
    },
    dropping(yes) {
      drop = yes;
      for (const each of seen.readers) if (each.r) each.change({ ...each.r, drop });
      say(yes ? "What comes twice is dropped by its number." : "What comes twice is handled twice.");
    },
    buffered(says) {
      if (says.run !== model.run) return;
      buffered = { ...says, at: now() };
      changed();
    },
    wireCut: ({ until }) => {
      cut ??= { until, how: "cut" };
      changed();
    },
    // The twin has no plan of its own: it comes when the page does.
    follow() {
      if (!lab.socket.connected || trying) return;
      trying = true;
      twin.connect();
    },
    view,
    // The handlers are in place.
    async begin() {
      addEventListener("pagehide", () => {
        if (model.run)
          sessionStorage.setItem(
            KEPT_AS,
            JSON.stringify({ seat, kept: Date.now(), model: { ...model, saved: now() } }),
          );
      });
      if (model.run) {
        if (model.kind) choose(model.kind, model.keep);
        if (lab.socket.connected) on.back();
      }
      self.follow();
      changed();
      if (lab.everyone.connected) await asClass();
      return self;
    },
    leave() {
      clearInterval(beat);
      twin.disconnect();
    },
  };
  return self;
}

// After a reload: what the tab remembers, unless it is old or another seat's.
function remembered(lab) {
  try {
    const { seat, kept, model } = JSON.parse(sessionStorage.getItem(KEPT_AS));
    return Date.now() - kept < KEPT_FOR && seat === lab.socket.auth.seat ? model : null;
  } catch {
    return null;
  }
}

function returned(reader, model) {
  const mine = model.readers[reader.key];
  if (!mine) return reader.begin(model.run);
  mine.tally = mine.tally?.waiting ? null : mine.tally;
  mine.r = disconnected(mine.r);
  if (!model.over && mine.away.at(-1)?.to !== null)
    mine.away.push({ from: model.saved, to: null, mine: "the page was left", theirs: null });
}
