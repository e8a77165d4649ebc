// Namespaces: three conversations on one connection, each opened, heard and closed by itself.
// Speaks the events of socketlab/lessons/namespaces/handlers.py; fills templates/lessons/namespaces.html.

const NAMES = ["/kitchen", "/tables", "/manager"];
const ROOM = "window";

export default function mount(panel, lab) {
  let namespaces = null; // fetched when somebody reaches for the panel
  const ready = () => {
    namespaces ??= import("./namespaces.js").then(({ Namespaces }) => new Namespaces(panel, lab));
    return namespaces;
  };
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, ready, { once: true });
  own(panel, lab);
  requests(panel, ready);
  orders(panel, ready, lab);
}

// The page's own two namespaces share the connection; their sids are what the client says.
function own(panel, { socket, everyone }) {
  const show = () => {
    for (const each of [socket, everyone]) {
      panel.querySelector(`[data-own="${each.nsp}"]`).textContent = each.id ?? "none at the moment";
    }
  };
  for (const each of [socket, everyone]) each.on("connect", show).on("disconnect", show);
  show();
}

// Opening, closing, joining: each namespace has a form of its own.
function requests(panel, ready) {
  for (const form of panel.querySelectorAll("[data-door]")) {
    const name = form.closest("[data-strand]").dataset.strand;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const namespaces = await ready();
      if (event.submitter?.name === "join") return namespaces.join(name, ROOM);
      namespaces.toggle(name, form.elements.code?.value);
    });
  }
}

function orders(panel, ready, lab) {
  panel.querySelector("[data-order]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, value, dataset } = event.submitter;
    const { dish, to } = event.target.elements;
    const what = { dish: dish.value, ...(to.value && { room: to.value }) };
    const namespaces = await ready();
    if (name === "order") return namespaces.order(value, what);
    const { step } = dataset;
    const code = panel.querySelector("[name=code]").value;
    const outcome = await namespaces.run(NAMES, code, { dish: dish.value, step });
    if (outcome) lab.reveal(step, outcome);
  });
}
