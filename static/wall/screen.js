// Which screen is on. The latest of what the teacher pressed, there or here, and what happens in the class wins;
// only blank stays until it is taken away. Pure.

export class Screen {
  constructor() {
    this.is = "join";
    this.before = "join"; // what comes back after blank
  }

  go(what) {
    if (what === "blank" && this.is !== "blank") this.before = this.is;
    this.is = what;
  }

  toggleBlank() {
    this.go(this.is === "blank" ? this.before : "blank");
  }

  // On arrival, and after every time the connection was lost.
  arrive(shown, { lesson, vote }) {
    if (shown && shown !== "map") return this.go(shown);
    if (vote?.open) return this.go("question");
    this.go(lesson ? "map" : "join");
  }

  // An event of the class happened; "step" names a lesson that is new, or the same one.
  happened(event, { lesson } = {}, before = null) {
    const next = {
      cleared: "join",
      vote_opened: "question",
      vote_closed: "question",
      revealed: "question",
      run_pressed: "panel",
      stepped: lesson !== before?.lesson && ["join", "question"].includes(this.is) ? "map" : null,
    }[event];
    if (next && this.is !== "blank") this.go(next);
    else if (next) this.before = next;
  }
}
