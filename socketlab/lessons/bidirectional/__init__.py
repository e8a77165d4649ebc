"""Lesson "bidirectional": either side may send at any time."""
