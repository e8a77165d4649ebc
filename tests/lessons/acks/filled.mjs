// Three soups for one order, with every answer too late, for tests/test_layout.py.

export default async function fill(panel) {
  const { View } = await import("/static/lessons/acks/view.js");
  const view = new View(panel, { announce() {}, table: () => () => {} });
  const times = [0, 1, 2];
  const order = '42/acks,7["order",{"dish":"soup","order_id":"soup-wwwwww","step":"three_soups"}]';
  const model = {
    order: "soup-wwwwww",
    began: 0,
    timeout: 1000,
    waits: true,
    tries: times.map((n) => ({
      id: n,
      at: n * 1000,
      text: order,
      ack: { at: (n + 1) * 4000, text: `43/acks,${n}[{"ok":true,"ticket":${n + 1},"total":${n + 1}}]` },
    })),
    soups: times.map((n) => ({ run: "full", seq: n + 1, at: (n + 1) * 4000, attempt: n + 1 })),
    said: { ok: false, at: 3000, words: "failed", why: "" },
  };
  view.begin(model, { mode: "slow", remember: false });
  view.draw(model, 12_000);
}
