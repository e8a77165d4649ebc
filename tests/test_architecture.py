"""The house has one-way doors: who may import whom. The table is the picture of the house."""

import ast
from pathlib import Path

import pytest

from .helpers import ROOT

STDLIB_ONLY = set()
MAY_IMPORT = {
    # pure: values in, values out
    "socketlab.settings": STDLIB_ONLY,
    "socketlab.text": STDLIB_ONLY,
    "socketlab.ledger": STDLIB_ONLY,
    "socketlab.client": {"socketlab.settings"},
    "socketlab.lan": STDLIB_ONLY,
    "socketlab.race": STDLIB_ONLY,
    "socketlab.restaurant": {"socketlab.classroom"},
    "socketlab.meter": STDLIB_ONLY,
    "socketlab.headers": STDLIB_ONLY,
    "socketlab.verdicts": STDLIB_ONLY,
    "socketlab.members": STDLIB_ONLY,
    "socketlab.membership": {"socketlab.text"},
    "socketlab.classroom": STDLIB_ONLY,
    "socketlab.cuts": STDLIB_ONLY,
    "socketlab.buffers": {"socketlab.buffers"},
    "socketlab.buffers.redis_streams": {"socketlab.buffers", "redis"},
    "socketlab.delivery": {"socketlab.buffers", "socketlab.classroom", "socketlab.settings"},
    "socketlab.seats": {"socketlab.text", "itsdangerous"},
    "socketlab.teacher": {"socketlab.classroom", "socketlab.seats", "itsdangerous"},
    "socketlab.identity": {"socketlab.seats", "werkzeug"},
    "socketlab.notes": {"markdown_it", "pygments", "socketlab.source"},
    "socketlab.source": {"pygments"},
    "socketlab.glossary": {"socketlab.notes"},
    "socketlab.wiretap": {"socketlab.wiretap"},
    "socketlab.wire": {"socketlab.wiretap"},
    # shells
    "socketlab.server": {
        "socketlab.cuts",
        "socketlab.server",
        "socketlab.wiretap",
        "engineio",
        "flask_socketio",
        "gevent",
        "socketio",
    },
    "socketlab.dialler": {"socketlab.classroom"},
    "socketlab.services": {
        "flask",
        "socketlab.classroom",
        "socketlab.delivery",
        "socketlab.seats",
        "socketlab.teacher",
        "socketlab.wire",
    },
    "socketlab.demos": {
        "flask",
        "flask_socketio",
        "socketlab.demos.base",
        "socketlab.dialler",
        "socketlab.demos.hall",
        "socketlab.members",
        "socketlab.membership",
        "socketlab.verdicts",
        "socketlab.meter",
        "socketlab.race",
        "socketlab.restaurant",
        "socketlab.seats",
        "socketlab.services",
        "socketlab.text",
        "socketlab.wiretap.frames",  # the accept value, for the handshake
    },
    "socketlab.class_namespace": {
        "flask",
        "socketlab.classroom",
        "socketlab.demos.base",
        "socketlab.identity",
        "socketlab.teacher",
        "socketlab.text",
    },
    "socketlab.pages": {
        "flask",
        "segno",
        "socketlab.headers",
        "socketlab.identity",
        "socketlab.services",
        "socketlab.teacher",
        "socketlab.text",
        "werkzeug",
    },
}
MODULES = sorted(ROOT.glob("socketlab/**/*.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Every name that a file imports, relative ones made whole."""
    package = (
        name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    )
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from .. import race` imports a module; `from ..race import Race` a name of one
            whole = module in ("socketlab", "") or module == ".".join(package)
            yield from (f"{module}.{a.name}" for a in node.names) if whole else [module]


def within(name, rooms):
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_room_may(path):
    import sys

    module = name_of(path)
    if module in ("socketlab",):
        assert not list(imports(path))
        return
    rooms = [room for room in MAY_IMPORT if within(module, [room])]

    assert rooms, f"{module} stands in no room: add it to MAY_IMPORT"

    allowed = MAY_IMPORT[max(rooms, key=len)]
    strangers = [
        name
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not within(name, allowed)
    ]
    assert strangers == []


def test_a_demo_never_imports_another_demo():
    for path in ROOT.glob("socketlab/demos/*.py"):
        others = {n for n in imports(path) if n.startswith("socketlab.demos.")}

        assert others <= {"socketlab.demos.base", "socketlab.demos.hall"}, path.name


def test_only_the_server_package_knows_the_web_server():
    knowing = {
        name_of(path)
        for path in MODULES
        if any(name.split(".")[0] in ("gevent", "engineio") for name in imports(path))
    }

    assert knowing and all(within(name, ["socketlab.server"]) for name in knowing)


@pytest.mark.parametrize("path", sorted(ROOT.glob("static/demos/*.js")), ids=lambda p: p.name)
def test_a_demo_of_the_page_imports_from_lib_only(path: Path):
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("import")]

    assert all('"../lib/' in line for line in lines), lines


def test_nothing_reads_the_environment_but_the_settings():
    readers = {name_of(p) for p in MODULES if "os.environ" in p.read_text("utf-8")}

    assert readers <= {"socketlab.settings", "socketlab.client"}
