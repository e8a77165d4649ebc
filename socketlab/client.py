"""Fetches the browser's client, the official Socket.IO client, and verifies it.

The client is one file of 47 KB, kept in the data folder and never committed. It travels as one
member of a pinned wheel, or of the npm package that it comes from: nothing of a carrier is
installed, imported or kept. Whatever the way in, only the bytes with the SHA-256 below are taken,
so a mirror, a USB stick or a stranger can withhold the client but not change it.

``python -m socketlab.client`` fetches it; with ``--from DIR`` it comes from a folder of wheels,
for a room without internet. It prints one line, or one sentence and exit status 2.

Source: pip documentation, "Secure installs" (hash checking).
"""

import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

import click

from .site.files import write_whole
from .site.settings import PREFIX, SETTINGS, environment_with

log = logging.getLogger("socketlab.client")

VERSION = "4.8.1"
SHA256 = "b0e735814f8dcfecd6cdb8a7ce95a297a7e1e5f2727a29e6f5901801d52fa0c5"

WHEEL = "nicegui==3.18.0"
WHEEL_SHA256 = "a2bd51642312d98aab6d8b641245d796ff1b89da5829777170bcc488140c3dcd"
WHEEL_MEMBER = "nicegui/static/socket.io.min.js"
WHEEL_BYTES = 8_500_000
PIP_SECONDS = 180  # over a line of half a megabit per second

PACKAGE = f"socket.io-client@{VERSION}"
PACKAGE_MEMBER = "package/dist/socket.io.min.js"
PACKAGE_BYTES = 300_000
NPM_SECONDS = 60  # and npm's own start

KEPT_AS = "client/socket.io.js"  # in the data folder
MEMBER_BYTES = 1 << 20  # whatever is larger is not the client, and is not read into memory

HELP = (
    f"on a connected machine run `pip download --no-deps -d wheels {WHEEL}`, bring that folder"
    " here and run `python -m socketlab.client --from wheels`."
)


class ClientMissing(Exception):
    """There is no client to serve; the text is one sentence that says what to do."""


def ensure(folder, source=None):
    """Return the path of the verified client in the data folder ``folder``.

    Where it is absent, it is taken from the folder of carriers ``source``, or fetched if that is
    None. A file with a wrong hash is deleted and reported instead of silently replaced, because
    somebody has changed it. Raises `ClientMissing`.
    """
    path = Path(folder) / KEPT_AS
    try:
        if path.exists():
            if is_client(path.read_bytes()):
                return path
            path.unlink(missing_ok=True)
            raise ClientMissing(
                f"{path} was not the browser's client {VERSION} and is deleted:"
                " run the same command again to get the right one."
            )
        Path(folder).mkdir(0o700, parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        write_whole(path, fetched() if source is None else taken_from(source), os.replace)
    except OSError as error:
        raise ClientMissing(
            f"the browser's client cannot be kept at {path} ({error.strerror}):"
            " choose another data folder with --data."
        ) from error
    return path


def is_client(data):
    """Whether the bytes ``data`` are the client that this module names."""
    return hashlib.sha256(data).hexdigest() == SHA256


def fetched():
    """Return the client's bytes by pip or, where that fails, by npm. Raises `ClientMissing`."""
    for download in (download_by_pip, download_by_npm):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            download(folder)
            with contextlib.suppress(ClientMissing):
                data = taken_from(folder)
                log.info("The browser's client is here, and verified.")
                return data
    raise ClientMissing(f"the browser's client could not be fetched with pip or npm: {HELP}")


def download_by_pip(folder):
    """Try to put the wheel into ``folder``; pip's own settings (mirror, offline) hold."""
    log.info("Fetching the browser's client, once: a wheel of 8.5 MB, of which 47 KB are kept.")
    wanted = Path(folder) / "wanted.txt"
    wanted.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    options = "--no-input --no-cache-dir --disable-pip-version-check --retries=1"
    options += " --no-deps --only-binary=:all: --require-hashes -r wanted.txt"
    command = [sys.executable, "-m", "pip", "download", *options.split()]
    run(command, folder, PIP_SECONDS, WHEEL_BYTES)


def download_by_npm(folder):
    """Try to put the npm package into ``folder``; none of its scripts runs."""
    if npm := shutil.which("npm"):
        log.info("pip could not fetch it. Asking npm: a package of 0.3 MB.")
        options = "--ignore-scripts --fetch-retries=0 --cache=cache"
        run([npm, "pack", PACKAGE, *options.split()], folder, NPM_SECONDS, PACKAGE_BYTES)


def run(command, folder, seconds, size):
    """Run ``command`` in ``folder``, silent and bounded; the folder shows whether it worked.

    Meanwhile a terminal shows how much of ``size`` bytes is there.
    """
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    environment = environment_with(TMPDIR=str(folder))  # what it downloads grows where we look
    ends = time.monotonic() + seconds
    with (
        contextlib.suppress(OSError),
        subprocess.Popen(command, cwd=folder, env=environment, **quiet) as program,
    ):
        try:
            while program.poll() is None and time.monotonic() < ends:
                show_progress(f"  {min(bytes_in(folder), size) / 1e6:.1f} of {size / 1e6:.1f} MB")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(min(0.2, seconds))
        finally:
            program.kill()
            show_progress("")


def bytes_in(folder):
    """How much is in ``folder`` and below it; files may come and go meanwhile."""
    total = 0
    for path in Path(folder).rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def show_progress(text):
    """Write ``text`` over the last one, on a terminal whose user wants to see it."""
    if log.isEnabledFor(logging.INFO) and sys.stderr and sys.stderr.isatty():
        print(f"\r{text:24}\r", end="", file=sys.stderr, flush=True)


def taken_from(folder):
    """Return the client's bytes out of a carrier in ``folder``. Raises `ClientMissing`."""
    folder = Path(folder)
    for path in [*folder.glob("nicegui-*.whl"), *folder.glob("socket.io-client-*.tgz")]:
        data = member(path)
        if is_client(data):
            return data
    raise ClientMissing(f"no carrier in {folder} holds the browser's client {VERSION}: {HELP}")


def member(path):
    """Return what the carrier at ``path`` has where the client should be: b"" for nothing."""
    try:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel, wheel.open(WHEEL_MEMBER) as file:
                return file.read(MEMBER_BYTES)
        with tarfile.open(path) as package:
            return package.extractfile(PACKAGE_MEMBER).read(MEMBER_BYTES)
    except Exception:  # a damaged archive fails in a dozen ways that all mean the same
        return b""


def fetch(data, source):
    """Put the browser's client into the data folder."""
    try:
        path = ensure(data, source)
    except ClientMissing as error:
        raise click.ClickException(str(error)) from None
    print(f"socket.io-client {VERSION}, verified: {path}")


def main(arguments=None):
    """The command: its exit status."""
    source = click.Option(["--from", "source"], metavar="DIR", help="A folder of wheels.")
    command = click.Command(
        "client", params=[source, SETTINGS["DATA"]], callback=fetch, help=fetch.__doc__
    )
    name = "python -m socketlab.client"
    try:
        command.main(arguments, name, standalone_mode=False, auto_envvar_prefix=PREFIX)
    except click.Abort:
        return 130  # as programs do that Ctrl-C ends
    except click.ClickException as error:
        print(" ".join(error.format_message().split()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
