// The picture, the sums and the words of a run. All three are computed from the same list: the receiver's log.

import { count, drawn, element, icon } from "../../lib/dom.js";
import { sums } from "./receiver.js";

const [TOP, NEAR, FAR] = [34, 128, 184]; // the server's rail, yours, your twin's, px
const CAPSULE = 27; // the replay stands so far above the rail
const SLOTS = 20; // of the tray, drawn one by one
const DRAWN_EVERY = 80; // ms at most
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const ROWS = { on: "You, with a buffer", off: "Your twin, without" };
const AGAIN = "M4.500-3.200A5.500 5.500 0 1 0 5.500 1M5.500-5.500v3h-3"; // a circle that comes back

// 5, 6, 7, 9 → "5 to 7 and 9"
export function spans(seqs) {
  const parts = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else parts.push([seq, seq]);
  }
  const words = parts.map(([from, to]) =>
    from === to ? `${from}` : to === from + 1 ? `${from} and ${to}` : `${from} to ${to}`,
  );
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("");
}

const short = (seqs) => (seqs.length > 1 ? `${Math.min(...seqs)}–${Math.max(...seqs)}` : `${seqs[0]}`);
const seconds = (time) => Math.max(0, Math.ceil(time / 1000));
const tally = ({ live, replayed, gap }) => live.length + replayed.length + gap.length;

// When each event was sent: known of those that came, computed by the run's pace for the others.
function sender({ origin, every }, readers) {
  const known = new Map();
  for (const { r } of readers) for (const { seq, sent_at: at } of r.log) if (at) known.set(seq, at);
  const [seq, at] = known.size ? [...known][0] : [0, origin];
  return { known, at: (n) => known.get(n) ?? at + (n - seq) * every };
}

export function missedView(panel, lab) {
  const find = (name) => panel.querySelector(`[data-${name}]`);
  const [svg, tray, why, says] = ["picture", "tray", "reason", "says"].map(find);
  const [title, text, both] = why.children;
  const lines = { on: find("line=on"), off: find("line=off") };
  const rows = lab.table("What became of each event", ["Run", "Event", "Text", "Sent at", ROWS.on, ROWS.off]);
  let [drawnAt, frame, hand, scale, shown] = [0, 0, null, null, ""];
  let last = null;

  const draw = (seen) => {
    last = seen;
    frame ||= setTimeout(
      () => requestAnimationFrame(paint),
      Math.max(0, drawnAt + DRAWN_EVERY - performance.now()),
    );
  };
  new ResizeObserver(() => last && draw(last)).observe(svg);

  function paint() {
    [frame, drawnAt] = [0, performance.now()];
    words(last);
    store(last);
    if (!last.readers[0].r) return;
    for (const { key, r, tally: told } of last.readers) line(lines[key], r, told, last.model);
    list(last);
    if (svg.clientWidth) picture(last);
  }

  // The picture

  function picture(seen) {
    const { model, readers, now } = seen;
    const [on, off] = readers;
    const pace = { every: model.every ?? 1000, origin: model.origin };
    const head = Math.max(on.r.cursor, off.r.cursor, 1);
    const events = model.count ?? head;
    const sent = sender(pace, readers);
    const from = sent.at(1) - pace.every * 0.7;
    const latest = Math.max(
      ...readers.flatMap(({ r, away }) => [
        ...r.log.map(({ how, at }) => (how === "live" || how === "replayed" ? at : 0)),
        away.at(-1)?.to ?? 0,
      ]),
    );
    const to = Math.max(
      sent.at(events) + pace.every * 0.7,
      latest + pace.every * 0.3,
      on.connected || model.over ? 0 : now(),
    );
    const width = svg.clientWidth;
    scale = (time) => Math.min(1, (time - from) / (to - from)) * width; // asked again much later: at the edge
    const radius = Math.max(2, Math.min(11, (pace.every / (to - from)) * width * 0.43));
    const marks = [];
    const put = (...nodes) => marks.push(...nodes);
    const rail = (y) => drawn("line", { class: "rail", x2: width, y1: y, y2: y });
    const label = (x, y, words, more) => drawn("text", { class: "label", x, y, ...more }, words);
    const disc = (kind, seq, x, y, ...inside) =>
      drawn(
        "g",
        { class: kind, transform: `translate(${x.toFixed(1)} ${y})` },
        drawn("circle", { r: radius }),
        ...inside,
        radius >= 7 && seq
          ? drawn("text", { "font-size": Math.min(12, radius * 1.2), dy: ".36em" }, `${seq}`)
          : null,
      );
    const lost = (x, y) =>
      radius < 5
        ? drawn("g", { class: "gap", transform: `translate(${x.toFixed(1)} ${y})` }, cross.cloneNode())
        : disc("gap", 0, x, y, cross.cloneNode());
    const half = Math.max(2, radius * 0.45);
    const cross = drawn("path", {
      d: `M${-half} ${-half} ${half} ${half}M${half} ${-half} ${-half} ${half}`,
    });

    for (const { from: gone, to: back, mine } of on.away) {
      const [x, end] = [scale(gone), scale(back ?? now())];
      const told =
        mine === "io server disconnect"
          ? "goodbye"
          : mine === "the page was left"
            ? "you left"
            : "your wire is cut";
      put(
        drawn("rect", { class: "zone", x, y: 3, width: Math.max(2, end - x), height: FAR + 16 - 3, rx: 4 }),
      );
      put(label(Math.min(width - 48, Math.max(48, (x + end) / 2)), 16, told, { class: "zone-name" }));
    }
    const first = on.away.length ? scale(on.away[0].from) : width;
    if (first > 90) put(label(0, 16, "server sent"));
    put(
      rail(TOP),
      rail(NEAR),
      rail(FAR),
      label(0, NEAR + 28, model.kind === "off" ? "you, no buffer" : "you, with a buffer"),
      label(0, FAR + 28, "your twin, without"),
    );
    put(label(width, FAR + 28, `seconds 0 … ${Math.round((to - from) / 1000)}`, { class: "label end" }));

    for (let seq = 1; seq <= events; seq++)
      put(disc(sent.known.has(seq) ? "sent" : "planned", seq, scale(sent.at(seq)), TOP));
    for (const { seq, how, at } of on.r.log) {
      const [x, y] = [scale(sent.at(seq)), NEAR];
      if (how === "live")
        put(
          drawn("line", { class: "flight", x1: x, y1: TOP + radius, x2: scale(at), y2: y - radius }),
          disc("live", seq, scale(at), y),
        );
      if (how === "gap")
        put(drawn("path", { class: "stub", d: `M${x} ${TOP + radius + 1}V${TOP + 40}` }), lost(x, y));
    }
    for (const { at, after } of on.asked) {
      const x = scale(at);
      put(
        drawn("path", { class: "asked", d: `M${x} ${NEAR - 3}V${TOP + radius + 4}m-4 7 4-7 4 7` }),
        label(x > width - 64 ? x - 6 : x + 5, TOP + radius + 20, `after ${after}`, {
          class: `asked-name${x > width - 64 ? " end" : ""}`,
        }),
      );
    }
    // What came back at one moment is one capsule, with a path from each event.
    const after = { replayed: 0, twice: 1, dropped: 1 };
    for (const [how, above] of Object.entries(after)) {
      for (const group of together(
        on.r.log.filter((entry) => entry.how === how),
        pace.every,
      )) {
        const seqs = group.map(({ seq }) => seq);
        const words = short(seqs) + (how === "twice" ? " twice" : "");
        const wide = 30 + words.length * 7;
        const x = scale(group.at(-1).at);
        const [left, y] = [
          Math.max(0, Math.min(width - wide - 1, x - wide + 6)),
          NEAR - CAPSULE - above * 26,
        ];
        const sign =
          how === "dropped" ? "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0M-3.500 3.500 3.500-3.500" : AGAIN;
        if (how === "replayed") {
          for (const { seq } of group) {
            const away = scale(sent.at(seq));
            put(
              drawn("path", {
                class: "path",
                d: `M${away} ${TOP + radius}V${TOP + 38}Q${away} ${y} ${Math.max(left, away + 8)} ${y}`,
              }),
            );
          }
          put(drawn("line", { class: "landing", x1: x, x2: x, y1: y + 10, y2: NEAR }));
        }
        const box = (grow) =>
          drawn("rect", {
            x: left - grow,
            y: y - 10 - grow,
            width: wide + 2 * grow,
            height: 20 + 2 * grow,
            rx: 10 + grow,
          });
        put(
          drawn(
            "g",
            { class: how, "data-capsule": how },
            how === "replayed" ? box(3) : null,
            box(0),
            drawn("path", { class: "sign", d: sign, transform: `translate(${left + 14} ${y})` }),
            label(left + 24, y + 4.5, words),
          ),
        );
      }
    }
    for (const { seq, how, at } of off.r.log) {
      const x = scale(how === "live" ? at : sent.at(seq));
      if (how === "live" || how === "gap") put(how === "gap" ? lost(x, FAR) : disc(how, seq, x, FAR));
    }
    hand = drawn("line", { class: "hand", y1: 20, y2: FAR + 16 });
    svg.replaceChildren(...marks, hand);
    svg.setAttribute("aria-label", `${spoken(on.r, "You")} ${spoken(off.r, "Your twin")}`);
    move(seen);
  }

  const spoken = (r, who) => {
    const { live, replayed, gap } = sums(r);
    return `${who}: ${live.length} live, ${replayed.length} replayed, ${gap.length} missing${gap.length ? `, events ${spans(gap)}` : ""}.`;
  };

  function move({ now, model }) {
    const over = model.over || !scale;
    hand?.toggleAttribute("hidden", over);
    if (!over)
      for (const end of ["x1", "x2"])
        hand.setAttribute(end, Math.min(svg.clientWidth, Math.max(0, scale(now()))));
  }

  // The buffer as it was last told: slots, the oldest first.
  function store({ buffered, model, now, readers }) {
    const stale =
      buffered &&
      (!readers[0].connected || (!model.over && now() - buffered.at > Math.max(1500, 1.5 * model.every)));
    const told = JSON.stringify([model.kind, model.keep, buffered?.kept, stale]);
    if (told === shown) return;
    shown = told;
    const [first, end] = buffered?.kept ?? [1, 0];
    const keep = buffered?.keep ?? model.keep;
    const kind = buffered?.kind ?? model.kind;
    const slots = [];
    if (kind && kind !== "off" && keep <= SLOTS) {
      const fallen = Math.max(1, first - 3);
      for (let seq = fallen; seq < first; seq++)
        slots.push(
          element("li", { class: "fallen" }, element("span", { class: "hidden" }, "trimmed: "), `${seq}`),
        );
      for (let seq = first; seq <= end; seq++) slots.push(element("li", { class: "kept" }, `${seq}`));
      for (let empty = Math.max(0, end - first + 1); empty < keep; empty++)
        slots.push(element("li", { class: "free", "aria-hidden": "true" }));
    }
    const held = end < first ? "nothing yet" : first === end ? `${first}` : `${first} to ${end}`;
    const words = !kind
      ? "No run yet: the buffer is empty."
      : kind === "off"
        ? "No buffer: the server keeps nothing."
        : `In ${kind}, the last ${keep}: ${held}${stale ? ", as last heard" : ""}.`;
    tray.toggleAttribute("data-stale", Boolean(stale));
    tray.replaceChildren(element("p", {}, words), ...(slots.length ? [element("ol", {}, ...slots)] : []));
  }

  // The sums

  function line(home, r, told, model) {
    const has = sums(r);
    const sent = Math.max(tally(has), model.over ? 0 : r.cursor);
    const tile = (name, n, words, sign) =>
      element(
        "span",
        { "data-sum": name, "data-n": n },
        sign && element("i", {}, sign),
        element("b", {}, `${n}`),
        element("span", {}, words),
      );
    const twice = has.twice.length;
    const tiles = [
      tile("sent", sent, "sent"),
      tile("live", has.live.length, "live", "="),
      tile("replayed", has.replayed.length, "replayed", "+"),
      tile("gap", has.gap.length, "gap", "+"),
      tile(
        "dropped",
        has.dropped.length,
        has.dropped.length === 1 ? "duplicate dropped" : "duplicates dropped",
      ),
    ];
    if (twice) tiles.push(tile("twice", twice, "handled twice"));
    home.replaceChildren(...tiles, verdict(has, told, model, sent));
  }

  function verdict(has, told, model, sent) {
    const box = (good, words) =>
      element(
        "span",
        { class: "mark", "data-record": good ? "same" : "other", "data-good": good },
        icon(good ? "tick" : "cross"),
        words,
      );
    if (!told || told.waiting)
      return element(
        "span",
        { class: "quiet", "data-record": "waiting" },
        model.over ? "the server has no record of it" : "so far",
      );
    if (!told.ok) return box(false, told.error);
    const mine = [sent, has.live.length, has.replayed.length, has.gap.join()];
    const theirs = [told.sent, told.live, told.replayed, told.gap.join()];
    const same = mine.every((value, at) => value === theirs[at]);
    return box(
      same,
      same
        ? "the server agrees"
        : `the server's record: ${told.sent} = ${told.live} + ${told.replayed} + ${told.gap.length}`,
    );
  }

  // One row for each event, under its fate on both sockets.
  function list({ model, readers }) {
    const [on, off] = readers.map(
      ({ r }) =>
        new Map(
          r.log.filter(({ how }) => how !== "dropped" && how !== "twice").map((entry) => [entry.seq, entry]),
        ),
    );
    const sent = sender({ every: model.every ?? 1000, origin: model.origin }, readers);
    const start = sent.at(1);
    const fate = (entry) =>
      !entry
        ? "–"
        : entry.how === "gap"
          ? `gap: ${entry.why}`
          : `${entry.how}, after ${Math.max(0, Math.round(entry.at - sent.at(entry.seq)))} ms`;
    for (let seq = 1; seq <= Math.max(on.size, off.size); seq++) {
      const known = on.get(seq)?.sent_at ? on.get(seq) : off.get(seq);
      const when = `${((sent.at(seq) - start) / 1000).toFixed(2)} s${known?.sent_at ? "" : ", computed"}`;
      rows(`${model.run} ${seq}`, [
        model.run.slice(0, 6),
        seq,
        known?.text ?? "",
        when,
        fate(on.get(seq)),
        fate(off.get(seq)),
      ]);
    }
  }

  // The words: the state of things while something happens, the reason when it is over.
  function words(seen) {
    const [head, lines, said = ""] = state(seen) ?? reasons(seen);
    both.textContent = said;
    if (title.textContent !== head) title.textContent = head;
    const told = lines.join(" ");
    if (text.textContent !== told) text.textContent = told;
    panel.querySelector("[name=reconnect]").hidden = lab.socket.connected || lab.socket.active;
  }

  return {
    draw,
    tick(seen) {
      if (
        !CALM.matches ||
        Math.floor(performance.now() / 1000) !== Math.floor((performance.now() - 100) / 1000)
      )
        move(seen);
      if (!seen.readers[0].connected) draw(seen);
    },
    say(sentence, kind) {
      says.dataset.kind = kind;
      says.textContent = sentence;
      if (sentence) lab.announce(sentence);
    },
    // Who presses a button below should see what it does.
    look() {
      const { top, bottom } = svg.getBoundingClientRect();
      const head = panel.querySelector(".panel-head");
      if (top < head.offsetHeight || bottom > innerHeight) head.scrollIntoView({ block: "start" });
    },
    // What stands beside the prediction.
    outcome({ model, readers }) {
      const [on, off] = readers.map(({ r }) => sums(r));
      const here = on.live.length + on.replayed.length;
      return [
        `You: ${here} of ${tally(on)}, ${on.live.length} live and ${on.replayed.length} replayed${on.gap.length ? `; ${spans(on.gap)} gone` : ""}.`,
        `Your twin without a buffer: ${off.live.length} of ${tally(off)}.`,
        model.readers.on.ended
          ? "The server does not know this run any more."
          : `The server's record: ${readers[0].tally?.sent ?? "no"} sent.`,
      ];
    },
  };
}

// Entries of one moment stand together.
function together(entries, every) {
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && entry.at - last.at(-1).at <= every / 4) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function state({ model, cut, now, readers: [on] }) {
  const goodbye = on.reason === "io server disconnect" || cut?.how === "goodbye";
  if (!on.connected && goodbye) {
    return [
      "Goodbye: the client stays away",
      [
        "The server called disconnect(). To the client that is a decision, not an accident, so it does not try again. Press Reconnect when you want to.",
      ],
    ];
  }
  if (!on.connected && cut && cut.until > now()) {
    const tried = on.tries
      ? `Your client has tried ${count(on.tries, "time")} and was sent away with 503.`
      : "Your client will try again by itself.";
    return [
      `Your wire is cut: open again in ${seconds(cut.until - now())} s`,
      [tried, "The server goes on sending. This page draws those events hollow: it cannot know of them."],
    ];
  }
  if (!on.connected && on.r)
    return ["Not connected", [`Your client has tried ${count(on.tries, "time")}. It goes on by itself.`]];
  if (!model.run)
    return [
      "Nothing has been sent yet",
      [
        "Press Start, then cut your wire while the events come. Two sockets of this page go through the same: yours, and a twin for which the server keeps nothing.",
      ],
    ];
  if (on.r.state === "SYNCING") return ["Asking", [`“My last was ${on.r.cursor}. What came after it?”`]];
  return null;
}

// Why the sums are what they are, from the log.
function reasons({ model, readers: [on, off] }) {
  const [mine, other] = [sums(on.r), sums(off.r)];
  const again = new Set([...mine.dropped, ...mine.twice]); // these came live as well
  const passed = [...mine.replayed, ...mine.gap].filter((seq) => !again.has(seq));
  const slept = `${count(passed.length, "event")} passed while you were away (${spans(passed)}).`;
  const why = on.r.log.find(({ how }) => how === "gap")?.why;
  const ended = model.readers.on.ended;
  const lines = [];
  if (ended)
    lines.push(
      `You know ${on.r.cursor} events of this run. The server does not know it any more (“${ended}”): what was kept in memory went with its process. How many more there were, nobody can say.`,
    );
  else if (mine.gap.length) lines.push(slept, because(why, mine, model));
  else if (mine.replayed.length)
    lines.push(
      slept,
      `Back again, your page said “my last was ${mine.replayed[0] - 1}”, and the server sent ${spans(mine.replayed)} once more.`,
    );
  else
    lines.push(
      model.over
        ? "Every event reached you as it was sent."
        : "The events come as they are sent. Cut your wire.",
    );
  const [once, twice] = [mine.dropped.length, mine.twice.length];
  if (once)
    lines.push(
      `${count(once, "event")} came a second time (${spans(mine.dropped)}): your page dropped the copy by its number.`,
    );
  if (twice)
    lines.push(
      `${count(twice, "event")} came a second time (${spans(mine.twice)}) and ${twice === 1 ? "was" : "were"} handled twice: nothing looked at the number.`,
    );
  if (other.gap.length)
    lines.push(
      `Your twin, with the same handler, in the same cut, misses ${spans(other.gap)}${other.gap.length === mine.gap.length ? " as well" : ""}.`,
    );
  const last = on.away.at(-1);
  const said =
    last &&
    `Why the wire went: your client says “${last.mine}”${last.theirs ? `, the server says “${last.theirs}”` : ""}.`;
  const n = ended ? null : mine.gap.length;
  const head = ended
    ? "The run is gone"
    : n
      ? `Why a gap of ${n}?`
      : mine.replayed.length
        ? "Nothing is missing: why?"
        : model.over
          ? "Nothing is missing"
          : `Event ${on.r.cursor} of ${model.count ?? "?"}`;
  return [head, lines, said];
}

function because(why, { gap, replayed }, { keep }) {
  const had = `event${gap.length === 1 ? "" : "s"} ${spans(gap)} had`;
  if (why === "trimmed")
    return `The buffer holds ${keep}: ${replayed.length ? `${spans(replayed)} came back, ` : ""}${had} been trimmed. The server said so: nothing went missing in silence.`;
  if (why === "buffer off")
    return `Nothing was kept, so nothing can be sent again: ${spans(gap)} ${gap.length === 1 ? "is" : "are"} gone. No error was raised; only the numbers tell you.`;
  return `${spans(gap)} ${gap.length === 1 ? "is" : "are"} gone: ${why}.`;
}
