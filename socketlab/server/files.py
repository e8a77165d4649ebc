"""How many connections the system allows: each is an open file, and so are database and scripts.

Source: POSIX.1-2017, "getrlimit", RLIMIT_NOFILE.
"""

from __future__ import annotations

SPARE_FILES = 64  # descriptors for files, the database and connections on their way out
KEPT_FREE = 100  # and for pages that are asked for while all sockets are taken
FEWEST = 16


def open_files() -> int | None:
    """How many files this process may have open at once; None where there is no such limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit to ask for
        return None
    files: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if files == resource.RLIM_INFINITY else files


def most_sockets(asked: int) -> int:
    """How many sockets there may be: ``asked``, and never more than 70 % of the files less 100."""
    files = open_files()
    return asked if files is None else min(asked, max(FEWEST, files * 7 // 10 - KEPT_FREE))


def most_connections(sockets: int) -> int:
    """How many connections to serve at once, those of pages and polls among them."""
    files = open_files()
    return 3 * sockets if files is None else max(FEWEST, min(3 * sockets, files - SPARE_FILES))
