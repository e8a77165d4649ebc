// A class of thirty, and the longest line, for tests/test_layout.py.

export default async function fill(panel) {
  const { Stage } = await import("/static/lessons/emit/stage.js");
  const places = [["lab"], ["lab", "hall"], ["hall"], []];
  const dots = Array.from({ length: 28 }, (_, n) => ({
    sid: `s${n}`,
    nick: "WWWWWWWWWWWWWWWWWWWW",
    rooms: places[n % 4],
    robot: n % 5,
  }));
  dots.push({ sid: "up", nick: "a", rooms: [], namespace: "/upstairs" });
  const live = panel.querySelector("[data-stage]");
  const home = live.cloneNode(true); // which the page itself, being alive, does not draw into any more
  live.replaceWith(home);
  for (const cell of home.querySelectorAll("[data-cell]")) cell.replaceChildren();
  const got = new Map(dots.map(({ sid }) => [sid, 1234]));
  const run = { id: "full", event: "heard", got, silent: new Set(), missed: new Set() };
  const stage = new Stage(home, () => {});
  stage.draw({ dots, more: 0, own: new Map([["s0", 0]]), run, sender: "s0", betting: false });
  panel.querySelector("[data-line=namespace]").toggleAttribute("data-chosen", true);
  const { python, node } = panel.querySelector("[data-line=namespace]").dataset;
  panel.querySelector("dd [data-python]").textContent = python;
  panel.querySelector("dd [data-node]").textContent = node;
  panel.querySelector("[data-at]").textContent = "handlers.py, line 100, just ran";
  for (const name of ["addressed", "confirmed", "silent"])
    panel.querySelector(`[data-${name}]`).textContent = "300";
}
