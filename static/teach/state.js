// The state of the class as this page knows it, from take_seat and from what is told since. Pure.

const CHANGES = {
  stepped: (state, { lesson, step, follow }) => ({ ...state, lesson, step, follow }),
  vote_opened: (state, { step, round }) => ({
    ...state,
    vote: { step, round, open: true, in: 0, before: roundsBefore(state.vote, step) },
  }),
  vote_closed: (state, { step, round, ...told }) => ({
    ...state,
    vote: { step, round, open: false, ...votes(told), before: state.vote?.before ?? [] },
  }),
  revealed: (state, { right }) => ({ ...state, vote: { ...state.vote, right } }),
  cleared: (_state, told) => told.state,
  buffer_set: (state, { kind, keep }) => ({ ...state, buffer: { kind, keep } }),
};

export const EVENTS = Object.keys(CHANGES);

// The counts of the rounds that a new vote on this step follows.
const roundsBefore = (vote, step) =>
  vote?.step === step && vote.counts ? [...vote.before, vote.counts] : [];
const sum = (counts) => Object.values(counts).reduce((all, n) => all + n, 0);
const votes = ({ counts, in: come }) => ({ counts, in: come ?? sum(counts) });

// The state after an event. {state, gap}: with a gap something in between was not heard, and the whole state
// is to be asked for. What is older than the state changes nothing.
export function after(state, event, told) {
  if (told.rev <= state.rev) return { state, gap: false };
  const gap = told.rev > state.rev + 1;
  return { state: { ...CHANGES[event](state, told), rev: told.rev }, gap };
}

// {step, round, in, of}, from time to time while a vote is open.
export function withProgress(state, told) {
  const { vote } = state;
  if (!vote?.open || vote.step !== told.step) return state;
  return { ...state, vote: { ...vote, in: told.in, of: told.of } };
}
