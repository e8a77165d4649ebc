"""One module per live demo; a note brings its demo in by naming it."""

from importlib import import_module


def load(notes):
    """The module of every demo that a note names, in reading order.

    Raises ModuleNotFoundError for a name without a module: a wrong note stops the start.
    """
    return [import_module(f"{__name__}.{note.demo}") for note in notes if note.demo]
