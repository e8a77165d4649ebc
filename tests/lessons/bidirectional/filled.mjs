// A race of 0.2 s with the counters that it really has, for tests/test_layout.py: figures are wider than dashes.

const DELAYS = { median: 1043.2, worst: 1976.5 };
const LANES = {
  poll: { requests: 120, empty: 112, bytes_up: 79_412, bytes_down: 38_124, connections: 6 },
  long_poll: { requests: 9, empty: 1, bytes_up: 5_931, bytes_down: 3_912, connections: 2 },
  socket: { requests: 0, empty: 0, bytes_up: 0, bytes_down: 780, connections: 1 },
};
const beside = { counters: 29_253, receipts: 802, heartbeat: 1_020, other: 12_345 };

export default async function fill(panel) {
  const { Race } = await import("/static/lessons/bidirectional/race.js");
  const lab = { announce() {}, table: () => () => {}, clock: { now: () => 1000 } };
  const race = new Race(panel.querySelector("[data-race]"), lab);
  race.predicted("12");
  race.begin({ run: "full", next: 0, lasts_ms: 24_000, events: 8 }, 200);
  for (const [lane, counts] of Object.entries(LANES)) {
    race.metered({ run: "full", lane, ...counts, events: 8, delay_ms: DELAYS, beside });
  }
  race.end();
  race.say("8 of 8 events so far; the WebSocket received 8.");
}
