"""The table of a class: one header, counts, and no cell that a spreadsheet would run."""

import csv
import io

import pytest

from socketlab.classroom.export import HEADER, guarded, to_csv
from socketlab.classroom.minutes import Count, Session
from socketlab.classroom.state import Course

COURSE = Course({"race": ["one", "many"]}, {"race": "many"}, {"bidirectional": ["run", "race"]})


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_looks_like_a_formula_is_guarded(begin):
    assert guarded(f"{begin}1") == f"'{begin}1"
    assert guarded("a=1") == "a=1" and guarded(7) == 7


def test_the_rows_of_a_class():
    session = Session(
        stepped=[("bidirectional", "run", 0), ("bidirectional", None, 61_400)],
        counts=[Count("race", 0, "one", 3, 1), Count("race", 2, "many", 2, 0)],
        done=[("bidirectional", 5, 2)],
        exercises=[("bidirectional", 4, 1)],
        people=[("a", "race", 2, "many")],
        finished=[("a", "bidirectional")],
    )
    text = to_csv(session, COURSE, 90_000, lambda seat: {"a": "-ada,\n"}[seat])
    rows = [
        {name: cell for name, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]
    race = {"lesson": "bidirectional", "step": "race"}
    after = {"round": "2", "when": "after discussion", "choice": "many", "right": "yes"}
    began = {"lesson": "bidirectional", "started": "1970-01-01T00:00:00Z", "seconds": "61"}

    assert text.splitlines()[0] == ",".join(HEADER)
    assert rows == [
        {"row": "time", "step": "run"} | began,
        {"row": "time"} | began | {"started": "1970-01-01T00:01:01Z", "seconds": "29"},
        {"row": "prediction", "choice": "one", "right": "no", "count": "3", "robots": "1"} | race,
        {"row": "vote", "count": "2", "robots": "0"} | race | after,
        {"row": "finished", "lesson": "bidirectional", "count": "5", "robots": "2"},
        {"row": "exercise", "lesson": "bidirectional", "choice": "tried", "count": "4"},
        {"row": "exercise", "lesson": "bidirectional", "choice": "done", "count": "1"},
        {"row": "who", "nick": "'-ada,\n"} | race | after,
        {"row": "who finished", "nick": "'-ada,\n", "lesson": "bidirectional"},
    ]
