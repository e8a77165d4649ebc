// The warm-up of a lesson: which of the checks of an earlier one comes back. Fetched when it is opened.

const TURN = ["wrong", null, "right"]; // what this tab knows of a check; null: not answered yet

// outcomes: of each check, in the order of the lesson. Returns the place of the one whose turn it is.
export function turn(outcomes) {
  const ranks = outcomes.map((outcome) => TURN.indexOf(outcome));
  return ranks.indexOf(Math.min(...ranks));
}

export function choose(home) {
  const forms = [...home.querySelectorAll("[data-check]")];
  const outcomes = forms.map((form) => kept(`check ${home.dataset.warmUp} ${form.dataset.check}`));
  const shown = turn(outcomes);
  for (const [at, form] of forms.entries()) form.hidden = at !== shown;
}

function kept(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // storage is switched off
  }
}
