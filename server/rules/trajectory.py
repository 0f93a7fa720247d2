"""The line of a target: what is expected of it by which day. Nothing is rounded before it is divided."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from server.rules.target import Formula, RollUp, TargetDirection


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetValues:
    """What a target promises for the plan's year, and when that counts; `milestones` in order of day.

    `counts_from`: the day on which it began to count (None: not yet); `closed_on`: its plan's closing.
    """

    year: int
    direction: TargetDirection
    roll_up: RollUp
    formula: Formula = Formula.RATIO
    target_value: Decimal
    due_on: date
    target_value_to: Decimal | None = None
    baseline: Decimal | None = None
    milestones: tuple[tuple[date, Decimal], ...] = ()
    counts_from: date | None = None
    closed_on: date | None = None

    @property
    def is_range(self) -> bool:
        return self.direction is TargetDirection.RANGE

    @property
    def is_ceiling(self) -> bool:
        """A sum that must stay low: it rises although lower is better."""
        return self.roll_up is RollUp.SUM and self.direction is TargetDirection.MINIMISE


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading that counts (not superseded)."""

    measured_on: date
    value: Decimal


Point = tuple[date, Fraction]


def expected(target: TargetValues, on: date, first: Reading | None) -> Fraction | None:
    """What the line expects on a day; None: nothing. None for a RANGE, whose two bounds hold all year.

    `first`: the first reading that counts. On and after a point's day that point counts, the due day's always.
    """
    if target.is_range:
        return None
    if on >= target.due_on:
        return Fraction(target.target_value)
    points, start = _points(target), start_of(target, first)
    if start is None:
        if on < points[0][0]:
            return points[0][1] if target.roll_up is RollUp.MEAN else None
    elif target.roll_up is RollUp.LAST and target.baseline is None and on <= start[0]:
        return None  # on the first reading's own day
    elif on < start[0]:
        return start[1]
    else:
        points.insert(0, start)
    place = bisect_right(points, on, key=lambda point: point[0])
    (from_, low), (to, high) = points[place - 1], points[place]
    return low + (high - low) * Fraction((on - from_).days, (to - from_).days)


def start_of(target: TargetValues, first: Reading | None) -> Point | None:
    """Where the line starts; None: nowhere.

    A SUM at 0, a LAST at its baseline, both on 1 January; a LAST without one at the first reading, if that lies before
    every point. A MEAN is level at its first point's value.
    """
    new_year = date(target.year, 1, 1)
    if target.is_range or target.roll_up is RollUp.MEAN:
        return None
    if target.roll_up is RollUp.SUM:
        return (new_year, Fraction(0))
    if target.baseline is not None:
        return (new_year, Fraction(target.baseline))
    if first is None or first.measured_on >= _points(target)[0][0]:
        return None
    return (first.measured_on, Fraction(first.value))


def _points(target: TargetValues) -> list[Point]:
    """The milestones before the due day, and the target on it."""
    before = [(day, Fraction(value)) for day, value in target.milestones if day < target.due_on]
    return [*before, (target.due_on, Fraction(target.target_value))]
