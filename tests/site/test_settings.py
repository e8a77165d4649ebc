"""Settings: defaults, overruled by the environment, overruled by what is given."""

import pytest

from socketlab.site.settings import DEFAULTS, settings_from


def test_the_environment_overrules_the_default_and_options_overrule_both():
    environ = {"SOCKETLAB_PORT": "9000", "SOCKETLAB_LAN": "yes", "SOCKETLAB_HOSTS": "a, b"}
    settings = settings_from(environ, PORT=9001)

    assert (settings["PORT"], settings["LAN"], settings["HOSTS"]) == (9001, True, ["a", "b"])
    assert settings["HOST"] == DEFAULTS["HOST"]


@pytest.mark.parametrize(
    ("environ", "given", "sentence"),
    [
        ({"SOCKETLAB_PORT": "many"}, {}, "SOCKETLAB_PORT must be a whole number"),
        ({"SOCKETLAB_PORT": "-1"}, {}, "SOCKETLAB_PORT must be a whole number"),
        ({"SOCKETLAB_PORT": "70000"}, {}, "there is no port 70000"),
        ({"SOCKETLAB_LAN": "perhaps"}, {}, "SOCKETLAB_LAN must be yes or no"),
        ({}, {"COLOUR": 1}, "there is no setting called COLOUR"),
    ],
)
def test_a_wrong_setting_is_one_sentence(environ, given, sentence):
    with pytest.raises(ValueError, match=sentence):
        settings_from(environ, **given)
