"""Capaian, grade, trajectory and pace: the formulas of docs/domain.md with their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.rules.achievement import (
    grade_of,
    missed_reports,
    state_of,
    storable,
    track_state,
)
from server.rules.report import told_quarter
from server.rules.target import Formula, Grade, RollUp, TargetDirection, TrackState
from server.rules.trajectory import Reading, TargetValues, expected
from tests.rules.known import CITY

MAX, MIN, RANGE = TargetDirection
SUM, LAST, MEAN = RollUp
PROGRESS = Formula.PROGRESS
NEW_YEAR = date(2026, 1, 1)
YEAR_END = date(2026, 12, 31)
JULY_2 = date(2026, 7, 2)  # the middle of the way from 1 January to 31 December
MARCH, JUNE, SEPTEMBER = date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)
AMOUNTS = st.decimals(-1000, 1000, places=2)
POSITIVE = st.decimals(Decimal("0.01"), 1000, places=2)


def d(value: str | float | Decimal) -> Decimal:
    return Decimal(str(value))


def values(direction: TargetDirection = MAX, roll_up: RollUp = LAST, target: Any = 100, **named: Any) -> TargetValues:
    """In force from its year's first day, due on its last."""
    more = {"due_on": YEAR_END, "counts_from": NEW_YEAR, **named}
    for name in ("baseline", "target_value_to"):
        if more.get(name) is not None:
            more[name] = d(more[name])
    return TargetValues(year=2026, direction=direction, roll_up=roll_up, target_value=d(target), **more)


def read(*pairs: tuple[date, Any]) -> list[Reading]:
    return [Reading(day, d(value)) for day, value in pairs]


def light(target: TargetValues, *pairs: tuple[date, Any], on: date = NEW_YEAR) -> TrackState:
    return track_state(state_of(target, read(*pairs), CITY), on)


def percents(target: TargetValues, *pairs: tuple[date, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Capaian of the year, and to date."""
    state = state_of(target, read(*pairs), CITY)
    return state["achievement"], state["achievement_to_date"]


@pytest.mark.parametrize(
    ("target", "realised", "percent"),
    [
        (values(), 80, "80"),
        (values(), 150, "150"),  # the raw value is kept
        (values(), -5, "0"),
        (values(target=3), 1, "33.3333"),
        (values(target=0), 7, None),  # not measurable
        (values(MIN, target=10), 8, "120"),
        (values(MIN, target=10), 12, "80"),
        (values(MIN, target=10), 25, "0"),
        (values(MIN, target=0), 0, "100"),
        (values(MIN, target=0), 1, "0"),
        # A range that is missed is missed on either side.
        (values(RANGE, target=50, target_value_to=70), 70, "100"),
        (values(RANGE, target=50, target_value_to=70), 84, "80"),
        (values(RANGE, target=50, target_value_to=70), 40, "80"),
        (values(RANGE, target="1.5", target_value_to="3.5"), "6.1", "25.7143"),
        (values(RANGE, target=50, target_value_to=70), 150, "0"),
        (values(RANGE, target=0, target_value_to=70), -1, None),
        # The share of the way from the baseline.
        (values(MIN, target=5, baseline=14), 10, "0"),
        (values(MIN, target=5, baseline=14, formula=PROGRESS), 10, "44.4444"),
        (values(target=95, baseline="84.5", formula=PROGRESS), "91.5", "66.6667"),
        (values(target=95, baseline="84.5", formula=PROGRESS), 80, "0"),
        (values(roll_up=MEAN, target=30, baseline=20, formula=PROGRESS), 25, "50"),
        # A ratio needs positive amounts.
        (values(MIN, target=0, baseline=40), 10, "75"),
        (values(target=0, baseline=-10), -9, "10"),
        (values(target=10, baseline=-10), 0, "50"),
        (values(MIN, target=0, baseline=0), 0, "100"),  # none there was, none there shall be
        (values(MIN, target=0, baseline=0), 1, "0"),
        (values(target=0, baseline=0), 1, None),
        (values(MIN, SUM, 0, baseline=40), 1, "0"),  # a sum has no baseline
    ],
)
def test_capaian_follows_the_formulas_and_their_edges(target: TargetValues, realised: Any, percent: str | None) -> None:
    assert percents(target, (YEAR_END, realised))[0] == (None if percent is None else d(percent))


@pytest.mark.parametrize(
    ("target", "reading", "percent"),
    [
        # The better reading has the better percent, below 0 as well.
        (values(target=0, baseline=-10), (date(2026, 11, 15), -9), "11.4465"),
        (values(target=0, baseline=-10), (date(2026, 11, 15), "-0.1"), "113.3208"),
        # Nothing is rounded before it is divided.
        (values(target=8, roll_up=SUM, due_on=date(2026, 1, 8)), (date(2026, 1, 4), 1), "29.1667"),
        # On its own day a first reading expects nothing of itself, on the due day the target is expected.
        (values(), (JULY_2, 50), None),
        (values(), (YEAR_END, 5), "5"),
        (values(MIN, due_on=date(2026, 11, 29)), (date(2026, 11, 29), 180), "20"),
        (values(baseline=10, due_on=NEW_YEAR), (date(2026, 11, 1), 50), "50"),
        (values(roll_up=SUM), (NEW_YEAR, 1), None),  # of 0
        (values(MIN, SUM), (NEW_YEAR, 0), "100"),
        (values(RANGE, target=50, target_value_to=70), (JULY_2, 84), "80"),
        # Before the first point of a line without a start nothing is expected.
        (values(milestones=((JUNE, d(40)),)), (JUNE, 30), "75"),
    ],
)
def test_to_date_the_expected_value_stands_for_the_target(
    target: TargetValues, reading: tuple[date, Any], percent: str | None
) -> None:
    assert percents(target, reading)[1] == (None if percent is None else d(percent))


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
    # A mean is that of the quarters, each the mean of its own readings.
    assert realised == {SUM: 54, LAST: 24, MEAN: 16}


@given(AMOUNTS, AMOUNTS, POSITIVE, st.sampled_from([MAX, MIN]), st.sampled_from([LAST, MEAN]), st.none() | AMOUNTS)
def test_a_better_reading_never_has_the_lower_capaian(
    one: Decimal, other: Decimal, target: Decimal, direction: TargetDirection, kind: RollUp, baseline: Decimal | None
) -> None:
    low, high = sorted((one, other), reverse=direction is MIN)
    promise = values(direction, kind, target, baseline=baseline)
    assume(direction is MAX or baseline is None or baseline >= 0)  # no promise to get worse
    left, right = (percents(promise, (YEAR_END, each))[0] for each in (low, high))
    assert left is not None
    assert right is not None
    assert 0 <= left <= right


# ---- the trajectory -----------------------------------------------------------------------------------------------

HALF = ((JULY_2, d(10)),)


@pytest.mark.parametrize(
    ("target", "first", "on", "line"),
    [
        (values(roll_up=SUM), None, date(2026, 1, 1), 0),
        (values(roll_up=SUM), None, JULY_2, 50),
        (values(roll_up=SUM), None, date(2027, 2, 1), 100),
        (values(roll_up=SUM), None, date(2025, 12, 1), 0),
        (values(baseline=60), None, JULY_2, 80),
        (values(MIN, target=10, baseline=20), None, JULY_2, 15),
        (values(), (JULY_2, 40), JULY_2, None),
        (values(), (JULY_2, 40), YEAR_END, 100),
        (values(), (NEW_YEAR, 40), JULY_2, 70),
        (values(), None, JULY_2, None),
        (values(milestones=HALF), (JULY_2, 40), JULY_2, 10),  # the first reading is not before every point
        (values(milestones=HALF), (date(2026, 8, 1), 40), date(2026, 7, 1), None),
        (values(roll_up=MEAN), None, date(2026, 2, 1), 100),
        (values(roll_up=MEAN, milestones=HALF), None, date(2026, 2, 1), 10),
        (values(RANGE, target_value_to=120), None, JULY_2, None),
        (values(roll_up=SUM, due_on=JULY_2), None, date(2026, 9, 1), 100),
        (values(roll_up=SUM, due_on=NEW_YEAR), None, NEW_YEAR, 100),
        (values(baseline=10, milestones=((NEW_YEAR, d(30)),)), None, NEW_YEAR, 30),
        (values(roll_up=SUM, milestones=HALF), None, JULY_2, 10),
        (values(roll_up=SUM, milestones=HALF), None, date(2026, 10, 1), 55),
        (values(baseline=0, milestones=((JULY_2, d(10)), (YEAR_END, d(100)))), None, YEAR_END, 100),
    ],
)
def test_the_trajectory_is_a_line_through_its_milestones(
    target: TargetValues, first: tuple[date, Any] | None, on: date, line: int | None
) -> None:
    assert expected(target, on, None if first is None else read(first)[0]) == line


@given(st.dates(date(2025, 12, 1), date(2027, 1, 31)), POSITIVE, st.one_of(st.none(), POSITIVE))
def test_the_trajectory_stays_between_its_start_and_its_end(
    on: date, target: Decimal, baseline: Decimal | None
) -> None:
    line = expected(values(target=target, baseline=baseline), on, Reading(date(2026, 3, 31), d(5)))
    start = d(5) if baseline is None else baseline
    assert line is None or min(start, target) <= line <= max(start, target)
    assert (line is None) == (baseline is None and on <= date(2026, 3, 31))


# ---- the light ----------------------------------------------------------------------------------------------------

BAND: dict[str, Any] = {"target": 50, "target_value_to": 100}


@pytest.mark.parametrize(
    ("target", "pairs", "state"),
    [
        # SUM: from 0; half a year on, 50 are expected.
        (values(roll_up=SUM), [(JULY_2, "47.5")], TrackState.ON_TRACK),
        (values(roll_up=SUM), [(JULY_2, "47.49")], TrackState.AT_RISK),  # shown as 95.0
        (values(roll_up=SUM), [(JULY_2, 40)], TrackState.AT_RISK),
        (values(roll_up=SUM), [(JULY_2, "39.9")], TrackState.OFF_TRACK),
        # The reading's own date counts, not today.
        (values(roll_up=SUM), [(date(2026, 4, 2), 25)], TrackState.ON_TRACK),
        # LAST: progress from the baseline; lower is better reads the same way: from 20 down to 10, 15 expected.
        (values(MIN, target=10, baseline=20), [(JULY_2, 15)], TrackState.ON_TRACK),
        (values(MIN, target=10, baseline=20), [(JULY_2, 16)], TrackState.AT_RISK),
        (values(MIN, target=10, baseline=20), [(JULY_2, 18)], TrackState.OFF_TRACK),
        (values(baseline=60), [(JULY_2, 70)], TrackState.OFF_TRACK),  # capaian 70 %, but half of the expected way
        # Without a baseline the first reading is the start: then nothing is expected yet.
        (values(), [(date(2026, 3, 31), 40)], TrackState.NOT_STARTED),
        (values(), [(date(2026, 1, 1), 0), (JULY_2, 50)], TrackState.ON_TRACK),
        (values(milestones=HALF), [(JULY_2, 9)], TrackState.AT_RISK),  # no start: by capaian
        (values(), [(YEAR_END, 5)], TrackState.OFF_TRACK),
        # MEAN: level at the target, by capaian; worse than last year is off track.
        (values(roll_up=MEAN), [(date(2026, 2, 1), 95)], TrackState.ON_TRACK),
        (values(roll_up=MEAN, baseline=90), [(date(2026, 2, 1), 94)], TrackState.AT_RISK),
        (values(roll_up=MEAN, target=25, baseline="21.4"), [(JUNE, "20.3")], TrackState.OFF_TRACK),
        (values(roll_up=MEAN), [(date(2026, 2, 1), 79)], TrackState.OFF_TRACK),
        # RANGE: inside on track, outside by capaian.
        (values(RANGE, **BAND), [(JULY_2, 75)], TrackState.ON_TRACK),
        (values(RANGE, **BAND), [(JULY_2, 105)], TrackState.ON_TRACK),
        (values(RANGE, **BAND), [(JULY_2, 120)], TrackState.AT_RISK),
        (values(RANGE, **BAND), [(JULY_2, 121)], TrackState.OFF_TRACK),
        (values(RANGE, **BAND), [(JULY_2, 40)], TrackState.AT_RISK),
        (values(RANGE, target=0, target_value_to=9), [(JULY_2, -1)], TrackState.OFF_TRACK),
        # target = baseline: by capaian.
        (values(baseline=100), [(JULY_2, 96)], TrackState.ON_TRACK),
        (values(baseline=100), [(JULY_2, 85)], TrackState.AT_RISK),
        (values(MIN, baseline=100), [(JULY_2, 130)], TrackState.OFF_TRACK),
        # Nothing expected yet: not started, unless worse than the baseline.
        (values(baseline=60, milestones=((JULY_2, d(60)),)), [(date(2026, 4, 1), 61)], TrackState.NOT_STARTED),
        (values(baseline=60, milestones=((JULY_2, d(60)),)), [(date(2026, 4, 1), 59)], TrackState.OFF_TRACK),
        (values(roll_up=SUM), [(date(2026, 1, 1), 0)], TrackState.NOT_STARTED),
        # A milestone below the start: the expected way goes backwards, so by capaian.
        (values(baseline=60, milestones=((JULY_2, d(50)),)), [(JULY_2, 60)], TrackState.ON_TRACK),
        # A yearly ceiling: under it all year.
        (values(MIN, SUM), [(JULY_2, 30)], TrackState.ON_TRACK),
        (values(MIN, SUM), [(JULY_2, 60)], TrackState.AT_RISK),
        (values(MIN, SUM), [(JULY_2, 70)], TrackState.OFF_TRACK),
        (values(MIN, SUM, 0), [(JULY_2, 1)], TrackState.OFF_TRACK),
        # A line against the direction (a slower decline is the aim): by capaian of what is expected.
        (values(target=80, baseline=100), [(JULY_2, 75)], TrackState.AT_RISK),
        # Higher is better than 0: nothing can be measured.
        (values(target=0, baseline=0), [(JULY_2, 5)], TrackState.NOT_STARTED),
    ],
)  # fmt: skip
def test_the_light_compares_progress_with_the_trajectory_on_the_readings_day(
    target: TargetValues, pairs: list[tuple[date, Any]], state: TrackState
) -> None:
    assert light(target, *pairs) is state


@given(st.sampled_from([MAX, MIN]), st.sampled_from(RollUp), POSITIVE, st.one_of(st.none(), AMOUNTS), AMOUNTS, AMOUNTS)
def test_a_better_reading_never_has_the_worse_light(
    direction: TargetDirection, kind: RollUp, target: Decimal, baseline: Decimal | None, one: Decimal, other: Decimal
) -> None:
    assume(direction is MAX or baseline is None or baseline >= target)  # no promise to get worse
    worse, better = sorted((one, other), reverse=direction is MIN)
    promise = values(direction, kind, target, baseline=baseline)
    first = (date(2026, 2, 1), 1)  # so that the start of a line without a baseline is the same for both
    rank = [TrackState.OFF_TRACK, TrackState.NOT_STARTED, TrackState.AT_RISK, TrackState.ON_TRACK, TrackState.REALISED]
    left, right = (rank.index(light(promise, first, (JULY_2, each), on=JULY_2)) for each in (worse, better))
    assert left <= right


# ---- realised, told, graded -----------------------------------------------------------------------------------------

JAN_1 = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("target", "pairs", "from_"),
    [
        (values(roll_up=SUM), [(JULY_2, 100)], JULY_2),  # at once: nothing can undo it
        (values(roll_up=SUM), [(JULY_2, "99.9999")], None),
        (values(roll_up=MEAN), [(MARCH, 100), (JUNE, 100), (SEPTEMBER, 100)], None),  # TW IV is to come
        (values(roll_up=MEAN), [(MARCH, 100), (date(2026, 12, 1), 100)], JAN_1),
        (values(MIN, SUM, 190), [(date(2026, 10, 1), 20)], None),  # that is of TW III
        (values(MIN, SUM), [(JULY_2, 30), (YEAR_END, 40)], JAN_1),
        (values(RANGE, **BAND), [(JULY_2, 75)], None),
        (values(RANGE, **BAND), [(YEAR_END, 75)], JAN_1),
        (values(MIN, target=10, baseline=20), [(JULY_2, 10)], None),
        (values(target=80, baseline=50, due_on=JUNE), [(MARCH, 70), (JUNE, 82)], date(2026, 7, 1)),
        (values(target=80, due_on=date(2026, 2, 15)), [(date(2026, 2, 14), 82)], None),
        (values(target=80, due_on=date(2026, 2, 15)), [(date(2026, 2, 15), 82)], date(2026, 2, 16)),
    ],
)  # fmt: skip
def test_a_target_is_realised_when_nothing_more_can_come(
    target: TargetValues, pairs: list[tuple[date, Any]], from_: date | None
) -> None:
    state = state_of(target, read(*pairs), CITY)
    assert state["realised_from"] == from_
    if from_ is not None:
        assert track_state(state, from_) is TrackState.REALISED
        assert track_state(state, from_ - timedelta(1)) is not TrackState.REALISED


def test_a_third_of_three_hundred_is_a_hundred_and_a_little_less_is_not() -> None:
    whole = values(roll_up=MEAN, target=1)
    assert state_of(whole, read((MARCH, "0.5"), (JUNE, "0.75"), (YEAR_END, "1.75")), CITY)["realised_from"] == JAN_1
    state = state_of(values(roll_up=SUM, target="3000000"), read((YEAR_END, "2999999.9999")), CITY)
    assert (state["achievement"], state["realised_from"]) == (d("99.9999"), None)


def test_only_a_year_that_is_told_has_a_grade_and_the_year_so_far_has_one_of_its_own() -> None:
    state = state_of(values(roll_up=SUM), read((JULY_2, 40)), CITY)
    assert (state["achievement"], state["achievement_to_date"], state["grade_to_date"]) == (d(40), d(80), Grade.HIGH)
    assert (state["grade"], state["told_from"], state["last_measured_on"]) == (None, None, JULY_2)
    state = state_of(values(roll_up=SUM), read((JULY_2, 40), (YEAR_END, 20)), CITY)
    assert (state["grade"], state["told_from"]) == (Grade.LOW, JAN_1)


# ---- reports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due_on", "quarter"),
    [
        (date(2026, 2, 28), YEAR_END, 0),
        (date(2026, 3, 1), YEAR_END, 1),
        (date(2026, 5, 31), YEAR_END, 1),
        (date(2026, 6, 1), YEAR_END, 2),
        (date(2026, 11, 30), YEAR_END, 3),
        (date(2026, 12, 1), YEAR_END, 4),
        (date(2026, 2, 14), date(2026, 2, 15), 0),
        (date(2026, 2, 15), date(2026, 2, 15), 1),
        (date(2026, 12, 1), date(2026, 2, 15), 1),
        (date(2026, 1, 1), date(2026, 1, 1), 1),
    ],
)
def test_a_reading_tells_the_latest_quarter_whose_last_month_had_begun(on: date, due_on: date, quarter: int) -> None:
    assert told_quarter(on, due_on) == quarter


@pytest.mark.parametrize(
    ("named", "owed"),
    [
        ({}, ["2026-04-15", "2026-07-14", "2026-10-14", "2027-01-18"]),
        ({"counts_from": date(2025, 11, 3)}, ["2026-04-15", "2026-07-14", "2026-10-14", "2027-01-18"]),
        ({"counts_from": MARCH}, ["2026-04-15", "2026-07-14", "2026-10-14", "2027-01-18"]),
        ({"counts_from": date(2026, 8, 5)}, [None, None, "2026-10-14", "2027-01-18"]),
        ({"due_on": JUNE}, ["2026-04-15", "2026-07-14", None, None]),
        ({"due_on": date(2026, 2, 15)}, ["2026-04-15", None, None, None]),
        ({"due_on": NEW_YEAR}, ["2026-04-15", None, None, None]),
        # The last one is owed in any case: of a quarter that was over, from when the target began to count.
        ({"counts_from": date(2027, 2, 1)}, [None, None, None, "2027-02-16"]),
        ({"counts_from": date(2026, 8, 5), "due_on": JUNE}, [None, "2026-08-20", None, None]),
        ({"counts_from": None}, [None, None, None, None]),
        # What was not late yet when the plan was closed is not asked for any more.
        ({"counts_from": date(2027, 2, 1), "closed_on": date(2027, 2, 16)}, [None, None, None, None]),
        ({"closed_on": date(2027, 1, 19)}, ["2026-04-15", "2026-07-14", "2026-10-14", "2027-01-18"]),
    ],
)
def test_a_report_is_owed_for_each_quarter_from_when_the_target_counts_to_its_due_day(
    named: dict[str, Any], owed: list[str | None]
) -> None:
    assert state_of(values(**named), [], CITY)["untold_due_on"] == owed


def test_a_target_without_readings_is_not_reported_and_never_0() -> None:
    state = state_of(values(), [], CITY)
    assert (state["realised"], state["achievement"], state["grade_to_date"]) == (None, None, None)
    assert state["report_due_on"] == date(2026, 4, 15)
    assert track_state(state, date(2026, 4, 15)) is TrackState.NOT_STARTED
    assert track_state(state, date(2026, 4, 16)) is TrackState.NOT_REPORTED
    assert [missed_reports(state, day) for day in (date(2026, 4, 16), date(2026, 7, 15), date(2027, 2, 1))] == [0, 1, 3]


def test_a_quarter_that_was_left_out_is_not_forgiven_by_a_later_one() -> None:
    state = state_of(values(roll_up=SUM), read((YEAR_END, 30)), CITY)
    assert state["report_due_on"] is None
    assert track_state(state, date(2027, 2, 1)) is TrackState.OFF_TRACK
    assert missed_reports(state, date(2027, 2, 1)) == 3


def test_what_is_realised_is_never_not_reported_and_its_missing_reports_are_counted() -> None:
    state = state_of(values(roll_up=SUM), read((MARCH, 100)), CITY)
    assert track_state(state, date(2026, 8, 1)) is TrackState.REALISED
    assert missed_reports(state, date(2026, 8, 1)) == 1


def test_after_its_due_day_no_report_is_asked_for() -> None:
    state = state_of(values(target=80, baseline=50, due_on=JUNE), read((MARCH, 70), (JUNE, 82)), CITY)
    assert (state["report_due_on"], track_state(state, date(2026, 12, 1))) == (None, TrackState.REALISED)


def test_a_reading_before_the_first_owed_quarters_last_month_tells_none() -> None:
    late = values(counts_from=date(2026, 7, 20))
    assert state_of(late, read((date(2026, 8, 1), 5)), CITY)["report_due_on"] == date(2026, 10, 14)
    assert state_of(late, read((date(2026, 9, 1), 5)), CITY)["report_due_on"] == date(2027, 1, 18)


def test_a_day_that_was_promised_never_comes_earlier() -> None:
    promised = ["2026-04-17", None, "2026-10-01", None]
    state = state_of(values(), read((JUNE, 5)), CITY, promised)
    assert state["untold_due_on"] == ["2026-04-17", None, "2026-10-14", "2027-01-18"]


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_all_that_is_kept_fits_its_column() -> None:
    largest = d("99999999999999.9999")
    for kind in RollUp:
        state = state_of(values(roll_up=kind, target="0.0001"), read((JULY_2, largest), (YEAR_END, largest)), CITY)
        for kept in (state["realised"], state["achievement"], state["achievement_to_date"]):
            assert kept is not None
            assert abs(kept) <= largest
            assert kept == kept.quantize(d("0.0001"))
    assert [storable(Fraction(n, 60_000)) for n in (-3, 1, 3)] == [d("-0.0001"), 0, d("0.0001")]


@given(
    st.lists(st.tuples(st.integers(0, 364), AMOUNTS), min_size=1, max_size=8),
    st.sampled_from(TargetDirection),
    st.sampled_from(RollUp),
    st.decimals(0, 100, places=2),
    st.one_of(st.none(), AMOUNTS),
    st.sampled_from(Formula),
)
def test_any_readings_of_any_target_have_a_state(
    pairs: list[tuple[int, Decimal]],
    direction: TargetDirection,
    kind: RollUp,
    target: Decimal,
    baseline: Decimal | None,
    formula: Formula,
) -> None:
    readings = [Reading(date(2026, 1, 1) + timedelta(n), value) for n, value in pairs]
    upper = target + 5 if direction is RANGE else None
    promise = values(direction, kind, target, baseline=baseline, target_value_to=upper, formula=formula)
    state = state_of(promise, readings, CITY)
    assert state["pace"] not in (TrackState.NOT_REPORTED, TrackState.REALISED)
    assert (state["grade_to_date"] is None) == (state["achievement_to_date"] is None)
    assert state["achievement"] is None or state["achievement"] >= 0
