"""A note is checked when it is read: a mistake stops the start with a sentence."""

import pytest

from socketlab.site import notes
from socketlab.site.source import javascript_events, python_events, to_html

from ..helpers import ROOT

GOOD = """+++
title = "Rooms"
question = "Who hears it?"
summary = "A list."
minutes = 5
core = true
objectives = []
keypoints = []
sources = []
[[predict]]
step = "tap"
question = "Who?"
choices = [{ text = "all", why = "no" }, { text = "one", right = true, why = "yes" }]
[[check]]
question = "Why?"
choices = [{ text = "so", right = true, why = "yes" }]
[teacher]
aim = "a"
students_say = []
skip = []
[[walk]]
title = "Bet"
step = "tap"
do = "Open the vote."
say = "Who?"
expect = "All."
if_not = "Wait."
minutes = 5
act = ["vote", "close"]
+++

## Explore

Say *hello* to <script>alert(1)</script>.
"""


def test_a_good_note_is_read():
    note = notes.parse(GOOD, 7, "rooms")

    assert (note.number, note.slug, note.title, note.demo) == (7, "rooms", "Rooms", None)
    assert [c.id for c in note.predictions[0].choices] == ["c1", "c2"]
    assert note.sections[0].id == "explore"


def test_raw_html_in_a_note_is_text():
    html = notes.parse(GOOD, 7, "rooms").sections[0].html

    assert "<script>" not in html and "&lt;script&gt;" in html and "<em>hello</em>" in html


def test_a_check_may_name_what_shows_its_answer_on_the_wire():
    named = GOOD.replace('question = "Why?"', 'question = "Why?"\nwire = "said"')

    assert notes.parse(GOOD, 7, "rooms").checks[0].wire is None
    assert notes.parse(named, 7, "rooms").checks[0].wire == "said"
    with pytest.raises(TypeError, match="wire of q1"):
        notes.parse(named.replace('"said"', "7"), 7, "rooms")


def test_what_may_be_too_wide_is_reached_by_the_keyboard_and_an_empty_head_is_no_head():
    html = notes.to_html(
        "| | a |\n|---|---|\n| b | c |\n\n```python\nx = 1\n```\n\n```\nplain\n```\n"
    )

    assert html.count('<pre tabindex="0">') == 2 and "<pre>" not in html
    assert '<div class="wide" tabindex="0" role="group" aria-label="Table">\n<table>' in html
    assert "<td></td>" in html and "<th>a</th>" in html and "</table>\n</div>" in html


def test_what_stands_under_a_third_heading_is_folded_up_to_the_next():
    html = (
        notes.parse(f"{GOOD}\n### Why `so`?\n\nMore.\n\n### And\n\nLess.\n", 7, "rooms")
        .sections[0]
        .html
    )
    shown, *folds = html.split("<details>")

    assert "<em>hello</em>" in shown and "More" not in shown
    assert folds == [
        "<summary>Why <code>so</code>?</summary>\n<p>More.</p>\n</details>\n",
        "<summary>And</summary>\n<p>Less.</p>\n</details>\n",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Rooms"\n', "", "the key 'title' is missing"),
        ("minutes = 5\ncore", 'minutes = "5"\ncore', "minutes must be a int"),
        ("right = true, why", "why", "exactly one choice"),
        ("+++\n\n## Explore", "\n## Explore", "03-rooms.md"),
        ('title = "Rooms"', "title = Rooms", "03-rooms.md"),
        ("[teacher]", '[teacher]\nlive = ["Do: …"]', r"live of \[teacher\] stands in \[\[walk\]\]"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path, old, new, sentence):
    path = tmp_path / "03-rooms.md"
    path.write_text(GOOD.replace(old, new, 1))

    with pytest.raises(notes.BadNote, match=sentence) as failed:
        notes.read(path)
    assert "03-rooms.md" in str(failed.value)


def test_two_lessons_may_not_share_a_step(tmp_path):
    for name in ("03-rooms.md", "04-doors.md"):
        (tmp_path / name).write_text(GOOD)

    with pytest.raises(notes.BadNote, match="share the step tap"):
        notes.read_all(tmp_path)


def test_every_note_of_the_course_has_what_a_lesson_needs():
    for note in notes.read_all(ROOT / "notes"):
        ids = [section.id for section in note.sections]

        assert {"explore", "predict", "run", "explain", "modify", "make"} <= set(ids), note.slug
        assert note.predictions and len(note.checks) == 3
        assert all(len(q.choices) >= 3 for q in (*note.predictions, *note.checks))
        assert all(note.teacher[key] for key in ("aim", "students_say", "skip"))
        assert len(note.walk) >= 2
        assert note.objectives and note.keypoints and note.sources


def test_the_lines_of_a_handler_are_found():
    code = (
        "class A:\n    def on_join(self, d):\n        emit('joined', {}, to=r)\n        return 1\n"
    )

    assert python_events(code) == {"join": [2, 4], "a join": [2, 4], "joined": [2, 4]}
    assert javascript_events('x\nsocket.on("said", f)\nsocket.on("said", g)') == {"said": [2, 2]}


def test_every_line_of_a_file_is_an_item_and_keeps_its_text():
    html = to_html('a = "<b>"\n\n# end\n', "python")

    assert html.count("<li>") == html.count("</li>") == 3
    assert "&lt;b&gt;" in html and "<li></li>" in html


# The course: what is there, and what is coming


def test_the_numbers_of_the_course_have_no_holes():
    course = notes.read_course(ROOT / "notes" / "coming.toml", notes.read_all(ROOT / "notes"))

    assert [row["number"] for row in course] == list(range(1, len(course) + 1))
    assert len({row["slug"] for row in course}) == len(course) >= 13


COMING = """
[[lesson]]
number = 7
slug = "rooms"
title = "Soon"
summary = "A list."
[[lesson]]
number = 8
slug = "queue"
title = "Later"
summary = "A line."
"""


@pytest.mark.parametrize(
    ("number", "slug", "titles"),
    [
        (7, "rooms", ["Rooms", "Later"]),
        (3, "rooms", ["Rooms", "Later"]),  # it moved
        (8, "calendar", ["Soon", "Rooms"]),  # it took the place
        (9, "calendar", ["Soon", "Later", "Rooms"]),
    ],
)
def test_a_note_replaces_the_row_of_what_was_coming(tmp_path, number, slug, titles):
    path = tmp_path / "coming.toml"
    path.write_text(COMING, "utf-8")
    course = notes.read_course(path, [notes.parse(GOOD, number, slug)])

    assert [row["title"] for row in course] == titles
    assert [row["ready"] for row in course] == [title == "Rooms" for title in titles]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Soon"\n', "", "coming.toml: the key 'title' is missing"),
        ("number = 8", 'number = "8"', "number must be a int"),
        ("[[lesson]]", "[[lessons]]", "the key 'lesson' is missing"),
        ("[[lesson]]", "[[lesson", "coming.toml"),
    ],
)
def test_a_mistake_in_what_is_coming_is_said(tmp_path, old, new, sentence):
    path = tmp_path / "coming.toml"
    path.write_text(COMING.replace(old, new), "utf-8")

    with pytest.raises(notes.BadNote, match=sentence):
        notes.read_course(path, [])
