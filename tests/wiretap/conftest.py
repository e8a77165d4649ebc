"""Connections that the tests of the decoders and of their sentences begin with."""

import pytest

from tests.wiretap.encoder import Talk


@pytest.fixture
def talk():
    """A connection that has just become a WebSocket, without an extension."""
    talk = Talk()
    talk.upgrade()
    return talk


@pytest.fixture
def deflated():
    """The same with permessage-deflate."""
    talk = Talk()
    talk.upgrade(extensions="permessage-deflate")
    return talk
