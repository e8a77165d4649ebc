"""One folder a lesson; a note brings its lesson in by naming it.

handlers.py   its namespaces, shown on the projector: ``NAMESPACES = {"/rooms": Rooms}``,
              and where it has HTTP addresses of its own, a blueprint ``bp``; a namespace with
              a method ``heard(seat, session, run, got)`` is told of receipts
__init__.py   where the lesson keeps something from the start on: ``prepare(services)``
exercise.py   where it has an exercise: the class ``Exercise``, a Judge (exercises/judge.py)
the others    its pure cores
"""

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def load(notes):
    """``(package, handlers)`` of every lesson that a note names, in reading order.

    Raises ModuleNotFoundError for a name without a folder: a wrong note stops the start.
    """
    names = [f"{__name__}.{note.demo}" for note in notes if note.demo]
    return [(import_module(name), import_module(f"{name}.handlers")) for name in names]


def exercises(notes):
    """``{slug: class Exercise}`` of every lesson that has one, in reading order."""
    return {
        note.slug: import_module(f"{__name__}.{note.demo}.exercise").Exercise
        for note in notes
        if note.demo and (HERE / note.demo / "exercise.py").exists()
    }
