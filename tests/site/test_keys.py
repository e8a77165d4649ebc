"""The signing key: whole, long enough, the same for all who start at once."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from socketlab.site import files, keys


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path):
    key = keys.signing_key(tmp_path / "secret_key")

    assert len(key) >= 43  # 256 bits in base64
    assert keys.signing_key(tmp_path / "secret_key") == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("content", [b"", b"\n", b"fifteen letters", b" " * 40])
def test_a_file_that_is_no_key_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "secret_key"
    path.write_bytes(content)

    with pytest.raises(ValueError, match="is no key.* delete it and start again"):
        keys.signing_key(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_crash_while_the_key_is_written_leaves_no_key(tmp_path, monkeypatch, step):
    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, step, crash)
        with pytest.raises(KeyboardInterrupt):
            keys.signing_key(tmp_path / "secret_key")

    assert not (tmp_path / "secret_key").exists()


def test_all_who_start_at_once_end_with_the_same_key(tmp_path, monkeypatch):
    together, write = Barrier(8), files.write_whole

    def held_back(*args, **options):
        together.wait(10)  # everybody has seen that there is no key
        write(*args, **options)

    monkeypatch.setattr(keys, "write_whole", held_back)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keys.signing_key(tmp_path / "secret_key"), range(8)))

    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_file_system_without_second_names_keeps_the_key_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    key = keys.signing_key(tmp_path / "secret_key")

    assert keys.signing_key(tmp_path / "secret_key") == key
