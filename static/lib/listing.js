// The code of a lesson, as it is on disk: one file at a time, with the lines marked that just ran.

const all = (selector, home = document) => [...home.querySelectorAll(selector)];

// Resolves, once the files of the lesson are in their places, to mark(), which marks in each of them its
// data-lines ("from to", counted from 1) and scrolls there. Throws where they cannot be fetched.
export async function listing(slug) {
  const files = all("[data-file]");
  const source = await page(`/source/${slug}`);
  const bar = document.querySelector("[data-files]");
  const open = (file) => {
    for (const each of files) each.toggleAttribute("data-open", each === file);
    for (const button of bar.children)
      button.setAttribute("aria-pressed", button.textContent === file.dataset.file);
    scrollToMarked(file);
  };
  for (const file of files) {
    const lines = source.querySelector(`[data-listing="${CSS.escape(file.dataset.file)}"] > *`);
    listed(file).replaceChildren(lines);
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.textContent = file.dataset.file;
    button.addEventListener("click", () => open(file));
    bar.append(button);
  }
  if (files.length) open(files[0]);
  return () => {
    files.forEach(markLines);
    files.forEach(scrollToMarked);
  };
}

const listed = (file) => file.querySelector(".listing");

// Parsed by the browser as it comes: no text of ours is made into elements by a script.
function page(address) {
  const request = Object.assign(new XMLHttpRequest(), { responseType: "document" });
  request.open("GET", address);
  request.setRequestHeader("Accept", "text/html");
  return new Promise((done, failed) => {
    request.onload = () => (request.status === 200 ? done(request.response) : failed(request.status));
    request.onerror = failed;
    request.send();
  });
}

function scrollToMarked(file) {
  const first = file.querySelector("[data-ran]:is(li)");
  if (first) listed(file).scrollTop = first.offsetTop - first.parentNode.offsetTop - 24;
}

function markLines(file) {
  const [from, to] = (file.dataset.lines ?? "0 -1").split(" ").map(Number);
  all(".code-lines > li", file).forEach((line, at) => {
    line.toggleAttribute("data-ran", at + 1 >= from && at < to);
  });
}
