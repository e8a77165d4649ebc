// The buttons that a step presses, in their order, and which of them is next. Pure.

const BUTTONS = { close: "vote", wall: "wall", cut: "cut", buffer: "buffer" };

// "cut half 3" → {button: "cut", seats: "half", seconds: 3}
export function actOf(text) {
  const [word, what, more] = text.split(" ");
  const act = { text, word, button: BUTTONS[word] ?? word };
  if (word === "cut") return { ...act, seats: what, seconds: Number(more) };
  if (word === "buffer") return { ...act, on: what !== "off", keep: Number(what) || null };
  return word === "wall" ? { ...act, what } : act;
}

// Whether an act has been done at this step: the state of the class says so, or it was pressed here. What the wall
// shows says nothing: it goes on by itself.
export function isDone(act, step, { state, pressed }) {
  const vote = state.vote?.step === step ? state.vote : null;
  switch (act.word) {
    case "vote":
      return Boolean(vote);
    case "close":
      return Boolean(vote && !vote.open);
    case "reveal":
      return Boolean(vote?.right);
    case "follow":
      return state.follow;
    case "buffer":
      return act.on
        ? state.buffer.kind !== "off" && state.buffer.keep === act.keep
        : state.buffer.kind === "off";
    default:
      return pressed.has(act.text);
  }
}

// The act that is next; null: on to the next step. An open vote is closed before anything else is done with it.
export function nextAct(acts, step, about) {
  const { vote } = about.state;
  if (vote?.open && vote.step === step) return actOf("close");
  return acts.find((act) => !isDone(act, step, about)) ?? null;
}
