"""Every solution is run against the real server: the right pass, the wrong fail as they say.

All of them at once, since most of a program's time is waiting; each has a seat of its own.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from socketlab.site import exercises

from ..conftest import watched
from ..helpers import PATIENCE, ROOT, Process
from .javascript import Sandboxes
from .solutions import FOLDER, OPTIONS, Solution, Student, all_in

AT_ONCE = 24
NOTES = exercises.read_all(ROOT / "notes/exercises")


def beside_note(name):
    """A file of every exercise that has one."""
    paths = [ROOT / "notes/exercises" / slug / name for slug in NOTES]
    return [Solution(path.parent.name, path, None, "") for path in paths if path.exists()]


STARTERS = beside_note("starter.py")


@pytest.fixture(scope="module")
def school(tmp_path_factory, client_file, forks):
    """The server that judges all of them."""
    data = tmp_path_factory.mktemp("school")
    server = Process(data, *OPTIONS, client=client_file, forks=forks)
    yield server
    assert server.stop() == 0
    assert not [line for line in server.complained if "Traceback" in line], server.complained


def become(path, text, said):
    """In a process of its own: the program, whose output goes to a file."""
    out = os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(out, sys.stdout.fileno())
    os.dup2(out, sys.stderr.fileno())
    exec(compile(text, path, "exec"), {"__name__": "__main__"})


class Python:
    """Runs programs, each in a process of its own that has loaded the client already."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.fork = multiprocessing.get_context("forkserver")
        self.fork.set_forkserver_preload(["socketio", "requests", "websocket", __name__])
        self.pool = ThreadPoolExecutor(AT_ONCE)

    def start(self, solution):
        """What becomes of it, as a Future: (verdicts, judged, exit status, output)."""
        return self.pool.submit(self._run, solution)

    def _run(self, solution):
        student = Student(self.server, solution.slug)
        said = self.folder / f"{solution.slug} {solution.path.name}.txt"
        text = solution.text(self.server.url, student.token)
        program = self.fork.Process(target=become, args=(str(solution.path), text, str(said)))
        program.start()
        try:
            if solution.path.stem == "starter":
                student.first_verdict()
                program.kill()
            verdicts, judged = student.verdict()
            program.join(PATIENCE if solution.path.stem == "right" else 0)
            return verdicts, judged, program.exitcode, said.read_text()
        finally:
            program.kill()
            program.join()
            student.leave()


@pytest.fixture(scope="module")
def python(request, school, tmp_path_factory):
    """``python[solution]`` is the Future of each that a test of this run asks for."""
    asked = {
        item.callspec.params["program"]
        for item in request.session.items
        if "python" in getattr(item, "fixturenames", ()) and item.path == request.path
    }
    runs = Python(school, tmp_path_factory.mktemp("said"))
    with runs.pool:
        yield {program: runs.start(program) for program in asked}


@pytest.fixture(scope="module")
def javascript(request, chromium, school):
    """``javascript(solution)`` is the Student for whom it runs: all are started at once."""
    asked = {
        item.callspec.params["script"]: None
        for item in request.session.items
        if "javascript" in getattr(item, "fixturenames", ()) and item.path == request.path
    }
    context = chromium.new_context(base_url=school.url)
    boxes = Sandboxes(watched(context, school.url))
    students = {script: Student(school, script.slug) for script in asked}
    for script, student in students.items():
        boxes.start(named(script), script.text(school.url, student.token), student.token)
    yield boxes, students
    for student in students.values():
        student.leave()
    context.close()


def named(solution):
    return f"{solution.slug}-{solution.path.stem}"


@pytest.mark.parametrize("program", all_in("py"), ids=named)
def test_a_solution_in_python_is_judged_as_it_says(python, program):
    verdicts, judged, status, said = python[program].result()

    program.is_told(verdicts, judged)
    assert program.check or (status == 0 and "Traceback" not in said), said


@pytest.mark.parametrize("program", STARTERS, ids=named)
def test_a_starter_in_python_runs_and_does_not_pass(python, program):
    verdicts, judged, _, said = python[program].result()

    assert not judged["done"], verdicts
    assert "Traceback" not in said


def test_every_exercise_is_solved():
    assert {path.name for path in FOLDER.iterdir()} == {each.slug for each in STARTERS}


@pytest.mark.parametrize("script", [*all_in("js"), *beside_note("lines.js")], ids=named)
def test_a_solution_in_a_page_is_judged_as_it_says(javascript, script):
    boxes, students = javascript
    verdicts, judged = students[script].verdict()
    said = boxes.said(named(script))

    script.is_told(verdicts, judged)
    assert script.check or not [text for kind, text in said if kind == "error"], said


@pytest.mark.parametrize("script", beside_note("starter.js"), ids=named)
def test_a_starter_in_a_page_runs_and_does_not_pass(javascript, script):
    boxes, students = javascript
    students[script].first_verdict()
    said = boxes.said(named(script))
    boxes.end(named(script))
    _, judged = students[script].verdict()

    assert not judged["done"]
    assert not [text for kind, text in said if kind == "error"], said
