"""Targets and readings by chance, always the same for the same seed.

Values have at most four decimals. What a server would refuse is left out: a progress without a distance, a SUM to
maximise with negative readings, a milestone on the due day or later, a band with milestones, a reading to come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from random import Random

from tests.naive.figures import City, Reading, Target, quarter, quarter_end
from tests.naive.reports import report_due

DAY = timedelta(days=1)
YEAR = 2026
NEW_YEAR = date(YEAR, 1, 1)
YEAR_END = date(YEAR, 12, 31)
# The size of a step: tiny and huge units, and the usual ones more often.
STEPS = tuple(Fraction(step) for step in ("0.0001", "0.001", "0.1", "1", "1", "1", "2.5", "1000", "12345678.9"))
DUE_DAYS = (YEAR_END,) * 5 + (
    date(YEAR, 6, 30),
    date(YEAR, 9, 30),
    date(YEAR, 12, 20),
    date(YEAR, 5, 15),
    date(YEAR, 2, 15),
    NEW_YEAR,
)


@dataclass(frozen=True)
class Case:
    """A target with all that was measured until a day, in a city with a calendar."""

    seed: int
    target: Target
    readings: list[Reading]
    holidays: frozenset[date]
    today: date

    @property
    def city(self) -> City:
        """The city's data: Monday to Friday without the holidays."""
        return City(calendar(self.holidays))


def calendar(holidays: frozenset[date]) -> Callable[[date], bool]:
    """Whether a day is a working day."""
    return lambda day: day.weekday() < 5 and day not in holidays


def day_between(chance: Random, first: date, last: date) -> date:
    """A day from the first to the last, both included."""
    return first + chance.randrange((last - first).days + 1) * DAY


def amount(chance: Random, step: Fraction, least: int = 0, most: int = 200) -> Fraction:
    """A whole number of steps; now and then none."""
    return Fraction(0) if least <= 0 and chance.random() < 0.05 else chance.randint(least, most) * step


def random_value(chance: Random, target: Target, step: Fraction) -> Target:
    """With a value, or the two bounds of a RANGE: mostly positive, also 0 and negative."""
    signed = chance.random() < 0.15
    if target.direction == "RANGE":
        one, other = sorted(amount(chance, step, -100 if signed else 1, 100) for _ in "ab")
        return replace(target, lower=one, upper=other)
    if chance.random() < 0.08:
        return replace(target, value=Fraction(0))
    return replace(target, value=amount(chance, step, -100 if signed else 1, 100))


def random_target(chance: Random, step: Fraction) -> Target:
    """A target of every direction, roll-up and formula, without the days of its life."""
    direction = chance.choice(("MAXIMISE", "MINIMISE", "RANGE"))
    roll_up = chance.choice(("SUM", "LAST", "MEAN"))
    due = chance.choice(DUE_DAYS)
    signed = chance.random() < 0.2
    target = random_value(chance, Target(direction, roll_up, YEAR, due), step)
    if roll_up != "SUM" and chance.random() < 0.65:
        target = replace(target, baseline=amount(chance, step, -100 if signed else 0, 100))
        if chance.random() < 0.05 and target.value is not None:
            target = replace(target, baseline=target.value)
    if direction != "RANGE" and target.baseline not in (None, target.value) and chance.random() < 0.4:
        target = replace(target, formula="PROGRESS")
    if direction != "RANGE" and due > NEW_YEAR and chance.random() < 0.4:
        days = {day_between(chance, NEW_YEAR, due - DAY) for _ in range(chance.randint(1, 4))}
        days |= {quarter_end((YEAR, 1))} if chance.random() < 0.3 and due > quarter_end((YEAR, 1)) else set()
        marks = sorted(amount(chance, step, -100 if signed else 0, 100) for _ in days)
        if chance.random() < 0.3:
            chance.shuffle(marks)
        target = replace(target, milestones=tuple(zip(sorted(days), marks, strict=True)))
    return target


def random_life(chance: Random, target: Target, city: City) -> Target:
    """When its plan was approved, when it began to count, and when the plan was closed."""
    fate = chance.random()
    if fate < 0.06:
        return target
    if fate < 0.60:
        approved = day_between(chance, date(YEAR - 1, 12, 1), date(YEAR, 2, 10))
    elif fate < 0.90:
        approved = day_between(chance, NEW_YEAR, YEAR_END)
    else:
        approved = day_between(chance, date(YEAR + 1, 1, 1), date(YEAR + 1, 3, 31))
    began = approved
    if approved < target.due and chance.random() < 0.15:
        began = day_between(chance, approved, target.due)  # an amendment added it
    last_due = report_due(quarter(target.due), began, city)
    closed = day_between(chance, last_due, last_due + 40 * DAY) if chance.random() < 0.25 else None
    return replace(target, approved_on=approved, counts_from=began, closed_on=closed)


def random_readings(chance: Random, target: Target, step: Fraction, until: date) -> list[Reading]:
    """Readings in the order of entry: gaps, several in a quarter or on a day, and corrections of corrections."""
    least = 0 if target.roll_up == "SUM" and target.direction == "MAXIMISE" else -60
    least = least if chance.random() < 0.3 else 0
    most = chance.choice((40, 100, 300))
    readings: list[Reading] = []
    if target.approved_on is None or until < NEW_YEAR:
        return readings
    late = min(until, date(YEAR + 1, 1, 31))
    last = min(until, YEAR_END) if chance.random() < 0.9 and target.approved_on <= YEAR_END else late
    for _ in range(chance.choice((0, 1, 1, 2, 3, 4, 6, 9))):
        day = day_between(chance, NEW_YEAR, last)
        if chance.random() < 0.15:
            day = min(last, target.due)
        if readings and chance.random() < 0.1:
            day = readings[-1].day
        readings.append(Reading(len(readings) + 1, day, amount(chance, step, least, most)))
    exact = target.value if target.value is not None else target.upper
    if readings and exact is not None and exact >= least * step and chance.random() < 0.2:
        # Just reached, or the bound itself; or a little beside it.
        beside = Fraction(floor(exact * chance.choice((1, 1, Fraction("0.9997"), Fraction("1.0003"))) * 10_000), 10_000)
        readings[-1] = replace(readings[-1], value=beside)
    for _ in range(chance.choice((0, 0, 0, 1, 2)) if readings else 0):
        gone = {one.supersedes for one in readings}
        wrong = chance.choice([one for one in readings if one.key not in gone])
        day = wrong.day if chance.random() < 0.7 else day_between(chance, NEW_YEAR, last)
        readings.append(Reading(len(readings) + 1, day, amount(chance, step, least, most), supersedes=wrong.key))
    return readings


def random_case(seed: int) -> Case:
    """One case: the same for the same seed. Nothing is measured after today, nor after the plan was closed."""
    chance = Random(seed)
    holidays = frozenset(day_between(chance, NEW_YEAR, date(YEAR + 1, 4, 30)) for _ in range(25))
    city = City(calendar(holidays))
    step = chance.choice(STEPS)
    target = random_life(chance, random_target(chance, step), city)
    today = day_between(chance, date(YEAR, 1, 1), date(YEAR + 1, 5, 31))
    if chance.random() < 0.4:
        today = day_between(chance, date(YEAR, 12, 31), date(YEAR + 1, 5, 31))
    until = today if target.closed_on is None else min(today, target.closed_on)
    approved = target.approved_on is not None and target.approved_on <= today
    return Case(seed, target, random_readings(chance, target, step, until) if approved else [], holidays, today)
