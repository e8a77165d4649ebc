"""Starts servers as forks of one process that has loaded the program: a start costs no loading,
nor does it make HTML of the notes and the shown sources again, which is most of a start.

``python -m tests.forks PATH`` listens on a socket of the file system. Whoever connects sends
what to run, with the two ends that its output goes to, and reads its process id at once and its
exit status when it has ended. tests/test_entry.py starts ``python app.py`` itself instead, as
its users do.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Fork:
    """What subprocess.Popen is for a process of one's own, as far as the tests need it."""

    def __init__(self, home, run, arguments, env):
        ours, theirs = zip(os.pipe(), os.pipe(), strict=True)
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(home)
        what = {"run": run, "arguments": arguments, "env": env}
        socket.send_fds(self._line, [json.dumps(what).encode()], theirs)
        for end in theirs:
            os.close(end)
        self.stdout, self.stderr = (os.fdopen(end) for end in ours)
        self._said = self._line.makefile()
        self.pid = int(self._said.readline())
        self.returncode = None

    def poll(self):
        """The exit status, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout=None):
        """The exit status, as soon as there is one; raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            ready, _, _ = select.select([self._line], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("a fork", timeout)
            self.returncode = os.waitstatus_to_exitcode(int(self._said.readline()))
            self._said.close()
            self._line.close()
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=None):
        """Everything that it still says, once it has ended."""
        self.wait(timeout)
        if self.stdout.closed:
            return "", ""
        said = self.stdout.read(), self.stderr.read()
        self.stdout.close()
        self.stderr.close()
        return said


class Forks:
    """The process that forks: ``Forks(path).start("app", ["--port", "0"], {})``."""

    def __init__(self, path):
        self.home = str(path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", self.home],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        assert self._process.stdout.readline() == "ready\n"

    def start(self, run, arguments, env):
        """Run ``app`` or ``lab`` with these arguments and this in the environment."""
        return Fork(self.home, run, [str(each) for each in arguments], env)

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def serve(home):
    """Fork for everybody who connects. The libraries are patched for gevent, this loop is not."""
    fork, sockets = os.fork, socket.socket
    from gevent import monkey

    monkey.patch_all()
    programs = loaded()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = sockets(socket.AF_UNIX)
    listener.bind(home)
    listener.listen()
    print("ready", flush=True)
    while True:
        descriptor, _ = listener._accept()
        line = sockets(socket.AF_UNIX, fileno=descriptor)
        if not fork():
            listener.close()
            watch(line, fork, programs)
        line.close()


def loaded():
    """The programs by name. What they make of the notes and sources is made here, once for all."""
    from socketlab.site import notes, source

    for module, pure in (
        (notes, "read"),
        (notes, "to_html"),
        (notes, "inline_html"),
        (source, "read"),
    ):
        setattr(module, pure, cache(getattr(module, pure)))  # before others take it from there
    import app
    from socketlab.site import glossary, plans, review
    from tests.server import lab

    course = notes.read_all(app.HERE / "notes")
    listed = notes.read_course(app.HERE / "notes" / "coming.toml", course)
    glossary.read(app.HERE / "notes" / "glossary.toml", course, listed)
    questions = review.read(app.HERE / "notes" / "review.toml", course, listed)
    plans.read_all(app.HERE / "notes" / "plans", course, listed, questions)
    for note in course:
        app.shown_files(note)
    return {"app": app.main, "lab": lab.main}


def watch(line, fork, programs):
    """Beside each server: tells its process id, waits for its end, tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, ends, _, _ = socket.recv_fds(line, 1 << 16, 2)
    if not (pid := fork()):
        line.close()
        become(json.loads(message), ends, programs)
    for end in ends:
        os.close(end)
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    line.sendall(f"{status}\n".encode())
    os._exit(0)


def become(what, ends, programs):
    """In the fork: the program, with its own arguments, environment and output."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, end in enumerate((nothing, *ends)):
        os.dup2(end, number)
        os.close(end)
    os.environ.update(what["env"])
    if what["env"].get("PYTHONWARNINGS") == "ignore":
        warnings.simplefilter("ignore")
    sys.argv = [f"{what['run']}.py", *what["arguments"]]
    sys.exit(programs[what["run"]]())


if __name__ == "__main__":
    serve(sys.argv[1])
