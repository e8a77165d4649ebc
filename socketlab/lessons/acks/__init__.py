"""Lesson "acks": an impatient client, a slow kitchen, and one order that is cooked three times."""
