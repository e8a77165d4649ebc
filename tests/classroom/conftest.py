"""A class to be led: one server for a file."""

import pytest

from tests.helpers import Process


@pytest.fixture(scope="module")
def server(tmp_path_factory, client_file, forks):
    """One server for the tests of a file, whose class is led."""
    server = Process(tmp_path_factory.mktemp("class"), client=client_file, forks=forks)
    yield server
    assert server.stop() == 0
    assert not [line for line in server.complained if "Traceback" in line], server.complained
