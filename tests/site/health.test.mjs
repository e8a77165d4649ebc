// How a figure of the server's health is shown, without a page.

import assert from "node:assert/strict";
import test from "node:test";

import { shown } from "../../static/lib/health.js";

const HEALTH = { connections: 1234, memory: { capture: { bytes: 1_250_000, dropped: 0 } }, buffer: "off" };

test("memory has a unit, counts have thousands", () => {
  assert.equal(shown(HEALTH, "memory.capture.bytes", "MB"), "1.3 MB");
  assert.equal(shown(HEALTH, "memory.capture.dropped"), "0");
  assert.equal(shown(HEALTH, "connections"), "1,234");
});

test("what is not there, or no number, is not shown", () => {
  for (const path of ["memory.nothing.bytes", "limits.text", "buffer", ""])
    assert.equal(shown(HEALTH, path), "");
});
