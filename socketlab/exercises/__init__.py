"""Exercises: programs of students, in any language, judged by what the server saw of them."""
