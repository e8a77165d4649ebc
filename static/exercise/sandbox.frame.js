// The script of a page without an origin: makes a worker of the text that the page around it sends, and hands
// back what that says. {run, text} begins one, any other message ends it. Stands in the page itself.

const MOST = 60; // messages of a worker in a second: ours posts ten
// Firefox says of a text that it cannot read no more than that; whoever imports it is told why.
const WHY = "try { importScripts(name); } catch (no) { postMessage([String(no), no.lineNumber]); }";
let worker = null;

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent) return;
  worker?.terminate();
  worker = null;
  if (data.text !== undefined) begin(data, (told) => parent.postMessage({ run: data.run, ...told }, origin));
});

const addressOf = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));

function begin({ text }, tell) {
  const address = addressOf(text);
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
    if (worker !== mine) return;
    if (event.message) tell({ failed: String(event.message), line: event.lineno });
    else explain(address, tell);
  });
}

function explain(name, tell) {
  worker = new Worker(addressOf(WHY), { name });
  worker.addEventListener("message", ({ data: [failed, line] }) => tell({ failed, line }), { once: true });
}
