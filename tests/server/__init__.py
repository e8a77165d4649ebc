"""Tests of the engine room, over real sockets."""
