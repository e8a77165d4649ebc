"""Lesson "namespaces": one connection, several conversations."""

from ..base import TeachersFact
from .restaurant import CodeCheck, fresh_code


def prepare(services):
    """The manager's code is made once, shown to the teacher, and blanked on the wire."""
    code = services.kept_secret("manager's code", fresh_code)
    services.tap.hide(code.replace(" ", ""))
    services.keep(CodeCheck, lambda: CodeCheck(code))
    sentence = "In lesson 8 the manager lets in whoever knows"
    services.teachers_facts.append(TeachersFact("manager", sentence, code))
