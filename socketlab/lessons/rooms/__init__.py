"""Lesson "rooms": a room is a list that the server keeps."""
