"""Lesson "emit": one argument decides on the server who receives an event."""
