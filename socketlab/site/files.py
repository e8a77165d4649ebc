"""Files that are there whole or not at all, whatever ends the program that writes them."""

import os
import tempfile
from pathlib import Path


def write_whole(path, data, put):
    """Write ``data`` to ``path`` whole or not at all; it is on the disk before it has its name.

    ``put`` gives it the name: ``os.replace``, or ``os.link``, which leaves a file that is
    already there alone and raises FileExistsError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
