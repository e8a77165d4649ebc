// The script of a page without an origin: makes a worker of the text that the page around it sends, and hands
// back what that says. {run, text} begins one, any other message ends it. Stands in the page itself.

const MOST = 60; // messages of a worker in a second: ours posts ten
let worker = null;

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent) return;
  worker?.terminate();
  worker = null;
  if (data.text !== undefined) begin(data, (told) => parent.postMessage({ run: data.run, ...told }, origin));
});

function begin({ text }, tell) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const mine = new Worker(address);
  let [second, count] = [0, 0];
  worker = mine;
  mine.addEventListener("message", ({ data }) => {
    const now = Math.floor(performance.now() / 1000);
    [second, count] = now === second ? [second, count + 1] : [now, 1];
    if (worker !== mine) return;
    if (count <= MOST) return tell({ said: data });
    mine.terminate();
    worker = null;
    tell({ flooded: true });
  });
  mine.addEventListener("error", (event) => {
    event.preventDefault();
    if (worker === mine) tell({ failed: String(event.message), line: event.lineno });
  });
}
