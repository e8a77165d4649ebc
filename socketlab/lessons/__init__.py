"""One folder a lesson; a note brings its lesson in by naming it.

handlers.py   its namespaces, shown on the projector: ``NAMESPACES = {"/rooms": Rooms}``,
              and where it has HTTP addresses of its own, a blueprint ``bp``; a namespace with
              a method ``heard(seat, session, run, got)`` is told of receipts
__init__.py   where the lesson keeps something from the start on: ``prepare(services)``
the others    its pure cores
"""

from importlib import import_module


def load(notes):
    """``(package, handlers)`` of every lesson that a note names, in reading order.

    Raises ModuleNotFoundError for a name without a folder: a wrong note stops the start.
    """
    names = [f"{__name__}.{note.demo}" for note in notes if note.demo]
    return [(import_module(name), import_module(f"{name}.handlers")) for name in names]
