// Namespaces: three conversations on one connection, each opened, heard and closed by itself.
// Speaks the events of socketlab/lessons/namespaces/handlers.py; fills templates/lessons/namespaces.html.

const NAMES = ["/kitchen", "/tables", "/manager"];
const ROOM = "window";

export default function mount(panel, lab) {
  // Fetched when somebody reaches for the panel.
  const use = lab.late(
    () => import("./namespaces.js"),
    ({ Namespaces }) => new Namespaces(panel, lab),
  );
  for (const reach of ["pointerover", "focusin"]) panel.addEventListener(reach, () => use(), { once: true });
  own(panel, lab);
  requests(panel, use);
  orders(panel, use, lab);
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
function requests(panel, use) {
  for (const form of panel.querySelectorAll("[data-connect]")) {
    const name = form.closest("[data-namespace]").dataset.namespace;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "join") return use((namespaces) => namespaces.join(name, ROOM));
      const code = form.elements.code?.value;
      use((namespaces) => namespaces.toggle(name, code));
    });
  }
}

function orders(panel, use, lab) {
  panel.querySelector("[data-order]").addEventListener("submit", (event) => {
    event.preventDefault();
    const { dish, to } = event.target.elements;
    const what = { dish: dish.value, ...(to.value && { room: to.value }) };
    use((namespaces) => namespaces.order(event.submitter.value, what));
  });
  lab.step("one_pipe", {
    run({ step }) {
      const [code, dish] = ["code", "dish"].map((name) => panel.querySelector(`[name=${name}]`).value);
      return use((namespaces) => namespaces.run(NAMES, code, { dish, step }));
    },
  });
}
