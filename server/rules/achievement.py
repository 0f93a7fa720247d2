"""Capaian, grade and light: what a target's readings say of it. Exact fractions; percents are kept with 4 decimals.

Formulas, edges and grades: docs/domain.md (the practice of the yearly reports, LKjIP; grades by Permendagri 86/2017).
The line is in trajectory.py, the reports in report.py. `state_of` is the one function by which verbs, demo data and
`kolaborasi check` fill the kept columns, so that a recount finds what was written. What the clock alone changes of them
is said by the kept days below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypedDict

from server.rules.city import CityFacts, GradeScale
from server.rules.kept_day import KeptDay
from server.rules.refusal import Code, Refused
from server.rules.report import reports_of, stored
from server.rules.tally import Tally
from server.rules.target import Formula, Grade, RollUp, TargetDirection, TrackState
from server.rules.trajectory import Reading, TargetValues, expected, start_of
from server.rules.workdays import ONE_DAY

HUNDRED = Fraction(100)
ON_TRACK_FROM = Fraction(95)
AT_RISK_FROM = Fraction(80)
PLACES: Final = 4
JUST_BELOW_100 = Decimal("99.9999")
LARGEST = Decimal("99999999999999.9999")  # numeric(18, 4)

# The year is told, and the target realised, from a day on; a report is missing after its last day.
TOLD: Final = KeptDay("told_from")
REALISED: Final = KeptDay("realised_from")
LATE: Final = KeptDay("report_due_on", is_last=True)
IS_NOT_REPORTED: Final = f"({LATE.sql} AND NOT {REALISED.sql})"
TRACK_STATE: Final = f"CASE WHEN {REALISED.sql} THEN 'REALISED' WHEN {LATE.sql} THEN 'NOT_REPORTED' ELSE {{t}}.pace END"
_LATE_ONES = (
    "jsonb_array_length(jsonb_path_query_array("
    "{t}.untold_due_on, '$[*] ? (@ < $today)', jsonb_build_object('today', {today})))"
)
MISSED_REPORTS: Final = f"({_LATE_ONES} - {IS_NOT_REPORTED}::integer)"
# Every target that is not realised: not reported first, of these who never was before who was long ago; then by
# achievement to date, those with nothing to compare, and last what stands at 100 % now.
UNREALISED_ORDER: Final = (
    f"(CASE WHEN {IS_NOT_REPORTED} THEN 0 WHEN {{t}}.achievement >= 100 THEN 3"
    " WHEN {t}.achievement_to_date IS NULL THEN 2 ELSE 1 END)::numeric",
    f"CASE WHEN {IS_NOT_REPORTED} THEN coalesce({{t}}.last_measured_on - date '1900-01-01', 0)"
    " ELSE coalesce({t}.achievement_to_date, 0) END",
)


class DerivedTarget(TypedDict):
    """The columns that are kept on a target and follow from its values and readings alone."""

    realised: Decimal | None
    achievement: Decimal | None
    achievement_to_date: Decimal | None
    grade: Grade | None
    grade_to_date: Grade | None
    pace: TrackState
    last_measured_on: date | None
    told_from: date | None
    realised_from: date | None
    report_due_on: date | None
    untold_due_on: list[str | None]


def state_of(
    target: TargetValues,
    readings: Sequence[Reading],
    city: CityFacts,
    promised: Sequence[str | None] = (),
    *,
    is_still: bool = False,
) -> DerivedTarget:
    """All kept columns. `readings`: those that count; of one day the later recorded stands later.

    `promised`: the last days of reports (`untold_due_on`) as they stood before; `is_still`: they are asked for no more
    (report.py).
    """
    tally = Tally(target.roll_up, target.due_on, readings)
    return state_by(target, tally, city, promised, is_still=is_still)


def state_by(
    target: TargetValues,
    tally: Tally,
    city: CityFacts,
    promised: Sequence[str | None] = (),
    *,
    is_still: bool = False,
) -> DerivedTarget:
    """The same of readings that are tallied."""
    reports = reports_of(target, tally.told, city, promised, is_still=is_still)
    told_from = target.due_on + ONE_DAY if reports.is_last_told else None
    state: DerivedTarget = {
        "realised": None,
        "achievement": None,
        "achievement_to_date": None,
        "grade": None,
        "grade_to_date": None,
        "pace": TrackState.NOT_STARTED,
        "last_measured_on": None,
        "told_from": told_from,
        "realised_from": None,
        "report_due_on": reports.due_on,
        "untold_due_on": stored(reports.untold),
    }
    if tally.first is None or tally.last is None:
        return state
    first, last, realised = tally.first, tally.last.measured_on, tally.realised
    of_year, to_date = achievement(target, realised), achievement_to_date(target, realised, last, first)
    state["realised"] = storable(realised)
    state["pace"] = pace(target, realised, last, first)
    state["last_measured_on"] = last
    if of_year is not None:
        state["achievement"] = _percent(of_year)
        state["grade"] = grade_of(of_year, city.grade_scale) if told_from is not None else None
        if of_year >= HUNDRED:
            state["realised_from"] = last if _is_final_at_once(target) else told_from
    if to_date is not None:
        state["achievement_to_date"] = _percent(to_date)
        state["grade_to_date"] = grade_of(to_date, city.grade_scale)
    return state


def track_state(state: DerivedTarget, today: date) -> TrackState:
    """The light that is shown on a day."""
    if REALISED.has_come(state["realised_from"], today):
        return TrackState.REALISED
    return TrackState.NOT_REPORTED if LATE.has_come(state["report_due_on"], today) else state["pace"]


def missed_reports(state: DerivedTarget, today: date) -> int:
    """How many reports are past their day and untold, beside the one for which the target is NOT_REPORTED."""
    late = [day for day in state["untold_due_on"] if day is not None and date.fromisoformat(day) < today]
    return len(late) - (track_state(state, today) is TrackState.NOT_REPORTED)


# ---- capaian --------------------------------------------------------------------------------------------------------


def roll_up(kind: RollUp, ordered: Sequence[Reading]) -> Fraction:
    """A year's value from its readings, at least one."""
    return Tally(kind, date.max, ordered).realised


def must_be_countable(tally: Tally, *path: str) -> None:
    """What the readings come to fits its column; each of them does."""
    if tally.kind is RollUp.SUM and abs(tally.total) > Fraction(LARGEST):
        raise Refused(Code.OUT_OF_RANGE, *path, constraint="sum_too_large")


def must_become_sum(readings: Sequence[Reading], *path: str) -> None:
    """A sum counts what is added: what was read below 0 as a level is corrected before it becomes one."""
    negative = [reading.measured_on for reading in readings if reading.value < 0]
    if negative:
        raise Refused(Code.NEGATIVE_READINGS, *path, days=negative)
    must_be_countable(Tally(RollUp.SUM, date.max, readings), *path)


def achievement(target: TargetValues, realised: Fraction) -> Fraction | None:
    """Capaian of the year, in percent, never below 0; None: not measurable."""
    return _range_capaian(target, realised) if target.is_range else _capaian(target, realised, target.target_value)


def achievement_to_date(target: TargetValues, realised: Fraction, on: date, first: Reading) -> Fraction | None:
    """Capaian against what is expected on the day of the last reading; None also where nothing is."""
    if target.is_range:
        return _range_capaian(target, realised)
    line = expected(target, on, first)
    return None if line is None else _capaian(target, realised, line)


def grade_of(achievement: Fraction | Decimal, scale: GradeScale) -> Grade:
    """Rounded half up to a whole percent, then by the city's scale; below its lowest step the lowest grade."""
    whole = Decimal(_half_up(Fraction(achievement)))
    return next((grade for lowest, grade in scale if whole >= lowest), scale[-1][1])


def _capaian(target: TargetValues, realised: Fraction, wanted: Fraction | Decimal) -> Fraction | None:
    """Against what is wanted of it: the target, or to date what is expected."""
    wanted = Fraction(wanted)
    baseline = None if target.roll_up is RollUp.SUM or target.baseline is None else Fraction(target.baseline)
    lower_is_better = target.direction is TargetDirection.MINIMISE
    if baseline is not None:
        # A ratio needs positive amounts.
        needs_progress = target.target_value <= 0 or wanted <= 0 or baseline < 0
        if target.formula is Formula.PROGRESS or needs_progress:
            if wanted != baseline:
                return max(Fraction(0), (realised - baseline) / (wanted - baseline) * 100)
            if wanted != 0:
                return None
    if wanted > 0:
        part = 2 * wanted - realised if lower_is_better else realised
        return max(Fraction(0), part / wanted * 100)
    if wanted == 0 and lower_is_better:
        return HUNDRED if realised <= 0 else Fraction(0)
    return None


def _range_capaian(target: TargetValues, realised: Fraction) -> Fraction | None:
    assert target.target_value_to is not None
    lower, upper = Fraction(target.target_value), Fraction(target.target_value_to)
    if lower <= realised <= upper:
        return HUNDRED
    bound, part = (lower, realised) if realised < lower else (upper, 2 * upper - realised)
    return None if bound <= 0 else max(Fraction(0), part / bound * 100)


def _is_final_at_once(target: TargetValues) -> bool:
    """Nothing that is still to be read can undo it: readings of a sum are not negative."""
    return target.roll_up is RollUp.SUM and target.direction is TargetDirection.MAXIMISE


# ---- the light ----------------------------------------------------------------------------------------------------


def pace(target: TargetValues, realised: Fraction, on: date, first: Reading) -> TrackState:
    """The light under REALISED and NOT_REPORTED: how the realised value stands to the line on the last reading's day.

    The share of the expected progress from the line's start, so that lower is better reads the same way. By capaian
    where there is no such progress: a range, a mean, a yearly ceiling, a line without a start, one whose start is as
    good as its target or that runs against the direction.
    """
    capaian = achievement_to_date(target, realised, on, first)
    if target.is_range:
        return TrackState.OFF_TRACK if capaian is None else _light(capaian)
    goal = Fraction(target.target_value)
    if target.roll_up is not RollUp.SUM and target.baseline is not None:
        baseline = Fraction(target.baseline)
        if _is_better(target, goal, baseline) and _is_better(target, baseline, realised):
            return TrackState.OFF_TRACK
    line, start = expected(target, on, first), start_of(target, first)
    if line is None:
        return TrackState.NOT_STARTED
    if (
        start is None
        or target.is_ceiling
        or not _is_better(target, goal, start[1])
        or _is_better(target, start[1], line)
    ):
        return _light(capaian)
    if line == start[1]:  # nothing expected yet
        return TrackState.NOT_STARTED
    return _light((realised - start[1]) / (line - start[1]) * 100)


def _is_better(target: TargetValues, one: Fraction, other: Fraction) -> bool:
    return one < other if target.direction is TargetDirection.MINIMISE else one > other


def _light(percent: Fraction | None) -> TrackState:
    if percent is None:
        return TrackState.NOT_STARTED  # nothing that could be measured
    if percent >= ON_TRACK_FROM:
        return TrackState.ON_TRACK
    return TrackState.AT_RISK if percent >= AT_RISK_FROM else TrackState.OFF_TRACK


# ---- numbers ----------------------------------------------------------------------------------------------------


def storable(value: Fraction) -> Decimal:
    """Rounded half up to what a column holds."""
    rounded = Decimal(_half_up(abs(value) * 10**PLACES)).scaleb(-PLACES)
    return max(-LARGEST, min(LARGEST, rounded.copy_sign(-1) if value < 0 and rounded else rounded))


def _percent(value: Fraction) -> Decimal:
    """As it is kept: less than 100 never reads 100."""
    rounded = storable(value)
    return min(rounded, JUST_BELOW_100) if value < HUNDRED else rounded


def _half_up(value: Fraction) -> int:
    """A value that is not negative, as a whole number."""
    return math.floor(value + Fraction(1, 2))
