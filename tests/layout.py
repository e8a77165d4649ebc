"""The rules of ``tests/layout.js``, for a page of any browser."""

from .helpers import ROOT


def rules():
    """A function's text: called in a page, it hands back what the module exports."""
    module = (ROOT / "tests" / "layout.js").read_text("utf-8")
    names = [line.split("(")[0].split()[-1] for line in exported(module)]
    body = module.replace("export async function", "async function")
    body = body.replace("export function", "function").replace("export const", "const")
    return f"() => {{ {body}\nreturn {{ {', '.join(names)} }}; }}"


def exported(module):
    lines = [line for line in module.splitlines() if line.startswith("export ")]
    return [line.replace(" =", "(") for line in lines]
