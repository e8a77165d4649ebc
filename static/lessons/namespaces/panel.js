// Namespaces: three conversations in one pipe, each opened, heard and closed by itself.
// Speaks the events of socketlab/lessons/namespaces/handlers.py; fills templates/lessons/namespaces.html.

import { strands } from "./namespaces.js";

const NAMES = ["/kitchen", "/tables", "/manager"];
const ROOM = "window";

export default function mount(panel, lab) {
  const pipe = strands(panel, lab);
  own(panel, lab);
  doors(panel, pipe);
  orders(panel, pipe, lab);
}

// The page's own two namespaces share the pipe; their sids are what the client says.
function own(panel, { socket, everyone }) {
  const show = () => {
    for (const each of [socket, everyone]) {
      panel.querySelector(`[data-own="${each.nsp}"]`).textContent = each.id ?? "none at the moment";
    }
  };
  for (const each of [socket, everyone]) each.on("connect", show).on("disconnect", show);
  show();
}

function doors(panel, pipe) {
  for (const form of panel.querySelectorAll("[data-door]")) {
    const name = form.closest("[data-strand]").dataset.strand;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "join") return pipe.join(name, ROOM);
      pipe.toggle(name, form.elements.code?.value);
    });
  }
}

function orders(panel, pipe, lab) {
  panel.querySelector("[data-order]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, value, dataset } = event.submitter;
    const { dish, to } = event.target.elements;
    if (name === "order") return pipe.order(value, { dish: dish.value, ...(to.value && { room: to.value }) });
    const { step } = dataset;
    const outcome = await pipe.run(NAMES, panel.querySelector("[name=code]").value, {
      dish: dish.value,
      step,
    });
    if (outcome) lab.reveal(step, outcome);
  });
}
