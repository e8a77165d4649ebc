"""The one kind of no: an exception whose text is the sentence that the client reads. Pure."""


class Refused(Exception):
    """A no with its sentence; over HTTP it is answered with ``status``.

    ``limit`` is the name of the one that was gone beyond, if any: see health.py.
    """

    status = 400
    limit = ""

    def __init__(self, sentence: str, status: int | None = None, limit: str = ""):
        super().__init__(sentence)
        if status is not None:
            self.status = status
        if limit:
            self.limit = limit


class Unknown(Refused):
    """A step, choice or run that does not exist."""


class TooManyTries(Refused):
    """Guessing is bounded."""

    status = 429
