"""The benchmarks run; how fast, no test says: it would say how busy the machine is."""

import re
import subprocess
import sys

import pytest

from .helpers import ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="the clients need epoll and /proc")
FIGURES = ["connect s", "last p50 ms", "last p99 ms", "deliveries/s", "acks/s", "return s"]


def run(name, *options):
    return subprocess.run(
        [sys.executable, f"benchmarks/{name}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@linux
def test_the_comparison_gives_each_figure_and_says_what_it_left_out():
    few = ("--clients", "5", "--rounds", "1", "--seconds", "0.1")

    told = run("peers.py", *few, "--only", "ours", "gunicorn", "bare", "--python", sys.executable)

    assert told.returncode == 0, told.stderr
    assert "gunicorn is left out: gunicorn is not installed" in told.stdout
    for figure in FIGURES:
        assert re.search(rf"^{re.escape(figure)} +ours +[\d.,]+ ", told.stdout, re.M)
    assert len(re.findall(r"^ +bare ", told.stdout, re.M)) == len(FIGURES) + 3


@linux
def test_a_comparison_of_too_many_is_refused_before_it_begins():
    told = run("peers.py", "--clients", "5000")

    assert told.returncode == 2
    assert "3 to 2000 clients" in told.stderr
