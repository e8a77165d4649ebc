// What became of a wave: whom the server says it addressed, beside whose handlers ran on this page. Pure.

import { count } from "../../lib/dom.js";

// mine: how many sockets this page had; here: those of them whose handler ran, by their names.
export function outcome({ addressed, mine, here }) {
  const robots = [...here].filter((name) => name !== "you").length;
  const who = [here.has("you") && "you", robots && count(robots, "robot")].filter(Boolean).join(" and ");
  const silent = mine - here.size;
  const elsewhere = Math.max(0, addressed - mine);
  const parts = [`Addressed ${addressed}`, `confirmed here ${here.size}${who && ` (${who})`}`];
  if (silent > 0) parts.push(`${silent} silent so far`);
  if (elsewhere) parts.push(`${elsewhere} elsewhere`);
  return { elsewhere, sentence: `${parts.join(", ")}.` };
}
