// The longest that a prediction's race becomes: 40 messages, many pieces of the stream, for tests/test_layout.py.

const digits = (number) => String(number).padStart(3, "0");
const PIECE = 10; // bytes

export default async function fill(panel) {
  const { Race } = await import("/static/lessons/layers/race.js");
  const lab = {
    announce() {},
    receipt() {},
    table: () => () => {},
    clock: { now: () => 1000 },
    socket: { auth: { seat: "a seat" } },
  };
  const race = new Race(panel, lab);
  race.begin("full");
  const stream = Array.from({ length: 40 }, (_, at) => digits(at + 1)).join("");
  const tcp = stream.match(new RegExp(`.{1,${PIECE}}`, "g"));
  const order = [2, 3, 1, ...Array.from({ length: 37 }, (_, at) => at + 4)];
  const udp = order.filter((number) => number % 10).map(digits);
  const missing = [10, 20, 30, 40];
  const sums = {
    tcp: { reads: tcp.length, missing: [] },
    udp: { reads: 36, missing, swapped: 1 },
  };
  race.raced({ run: "full", seq: 50, sent: 40, ...sums, texts: { tcp, udp } });
  race.say("100 messages on each road in 12.3 ms, shown 12,345 times slower.");
}
