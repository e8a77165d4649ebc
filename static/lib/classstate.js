// What a page knows of the class, kept right by its number: `rev` grows by one with every change, and each change
// is told by one event. Who misses one sees the gap and asks for the whole. Pure.

const CHANGES = {
  stepped: ({ lesson, vote }, told) => ({
    lesson: told.lesson,
    step: told.step,
    follow: told.follow,
    vote: vote && !vote.open && told.lesson !== lesson ? null : vote, // a closed vote stays with its lesson
  }),
  vote_opened: ({ vote }, { step, round }) => ({
    vote: { step, round, open: true, in: 0, before: roundsBefore(vote, step) },
  }),
  vote_closed: ({ vote }, { step, round, counts, in: cast }) => ({
    vote: { step, round, open: false, in: cast, counts, before: vote?.before ?? [] },
  }),
  revealed: ({ vote }, { step, round, counts, right }) => ({
    vote: { ...vote, step, round, open: false, counts, right },
  }),
  buffer_set: (_, { kind, keep }) => ({ buffer: { kind, keep } }),
  cleared: (_, { state }) => state,
};

// The counts of the rounds on the same step that are closed, the oldest first.
function roundsBefore(vote, step) {
  return vote?.step === step && vote.counts ? [...(vote.before ?? []), vote.counts] : [];
}

export const EVENTS = Object.keys(CHANGES);

// The state after one of these events.
export const changed = (state, event, told) => ({
  ...state,
  ...CHANGES[event](state, told),
  rev: told.rev,
});

export class ClassState {
  constructor() {
    this.state = null; // {rev, lesson, step, follow, vote, buffer}, once it is known
  }

  // The whole, as take_seat answers. Returns how many changes it brings that no event has told, or null where it
  // is older than what is known: an event may overtake the answer.
  whole(state) {
    const before = this.state?.rev ?? state.rev;
    if (state.rev < before) return null;
    this.state = state;
    return state.rev - before;
  }

  // One event. Returns "news"; "old" for what is known already; "gap" where something is missing before it.
  hear(event, told) {
    if (!this.state || told.rev > this.state.rev + 1) return "gap";
    if (told.rev <= this.state.rev) return "old";
    this.state = changed(this.state, event, told);
    return "news";
  }
}

// What a page does about where its teacher is.
//   state   of the class, or null
//   page    {lesson: slug or null, shown: the step that it shows, waits: nothing else to do here, stays}
//   student {looking: around, asks: to be asked first, busy: typing something}
// Returns "none" (it has not begun), "free" (nobody leads), "apart" (the student looks around), "following" (it is
// there), "offer" (one press goes there), "show" (a step of this page), "go" (to another page).
export function plan(state, { lesson, shown, waits, stays }, { looking, asks, busy }) {
  if (!state?.lesson) return "none";
  if (!state.follow && !waits) return "free";
  if (looking) return "apart";
  const there = lesson === state.lesson;
  if (there && shown === state.step) return "following";
  if (asks || busy || stays) return "offer";
  return there ? "show" : "go";
}

export const REVIEW = "review"; // where a class can be, besides in a lesson

// The address of a place in the course; what the server names is not put into it unlooked at.
export function addressOf({ lesson, step }) {
  const hash = step ? `#${encodeURIComponent(step)}` : "";
  if (lesson === REVIEW) return `/review${hash}`;
  return `/lesson/${encodeURIComponent(lesson)}${hash}`;
}
