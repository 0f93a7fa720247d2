"""Capaian and pace: what a target's readings say of it. Decimal arithmetic; percents are kept with 4 decimals.

Formulas, edges and grades: docs/domain.md (the practice of the yearly reports, LKjIP; grades by Permendagri 86/2017).
`state_of` is the one function by which verbs, demo data and `kolaborasi check` fill the kept
columns, so that a recount finds what was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

from server.rules.city import CityFacts, GradeScale
from server.rules.target import Grade, RollUp, TargetDirection, TrackState
from server.rules.workdays import quarter_of, report_due

HUNDRED = Decimal(100)
ON_TRACK_FROM = Decimal(95)
AT_RISK_FROM = Decimal(80)
STORED = Decimal("0.0001")
LARGEST = Decimal("99999999999999.9999")  # numeric(18, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetValues:
    """What a target promises for the plan's year; `milestones` are (day, expected value), in order of day."""

    year: int
    direction: TargetDirection
    roll_up: RollUp
    target_value: Decimal
    due_on: date
    target_value_to: Decimal | None = None
    baseline: Decimal | None = None
    milestones: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading that counts (not superseded)."""

    measured_on: date
    value: Decimal


class DerivedTarget(TypedDict):
    """The columns that are kept on a target and follow from its values and readings alone."""

    realised: Decimal | None
    achievement: Decimal | None
    achievement_to_date: Decimal | None
    grade: Grade | None
    pace: TrackState
    last_measured_on: date | None
    report_due_on: date | None


def state_of(target: TargetValues, readings: Sequence[Reading], city: CityFacts) -> DerivedTarget:
    """All kept columns. `readings`: those that count; of one day the later recorded stands later."""
    ordered = sorted(readings, key=lambda reading: reading.measured_on)
    if not ordered:
        return {
            "realised": None,
            "achievement": None,
            "achievement_to_date": None,
            "grade": None,
            "pace": TrackState.NOT_STARTED,
            "last_measured_on": None,
            "report_due_on": report_due_on(target.year, None, city),
        }
    realised = _storable(roll_up(target.roll_up, [reading.value for reading in ordered]))
    last = ordered[-1].measured_on
    to_date = achievement_to_date(target, realised, last, ordered[0])
    return {
        "realised": realised,
        "achievement": achievement(target, realised),
        "achievement_to_date": to_date,
        "grade": None if to_date is None else grade_of(to_date, city.grade_scale),
        "pace": pace(target, realised, last, ordered[0]),
        "last_measured_on": last,
        "report_due_on": report_due_on(target.year, last, city),
    }


def track_state(pace: TrackState, report_due_on: date | None, today: date) -> TrackState:
    """The light that is shown: NOT_REPORTED from the day after a missing report was due, else the kept pace."""
    return TrackState.NOT_REPORTED if report_due_on is not None and report_due_on < today else pace


# ---- capaian --------------------------------------------------------------------------------------------------------


def capaian(direction: TargetDirection, realised: Decimal, lower: Decimal, upper: Decimal | None) -> Decimal | None:
    """Percent of the target value `lower` (for a RANGE `lower` to `upper`), never below 0; None: not measurable.

    Higher is better: R / T × 100. Lower is better: (2T − R) / T × 100. A range: above it R / T2, below it R / T1,
    inside it 100. T = 0: lower is better has 100 for 0 or less, else 0; otherwise nothing can be measured against it.
    """
    if direction is TargetDirection.RANGE:
        assert upper is not None
        if lower <= realised <= upper:
            return HUNDRED
        bound = upper if realised > upper else lower
        return None if bound == 0 else _percent(realised / bound * HUNDRED)
    if direction is TargetDirection.MINIMISE:
        if lower == 0:
            return HUNDRED if realised <= 0 else Decimal(0)
        return _percent((2 * lower - realised) / lower * HUNDRED)
    return None if lower == 0 else _percent(realised / lower * HUNDRED)


def roll_up(kind: RollUp, values: Sequence[Decimal]) -> Decimal:
    """A year's value from its readings in order: their sum, the last, or their mean."""
    if kind is RollUp.SUM:
        return sum(values, Decimal(0))
    return values[-1] if kind is RollUp.LAST else sum(values, Decimal(0)) / len(values)


def achievement(target: TargetValues, realised: Decimal) -> Decimal | None:
    """Capaian against the year's target."""
    return capaian(target.direction, realised, target.target_value, target.target_value_to)


def achievement_to_date(target: TargetValues, realised: Decimal, on: date, first: Reading) -> Decimal | None:
    """Capaian against what was expected on the day of the last reading; a range is expected all year."""
    line = expected(target, on, first)
    if line is None:
        return achievement(target, realised)
    return capaian(target.direction, realised, line, None)


def grade_of(achievement: Decimal, scale: GradeScale) -> Grade:
    """Rounded half up to a whole percent, then by the city's scale; below its lowest step the lowest grade."""
    whole = achievement.quantize(Decimal(1), ROUND_HALF_UP)
    return next((grade for lowest, grade in scale if whole >= lowest), scale[-1][1])


# ---- the trajectory and the pace --------------------------------------------------------------------------------


def expected(target: TargetValues, on: date, first: Reading | None) -> Decimal | None:
    """What the trajectory expects on a day: straight between start, milestones and the target on its due day.

    SUM starts at 0 on 1 January, LAST at the baseline (none: at the first reading), MEAN is level. None for a RANGE,
    whose two bounds hold all year, and for a LAST with neither baseline nor reading.
    """
    if target.direction is TargetDirection.RANGE:
        return None
    points = [*target.milestones]
    if not points or points[-1][0] < target.due_on:
        points.append((target.due_on, target.target_value))
    start = _start(target, first)
    if start is not None:
        points = [start, *(point for point in points if point[0] > start[0])]
    elif target.roll_up is RollUp.LAST and not target.milestones:
        return None
    return _storable(_between(points, on))


def pace(target: TargetValues, realised: Decimal, on: date, first: Reading) -> TrackState:
    """How the realised value stands to the trajectory on the day of the last reading.

    The share of the expected progress from the line's start, so that lower-is-better reads the same way. By capaian
    where there is no such progress: a level line (MEAN, target = baseline), or one that runs against the direction
    (a yearly ceiling on a sum: it rises although lower is better).
    """
    if target.direction is TargetDirection.RANGE:
        return _range_pace(target, realised, on)
    reached = achievement(target, realised)
    if reached is not None and reached >= HUNDRED and (_is_final(target, on) or not _is_ceiling(target)):
        return TrackState.REALISED
    line = expected(target, on, first)
    assert line is not None  # there is a reading
    start = _start(target, first)
    if start is None or start[1] == target.target_value:
        return _light(capaian(target.direction, realised, line, None))
    better = -1 if target.direction is TargetDirection.MINIMISE else 1
    if line == start[1]:  # nothing expected yet
        return TrackState.OFF_TRACK if (realised - line) * better < 0 else TrackState.NOT_STARTED
    if (line - start[1]) * better < 0:
        return _light(capaian(target.direction, realised, line, None))
    return _light((realised - start[1]) / (line - start[1]) * HUNDRED)


def _range_pace(target: TargetValues, realised: Decimal, on: date) -> TrackState:
    reached = achievement(target, realised)
    if reached is None:  # a bound of 0, left behind
        return TrackState.OFF_TRACK
    distance = abs(reached - HUNDRED)
    if distance == 0 and _is_final(target, on):
        return TrackState.REALISED
    return _light(HUNDRED - distance)


def _is_ceiling(target: TargetValues) -> bool:
    """A sum that must stay low is under its target from the first day on: realised only when the year is told."""
    return target.direction is TargetDirection.MINIMISE and target.roll_up is RollUp.SUM


def _is_final(target: TargetValues, on: date) -> bool:
    """Whether a reading is of the quarter in which the target is due, or later."""
    return (on.year, quarter_of(on)) >= (target.due_on.year, quarter_of(target.due_on))


def _light(percent: Decimal | None) -> TrackState:
    if percent is None:
        return TrackState.NOT_STARTED  # nothing that could be measured
    if percent >= ON_TRACK_FROM:
        return TrackState.ON_TRACK
    return TrackState.AT_RISK if percent >= AT_RISK_FROM else TrackState.OFF_TRACK


def _start(target: TargetValues, first: Reading | None) -> tuple[date, Decimal] | None:
    new_year = date(target.year, 1, 1)
    if target.roll_up is RollUp.SUM:
        return (new_year, Decimal(0))
    if target.roll_up is RollUp.MEAN:
        return None
    if target.baseline is not None:
        return (new_year, target.baseline)
    return None if first is None else (first.measured_on, first.value)


def _between(points: Sequence[tuple[date, Decimal]], on: date) -> Decimal:
    """The piecewise straight line through the points; level before the first and after the last."""
    before = points[0]
    for after in points:
        if on < after[0]:
            if after is points[0]:
                return after[1]
            share = Decimal((on - before[0]).days) / (after[0] - before[0]).days
            return before[1] + (after[1] - before[1]) * share
        before = after
    return before[1]


# ---- reports ---------------------------------------------------------------------------------------------------


def report_due_on(year: int, last_measured_on: date | None, city: CityFacts) -> date | None:
    """When the reading of the first quarter after the last reading's is due; None once TW IV is reported."""
    return next(iter(due_dates(year, last_measured_on, city)), None)


def due_dates(year: int, last_measured_on: date | None, city: CityFacts) -> list[date]:
    """When the readings that are missing or still to come are due, one for each quarter after the last reading's."""
    missing = _missing(last_measured_on)
    return [report_due(year, quarter, city.report_working_days, city.calendar) for quarter in range(missing, 5)]


def promised(derived: DerivedTarget, due_on: date | None, last_measured_on: date | None) -> DerivedTarget:
    """The same with the date by which that report was promised to be due before, if it is the same and was later."""
    new = derived["report_due_on"]
    is_same = _missing(derived["last_measured_on"]) == _missing(last_measured_on)
    if new is None or due_on is None or not is_same or due_on <= new:
        return derived
    return {**derived, "report_due_on": due_on}


def _missing(last_measured_on: date | None) -> int:
    """The quarter whose reading is the first to come; 5 when the year is reported."""
    return 1 if last_measured_on is None else quarter_of(last_measured_on) + 1


def _percent(value: Decimal) -> Decimal:
    return max(Decimal(0), _storable(value))


def _storable(value: Decimal) -> Decimal:
    """Rounded to what a column holds."""
    return max(-LARGEST, min(LARGEST, value)).quantize(STORED, ROUND_HALF_UP)
