"""Who may import whom. The table is the picture of the code: no arrow runs back up."""

import ast
import re
import sys

import pytest

from .helpers import ROOT

EVERYBODYS = {  # needed on several floors
    "socketlab.health",
    "socketlab.limits",
    "socketlab.deliveries",
    "socketlab.database",
}
MAY_IMPORT = {  # from the ground up: a package may import its own modules, and what stands here
    "socketlab.limits": set(),
    "socketlab.health": set(),
    "socketlab.deliveries": set(),
    "socketlab.database": set(),
    "socketlab.protocols": set(),
    "socketlab.buffers": set(),
    "socketlab.buffers.redis_streams": {"redis"},
    "socketlab.wiretap": {"socketlab.protocols"},
    "socketlab.server": {
        "engineio",
        "flask",
        "flask_socketio",
        "gevent",
        "socketio",
        "socketlab.protocols",
        "socketlab.wiretap",
        "werkzeug",
    },
    "socketlab.classroom": {
        "flask",
        "flask_socketio",
        "itsdangerous",
        "socketlab.buffers",
        "socketlab.wiretap",
        "werkzeug",
    },
    "socketlab.exercises": {
        "flask",
        "flask_socketio",
        "itsdangerous",
        "socketlab.classroom",
        "socketlab.wiretap",
    },
    "socketlab.exercises.judge": {"socketlab.classroom.payloads", "socketlab.classroom.refused"},
    "socketlab.site.settings": {"click"},
    "socketlab.site.assets": set(),
    "socketlab.site.files": set(),
    "socketlab.site.cli": {
        "click",
        "segno",
        "socketlab.classroom",
        "socketlab.client",
        "socketlab.server",
    },
    "socketlab.site.source": {"pygments"},
    "socketlab.site": {
        "flask",
        "markdown_it",
        "pygments",
        "segno",
        "socketlab.classroom",
        "werkzeug",
    },
    "socketlab.client": {"click", "socketlab.site.files", "socketlab.site.settings"},
    "socketlab.lessons": {
        "flask",
        "flask_socketio",
        "socketlab.buffers",
        "socketlab.classroom",
        "socketlab.exercises.judge",
        "socketlab.protocols",
        "socketlab.wiretap",
    },
}
PURE = {
    "socketlab.exercises.judge",
    "socketlab.protocols",
    "socketlab.buffers",
    "socketlab.wiretap",
    "socketlab.limits",
    "socketlab.health",
    "socketlab.deliveries",
}
MODULES = sorted(ROOT.glob("socketlab/**/*.py"))
LESSONS = sorted(path.parent.name for path in ROOT.glob("socketlab/lessons/*/handlers.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Every module that a file imports, relative ones made whole."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package.pop()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:  # `from ..site import notes` imports a module
                file = ROOT / module.replace(".", "/") / alias.name
                whole = file.with_suffix(".py").exists() or (file / "__init__.py").exists()
                yield f"{module}.{alias.name}" if whole else module


def within(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def foreign(path):
    """What a file imports beside the standard library and its own package."""
    return [name for name in imports(path) if name.split(".")[0] not in sys.stdlib_module_names]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_package_may(path):
    module = name_of(path)
    if module == "socketlab":
        assert not list(imports(path))
        return
    packages = [package for package in MAY_IMPORT if within(module, [package])]

    assert packages, f"{module} stands in no package of MAY_IMPORT"

    own = ".".join(module.split(".")[:2])
    allowed = MAY_IMPORT[max(packages, key=len)] | EVERYBODYS | {own}
    assert [name for name in foreign(path) if not within(name, allowed)] == []


@pytest.mark.parametrize("slug", LESSONS)
def test_a_lesson_imports_its_own_folder_and_what_all_lessons_share(slug):
    own = f"socketlab.lessons.{slug}"
    for path in ROOT.glob(f"socketlab/lessons/{slug}/*.py"):
        lessons = [name for name in foreign(path) if within(name, ["socketlab.lessons"])]

        assert all(within(name, [own, "socketlab.lessons.base"]) for name in lessons), path


@pytest.mark.parametrize("slug", LESSONS)
def test_a_panel_imports_its_own_folder_and_the_shared_parts(slug):
    for path in ROOT.glob(f"static/lessons/{slug}/*.js"):
        sources = re.findall(r'\bfrom "([^"]+)"', path.read_text("utf-8"))

        assert all(source.startswith(("./", "../../lib/")) for source in sources), path


def test_the_pure_packages_know_no_web_server():
    for path in MODULES:
        if within(name_of(path), PURE):
            assert not within_any(path, ("flask", "flask_socketio", "gevent", "engineio")), path


def within_any(path, names):
    return [name for name in foreign(path) if within(name, names)]


def test_only_the_server_package_knows_the_web_server():
    knowing = {name_of(path) for path in MODULES if within_any(path, ("gevent", "engineio"))}

    assert knowing and all(within(name, ["socketlab.server"]) for name in knowing)


def test_nothing_reads_the_environment_but_the_settings():
    readers = {name_of(path) for path in MODULES if "os.environ" in path.read_text("utf-8")}

    assert readers <= {"socketlab.site.settings"}
