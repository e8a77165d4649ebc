"""Lesson "newlesson": one event up, one event down to every socket."""
