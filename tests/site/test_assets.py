"""What our own files weigh as they are sent, and how long a browser may keep them."""

import gzip
import os
import re
from pathlib import PurePosixPath

import pytest
import requests

from socketlab.site import notes
from socketlab.site.assets import Assets
from socketlab.site.headers import trustworthy

from ..helpers import PATIENCE, ROOT

LESSONS = [f"/lesson/{note.slug}" for note in notes.read_all(ROOT / "notes")]
MOST_BYTES = 60_000  # of our own, as they are sent, in the first view of a lesson
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)"', re.MULTILINE)


def get(live, path, coding="gzip"):
    """The answer with its body as it crossed."""
    headers = {"Accept": "text/html", "Accept-Encoding": coding}
    answer = requests.get(live.url + path, headers=headers, stream=True, timeout=PATIENCE)
    answer.sent = answer.raw.read(decode_content=False)
    return answer


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "page.js").write_text('import "./lib/dom.js";')
    (tmp_path / "lib" / "dom.js").write_text("export const one = 1;")
    (tmp_path / "notes.txt").write_text("not for sending")
    return tmp_path


def test_an_address_changes_when_any_file_does_and_not_before(folder):
    assets = Assets(folder)
    first = assets.address("page.js")
    os.utime(folder / "page.js", ns=(1, 1))
    assets.refresh()
    assert assets.address("page.js") == first

    (folder / "lib" / "dom.js").write_text("export const two = 2;")
    assets.refresh()
    second = assets.address("page.js")
    assert second != first
    file, for_ever = assets.find(second.removeprefix("/static/"))
    assert (file.data, for_ever) == (b'import "./lib/dom.js";', True)

    file, for_ever = assets.find(first.removeprefix("/static/").replace("page", "lib/dom"))
    assert (file.data, for_ever) == (b"export const two = 2;", False)  # an old page's neighbour


def test_the_sheets_of_every_page_are_one_answer_as_new_as_the_newest(folder):
    (folder / "css").mkdir()
    for name in ("base", "lesson", "tokens"):
        (folder / "css" / f"{name}.css").write_text(f".{name} {{}}\n")
    assets = Assets(folder)
    before = assets.address("css/site.css")
    assert assets.find("css/site.css")[0].data == b".tokens {}\n.base {}\n.lesson {}\n"

    (folder / "css" / "base.css").write_text(".other {}\n")
    assets.refresh()
    assert assets.address("css/site.css") != before
    assert b".other" in assets.find("css/site.css")[0].data
    assert "css/site.css" not in Assets(folder / "lib")


def test_only_what_is_there_and_has_a_type_is_sent(folder):
    assets = Assets(folder)

    assert assets.find("lib/dom.js")[0].type.startswith("text/javascript")
    assert assets.find("lib/dom.js")[1] is False
    for name in ("notes.txt", "lib", "", "../page.js", "lib/../page.js", "v-/page.js"):
        assert assets.find(name)[0] is None and name not in assets
    with pytest.raises(KeyError):
        assets.address("notes.txt")


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0, br", False),
        ("", False),
    ],
)
def test_a_file_is_packed_for_whoever_can_undo_it(live, coding, packed):
    data = (ROOT / "static/lib/dom.js").read_bytes()
    answer = get(live, "/static/lib/dom.js", coding)

    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(answer.sent) if packed else answer.sent) == data
    assert int(answer.headers["Content-Length"]) == len(answer.sent)
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_browser_keeps_a_file_of_this_version_for_ever_and_asks_for_others(live):
    page = get(live, "/lesson/rooms").sent
    address = re.search(r'src="(/static/v-[0-9a-f]{16}/)lesson.js"', gzip.decompress(page).decode())
    ours, plain = get(live, address[1] + "lib/dom.js"), get(live, "/static/lib/dom.js")
    older = get(live, "/static/v-0123456789abcdef/lib/dom.js")

    assert "immutable" in ours.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == older.headers["Cache-Control"] == "no-cache"
    assert ours.sent == plain.sent == older.sent
    tags = {get(live, "/static/lib/dom.js", coding).headers["ETag"] for coding in ("", "gzip")}
    assert len(tags) == 2  # two codings, two representations
    for tag in tags:
        headers = {"If-None-Match": tag, "Accept-Encoding": "gzip" if "gzip" in tag else ""}
        again = requests.get(plain.url, headers=headers, timeout=PATIENCE)
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nope.js", "../app.py", "%2e%2e/app.py", "v-1/lesson.js", "css"])
def test_what_is_not_there_is_404(live, name):
    assert get(live, f"/static/{name}").status_code == 404


def first_view(live, path):
    """{address: answer} of a page and of all that it links and imports, without the client."""
    page = get(live, path)
    html = gzip.decompress(page.sent).decode()
    waiting = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    answers = {path: page}
    while waiting:
        address = waiting.pop()
        if address not in answers:
            answers[address] = answer = get(live, address)
            assert answer.status_code == 200, address
            here = PurePosixPath(address).parent
            for name in IMPORT.findall(gzip.decompress(answer.sent).decode()):
                waiting.append(os.path.normpath(here / name))
    return answers


@pytest.mark.parametrize("path", [*LESSONS, "/", "/glossary", "/review", "/wire", "/join"])
def test_our_own_files_of_a_page_weigh_little_as_they_are_sent(live, path):
    answers = first_view(live, path)

    assert sum(len(answer.sent) for answer in answers.values()) < MOST_BYTES
    assert all(answer.headers["Content-Encoding"] == "gzip" for answer in answers.values())
    assert any("lib/dom.js" in address for address in answers) or path not in LESSONS


def test_what_a_demo_counts_is_never_packed(live, visit):
    ada = visit()
    for path in (
        "/socket.io/?EIO=4&transport=polling",
        "/wire?after=0",
        "/bidirectional/latest?after=0",
        "/source/rooms",
    ):
        headers = {"Accept-Encoding": "gzip", "Accept": "*/*"}
        answer = ada.http.get(live.url + path, headers=headers, timeout=PATIENCE)

        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers, path


def test_a_packed_page_is_on_the_wire_without_its_body(live, visit):
    ada = visit()  # asked with gzip, as a browser does; the page holds her token
    rows = ada.http.get(live.url + "/wire?after=0", timeout=PATIENCE).json()["rows"]
    page = next(row for row in rows if not row["up"])
    head, _, body = bytes.fromhex(page["hex"]).partition(b"\r\n\r\n")

    assert b"Content-Encoding: gzip" in head
    assert len(body) > 5000 and set(body) == set(b"*")
    assert [len(head) + 4, len(body)] in page["blanked"]


# What only a secure origin may say


@pytest.mark.parametrize(
    ("root", "secure"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://localhost/", True),
        ("http://[::1]:8000/", True),
        ("https://lab.example/", True),
        ("http://192.168.1.20:8000/", False),
        ("http://lab.example/", False),
        ("http://127.0.0.1.example/", False),
    ],
)
def test_which_origins_a_browser_trusts(root, secure):
    assert trustworthy(root) is secure


def test_a_phone_is_not_told_what_only_a_secure_origin_may_say(start):
    lab = start("--hosts", "lab.example")
    named = {"Host": f"lab.example:{lab.port}", "Accept": "text/html"}
    there = requests.get(lab.url, headers=named, timeout=PATIENCE)
    here = requests.get(lab.url, timeout=PATIENCE)

    assert there.status_code == here.status_code == 200
    assert "Cross-Origin-Opener-Policy" not in there.headers
    assert here.headers["Cross-Origin-Opener-Policy"] == "same-origin"
