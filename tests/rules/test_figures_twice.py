"""The figures of targets by the rules and by a second implementation, which was written from the text alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.rules.achievement import (
    LARGEST,
    REALISED,
    TOLD,
    DerivedTarget,
    grade_of,
    missed_reports,
    state_of,
    storable,
    track_state,
)
from server.rules.city import CityFacts
from server.rules.target import Formula, RollUp, TargetDirection
from server.rules.trajectory import Reading, TargetValues, expected
from server.rules.workdays import Calendar
from tests.naive import figures as naive
from tests.naive.random_targets import Case, random_case
from tests.naive.reports import figures, is_not_reported, untold_past_due
from tests.rules.known import CITY


@dataclass(frozen=True)
class OwnDays(Mapping[date, bool]):
    """Every day as the other calendar has it."""

    city: naive.City

    def __getitem__(self, day: date) -> bool:
        return self.city.is_working_day(day)

    def __iter__(self) -> Iterator[date]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 366


def city_of(case: Case) -> CityFacts:
    return replace(CITY, calendar=Calendar(ZoneInfo("Asia/Jakarta"), OwnDays(case.city)))


def amount(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def values_of(case: Case) -> TargetValues:
    """The target as it stands on the case's day."""
    target, today = case.target, case.today
    lower = target.lower if target.direction == "RANGE" else target.value
    approved = target.approved_on is not None and target.approved_on <= today
    value = amount(lower)
    assert value is not None
    return TargetValues(
        year=target.year,
        direction=TargetDirection(target.direction),
        roll_up=RollUp(target.roll_up),
        formula=Formula(target.formula),
        target_value=value,
        target_value_to=amount(target.upper),
        baseline=amount(target.baseline),
        due_on=target.due,
        milestones=tuple((day, Decimal(str(amount(value)))) for day, value in target.milestones),
        counts_from=(target.counts_from or target.approved_on) if approved else None,
        closed_on=target.closed_on if target.closed_on is not None and target.closed_on <= today else None,
    )


def readings_of(case: Case) -> list[Reading]:
    """Those that count, as they were entered."""
    gone = {one.supersedes for one in case.readings}
    return [Reading(one.day, Decimal(str(amount(one.value)))) for one in case.readings if one.key not in gone]


def kept(percent: Fraction | None) -> Decimal | None:
    """A percent as a column holds it: four decimals, half up; below 100 it never reads 100."""
    if percent is None:
        return None
    rounded = Decimal(floor(percent * 10_000 + Fraction(1, 2))).scaleb(-4)
    return min(rounded, LARGEST if percent >= 100 else Decimal("99.9999"))


def told_by_the_rules(case: Case) -> dict[str, Any]:
    values, readings, today = values_of(case), readings_of(case), case.today
    state: DerivedTarget = state_of(values, readings, city_of(case))
    last = state["last_measured_on"]
    ordered = sorted(readings, key=lambda reading: reading.measured_on)
    line = None if last is None else expected(values, last, ordered[0])
    light = track_state(state, today).value
    return {
        "expected": line,
        "realised": state["realised"],
        "achievement": state["achievement"],
        "achievement_to_date": state["achievement_to_date"],
        "grade": state["grade"] if TOLD.has_come(state["told_from"], today) else None,
        "grade_to_date": state["grade_to_date"],
        "light": light,
        "is_reached": state["achievement"] is not None and state["achievement"] >= 100,
        "is_realised": REALISED.has_come(state["realised_from"], today),
        "is_year_told": TOLD.has_come(state["told_from"], today),
        "missed": missed_reports(state, today),
        "late": [day for day in state["untold_due_on"] if day is not None and date.fromisoformat(day) < today],
        "untold": state["untold_due_on"],
        "is_not_reported": light == "NOT_REPORTED",
    }


def told_by_the_text(case: Case) -> dict[str, Any]:
    told = figures(case.target, case.readings, case.city, case.today)
    closed_on = case.target.closed_on
    until = closed_on if closed_on is not None and closed_on <= case.today else None
    untold: list[str | None] = [None] * 4
    for one in told.reports:
        if not one.is_told and (until is None or one.due < until):
            untold[one.quarter[1] - 1] = one.due.isoformat()
    realised = naive.rolled_up(case.target, case.readings)
    return {
        "expected": told.expected,
        "realised": None if realised is None else storable(realised),
        "achievement": kept(told.achievement),
        "achievement_to_date": kept(told.achievement_to_date),
        "grade": told.grade,
        "grade_to_date": told.grade_to_date,
        "light": told.track_state,
        "is_reached": told.is_reached,
        "is_realised": told.is_realised,
        "is_year_told": told.is_year_told,
        "missed": told.missed_report_count,
        "late": [one.due.isoformat() for one in untold_past_due(case.target, case.readings, case.city, case.today)],
        "untold": untold,
        "is_not_reported": is_not_reported(case.target, case.readings, case.city, case.today),
    }


def differences(seeds: range) -> dict[int, Any]:
    """By seed what either says of a case, where they differ."""
    found = {}
    for seed in seeds:
        case = random_case(seed)
        rules, text = told_by_the_rules(case), told_by_the_text(case)
        different = {name: (rules[name], text[name]) for name in text if rules[name] != text[name]}
        if different:
            found[seed] = (different, case)
    return found


def test_two_implementations_say_the_same_of_5_000_targets() -> None:
    assert differences(range(5_000)) == {}


@pytest.mark.exhaustive
def test_two_implementations_say_the_same_of_100_000_targets() -> None:
    assert differences(range(100_000)) == {}


def test_both_grade_by_the_same_scale() -> None:
    city = naive.City(lambda day: True)
    for tenths in range(1_300):
        percent = Fraction(tenths, 10)
        assert grade_of(percent, CITY.grade_scale).value == naive.grade_of(percent, city)
