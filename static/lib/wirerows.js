// GET /wire: the rows that the server captured. Asking for them is never recorded itself.

const wait = (time) => new Promise((done) => setTimeout(done, time));

export class Refused extends Error {
  constructor(status) {
    super(`The capture could not be read: the server answered ${status}.`);
    this.status = status;
  }
}

// rowsOf({after: n}): {rows, next, dropped}. Rejects with Refused where the server answers with a no, and with
// another Error in a sentence where it cannot be reached.
export async function rowsOf(query) {
  const answer = await fetch(`/wire?${new URLSearchParams(query)}`, { cache: "no-store" }).catch(() => {
    throw new Error("The capture could not be read: the server cannot be reached.");
  });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

// A reader has a place of its own among the rows, and goes on from there.
export function reader(from = 0) {
  let after = from;
  let visits = 0; // how often it was rewound: what was asked for before is of another server
  const read = async () => {
    const visit = visits;
    const { rows, next } = await rowsOf({ after });
    if (visit !== visits) return [];
    after = next;
    return rows;
  };
  return {
    read,
    // To the end: there is no connection 0, so nothing is sent, and only the place moves.
    async skip() {
      after = (await rowsOf({ after, connection: 0 })).next;
    },
    // After a lost connection: another server may number its rows from 1 again.
    rewind() {
      visits += 1;
      after = 0;
    },
    // Reads until enough(rows) says so, at most `looks` times, `pause` ms apart.
    async until(enough, { looks, pause }) {
      for (let look = 1; ; look++) {
        if ((await enough(await read())) || look >= looks) return;
        await wait(pause);
      }
    },
    place: () => after,
  };
}
