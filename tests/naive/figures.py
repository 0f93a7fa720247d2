"""The figures of targets: the line, capaian, reports, the light and the averages, in exact fractions.

Where the sentences leave something open, the plainest reading is taken; each such choice is marked "Choice:".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor

DAY = timedelta(days=1)
HUNDRED = Fraction(100)
CAP = Fraction(110)
REPORT_WORKING_DAYS = 10
SCALE: tuple[tuple[int, str], ...] = ((91, "VERY_HIGH"), (76, "HIGH"), (66, "MEDIUM"), (51, "LOW"))
LOWEST = "VERY_LOW"


@dataclass(frozen=True)
class Target:
    """A target as it was promised. A RANGE has two bounds, the others a value.

    `counts_from` is the day on which it began to count (None: the day of the plan's approval).
    """

    direction: str
    roll_up: str
    year: int
    due: date
    value: Fraction | None = None
    lower: Fraction | None = None
    upper: Fraction | None = None
    baseline: Fraction | None = None
    formula: str = "RATIO"
    milestones: tuple[tuple[date, Fraction], ...] = ()
    approved_on: date | None = None
    counts_from: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class Reading:
    """A measured value. The readings of a target stand in the order in which they were entered."""

    key: int
    day: date
    value: Fraction
    supersedes: int | None = None


@dataclass(frozen=True)
class City:
    """The city's data: its working days, its report days, its cap and its scale."""

    is_working_day: Callable[[date], bool]
    report_working_days: int = REPORT_WORKING_DAYS
    cap: Fraction = CAP
    scale: tuple[tuple[int, str], ...] = SCALE
    lowest: str = LOWEST


def in_force(readings: list[Reading]) -> list[Reading]:
    """ "append-only: a wrong one is superseded, never edited" — those that nobody superseded, by day."""
    superseded = {reading.supersedes for reading in readings}
    return sorted((one for one in readings if one.key not in superseded), key=lambda one: one.day)


def quarter(day: date) -> tuple[int, int]:
    """The calendar quarter of a day: year, and 1 to 4."""
    return day.year, (day.month + 2) // 3


def quarter_end(one: tuple[int, int]) -> date:
    """ "quarters end 31 Mar, 30 Jun, 30 Sep, 31 Dec" """
    year, number = one
    return (date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31))[number - 1]


def mean(values: list[Fraction]) -> Fraction:
    """The plain mean."""
    return sum(values, Fraction(0)) / len(values)


def rolled_up(target: Target, readings: list[Reading]) -> Fraction | None:
    """ "readings roll up as SUM (cumulative), LAST (a level) or MEAN (the mean of the calendar quarters that have
    readings, each the mean of the readings measured in it)"

    Choice: of several readings of one day the one entered last is the last.
    """
    standing = in_force(readings)
    if not standing:
        return None
    if target.roll_up == "SUM":
        return sum((one.value for one in standing), Fraction(0))
    if target.roll_up == "LAST":
        return standing[-1].value
    quarters = sorted({quarter(one.day) for one in standing})
    return mean([mean([one.value for one in standing if quarter(one.day) == each]) for each in quarters])


def points(target: Target) -> list[tuple[date, Fraction]]:
    """ "points are the milestones and (due day, target)"; "On and after a point's day that point counts, the due
    day's always": a milestone on the due day or later never counts."""
    assert target.value is not None
    before = sorted(point for point in target.milestones if point[0] < target.due)
    return [*before, (target.due, target.value)]


def line_start(target: Target, readings: list[Reading]) -> tuple[date, Fraction] | None:
    """ "Its start: SUM: 0 on 1 January; LAST: the baseline on 1 January; LAST without baseline: the first reading, if
    it lies before every point (on its own day nothing is expected), else none; MEAN: level at the first point's value"

    Choice: the first reading is the one of the earliest day, and of that day the one entered first.
    """
    first_of_january = date(target.year, 1, 1)
    if target.roll_up == "SUM":
        return first_of_january, Fraction(0)
    if target.roll_up == "MEAN":
        return first_of_january, points(target)[0][1]
    if target.baseline is not None:
        return first_of_january, target.baseline
    standing = in_force(readings)
    if standing and standing[0].day < points(target)[0][0]:
        return standing[0].day, standing[0].value
    return None


def expected(target: Target, readings: list[Reading], day: date) -> Fraction | None:
    """ "Straight between points. On and after a point's day that point counts, the due day's always, whatever the
    start. Before the first point of a line without start nothing is expected. Nothing is rounded before it is
    divided."

    None: nothing is expected. Not for a RANGE, where the band is.
    """
    passed = [point for point in points(target) if point[0] <= day]
    coming = [point for point in points(target) if point[0] > day]
    if not coming:
        return passed[-1][1]
    if passed:
        from_day, from_value = passed[-1]
    else:
        start = line_start(target, readings)
        if start is None:
            return None
        from_day, from_value = start
        first_reading_is_start = target.roll_up == "LAST" and target.baseline is None
        if day < from_day or (day == from_day and first_reading_is_start):
            return None
    to_day, to_value = coming[0]
    return from_value + (to_value - from_value) * Fraction((day - from_day).days, (to_day - from_day).days)


def range_capaian(target: Target, reached: Fraction) -> Fraction | None:
    """ "A two-sided range T1–T2: inside it 100, below it R / T1 × 100, above it (2·T2 − R) / T2 × 100, never above
    100 outside"; not measurable: "a range left on the side of a bound that is 0 or less" """
    assert target.lower is not None
    assert target.upper is not None
    if target.lower <= reached <= target.upper:
        return HUNDRED
    if reached < target.lower:
        if target.lower <= 0:
            return None
        percent = reached / target.lower * 100
    else:
        if target.upper <= 0:
            return None
        percent = (2 * target.upper - reached) / target.upper * 100
    return max(Fraction(0), percent)  # outside the band both ratios are below 100 by themselves


def capaian(target: Target, reached: Fraction, against: Fraction | None) -> Fraction | None:
    """ "Higher is better: R / T × 100. Lower is better: (2T − R) / T × 100." "All are never below 0."

    "by progress instead: (R − B) / (T − B) × 100, never below 0"
    "where the target or the expected value is 0 or less, or the baseline is negative, capaian of a LAST or MEAN, not
    a RANGE, is the progress, with a baseline. Else: T = 0 and lower is better: R ≤ 0 → 100, otherwise 0; anything
    else (no distance between target or expected value and baseline, …) is not measurable (null). A SUM has no
    baseline in any of these: its start is 0. To date the expected value stands for T."

    `against` is the target or the expected value. None: not measurable.
    Choice: with a baseline a target of 0 or less is measured by progress to date as well, though the expected value
    is still positive; without one only the value that stands for T is looked at.
    Choice: no distance, 0 stands for T and lower is better: 0 or less is 100, more is 0.
    """
    if target.direction == "RANGE":
        return range_capaian(target, reached)
    assert against is not None
    assert target.value is not None
    baseline = None if target.roll_up == "SUM" else target.baseline
    if baseline is not None:
        by_progress = target.formula == "PROGRESS" or target.value <= 0 or against <= 0 or baseline < 0
        if by_progress and against != baseline:
            return max(Fraction(0), (reached - baseline) / (against - baseline) * 100)
        if by_progress and not (against == 0 and target.direction == "MINIMISE"):
            return None
    if against > 0:
        if target.direction == "MAXIMISE":
            return max(Fraction(0), reached / against * 100)
        return max(Fraction(0), (2 * against - reached) / against * 100)
    if against == 0 and target.direction == "MINIMISE":
        return HUNDRED if reached <= 0 else Fraction(0)
    return None


def achievement(target: Target, readings: list[Reading]) -> Fraction | None:
    """ "achievement (capaian) by the year": of the readings against the year's target. None without a reading."""
    reached = rolled_up(target, readings)
    return None if reached is None else capaian(target, reached, target.value)


def expected_to_date(target: Target, readings: list[Reading]) -> Fraction | None:
    """ "the line on the last reading's day" """
    return expected(target, readings, in_force(readings)[-1].day)


def achievement_to_date(target: Target, readings: list[Reading]) -> Fraction | None:
    """ "To date: capaian of the readings against the line on the last reading's day; null where nothing is
    expected." """
    reached = rolled_up(target, readings)
    if reached is None:
        return None
    if target.direction == "RANGE":
        return capaian(target, reached, None)
    against = expected_to_date(target, readings)
    return None if against is None else capaian(target, reached, against)


def grade_of(percent: Fraction | None, city: City) -> str | None:
    """ "from the exact value, rounded half up to a whole percent: ≥ 91 sangat tinggi, 76–90 tinggi, 66–75 sedang,
    51–65 rendah, ≤ 50 sangat rendah" """
    if percent is None:
        return None
    whole = floor(percent + Fraction(1, 2))
    for least, name in city.scale:
        if whole >= least:
            return name
    return city.lowest


def shown(percent: Fraction | None) -> Fraction | None:
    """ "A shown percent never says 100.0 for less than 100": one decimal, half up, and 99.9 below 100."""
    if percent is None:
        return None
    tenths = Fraction(floor(percent * 10 + Fraction(1, 2)), 10)
    return Fraction(999, 10) if percent < 100 <= tenths else tenths
