// The lessons, as the page's template holds them: titles, steps, questions.

export class Course {
  constructor(template) {
    this.home = template.content;
  }

  lesson(slug) {
    return slug ? this.home.querySelector(`[data-lesson="${CSS.escape(slug)}"]`) : null;
  }

  // The review has none.
  hasPanel(slug) {
    return Boolean(this.lesson(slug)?.dataset.number);
  }

  // "Lesson 7 · Rooms · Run", "Review": as far as it is known.
  place({ lesson, step }) {
    const found = this.lesson(lesson);
    if (!found) return "SocketLab";
    const { number, title } = found.dataset;
    const part = step && found.querySelector(`[data-step="${CSS.escape(step)}"]`)?.textContent;
    const where = part ?? (number && step && this.asks(step) ? "Predict" : null);
    return [number && `Lesson ${number}`, title.split(":")[0], where].filter(Boolean).join(" · ");
  }

  asks(step) {
    return step ? this.home.querySelector(`[data-asks="${CSS.escape(step)}"]`) : null;
  }

  // The slug of the lesson whose prediction this is.
  lessonOf(step) {
    return this.asks(step)?.closest("[data-lesson]").dataset.lesson ?? null;
  }

  // The prediction that the class stands at: the one it votes on, the step's own, or the lesson's first.
  question({ lesson, step, vote }) {
    return (
      vote?.step ??
      (this.asks(step) ? step : (this.lesson(lesson)?.querySelector("[data-asks]")?.dataset.asks ?? null))
    );
  }

  // A copy of the question with its choices, to be put on the page.
  card(step) {
    return [...(this.asks(step)?.children ?? [])].map((part) => part.cloneNode(true));
  }
}
