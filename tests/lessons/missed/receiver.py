"""A faithful receiver, pure: it remembers what it handled, drops what it has, asks for the rest.

    OUT ──connected──▶ SYNCING ──answered──▶ LIVE
     ▲                    ▲                    │
     └────── cut ─────────┴──── hole seen ─────┘

Source: Socket.IO documentation, "Delivery guarantees".
"""

HELD = 64


class Receiver:
    """What one socket knows of one run. ``cursor`` is the last number that was handled."""

    def __init__(self):
        self.state = "OUT"
        self.cursor = 0
        self.live, self.replayed, self.gap = [], [], []
        self.duplicates = 0
        self.handled = []  # events in the order in which they were applied
        self.held = {}  # events beyond a hole
        self.adrift = False  # told of a loss of unknown length: the next event shows its end
        self.over = None  # why this run cannot be followed any more

    def connected(self):
        self.state, self.held = "SYNCING", {}

    def cut(self):
        self.state, self.held = "OUT", {}

    def posted(self, event):
        """An event came live. True: there is a hole, ask again."""
        if event["seq"] <= self.cursor:
            self.duplicates += 1
            return False
        if len(self.held) < HELD:
            self.held[event["seq"]] = event
        if self.state != "LIVE":
            return False
        return self._drain()

    def answered(self, answer):
        """The answer to ``resume``. True: there is more, or a hole: ask again."""
        if answer["reason"] in ("restarted", "unknown run"):
            self.over, self.state = answer["reason"], "LIVE"
            return False
        if not answer["complete"]:
            if answer["oldest"] is None:
                self.adrift = True
            else:
                self._lost(answer["oldest"])
                self.adrift = answer["reason"] == "buffer off"
        for event in answer["replay"]:
            if event["seq"] <= self.cursor:
                self.duplicates += 1
            else:
                self._apply(event, self.replayed)
        if answer["more"]:
            return True
        self.state = "LIVE"
        return self._drain()

    def finished(self, count):
        """The run is over, all of it that is kept is told: what is left is lost."""
        if self.adrift:
            self._lost(count + 1)

    def _drain(self):
        while self.held:
            event = self.held.pop(min(self.held))
            if event["seq"] <= self.cursor:
                self.duplicates += 1
                continue
            if event["seq"] > self.cursor + 1:
                if not self.adrift:
                    self.held[event["seq"]] = event
                    self.state = "SYNCING"
                    return True
                self._lost(event["seq"])
            self._apply(event, self.live)
        return False

    def _lost(self, following):
        self.gap.extend(range(self.cursor + 1, following))
        self.cursor = max(self.cursor, following - 1)

    def _apply(self, event, how):
        self.adrift = False
        self.handled.append(event)
        self.cursor = event["seq"]
        how.append(event["seq"])
