// Namespaces: three conversations on one connection, each opened, used and closed by itself.
// Speaks the events of socketlab/lessons/namespaces/handlers.py; fills templates/lessons/namespaces.html.

const NAMES = ["/kitchen", "/tables", "/manager"];
const ROOM = "window";
const BETS = {
  // what an answer of the prediction says of the counters
  three_three: { connections: "3", given: "3" },
  three_paths: { connections: "3" },
  one_one: { connections: "1", given: "1" },
  one_each: { connections: "1", given: "1 each" },
};

export default function mount(panel, lab) {
  // Fetched with the first view already drawn.
  const use = lab.late(
    () => import("./namespaces.js"),
    ({ Namespaces }) => new Namespaces(panel, lab),
  );
  own(panel, lab);
  requests(panel, use);
  orders(panel, use, lab);
  connections(panel, lab);
  // The first one opens by itself: that costs a packet and two reads.
  lab.seen().then(() => use((namespaces) => namespaces.arrive(NAMES[0])));
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
    form.addEventListener("click", once);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "join") return use((namespaces) => namespaces.join(name, ROOM));
      const code = form.elements.code?.value;
      use((namespaces) => namespaces.toggle(name, code));
    });
  }
}

// The second half of a double click would undo the first.
function once(event) {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
}

// Asked for: three namespaces on one connection beside three connections.
function connections(panel, lab) {
  const use = lab.late(
    () => import("./apart.js"),
    ({ Comparison }) => new Comparison(panel, lab),
  );
  panel.querySelector("[name=apart]").addEventListener("click", () => {
    const code = panel.querySelector("[name=code]").value;
    use((comparison) => comparison.begin(NAMES, code));
  });
}

function orders(panel, use, lab) {
  const form = panel.querySelector("[data-order]");
  form.addEventListener("click", once);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { dish, to } = event.target.elements;
    const what = { dish: dish.value, ...(to.value && { room: to.value }) };
    use((namespaces) => namespaces.order(event.submitter.value, what));
  });
  lab.step("one_pipe", {
    chosen(choice) {
      for (const place of panel.querySelectorAll("[data-bet]")) {
        const bet = BETS[choice]?.[place.dataset.bet];
        place.textContent = bet ? `bet ${bet}` : "";
      }
    },
    run({ step }) {
      const [code, dish] = ["code", "dish"].map((name) => panel.querySelector(`[name=${name}]`).value);
      return use((namespaces) => namespaces.run(NAMES, code, { dish, step }));
    },
  });
}
