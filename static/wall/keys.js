// Single keys and the buttons that do the same. The keys can be switched off (WCAG 2.2, 2.1.4).

const KEYS = {
  m: "map",
  v: "question",
  p: "panel",
  w: "panel",
  j: "join",
  t: "table",
  b: "toggle",
  "?": "help",
  "/": "find",
};
const IDLE = 3000; // ms after which the buttons and the pointer go

export class Keys {
  // go(what): a screen, or "toggle" for blank and back.
  constructor(page, go) {
    Object.assign(this, { page, go, timer: 0 });
    this.help = page.querySelector("[data-help]");
    this.on = page.querySelector("[data-keys]");
    this.find = page.querySelector("[data-find]");
    page.addEventListener("keydown", (event) => this.key(event));
    page.addEventListener("click", ({ target }) =>
      this.press(target.closest?.("[data-press]")?.dataset.press),
    );
    page.addEventListener("pointermove", () => this.moved());
    // What a click took the focus to must not swallow the keys.
    page.querySelector(".tools").addEventListener("mousedown", (event) => event.preventDefault());
  }

  key(event) {
    const { key, target } = event;
    if (key === "Escape" && target === this.find) return this.leaveFind();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches?.("input, textarea, select") || this.help.open) return;
    if (this.typed(key)) event.preventDefault();
  }

  // Returns whether this key does something.
  typed(key) {
    const what = this.on.checked && KEYS[key.toLowerCase()];
    this.press(what);
    return Boolean(what);
  }

  press(what) {
    if (!what) return;
    if (what === "help") this.help.showModal();
    else if (what === "find") {
      this.go("map");
      this.find.focus();
    } else this.go(what === "blank" ? "toggle" : what);
  }

  leaveFind() {
    this.find.value = "";
    this.find.dispatchEvent(new Event("input"));
    this.find.blur();
  }

  moved() {
    const { body } = this.page;
    body.dataset.pointer = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => delete body.dataset.pointer, IDLE);
  }
}
