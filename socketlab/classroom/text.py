"""What counts as a text that one person may show to others. Pure.

Length is counted in characters after NFC, so that one letter written in two ways
has one length. Refused: control characters, lone surrogates (no UTF-8 form), and the
marks that turn the direction of the text after them (they would garble other names).
"""

import re
import unicodedata

from .refused import Refused

KEPT_CONTROLS = "\n\t"
TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# All that is in Unicode's categories Cc, but for those kept, and Cs; and the marks.
_BAD = re.compile(rf"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{''.join(TURNING_MARKS)}]")
SAMPLE_TEXTS = ("doorbell", "goal", "kettle", "letter", "rain", "bus 4", "lunch", "answer")
RESERVED_NICKS = frozenset({"teacher", "theteacher", "server", "theserver", "socketlab", "you"})


class BadText(Refused):
    """A text that may not be shown."""

    limit = "text"


def clean(value: object, name: str, longest: int, shortest: int = 1) -> str:
    """``value`` in NFC without surrounding blanks; raises BadText otherwise.

    >>> clean("  ada ", "nick", 24)
    'ada'
    """
    kind = f"{name} must be a text of {shortest} to {longest} characters"
    if not isinstance(value, str):
        raise BadText(kind)
    if len(value) > 4 * longest + 64:  # do not normalise what is far too long anyway
        raise BadText(f"{kind}, not {len(value)}")
    text = unicodedata.normalize("NFC", value).strip()
    if not shortest <= len(text) <= longest:
        raise BadText(f"{kind}, not {len(text)}")
    if not text.isprintable() and (bad := _BAD.search(text)):
        if bad[0] in TURNING_MARKS:
            raise BadText(f"{name} holds a mark that turns the direction of other people's text")
        raise BadText(f"{name} holds a character that cannot be shown (U+{ord(bad[0]):04X})")
    return text


def clean_nick(value: object) -> str:
    """A nick of 1 to 24 characters on one line that nobody takes for the teacher's."""
    nick = clean(value, "nick", 24)
    if any(character in KEPT_CONTROLS for character in nick):
        raise BadText("nick must stand on one line")
    skeleton = unicodedata.normalize("NFKC", nick).casefold()
    if "".join(filter(str.isalnum, skeleton)) in RESERVED_NICKS:
        raise BadText(f"{nick} is taken: choose another nick")
    return nick
