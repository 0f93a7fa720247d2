"""A target over time: what was read, what that came to and what was expected, step by step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from server.rules.achievement import roll_up
from server.rules.trajectory import Reading, TargetValues, expected
from server.rules.workdays import ONE_DAY, quarter_end, quarter_of

MOST_POINTS = 366  # a year of days


class SeriesStep(StrEnum):
    """How far the points of a series lie apart."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"


# How many points a year has at most.
POINTS_OF_A_YEAR = {SeriesStep.DAY: 366, SeriesStep.WEEK: 54, SeriesStep.MONTH: 12, SeriesStep.QUARTER: 4}


@dataclass(frozen=True, slots=True)
class Point:
    """The step that ends on this day, both from `begins_on`.

    `reading`: the last that counts of those measured in it. `realised`: all that were read by its end, rolled up; None
    before the first, and of a step that begins after today. `expected`: the line on its last day; None before its year.
    """

    begins_on: date
    on: date
    reading: Reading | None
    realised: Fraction | None
    expected: Fraction | None
    milestones: tuple[tuple[date, Decimal], ...]


def steps(step: SeriesStep, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The steps from one day to another, both within: each with its first and its last day, by the calendar."""
    begins_on = first
    while begins_on <= last:
        ends_on = min(_end(step, begins_on), last)
        yield begins_on, ends_on
        begins_on = ends_on + ONE_DAY


def series(
    target: TargetValues, readings: Sequence[Reading], periods: Sequence[tuple[date, date]], today: date
) -> list[Point]:
    """A point for each of these steps. `readings`: those that count, in order of day."""
    days = [reading.measured_on for reading in readings]
    milestone_days = [day for day, _ in target.milestones]
    first = readings[0] if readings else None
    points: list[Point] = []
    read, realised = 0, None
    for begins_on, on in periods:
        count = bisect_right(days, on)
        if count != read:  # between two readings nothing changes
            read, realised = count, roll_up(target.roll_up, readings[:count])
        within = slice(bisect_left(milestone_days, begins_on), bisect_right(milestone_days, on))
        points.append(
            Point(
                begins_on,
                on,
                readings[count - 1] if count and days[count - 1] >= begins_on else None,
                realised if begins_on <= today else None,
                expected(target, on, first) if on.year >= target.year else None,
                target.milestones[within],
            )
        )
    return points


def _end(step: SeriesStep, day: date) -> date:
    """The last day of the step in which a day lies; a week ends on Sunday."""
    match step:
        case SeriesStep.DAY:
            return day
        case SeriesStep.WEEK:
            return day + timedelta(6 - day.weekday())
        case SeriesStep.MONTH:
            return (day.replace(day=28) + timedelta(4)).replace(day=1) - ONE_DAY
        case SeriesStep.QUARTER:
            return quarter_end(day.year, quarter_of(day))
