// What a run says of itself in words: its state while something happens, the reasons when it is over. Pure.

import { count } from "../../lib/dom.js";
import { sums } from "./receiver.js";

const GOODBYE = "io server disconnect"; // the client's reason for a disconnect() that the server called

// 5, 6, 7, 9 → "5 to 7 and 9"
export function spans(seqs) {
  const parts = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else parts.push([seq, seq]);
  }
  const words = parts.map(span);
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("");
}

function span([from, to]) {
  if (from === to) return `${from}`;
  return to === from + 1 ? `${from} and ${to}` : `${from} to ${to}`;
}

const events = (seqs) => `event${seqs.length === 1 ? "" : "s"} ${spans(seqs)}`;
const areGone = (seqs) => `${events(seqs)} ${seqs.length === 1 ? "is" : "are"} gone`;
export const tally = ({ live, replayed, gap }) => live.length + replayed.length + gap.length;

// → {head, lines, said}: a title, its sentences, and why the connection was lost.
export function words(run) {
  return state(run) ?? reasons(run);
}

// While something happens; null otherwise.
function state({ model, outage, now, readers: [on] }) {
  const left = on.reason === GOODBYE || outage?.how === "goodbye";
  if (!on.connected && left) return goodbye();
  if (!on.connected && outage?.until > now()) return cutOff(outage.until - now(), on.tries);
  if (!on.connected && on.r) {
    const tried = `Your client has tried ${count(on.tries, "time")}. It goes on by itself.`;
    return { head: "Not connected", lines: [tried] };
  }
  if (!model.run) return nothingYet();
  if (on.r.state !== "SYNCING") return null;
  return { head: "Asking", lines: [`“My last was ${on.r.cursor}. What came after it?”`] };
}

const goodbye = () => ({
  head: "Disconnected by the server: the client stays away",
  lines: [
    "The server called disconnect(). To the client that is a decision, not an accident,",
    "so it does not try again. Press Reconnect when you want to.",
  ],
});

function cutOff(time, tries) {
  const seconds = Math.max(0, Math.ceil(time / 1000));
  const tried = `Your client has tried ${count(tries, "time")} and was sent away with 503.`;
  const goesOn = "The server goes on sending. This page draws those events hollow: it cannot know of them.";
  return {
    head: `Your connection is cut: it may come back in ${seconds} s`,
    lines: [tries ? tried : "Your client will try again by itself.", goesOn],
  };
}

const nothingYet = () => ({
  head: "Nothing has been sent yet",
  lines: [
    "Press Start, then cut your connection while the events come.",
    "Two sockets of this page go through the same: yours, and a twin for which the server keeps nothing.",
  ],
});

// Why the sums are what they are, from the log.
function reasons({ model, readers: [on, off] }) {
  const [mine, other] = [sums(on.r), sums(off.r)];
  const lines = [...away(model, on, mine), ...duplicates(mine)];
  if (other.gap.length) {
    const same = other.gap.length === mine.gap.length ? " as well" : "";
    const misses = `misses ${spans(other.gap)}${same}`;
    lines.push(`Your twin, with the same handler, in the same cut, ${misses}.`);
  }
  return { head: title(model, on, mine), lines, said: disconnectReasons(on.away.at(-1)) };
}

function title(model, on, mine) {
  if (model.readers.on.ended) return "The run is gone";
  if (mine.gap.length) return `Why a gap of ${mine.gap.length}?`;
  if (model.over && on.r.cursor < model.count)
    return `The run ended after ${on.r.cursor} of ${model.count} events`;
  if (mine.replayed.length) return "Nothing is missing: why?";
  return model.over ? "Nothing is missing" : `Event ${on.r.cursor} of ${model.count ?? "?"}`;
}

// What became of the events that were sent while you were away.
function away(model, on, mine) {
  const { ended } = model.readers.on;
  if (ended) {
    const gone = `The server does not know it any more (“${ended}”)`;
    return [
      `You know ${on.r.cursor} events of this run. ${gone}: what was kept in memory went with its process.`,
      "How many more there were, nobody can say.",
    ];
  }
  const twice = new Set([...mine.dropped, ...mine.twice]); // these came live as well
  const passed = [...mine.replayed, ...mine.gap].filter((seq) => !twice.has(seq));
  const slept = `${count(passed.length, "event")} passed while you were away (${spans(passed)}).`;
  if (mine.gap.length) return [slept, because(on.r.log.find(({ how }) => how === "gap").why, mine, model)];
  if (mine.replayed.length) {
    const asked = `Back again, your page said “my last was ${mine.replayed[0] - 1}”`;
    return [slept, `${asked}, and the server sent ${spans(mine.replayed)} once more.`];
  }
  if (model.over && on.r.cursor < model.count) {
    return ["Every event that was sent reached you. A server that is restarted does not go on with a run."];
  }
  if (model.over) return ["Every event reached you as it was sent."];
  return ["The events come as they are sent. Cut your connection."];
}

function because(why, { gap, replayed }, { keep }) {
  const gone = areGone(gap);
  if (why === "buffer off") {
    const nothing = "Nothing was kept, so nothing can be sent again";
    return `${nothing}: ${gone}. No error was raised; only the numbers tell you.`;
  }
  if (why !== "trimmed") return `${gone}: ${why}.`;
  const back = replayed.length ? `${spans(replayed)} came back, ` : "";
  const had = `${events(gap)} had been trimmed`;
  return `The buffer holds ${keep}: ${back}${had}. The server said so: nothing went missing in silence.`;
}

function duplicates({ dropped, twice }) {
  const came = (seqs) => `${count(seqs.length, "event")} came a second time (${spans(seqs)})`;
  const were = twice.length === 1 ? "was" : "were";
  const lines = [];
  if (dropped.length) lines.push(`${came(dropped)}: your page dropped the copy by its number.`);
  if (twice.length) lines.push(`${came(twice)} and ${were} handled twice: nothing looked at the number.`);
  return lines;
}

function disconnectReasons(last) {
  if (!last) return "";
  const server = last.theirs ? `, the server says “${last.theirs}”` : "";
  return `Disconnect reason: your client says “${last.mine}”${server}.`;
}

// The picture for those who do not see it.
export function spoken(r, who) {
  const { live, replayed, gap } = sums(r);
  const missing = `${gap.length} missing${gap.length ? `: ${events(gap)}` : ""}`;
  return `${who}: ${live.length} live, ${replayed.length} replayed, ${missing}.`;
}

// What stands beside the prediction.
export function outcome({ model, readers }) {
  const [on, off] = readers.map(({ r }) => sums(r));
  const came = `${on.live.length} live and ${on.replayed.length} replayed`;
  const gone = on.gap.length ? `; ${areGone(on.gap)}` : "";
  const record = `The server's record: ${readers[0].tally?.sent ?? "no"} sent.`;
  return [
    `You: ${on.live.length + on.replayed.length} of ${tally(on)}, ${came}${gone}.`,
    `Your twin without a buffer: ${off.live.length} of ${tally(off)}.`,
    model.readers.on.ended ? "The server does not know this run any more." : record,
  ];
}
