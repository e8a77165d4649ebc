"""Lesson "lifecycle": how a connection ends, and how each side finds out."""
