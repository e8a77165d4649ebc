// The code of a lesson, as it is on disk: one file at a time, with the lines marked that just ran.

const all = (selector, home = document) => [...home.querySelectorAll(selector)];

// Returns ran(event), which marks the lines that sent or handled the event in every listing that has it, and
// showMarked(), which scrolls the listings there.
export function listing() {
  const files = all("[data-file]");
  const bar = document.querySelector("[data-files]");
  const open = (file) => {
    for (const each of files) each.toggleAttribute("data-open", each === file);
    for (const button of bar.children)
      button.setAttribute("aria-pressed", button.textContent === file.dataset.file);
  };
  const showMarked = () => files.forEach(scrollToMarked);
  for (const file of files) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.textContent = file.dataset.file;
    button.addEventListener("click", () => {
      open(file);
      scrollToMarked(file);
    });
    bar.append(button);
    file.handlers = JSON.parse(file.dataset.handlers);
  }
  if (files.length) open(files[0]);
  let last = null;
  const ran = (event) => {
    if (event === last) return;
    last = event;
    for (const file of files) markLines(file, event, file === files[0]);
    showMarked();
  };
  return { ran, showMarked };
}

function scrollToMarked(file) {
  const first = file.querySelector("[data-ran]:is(li)");
  if (first) file.querySelector(".listing").scrollTop = first.offsetTop - first.parentNode.offsetTop - 24;
}

function markLines(file, event, isFirst) {
  const range = file.handlers[event] ?? file.handlers[event.split(" ").at(-1)]; // "kitchen order"
  if (!range) return;
  const [from, to] = range;
  all(".code-lines > li", file).forEach((line, at) => {
    line.toggleAttribute("data-ran", at + 1 >= from && at < to);
  });
  const which = from === to ? `line ${from}` : `lines ${from} to ${to}`;
  file.querySelector("[data-ran]:is(p)").textContent = `The event ${event} just ran ${which}.`;
  const justRan = `${event} just ran: ${file.dataset.file}, ${which}`;
  if (isFirst) document.querySelector("[data-just-ran]").textContent = justRan;
}
