"""The key that signs seats, kept in the data folder: who knows it can be anybody."""

import contextlib
import os
import secrets

from .files import write_whole
from .settings import SETTINGS

LEAST = SETTINGS["SECRET_KEY"].type.least  # characters


def signing_key(path):
    """The key at ``path``: made once with 256 bits, readable by its owner alone.

    Two servers that start at once end with the same key. Raises ValueError with a sentence for
    a file that is too short to be a key: a token signed with "" would be anybody's.
    """
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # the other one was first
            write_whole(path, secrets.token_urlsafe(32).encode(), put=named)
    key = path.read_text("utf-8", "replace")
    if len(key.strip()) < LEAST:
        raise ValueError(
            f"{path} is no key, since it holds fewer than {LEAST} characters: delete it and start"
            " again to get a new one (everybody then takes a new seat)."
        )
    return key


def named(name, path):
    """Give the file ``name`` the name ``path`` unless there is such a file."""
    try:
        os.link(name, path)
    except FileExistsError:
        raise
    except OSError:  # a stick's file system knows no second names
        os.replace(name, path)
