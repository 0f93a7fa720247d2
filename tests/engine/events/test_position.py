"""Cursors say nothing, cannot be made up, and are good for one thing only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.events.position import END, LAST, START, ForeignCursor, Mark, Position, Seal

SEAL = Seal(b"a secret of this installation, long enough")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
positions = st.builds(Position, st.integers(0, 2**15 - 1), st.integers(0, LAST), st.integers(0, LAST))


@given(positions, moments)
def test_a_cursor_opens_to_the_position_and_the_moment_it_was_made_of(position: Position, as_of: datetime) -> None:
    cursor = SEAL.close(position, as_of)
    assert SEAL.open(cursor) == Mark(position, as_of)
    assert len(cursor) == 68
    assert SEAL.close(position, as_of) != cursor, "who compares two would see that nothing happened between them"


@given(positions, positions)
def test_positions_compare_as_epoch_then_transaction_then_sequence(one: Position, other: Position) -> None:
    assert (one < other) == (tuple(one) < tuple(other))
    assert START <= one <= END


@given(positions, st.integers(0, 67), st.sampled_from("abcXYZ019-_=+/ é"))
def test_an_altered_cursor_is_refused(position: Position, place: int, letter: str) -> None:
    cursor = SEAL.close(position, NOW)
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
        SEAL.open(Seal(b"a secret of another installation, as long").close(Position(1, 7, 8), NOW))


def test_a_cursor_made_for_something_else_is_refused() -> None:
    with pytest.raises(ForeignCursor):
        SEAL.open(SEAL.close(Position(1, 7, 8), NOW, "events by subject"))


def test_neighbouring_cursors_have_nothing_in_common_that_could_be_counted() -> None:
    first, second = SEAL.close(Position(1, 7, 8), NOW), SEAL.close(Position(1, 7, 9), NOW)
    assert sum(a == b for a, b in zip(first[2:], second[2:], strict=True)) < 12


def test_a_snapshots_horizon_lies_behind_all_that_ended_before_it_and_before_all_that_did_not() -> None:
    assert Position(1, 99, LAST - 1) < Position.below(100) < Position(1, 100, 0)
