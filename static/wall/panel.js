// The lesson's own panel, large: its page without its text, in a frame of this site. What the teacher runs is told
// to it by a message; it runs it as soon as it can (static/lib/onwall.js is the other end).

export class Panel {
  // onKey(key): one was pressed in there, outside of a field.
  constructor(home, course, onKey) {
    Object.assign(this, { home, course, lesson: null, frame: null, ready: false, wanted: null });
    addEventListener("message", ({ source, origin, data }) => {
      if (origin !== location.origin || source !== this.frame?.contentWindow) return;
      if (data.key) onKey(data.key);
      if (!data.ready) return;
      this.ready = true;
      this.send();
    });
  }

  // This lesson is the class's now. Its page is fetched when the panel is looked at first.
  show(lesson) {
    if (lesson === this.lesson) return;
    this.lesson = lesson;
    this.frame?.remove();
    Object.assign(this, { frame: null, ready: false, wanted: null });
    if (this.isSeen) this.load();
  }

  seen(isSeen) {
    this.isSeen = isSeen;
    if (isSeen && this.lesson && !this.frame) this.load();
  }

  // The connection is back: a page that it was lost in the middle of is fetched again.
  again() {
    if (this.frame && !this.ready) this.load();
  }

  load() {
    const frame = this.home.ownerDocument.createElement("iframe");
    frame.title = `Demo: ${this.course.lesson(this.lesson).dataset.title}`;
    frame.src = `/lesson/${encodeURIComponent(this.lesson)}?wall`;
    this.frame = frame;
    this.home.replaceChildren(frame);
  }

  // Runs a step; choice: what most of the class predicts, or null.
  run(lesson, step, choice) {
    this.show(lesson);
    this.wanted = { run: step, choice };
    if (!this.frame) this.load();
    this.send();
  }

  send() {
    if (!this.ready || !this.wanted) return;
    this.frame.contentWindow.postMessage(this.wanted, location.origin);
    this.wanted = null;
  }
}
