"""What those who took no part are told of what is said: of the newest, at a pace. Pure.

Who spoke, to which rooms, how many sockets were addressed and whose handlers ran: no more than the
lists, which everybody has, and the receipts. Never the text, which is for the members; and nothing
of a whisper, which never comes here.
"""

SHOWN = ("run", "seq", "present", "addressed", "got", "silent", "missed")


class Onlookers:
    """The newest run of the lesson. ``pause(places)``: ms between two reports of so many places."""

    def __init__(self, pause):
        self._pause = pause
        self._run = self._about = self._owner = self._due = None
        self._next = 0.0

    def began(self, said, owner):
        """Something is said in rooms; the pages of ``owner`` are told of it without us."""
        self._run, self._owner, self._due = said["run"], owner, None
        self._about = {"who": said["who"], "rooms": said["rooms"]}

    def changed(self, report):
        """The verdicts of a run are these now."""
        if report["run"] == self._run:
            self._due = {name: report[name] for name in SHOWN} | self._about

    def news(self, now):
        """``[(owner, report)]``: what is due for all but the owner's pages, once or not at all."""
        if self._due is None or now < self._next:
            return []
        due, self._due = self._due, None
        self._next = now + self._pause(due["addressed"])
        return [(self._owner, due)]

    def waiting(self):
        """Whether there is something to tell."""
        return self._due is not None
