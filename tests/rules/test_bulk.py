"""Many rows in one call: which of them are the same thing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.rules.bulk import twins

KEYS = st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=12)


@given(KEYS)
def test_a_row_is_a_twin_exactly_when_another_one_means_the_same_thing(keys: list[int | None]) -> None:
    found = twins(keys)
    for number, key in enumerate(keys):
        others = [n for n, other in enumerate(keys) if n != number and other == key is not None]
        assert (number in found) == bool(others)
        if others:
            assert found[number] in others


def test_what_names_nothing_is_no_twin() -> None:
    assert twins([None, None, "a"]) == {}
    assert twins(["a", "b", "a", "a"]) == {0: 2, 2: 0, 3: 0}
