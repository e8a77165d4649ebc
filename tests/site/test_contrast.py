"""The colours of every theme stand out from their grounds, computed from the style sheets.

Source: WCAG 2.2, 1.4.3 (text: 4.5 to 1), 1.4.11 (controls and pictures: 3 to 1), "relative
luminance". That a page is drawn in these colours is measured in tests/test_browser.py.
"""

import re

import pytest

from ..helpers import ROOT

SHEETS = [*ROOT.glob("static/css/*.css"), *ROOT.glob("static/lessons/*/*.css")]
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
TOKEN = re.compile(r"--([\w-]+):\s*([^;}]+)")
DARK, PROJECTOR = ':root[data-theme="dark"]', ':root[data-theme="projector"]'
BY_ITSELF = ":root:not([data-theme])"  # in the dark, where nobody has chosen a theme
MORE = "(prefers-contrast: more)"
THEMES = {
    "light": [":root"],
    "dark": [":root", DARK],
    "dark by itself": [":root", BY_ITSELF],
    "projector": [":root", PROJECTOR],
    "light, more contrast": [":root", MORE],
    "dark, more contrast": [":root", DARK, MORE],
    "projector, more contrast": [":root", MORE, PROJECTOR],
}
GROUNDS = ("color-page", "color-surface")
WASHES = ("accent", "up", "down", "good", "bad")


def sheet(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)


def declared():
    """{selector: {token: value}} of tokens.css; more contrast has no selector of its own."""
    more = re.compile(rf"@media {re.escape(MORE)} \{{(.*?)\}}\s*\}}", re.DOTALL)
    text = sheet(ROOT / "static/css/tokens.css")
    found = {MORE: dict(TOKEN.findall(more.search(text)[1]))}
    for selector, body in RULE.findall(more.sub("", text)):
        found.setdefault(selector.strip(), {}).update(TOKEN.findall(body))
    return found


def theme(name):
    """{token: (red, green, blue)} of the theme's colours."""
    rules, values = declared(), {}
    for selector in THEMES[name]:
        values |= rules[selector]
    colours = {}
    for token, value in values.items():
        while reference := re.fullmatch(r"var\(--([\w-]+)\)", value.strip()):
            value = values[reference[1]]
        if colour := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", value.strip()):
            digits = colour[1] if len(colour[1]) == 6 else "".join(d * 2 for d in colour[1])
            colours[token] = tuple(bytes.fromhex(digits))
    return colours


def luminance(colour):
    parts = [v / 255 for v in colour]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def texts():
    """Pairs (text, ground) of tokens in the style sheets: a rule's own ground, or the page's."""
    pairs = set()
    for path in SHEETS:
        for _, body in RULE.findall(sheet(path)):
            inks = re.findall(r"(?<![\w-])color:\s*var\(--([\w-]+)\)", body)
            own = re.findall(r"background(?:-color)?:\s*var\(--([\w-]+)\)", body)
            if inks != ["color-page"]:  # that stands on a colour which another rule fills in
                pairs |= {(ink, ground) for ink in inks for ground in own or GROUNDS}
    return {pair for pair in pairs if all(re.match("color-|layer-|code-", token) for token in pair)}


def test_black_on_white_is_21_to_1():
    assert ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert ratio((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.005)


def test_the_dark_of_the_system_is_the_dark_that_one_chooses():
    rules = declared()

    assert rules[BY_ITSELF] == rules[DARK]


@pytest.mark.parametrize("name", THEMES)
def test_text_stands_out_from_its_ground(name):
    colours, pairs = theme(name), texts()
    pairs |= {(ink, ground) for ink in ("color-text", "color-quiet") for ground in GROUNDS}
    pairs |= {(f"color-{w}", f"color-{w}-wash") for w in WASHES}
    pairs |= {("color-page", f"color-{w}") for w in WASHES}
    pairs |= {(ink, f"color-{w}-wash") for w in WASHES for ink in ("color-text", "color-quiet")}
    pairs |= {(layer, ground) for layer in colours if "layer-" in layer for ground in GROUNDS}
    faint = {pair: ratio(*map(colours.get, pair)) for pair in pairs}

    assert len(pairs) > 40
    assert {pair: round(value, 2) for pair, value in faint.items() if value < 4.5} == {}


@pytest.mark.parametrize("name", THEMES)
def test_the_edge_of_a_control_stands_out_from_its_ground(name):
    colours = theme(name)

    for ground in GROUNDS:
        assert ratio(colours["color-control"], colours[ground]) >= 3


def test_no_style_sheet_has_a_colour_of_its_own():
    """But tokens: a lesson may add some in a rule of `:root`, for what only it draws."""
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(")
    found = [
        f"{path.parent.name}/{path.name}: {selector.strip()} {line.strip()}"
        for path in SHEETS
        for selector, body in RULE.findall(sheet(path))
        if ":root" not in selector and selector.strip() != ".qr"  # a camera wants black on white
        for line in body.split(";")
        if literal.search(line) and "shadow" not in line
    ]

    assert found == []
