"""Cursors say nothing, cannot be made up, and are good for one thing only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.events.position import END, LAST, START, ForeignCursor, Position, Seal

SEAL = Seal(b"a secret of this installation, long enough")
positions = st.builds(Position, st.integers(0, 2**15 - 1), st.integers(0, LAST), st.integers(0, LAST))


@given(positions)
def test_a_cursor_opens_to_the_position_it_was_made_of(position: Position) -> None:
    cursor = SEAL.close(position)
    assert SEAL.open(cursor) == position
    assert len(cursor) == 58
    assert SEAL.close(position) != cursor, "who compares two would see that nothing happened between them"


@given(positions, positions)
def test_positions_compare_as_epoch_then_transaction_then_sequence(one: Position, other: Position) -> None:
    assert (one < other) == (tuple(one) < tuple(other))
    assert START <= one <= END


@given(positions, st.integers(0, 57), st.sampled_from("abcXYZ019-_=+/ é"))
def test_an_altered_cursor_is_refused(position: Position, place: int, letter: str) -> None:
    cursor = SEAL.close(position)
    altered = cursor[:place] + letter + cursor[place + 1 :]
    if altered != cursor:
        with pytest.raises(ForeignCursor):
            SEAL.open(altered)


@given(st.text(max_size=80))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ForeignCursor):
        SEAL.open(text)


def test_a_cursor_of_another_installation_is_refused() -> None:
    with pytest.raises(ForeignCursor):
        SEAL.open(Seal(b"a secret of another installation, as long").close(Position(1, 7, 8)))


def test_a_cursor_made_for_something_else_is_refused() -> None:
    with pytest.raises(ForeignCursor):
        SEAL.open(SEAL.close(Position(1, 7, 8), "events by subject"))


def test_neighbouring_cursors_have_nothing_in_common_that_could_be_counted() -> None:
    first, second = SEAL.close(Position(1, 7, 8)), SEAL.close(Position(1, 7, 9))
    assert sum(a == b for a, b in zip(first[2:], second[2:], strict=True)) < 12


def test_a_snapshots_horizon_lies_behind_all_that_ended_before_it_and_before_all_that_did_not() -> None:
    assert Position(1, 99, LAST - 1) < Position.below(100) < Position(1, 100, 0)
