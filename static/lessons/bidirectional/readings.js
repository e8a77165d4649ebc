// What the server's tap counted for each lane of the race, in words. Pure.

import { bytes, count, ms } from "../../lib/dom.js";

export const NAMES = { poll: "Short polling", long_poll: "Long polling", socket: "The socket" };
export const LANES = Object.keys(NAMES);

// The counters of a lane as text, by the names that the page gives their fields.
export function readings({ requests, empty, bytes_up, bytes_down, connections, delay_ms }) {
  const size = { bytes_up: bytes(bytes_up), bytes_down: bytes(bytes_down) };
  return { requests, empty, ...size, connections, median: ms(delay_ms.median), worst: ms(delay_ms.worst) };
}

export function sentence({ lane, requests, empty, events, bytes_up, bytes_down, delay_ms }, happened) {
  const asked = requests ? `${count(requests, "request")}, ${empty} of them for nothing` : "no request";
  const heard = `heard ${events} of ${happened}, at worst ${ms(delay_ms.worst)} late`;
  return `${NAMES[lane]}: ${asked}; ${heard}; ${bytes(bytes_up + bytes_down)}.`;
}
