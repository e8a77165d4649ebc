"""A source file as the page shows it: the file on disk, coloured, each line with an id. Pure.

Besides the colours it knows which lines emit or handle which event, so that the page can
mark the lines that just ran: in Python the method ``on_join`` for ``join``, and the function
that emits ``joined`` for that; in JavaScript the line that names the event.
"""

import ast
import re
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from pygments import token
from pygments.lexers import get_lexer_by_name

LANGUAGES = {".py": "python", ".js": "javascript"}
NAMES_EVENT = re.compile(r"""\b(?:on|emit|emitWithAck|send|ask)\(\s*["']([a-z_]+)["']""")


@dataclass(frozen=True)
class SourceFile:
    """``html`` is a list of lines; ``handlers`` maps an event to its first and last line."""

    name: str
    language: str
    text: str
    html: str
    handlers: dict[str, list[int]]


def read(path):
    """The SourceFile at ``path``, a ``.py`` or ``.js`` of ours."""
    path = Path(path)
    text = path.read_text("utf-8")
    language = LANGUAGES[path.suffix]
    find = python_events if language == "python" else javascript_events
    return SourceFile(path.name, language, text, to_html(text, language), find(text))


STYLED = (  # kinds of token that the style sheet has a colour for, and their class there
    (token.Keyword, "k"),
    (token.String, "s"),
    (token.Comment, "c"),
    (token.Number, "m"),
    (token.Name.Function, "nf"),
    (token.Name.Class, "nc"),
    (token.Name.Decorator, "nd"),
)


def to_html(text, language):
    """``<ol>`` with one ``<li>`` a line, which has nothing else: there are hundreds on a page."""
    items = "".join(f"<li>{line}</li>" for line in coloured(text, language))
    return f'<ol class="code-lines">{items}</ol>'


def coloured(text, language):
    """The lines of a source text as HTML, with ``<i class=k>`` around what has a colour.

    Half the weight of Pygments' own HTML, and no tag is open across two lines.
    """
    lexer = get_lexer_by_name(language, stripnl=False)
    pieces = [
        (next((style for styled, style in STYLED if kind in styled), None), part)
        for kind, value in lexer.get_tokens(text)
        for part in re.split(r"(\n)", value)
        if part
    ]
    html = []
    for style, group in groupby(pieces, lambda piece: piece[1] != "\n" and piece[0]):
        words = escape("".join(part for _, part in group), quote=False)
        html.append(f"<i class={style}>{words}</i>" if style and words.strip() else words)
    return "".join(html).splitlines()


def python_events(text):
    """``{event: [first line, last line]}`` of the handlers and of the functions that emit.

    Where two classes handle an event of one name, ``"kitchen order"`` tells them apart.
    """
    handles, emits = {}, {}
    tree = ast.parse(text)
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for node in kind.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("on_"):
                lines = [node.lineno, node.end_lineno]
                handles.setdefault(node.name[3:], lines)
                handles[f"{kind.name.lower()} {node.name[3:]}"] = lines
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        lines = [node.lineno, node.end_lineno]
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and call.args and called(call.func) == "emit":
                if isinstance(name := getattr(call.args[0], "value", None), str):
                    emits.setdefault(name, lines)
    return emits | handles


def called(function):
    return getattr(function, "attr", getattr(function, "id", None))


def javascript_events(text):
    """``{event: [line, line]}`` for each line that names an event first."""
    events = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name in NAMES_EVENT.findall(line):
            events.setdefault(name, [number, number])
    return events
