"""What the relay does to the messages, and what the reads mean: no socket here."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from socketlab.lessons.layers.reads import (
    MOST_WHOLE,
    SIZE,
    Numbers,
    Read,
    late,
    message,
    passed_on,
    pieces,
    sums,
)

COUNTS, SEEDS, LOST = st.integers(10, 100), st.integers(0, 10**6), st.integers(0, 50)


@given(COUNTS, SEEDS)
def test_a_stream_in_other_pieces_is_the_same_stream_and_no_number_is_missing(count, seed):
    stream = b"".join(map(message, range(1, count + 1)))
    cut, numbers = pieces(stream, Random(seed)), Numbers()
    read = [numbers.read(piece) for piece in cut]

    assert b"".join(cut) == stream
    assert [number for each in read for number in each] == list(range(1, count + 1))
    assert all(1 <= len(each) <= MOST_WHOLE for each in read)
    assert len(cut) == 1 or len(cut[0]) % SIZE  # the first cut goes through a number
    assert numbers.begun == b""


def test_half_a_number_waits_for_its_other_half():
    numbers = Numbers()

    assert [numbers.read(piece) for piece in (b"0010", b"0", b"2003")] == [(1,), (), (2, 3)]


@given(COUNTS, LOST, SEEDS)
def test_the_relay_drops_its_share_and_lets_some_be_overtaken(count, lose, seed):
    leaving = passed_on(count, lose, Random(seed))
    order = [number for number in range(1, count + 1) for number in leaving[number]]
    lost = count - len(order)

    assert len(set(order)) == len(order) and set(order) <= set(range(1, count + 1))
    assert lost == (max(1, round(count * lose / 100)) if lose else 0)
    assert all(
        number <= after for after in leaving for number in leaving[after]
    )  # none comes early
    assert 1 <= late(order) <= max(1, len(order) // 8)


def test_what_arrived_and_what_is_missing_are_all_that_was_sent():
    tcp = [Read("tcp", b"0010", (1,)), Read("tcp", b"02003004", (2, 3, 4))]
    udp = [Read("udp", message(number), (number,)) for number in (2, 1, 4)]

    assert sums(4, [*udp, *tcp]) == {
        "sent": 4,
        "tcp": {"reads": 2, "missing": []},
        "udp": {"reads": 3, "missing": [3], "swapped": 1},
    }
