// One cut after the other: who is off, until when, who is back. Pure; moments are server ms.

export const MOMENT = 4000; // ms that the wall shows that the connection is back
export const PATIENCE = 10_000; // ms after a cut in which a client is expected back: its longest pause is 5 s

export class Cuts {
  constructor() {
    this.cut = new Set(); // seats whose wire is cut
    this.waits = new Map(); // seats whose cut is over and that are not back → since when
    this.back = new Set();
    this.since = 0;
    this.until = 0; // when the last of them may come back; 0 where nobody said
    this.overAt = null; // when nobody was waited for any more
  }

  get isOn() {
    return this.cut.size + this.waits.size > 0;
  }

  // After each roster. rows: seat → {state, until?}
  follow(rows, now) {
    const cut = [...rows.values()].filter(({ state }) => state === "cut");
    if (cut.length && !this.isOn)
      Object.assign(this, { back: new Set(), since: now, until: 0, overAt: null });
    const wasOn = this.isOn;
    const were = [...this.cut, ...this.waits.keys()];
    this.cut = new Set(cut.map(({ seat }) => seat));
    this.until = Math.max(this.until, ...cut.map(({ until }) => until ?? 0));
    for (const seat of this.cut) this.back.delete(seat);
    for (const seat of were) this.see(seat, rows.get(seat)?.state, now);
    if (wasOn && !this.isOn) this.overAt = now;
  }

  see(seat, state, now) {
    if (state === "away" && !this.waits.has(seat)) this.waits.set(seat, now);
    if (state === "away") return;
    this.waits.delete(seat);
    if (state && state !== "cut") this.back.add(seat);
  }

  // {kind: "cut" | "back" | null, title, line}: what stands large on the wall.
  says(now) {
    const late = [...this.waits].filter(([, since]) => now - since > PATIENCE).map(([seat]) => seat);
    for (const seat of late) this.waits.delete(seat);
    if (late.length && !this.isOn) this.overAt = now;
    return this.isOn ? this.during(now) : this.afterwards(now);
  }

  during(now) {
    const off = this.cut.size + this.waits.size;
    const of = off + this.back.size;
    const left = Math.ceil((this.until - now) / 1000);
    if (this.cut.size && left > 0) {
      return { kind: "cut", title: `${left} s`, line: `${off} of ${of} cut off.` };
    }
    return { kind: "cut", title: "", line: `${this.back.size} of ${of} are back.` };
  }

  afterwards(now) {
    if (this.overAt === null || now - this.overAt > MOMENT || !this.back.size) return { kind: null };
    const seconds = Math.round((this.overAt - this.since) / 1000);
    const who = this.back.size === 1 ? "1 seat" : `${this.back.size} seats`;
    return { kind: "back", title: "Connection back", line: `${who}, after ${seconds} s.` };
  }
}
