// The state of the class, and what the wall shows of it, as events tell it. Pure.

// state: {rev, lesson, step, follow, vote, buffer}. Each change has one rev and one event. Returns the newer state;
// the same one for news that is old; null where something in between was missed, so that one has to ask again.
export function after(state, event, { rev, ...told }) {
  if (rev <= state.rev) return state;
  if (rev > state.rev + 1) return null;
  const { vote } = state;
  const newer = {
    stepped: () => {
      const lost = vote && !vote.open && told.lesson !== state.lesson;
      return { ...told, vote: lost ? null : vote };
    },
    vote_opened: () => ({ vote: { ...told, open: true, in: 0 } }),
    vote_closed: () => ({ vote: { ...vote, ...told, open: false } }),
    revealed: () => ({ vote: { ...vote, ...told, open: false } }),
    buffer_set: () => ({ buffer: told }),
  }[event]?.();
  return newer ? { ...state, rev, ...newer } : null;
}

export const CHANGES = ["stepped", "vote_opened", "vote_closed", "revealed", "buffer_set"];

// Which screen is on. The latest of what the teacher pressed, there or here, and what happens in the class wins;
// only blank stays until it is taken away.
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
  happened(event, { lesson } = {}, before = {}) {
    const next = {
      vote_opened: "question",
      vote_closed: "question",
      revealed: "question",
      run_pressed: "panel",
      stepped: lesson !== before.lesson && ["join", "question"].includes(this.is) ? "map" : null,
    }[event];
    if (next && this.is !== "blank") this.go(next);
    else if (next) this.before = next;
  }
}
