"""Short ways to write an example of a target and its readings."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.naive.figures import City, Reading, Target

CITY = City(is_working_day=lambda day: day.weekday() < 5)
YEAR_END = date(2026, 12, 31)
NEXT_YEAR = date(2027, 3, 1)


def on(month: int, day: int, year: int = 2026) -> date:
    """A day of 2026."""
    return date(year, month, day)


def number(text: str | int | None) -> Fraction | None:
    """An exact number."""
    return None if text is None else Fraction(text)


def target(direction: str, roll_up: str, value: str | int | None = None, **more: object) -> Target:
    """A target of 2026, due on 31 December, of a plan approved on 2 January."""
    given: dict[str, object] = {"due": YEAR_END, "approved_on": on(1, 2), **more}
    for name in ("baseline", "lower", "upper"):
        if name in given:
            given[name] = number(given[name])  # type: ignore[arg-type]
    milestones = tuple((day, Fraction(each)) for day, each in given.pop("milestones", ()))  # type: ignore[attr-defined]
    return Target(direction, roll_up, 2026, value=number(value), milestones=milestones, **given)  # type: ignore[arg-type]


def read(*given: tuple[date, str | int]) -> list[Reading]:
    """Readings, numbered from 1."""
    return [Reading(key, day, Fraction(value)) for key, (day, value) in enumerate(given, 1)]
