// The state of the class as this page knows it, from take_seat and from what is told since. Pure.

import { changed, EVENTS } from "../lib/classstate.js";

export { EVENTS };

// The state after an event. {state, gap}: with a gap something in between was not heard, and the whole state
// is to be asked for. What is older than the state changes nothing.
export function after(state, event, told) {
  if (told.rev <= state.rev) return { state, gap: false };
  const gap = told.rev > state.rev + 1;
  return { state: changed(state, event, told), gap };
}

// {step, round, in, of}, from time to time while a vote is open.
export function withProgress(state, told) {
  const { vote } = state;
  if (!vote?.open || vote.step !== told.step) return state;
  return { ...state, vote: { ...vote, in: told.in, of: told.of } };
}
