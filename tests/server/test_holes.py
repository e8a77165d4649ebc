"""Which connections are in a black hole, by seat. Pure: what a hole does, lesson 4 tests."""

from socketlab.server.holes import Holes


def test_a_seat_has_few_holes_and_each_is_counted_until_it_is_over():
    holes = Holes(2)
    holes.opened("one", "ada")
    again = holes.why_not("one", "ada")
    holes.opened("two", "ada")
    third, of_another = holes.why_not("three", "ada"), holes.why_not("three", "bob")
    holes.over("one")
    holes.over("never opened")

    assert "already" in again
    assert third == "2 connections of a seat may be in a black hole at once, no more"
    assert of_another is None
    assert holes.why_not("three", "ada") is None
    assert len(holes) == 1
