"""A tally says of readings that come and go what is said of those that are left."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.tally import Tally
from server.rules.target import RollUp
from server.rules.trajectory import Reading

DUE_ON = date(2026, 8, 31)
READINGS = st.builds(
    Reading,
    st.integers(0, 400).map(lambda days: date(2025, 12, 1) + timedelta(days)),
    st.decimals(-50, 50, places=4).map(Decimal),
)


@pytest.mark.parametrize("kind", RollUp)
@given(readings=st.lists(READINGS, min_size=1, max_size=12), data=st.data())
def test_what_came_and_went_leaves_no_trace(kind: RollUp, readings: list[Reading], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(readings))))
    gone = data.draw(st.sets(st.sampled_from(order), max_size=len(readings) - 1))
    tally = Tally(kind, DUE_ON)
    for place in order:
        tally.add(readings[place], place)
    for place in gone:
        tally.remove(readings[place], place)
    left = [readings[place] for place in range(len(readings)) if place not in gone]
    anew = Tally(kind, DUE_ON, left)
    assert (tally.realised, tally.first, tally.last) == (anew.realised, anew.first, anew.last)
    assert (tally.total, {*tally.told}) == (anew.total, {*anew.told})
