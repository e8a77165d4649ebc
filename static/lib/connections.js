// One name for a connection in every view of a page: a letter, in the order in which they were first asked for.

const letters = new Map(); // number of the TCP connection -> letter

// 0 -> A, 25 -> Z, 26 -> AA
const spelt = (n) => (n < 26 ? "" : spelt(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));

export function letterOf(connection) {
  if (!letters.has(connection)) letters.set(connection, spelt(letters.size));
  return letters.get(connection);
}

export const nameOf = (connection) => `connection ${letterOf(connection)}`;
