"""Lesson "layers": the same messages over TCP and over UDP, and the headers around an event."""
