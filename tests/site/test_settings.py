"""Settings: defaults, overruled by the environment, overruled by what is given."""

import click
import pytest

from socketlab.limits import Buckets, TokenBucket
from socketlab.site.settings import DEFAULTS, GROUPS, SETTINGS, settings_from

NUMBERS = sorted(name for name, default in DEFAULTS.items() if type(default) is int)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(f"SOCKETLAB_{name}", raising=False)


def test_the_environment_overrules_the_default_and_what_is_given_overrules_both(monkeypatch):
    for name, value in {"PORT": "9000", "LAN": "yes", "HOSTS": "a, b"}.items():
        monkeypatch.setenv(f"SOCKETLAB_{name}", value)
    settings = settings_from(PORT=9001)

    assert (settings["PORT"], settings["LAN"], settings["HOSTS"]) == (9001, True, ["a", "b"])
    assert settings["HOST"] == DEFAULTS["HOST"]


def test_what_was_chosen_once_can_be_given_again():
    settings = settings_from(PORT=0, HOSTS=["a"], LAN=True, TEACHER_KEY="eight is enough")

    assert settings_from(**settings) == settings
    assert settings_from() == DEFAULTS


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "many", "'many' is not a valid whole number"),
        ("PORT", "-1", "-1 is not in the range"),
        ("PORT", "70000", "70000 is not in the range"),
        ("PING_SECONDS", "0.5", "'0.5' is not a valid whole number"),
        ("LAN", "perhaps", "'perhaps' is not a valid boolean"),
        ("SECRET_KEY", "fifteen letters", "15 characters can be guessed: it needs 16 or more"),
        ("SECRET_KEY", " " * 20, "0 characters can be guessed"),
        ("TEACHER_KEY", "key", "3 characters can be guessed: it needs 4 or more"),
    ],
)
def test_a_wrong_setting_is_a_sentence_with_its_two_names(monkeypatch, name, value, sentence):
    with pytest.raises(ValueError, match=sentence) as given:
        settings_from(**{name: value})
    monkeypatch.setenv(f"SOCKETLAB_{name}", value)
    with pytest.raises(ValueError, match=sentence) as in_the_environment:
        settings_from()

    assert str(given.value) == str(in_the_environment.value)
    assert f"--{name.lower().replace('_', '-')} (SOCKETLAB_{name})" in str(given.value)


@pytest.mark.parametrize("value", [0.5, [], {}])
def test_a_number_that_is_given_is_whole(value):
    with pytest.raises(ValueError, match="not a valid whole number"):
        settings_from(PING_SECONDS=value)


def test_a_key_that_is_refused_is_not_repeated():
    with pytest.raises(ValueError) as refused:
        settings_from(SECRET_KEY="secret")

    assert "'secret'" not in str(refused.value)


def test_an_empty_key_is_refused_where_it_is_given():
    with pytest.raises(ValueError, match="0 characters can be guessed"):
        settings_from(SECRET_KEY="")


def test_an_unknown_name_is_a_sentence():
    with pytest.raises(ValueError, match="there is no setting called COLOUR"):
        settings_from(COLOUR=1)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_a_least_value_and_none_below_it_is_taken(name):
    least = SETTINGS[name].type.min

    assert settings_from(**{name: least})[name] == least
    assert least <= DEFAULTS[name]
    assert least > 0 or name == "PORT"
    with pytest.raises(ValueError, match=f"{least - 1} is not in the range"):
        settings_from(**{name: least - 1})


def test_the_least_rates_can_be_waited_for():
    least = {name: SETTINGS[name].type.min for name in NUMBERS}
    bucket = TokenBucket(least["EVENTS_PER_SECOND"], 1, 0)
    owners = Buckets(least["SESSIONS_PER_10_SECONDS"] / 10, least["SESSIONS_BURST"])

    assert (bucket.take(0), bucket.take(0), bucket.wait()) == (True, False, 1)
    assert (owners.take("ada", 0), owners.take("ada", 0)) == (0, 10)


@pytest.mark.parametrize("name", SETTINGS)
def test_help_says_what_a_setting_is_for(name):
    option = SETTINGS[name]
    option_name, help_text = option.get_help_record(click.Context(click.Command(None)))

    assert option.help.endswith(".") and len(option.help) > 15
    assert option_name.startswith(f"--{name.lower().replace('_', '-')}")
    if name in NUMBERS:
        assert f"x>={option.type.min}" in help_text or name == "PORT"


def test_each_setting_stands_in_one_group():
    assert sum(len(options) for options in GROUPS.values()) == len(SETTINGS)
