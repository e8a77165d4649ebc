"""The files of ``static/`` as they are sent: packed, at addresses that change with them. Pure.

An address holds the version, a digest of all the files. A browser may keep what it got there for
a year, and a module that imports its neighbour by a relative path gets the neighbour of its own
version. Without a version, or with an older one, the file is sent as it is today, and the browser
is told to ask again the next time.
Source: RFC 9110, sections 8.4.1.3 (gzip) and 8.8.3 (ETag); RFC 8246 (immutable).
"""

import gzip
import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = "/static/"
VERSIONED = re.compile(r"v-([0-9a-f]{16})/(.+)")
# What every page needs at once is one answer: the browser asks once, and it packs better together.
JOINED = {"css/site.css": ("css/tokens.css", "css/base.css", "css/lesson.css")}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def joined(files, parts):
    """One file of several, in their order; as new as the newest of them."""
    found = [files[name] for name in parts]
    return File(b"".join(file.data for file in found), max(f.mark for f in found), found[0].type)


def packed(data):
    """Bytes as gzip has them, without a date: the same for the same bytes."""
    return gzip.compress(data, mtime=0)


@dataclass
class File:
    """One file: ``mark`` is its time and size when it was read, ``tag`` a digest of its bytes."""

    data: bytes
    mark: tuple[int, int]
    type: str

    @cached_property
    def tag(self):
        return hashlib.sha256(self.data).hexdigest()[:16]

    @cached_property
    def packed(self):
        return packed(self.data)


class Assets:
    """The files of a folder that have a type in :data:`TYPES`, read again when they change."""

    def __init__(self, folder):
        self._folder = os.fspath(folder)
        self._files = {}
        self._sent = {}  # the same, and those that are joined of them
        self.version = ""
        self.refresh()

    def refresh(self):
        """Look whether a file has changed, which takes 0.3 ms; read those that have."""
        marks = dict(marked(self._folder))
        if marks != {name: file.mark for name, file in self._files.items()}:
            self._files = {name: self._file(name, mark) for name, mark in marks.items()}
            tags = "".join(f"{name} {file.tag}\n" for name, file in sorted(self._files.items()))
            self.version = hashlib.sha256(tags.encode()).hexdigest()[:16]
            whole = {name: of for name, of in JOINED.items() if self._files.keys() >= set(of)}
            self._sent = {name: joined(self._files, of) for name, of in whole.items()} | self._files

    def address(self, name):
        """Where a file of this version is found; its name, as ``css/base.css``, must be right."""
        if name not in self._sent:
            raise KeyError(name)
        return f"{ROOT}v-{self.version}/{name}"

    def find(self, path):
        """``(file or None, whether it will never change)`` for what follows /static/."""
        versioned = VERSIONED.fullmatch(path)
        version, name = versioned.groups() if versioned else ("", path)
        return self._sent.get(name), version == self.version

    def __contains__(self, name):
        return name in self._sent

    def _file(self, name, mark):
        known = self._files.get(name)
        if known and known.mark == mark:
            return known
        path = Path(self._folder, name)
        return File(path.read_bytes(), mark, TYPES[path.suffix])


def marked(folder, prefix=""):
    """``(name, (time, size))`` of every file below a folder that is sent."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from marked(entry.path, f"{prefix}{entry.name}/")
            elif os.path.splitext(entry.name)[1] in TYPES:
                status = entry.stat()
                yield prefix + entry.name, (status.st_mtime_ns, status.st_size)
