// static/lessons/layers/reads.js: what the reads of a race mean.

import assert from "node:assert/strict";
import test from "node:test";

import {
  completed,
  datagrams,
  outcome,
  parts,
  placeOf,
  sum,
  torn,
} from "../../../static/lessons/layers/reads.js";

test("a read of the stream is parted where the messages are, and torn ends say which half they are", () => {
  assert.deepEqual(parts("0010020", 0), [
    { text: "001", torn: null },
    { text: "002", torn: null },
    { text: "0", torn: "start" },
  ]);
  assert.deepEqual(parts("03004", 7), [
    { text: "03", torn: "end" },
    { text: "004", torn: null },
  ]);
  assert.deepEqual(parts("001", 0), [{ text: "001", torn: null }]);
});

test("however a stream is cut, its parts are its bytes", () => {
  const stream = Array.from({ length: 40 }, (_, at) => String(at + 1).padStart(3, "0")).join("");
  for (let size = 1; size < 30; size++) {
    const texts = stream.match(new RegExp(`.{1,${size}}`, "g"));
    const all = texts.flatMap((text, at) => parts(text, at * size).map((part) => part.text));
    assert.equal(all.join(""), stream);
    assert.equal(torn(texts), texts.slice(0, -1).filter((_, at) => ((at + 1) * size) % 3).length);
  }
});

test("a datagram is late behind a greater one, and a hole has its place among those in time", () => {
  const arrived = datagrams(["001", "003", "002", "005"].map((text) => ({ text })));

  assert.deepEqual(
    arrived.map(({ late }) => late),
    [false, false, true, false],
  );
  assert.equal(placeOf(4, arrived), 3);
  assert.equal(placeOf(6, arrived), 4);
});

test("an outcome is said from the server's own sums", () => {
  const end = {
    sent: 4,
    tcp: { reads: 2, missing: [] },
    udp: { reads: 3, missing: [3], swapped: 1 },
    texts: { tcp: ["0010", "02003004"], udp: ["002", "001", "004"] },
  };

  assert.deepEqual(completed(end.texts.tcp), [1, 3]);
  assert.equal(sum(4, end.udp), "4 sent = 3 received + 1 missing");
  assert.deepEqual(outcome(end), [
    "TCP: 2 calls of recv() for 4 messages, 1 to 3 at a time. 1 of them was cut in two, none is missing.",
    "UDP: 3 calls of recv(), each one whole message; 1 missing (3), 1 behind a later one.",
  ]);
});
