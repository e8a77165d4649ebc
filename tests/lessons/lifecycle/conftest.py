"""A server whose heartbeat is over sooner than the 18 s of a class."""

import pytest

from ...helpers import Process

HASTE = ["--ping-seconds", "1", "--pong-seconds", "2"]


@pytest.fixture(scope="package")
def quick(tmp_path_factory, client_file, forks):
    """Pings 1 s after each pong, and waits 2 s for the next one."""
    folder = tmp_path_factory.mktemp("quick")
    server = Process(folder, *HASTE, client=client_file, forks=forks)
    yield server
    assert server.stop() == 0, server.complained
    assert not [line for line in server.complained if "Traceback" in line], server.complained
