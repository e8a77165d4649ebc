// The bar of the connection in the header: full at each ping, empty when the client gives up, and moved once a second.
// It comes with the first ping. For who wants little motion it is full as long as there are pings.

const TICK = 1000; // ms; no animation, so that whoever waits for the page to rest need not wait for it

export function show(manager) {
  const bar = document.querySelector("[data-beat]");
  const lasts = Number(bar.dataset.beat) * 1000;
  let fullAt = 0;
  const draw = () => {
    bar.style.scale = `${Math.max(0, 1 - (performance.now() - fullAt) / lasts)} 1`;
  };
  const fill = () => {
    fullAt = performance.now();
    draw();
  };
  for (const event of ["open", "ping"]) manager.on(event, fill);
  fill();
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) setInterval(draw, TICK);
}
