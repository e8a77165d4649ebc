"""What every TOML front matter shares: how a value is asked for, and how a mistake is said."""

import re
import tomllib


def front_and_body(text):
    """The front matter, as a table, and what follows it. Raises ValueError."""
    parts = re.split(r"^\+\+\+\s*$", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3:
        raise ValueError("the front matter must stand between two lines +++")
    return tomllib.loads(parts[1]), parts[2]


def typed(table, key, kind):
    """The value of ``key``. Raises KeyError without it, TypeError for one of another kind."""
    value = table[key]
    if not isinstance(value, kind):
        raise TypeError(f"{key} must be a {kind.__name__}")
    return value


def said(error):
    """What a mistake in a TOML table is, as the end of a sentence."""
    return f"the key {error} is missing" if isinstance(error, KeyError) else str(error)


def known_only(table, names):
    """Refuse a key that nobody reads: a misspelt one would be silently left out."""
    strange = sorted(set(table) - set(names))
    if strange:
        raise ValueError(f"there is no key {strange[0]!r} here")


def sentence(table, key):
    """A text that is not empty. Raises KeyError, TypeError or ValueError."""
    text = typed(table, key, str).strip()
    if not text:
        raise ValueError(f"{key} is empty")
    return text


def minutes_of(table, key="minutes"):
    """A whole number of minutes, 1 or more."""
    minutes = table[key]
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1:
        raise ValueError(f"{key} must be a whole number, 1 or more")
    return minutes


def texts(table, key):
    """One text or a list of texts, as a tuple; without the key an empty one."""
    value = table.get(key, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise TypeError(f"{key} must be a text, or a list of texts")
    return tuple(value)
