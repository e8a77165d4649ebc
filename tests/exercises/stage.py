"""A stage for a judge: it meets a program without a socket, and time is the stage's own."""

from heapq import heappop, heappush
from itertools import count

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import After, Checked, Emit, Judged


class Stage:
    """Plays one attempt. ``program(stage, event, data)`` is called for each event of the judge.

    It answers by :meth:`send`, at once or, inside :meth:`later`, after a while.
    """

    def __init__(self, exercise, program, began=None):
        self.time, self._due, self._numbers = 0.0, [], count()
        self.judge = exercise(map("n{}".format, count(1)).__next__, lambda: self.time)
        self.program, self.began = program, began
        self.heard = []  # (event, data) of the judge
        self.answers = []  # acknowledgements; a refusal as its sentence
        self.judged = None

    def send(self, event, data):
        """The program sends an event: its acknowledgement, or the sentence of a refusal."""
        try:
            answer = self.judge.handle(event, data)
        except Refused as no:
            answer = str(no)
        self.answers.append(answer)
        self._do()
        return answer

    def later(self, seconds, then):
        heappush(self._due, (self.time + seconds, next(self._numbers), then))

    def play(self):
        """The whole attempt: ``{check: (passed, what was seen)}``."""
        self.judge.began()
        self.later(self.judge.seconds, self.judge.time_is_up)
        self._do()
        if self.began:
            self.began(self)
            self._do()
        while self._due and not self.judge.over:
            self.time, _, then = heappop(self._due)
            then()
            self._do()
        return self.verdicts

    @property
    def verdicts(self):
        return {each.check: (each.passed, each.saw) for each in self.judge.decided.values()}

    def _do(self):
        for action in self.judge.take():
            if isinstance(action, Emit):
                self.heard.append((action.event, action.data))
                said = action.event, dict(action.data)
                self.later(0.0, lambda said=said: self.program(self, *said))
            elif isinstance(action, After):
                self.later(action.seconds, action.then)
            elif isinstance(action, Judged):
                self.judged = action
            else:
                assert isinstance(action, Checked)
