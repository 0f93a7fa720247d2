"""Capaian, grade, trajectory and pace: the formulas of docs/domain.md with their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.achievement import (
    Reading,
    TargetValues,
    capaian,
    expected,
    grade_of,
    report_due_on,
    state_of,
    track_state,
)
from server.rules.target import Grade, RollUp, TargetDirection, TrackState
from tests.rules.known import CITY

MAX, MIN, RANGE = TargetDirection
SUM, LAST, MEAN = RollUp
YEAR_END = date(2026, 12, 31)
JULY_2 = date(2026, 7, 2)  # the middle of the way from 1 January to 31 December
AMOUNTS = st.decimals(-1000, 1000, places=2)
POSITIVE = st.decimals(Decimal("0.01"), 1000, places=2)


def d(value: str | float | Decimal) -> Decimal:
    return Decimal(str(value))


def values(direction: TargetDirection = MAX, roll_up: RollUp = LAST, target: Any = 100, **named: Any) -> TargetValues:
    return TargetValues(
        year=2026, direction=direction, roll_up=roll_up, target_value=d(target), **{"due_on": YEAR_END, **named}
    )


def read(*pairs: tuple[date, Any]) -> list[Reading]:
    return [Reading(day, d(value)) for day, value in pairs]


def pace(target: TargetValues, *pairs: tuple[date, Any]) -> TrackState:
    return state_of(target, read(*pairs), CITY)["pace"]


@pytest.mark.parametrize(
    ("direction", "realised", "lower", "upper", "percent"),
    [
        (MAX, 80, 100, None, "80"),
        (MAX, 150, 100, None, "150"),  # the raw value is kept
        (MAX, -5, 100, None, "0"),
        (MAX, 1, 3, None, "33.3333"),
        (MAX, 7, 0, None, None),  # not measurable
        (MIN, 8, 10, None, "120"),
        (MIN, 10, 10, None, "100"),
        (MIN, 12, 10, None, "80"),
        (MIN, 20, 10, None, "0"),
        (MIN, 25, 10, None, "0"),
        (MIN, 0, 0, None, "100"),
        (MIN, 1, 0, None, "0"),
        (RANGE, 60, 50, 70, "100"),
        (RANGE, 50, 50, 70, "100"),
        (RANGE, 70, 50, 70, "100"),
        (RANGE, 84, 50, 70, "120"),
        (RANGE, 40, 50, 70, "80"),
        (RANGE, -1, 0, 70, None),
    ],
)
def test_capaian_follows_the_formulas_and_their_edges(
    direction: TargetDirection, realised: int, lower: int, upper: int | None, percent: str | None
) -> None:
    found = capaian(direction, d(realised), d(lower), None if upper is None else d(upper))
    assert found == (None if percent is None else d(percent))


@pytest.mark.parametrize(
    ("percent", "grade"),
    [
        ("120", Grade.VERY_HIGH), ("90.5", Grade.VERY_HIGH), ("90.4999", Grade.HIGH), ("75.5", Grade.HIGH),
        ("75.4", Grade.MEDIUM), ("65.5", Grade.MEDIUM), ("65.49", Grade.LOW), ("50.5", Grade.LOW),
        ("50.49", Grade.VERY_LOW), ("0", Grade.VERY_LOW),
    ],
)  # fmt: skip
def test_a_grade_is_of_the_percent_rounded_half_up(percent: str, grade: Grade) -> None:
    assert grade_of(d(percent), CITY.grade_scale) is grade


def test_readings_roll_up_by_the_indicators_kind() -> None:
    readings = read((date(2026, 6, 30), 20), (date(2026, 3, 31), 10), (date(2026, 6, 30), 24))
    realised = {kind: state_of(values(roll_up=kind), readings, CITY)["realised"] for kind in RollUp}
    assert realised == {SUM: 54, LAST: 24, MEAN: 18}


@given(AMOUNTS, AMOUNTS, POSITIVE)
def test_a_better_reading_never_has_the_lower_capaian(one: Decimal, other: Decimal, target: Decimal) -> None:
    low, high = sorted((one, other))
    for direction, worse, better in ((MAX, low, high), (MIN, high, low)):
        left, right = (capaian(direction, each, target, None) for each in (worse, better))
        assert left is not None
        assert right is not None
        assert 0 <= left <= right


# ---- the trajectory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "first", "on", "line"),
    [
        (values(roll_up=SUM), None, date(2026, 1, 1), 0),
        (values(roll_up=SUM), None, JULY_2, 50),
        (values(roll_up=SUM), None, date(2027, 2, 1), 100),
        (values(baseline=d(60)), None, JULY_2, 80),
        (values(MIN, target=10, baseline=d(20)), None, JULY_2, 15),
        (values(), Reading(JULY_2, d(40)), JULY_2, 40),
        (values(), None, JULY_2, None),
        (values(roll_up=MEAN), None, date(2026, 2, 1), 100),
        (values(RANGE, target_value_to=d(120)), None, JULY_2, None),
        (values(roll_up=SUM, due_on=JULY_2), None, date(2026, 9, 1), 100),
        (values(roll_up=SUM, milestones=((JULY_2, d(10)),)), None, JULY_2, 10),
        (values(roll_up=SUM, milestones=((JULY_2, d(10)),)), None, date(2026, 10, 1), 55),
        (values(baseline=d(0), milestones=((JULY_2, d(10)), (YEAR_END, d(100)))), None, YEAR_END, 100),
    ],
)
def test_the_trajectory_is_a_line_through_its_milestones(
    target: TargetValues, first: Reading | None, on: date, line: int | None
) -> None:
    assert expected(target, on, first) == (None if line is None else d(line))


@given(st.dates(date(2025, 12, 1), date(2027, 1, 31)), POSITIVE, st.one_of(st.none(), POSITIVE))
def test_the_trajectory_stays_between_its_start_and_its_end(
    on: date, target: Decimal, baseline: Decimal | None
) -> None:
    line = expected(values(target=target, baseline=baseline), on, Reading(date(2026, 3, 31), d(5)))
    start = d(5) if baseline is None else baseline
    assert line is not None
    assert min(start, target) <= line <= max(start, target)


# ---- the pace -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "pairs", "state"),
    [
        # SUM: from 0; half a year on, 50 are expected.
        (values(roll_up=SUM), [(JULY_2, "47.5")], TrackState.ON_TRACK),
        (values(roll_up=SUM), [(JULY_2, "47.4")], TrackState.AT_RISK),
        (values(roll_up=SUM), [(JULY_2, 40)], TrackState.AT_RISK),
        (values(roll_up=SUM), [(JULY_2, "39.9")], TrackState.OFF_TRACK),
        (values(roll_up=SUM), [(JULY_2, 100)], TrackState.REALISED),
        # The reading's own date counts, not today.
        (values(roll_up=SUM), [(date(2026, 4, 2), 25)], TrackState.ON_TRACK),
        # LAST: progress from the baseline; lower is better reads the same way: from 20 down to 10, 15 expected.
        (values(MIN, target=10, baseline=d(20)), [(JULY_2, 15)], TrackState.ON_TRACK),
        (values(MIN, target=10, baseline=d(20)), [(JULY_2, 16)], TrackState.AT_RISK),
        (values(MIN, target=10, baseline=d(20)), [(JULY_2, 18)], TrackState.OFF_TRACK),
        (values(MIN, target=10, baseline=d(20)), [(JULY_2, 10)], TrackState.REALISED),
        (values(baseline=d(60)), [(JULY_2, 70)], TrackState.OFF_TRACK),  # capaian 70 %, but half of the expected way
        # Without a baseline the first reading is the start: then nothing is expected yet.
        (values(), [(date(2026, 3, 31), 40)], TrackState.NOT_STARTED),
        (values(), [(date(2026, 1, 1), 0), (JULY_2, 50)], TrackState.ON_TRACK),
        # MEAN: level at the target, by capaian.
        (values(roll_up=MEAN), [(date(2026, 2, 1), 95)], TrackState.ON_TRACK),
        (values(roll_up=MEAN, baseline=d(90)), [(date(2026, 2, 1), 94)], TrackState.AT_RISK),
        (values(roll_up=MEAN), [(date(2026, 2, 1), 79)], TrackState.OFF_TRACK),
        # RANGE: inside on track, outside capaian's distance from 100 on the same 5 and 20 points.
        (values(RANGE, target=50, target_value_to=d(100)), [(JULY_2, 75)], TrackState.ON_TRACK),
        (values(RANGE, target=50, target_value_to=d(100)), [(YEAR_END, 75)], TrackState.REALISED),
        (values(RANGE, target=50, target_value_to=d(100)), [(JULY_2, 105)], TrackState.ON_TRACK),
        (values(RANGE, target=50, target_value_to=d(100)), [(JULY_2, 120)], TrackState.AT_RISK),
        (values(RANGE, target=50, target_value_to=d(100)), [(JULY_2, 121)], TrackState.OFF_TRACK),
        (values(RANGE, target=50, target_value_to=d(100)), [(JULY_2, 40)], TrackState.AT_RISK),
        # target = baseline: by capaian.
        (values(baseline=d(100)), [(JULY_2, 96)], TrackState.ON_TRACK),
        (values(baseline=d(100)), [(JULY_2, 85)], TrackState.AT_RISK),
        (values(MIN, baseline=d(100)), [(JULY_2, 130)], TrackState.OFF_TRACK),
        # Nothing expected yet: not started, unless worse than the baseline.
        (values(baseline=d(60), milestones=((JULY_2, d(60)),)), [(date(2026, 4, 1), 61)], TrackState.NOT_STARTED),
        (values(baseline=d(60), milestones=((JULY_2, d(60)),)), [(date(2026, 4, 1), 59)], TrackState.OFF_TRACK),
        (values(roll_up=SUM), [(date(2026, 1, 1), 0)], TrackState.NOT_STARTED),
        # A yearly ceiling: under it all year, realised only when the year is told.
        (values(MIN, SUM), [(JULY_2, 30)], TrackState.ON_TRACK),
        (values(MIN, SUM), [(JULY_2, 60)], TrackState.AT_RISK),
        (values(MIN, SUM), [(JULY_2, 70)], TrackState.OFF_TRACK),
        (values(MIN, SUM), [(JULY_2, 30), (YEAR_END, 40)], TrackState.REALISED),
        (values(MIN, SUM, 0), [(JULY_2, 1)], TrackState.OFF_TRACK),
        # A line against the direction (a slower decline is the aim): by capaian of what is expected.
        (values(target=80, baseline=d(100)), [(JULY_2, 80)], TrackState.REALISED),
        (values(target=80, baseline=d(100)), [(JULY_2, 75)], TrackState.AT_RISK),
        # Higher is better than 0: nothing can be measured.
        (values(target=0, baseline=d(0)), [(JULY_2, 5)], TrackState.NOT_STARTED),
    ],
)  # fmt: skip
def test_the_pace_compares_progress_with_the_trajectory_on_the_readings_day(
    target: TargetValues, pairs: list[tuple[date, Any]], state: TrackState
) -> None:
    assert pace(target, *pairs) is state


@given(st.sampled_from([MAX, MIN]), st.sampled_from(RollUp), POSITIVE, st.one_of(st.none(), AMOUNTS), AMOUNTS, AMOUNTS)
def test_a_better_reading_never_has_the_worse_pace(
    direction: TargetDirection, kind: RollUp, target: Decimal, baseline: Decimal | None, one: Decimal, other: Decimal
) -> None:
    worse, better = sorted((one, other), reverse=direction is MIN)
    promise = values(direction, kind, target, baseline=baseline)
    first = (date(2026, 2, 1), 1)  # so that the start of a line without a baseline is the same for both
    rank = [TrackState.OFF_TRACK, TrackState.NOT_STARTED, TrackState.AT_RISK, TrackState.ON_TRACK, TrackState.REALISED]
    left, right = (rank.index(pace(promise, first, (JULY_2, each))) for each in (worse, better))
    assert left <= right


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_a_target_without_readings_is_not_reported_and_never_0() -> None:
    state = state_of(values(), [], CITY)
    assert (state["realised"], state["achievement"], state["grade"]) == (None, None, None)
    assert state["report_due_on"] == date(2026, 4, 15)
    assert track_state(state["pace"], state["report_due_on"], date(2026, 4, 15)) is TrackState.NOT_STARTED
    assert track_state(state["pace"], state["report_due_on"], date(2026, 4, 16)) is TrackState.NOT_REPORTED


def test_a_report_is_due_for_the_quarter_after_the_last_reading_until_the_fourth() -> None:
    assert report_due_on(2026, date(2026, 3, 31), CITY) == date(2026, 7, 14)
    assert report_due_on(2026, date(2026, 9, 30), CITY) == date(2027, 1, 18)
    assert report_due_on(2026, date(2026, 10, 1), CITY) is None


def test_the_year_so_far_is_graded_against_what_was_expected_of_it() -> None:
    state = state_of(values(roll_up=SUM), read((JULY_2, 40)), CITY)
    assert (state["achievement"], state["achievement_to_date"], state["grade"]) == (d(40), d(80), Grade.HIGH)
    assert state["last_measured_on"] == JULY_2


def test_all_that_is_kept_fits_its_column() -> None:
    largest = d("99999999999999.9999")
    for kind in RollUp:
        state = state_of(values(roll_up=kind, target="0.0001"), read((JULY_2, largest), (YEAR_END, largest)), CITY)
        for kept in (state["realised"], state["achievement"], state["achievement_to_date"]):
            assert kept is not None
            assert abs(kept) <= largest
            assert kept == kept.quantize(d("0.0001"))


@given(
    st.lists(st.tuples(st.integers(0, 364), AMOUNTS), min_size=1, max_size=8),
    st.sampled_from(TargetDirection),
    st.sampled_from(RollUp),
    st.decimals(0, 100, places=2),
    st.one_of(st.none(), AMOUNTS),
)
def test_any_readings_of_any_target_have_a_state(
    pairs: list[tuple[int, Decimal]],
    direction: TargetDirection,
    kind: RollUp,
    target: Decimal,
    baseline: Decimal | None,
) -> None:
    readings = [Reading(date(2026, 1, 1) + timedelta(n), value) for n, value in pairs]
    upper = target + 5 if direction is RANGE else None
    state = state_of(values(direction, kind, target, baseline=baseline, target_value_to=upper), readings, CITY)
    assert state["pace"] is not TrackState.NOT_REPORTED
    assert (state["grade"] is None) == (state["achievement_to_date"] is None)
    assert state["achievement"] is None or state["achievement"] >= 0
