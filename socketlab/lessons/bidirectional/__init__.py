"""Lesson "bidirectional": either side may send at any time."""

from .race import Races


def prepare(services):
    """What is kept of the races counts as a report, in the budget of all lessons."""
    services.keep(Races, lambda: Races(services.reports))
