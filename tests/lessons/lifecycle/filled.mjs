// A hole of 20 s that was noticed after 17.9 s, for tests/test_layout.py: the longest words and the most pokes.

export default async function fill(panel) {
  const { View } = await import("/static/lessons/lifecycle/view.js");
  const view = new View(panel, { announce() {}, table: () => () => {} });
  const pokes = Array.from({ length: 17 }, (_, n) => ({ seq: n + 1, at: (n + 1) * 1000, confirmed: false }));
  const side = { reason: "ping timeout", after: 17_900 };
  const sids = { old: "WWWWWWWWWWWWWWWWWWWW", new: "MMMMMMMMMMMMMMMMMMMM" };
  const model = {
    run: "full",
    how: "hole",
    began: 0,
    until: 20_000,
    pokes,
    server: side,
    client: side,
    ...sids,
  };
  view.chosen("heartbeat", true, model, 19_000);
}
