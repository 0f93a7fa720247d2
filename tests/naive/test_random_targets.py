"""The random targets cover what they promise, and the naive figures of each hold together."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction

from tests.naive.figures import in_force, quarter, shown
from tests.naive.random_targets import NEW_YEAR, YEAR, Case, random_case
from tests.naive.reports import Figures, figures

CASES = 4000
SURELY = 8


def kinds(case: Case, told: Figures) -> list[str]:
    """What a case is an example of."""
    target, readings = case.target, in_force(case.readings)
    quarters = [quarter(one.day) for one in readings]
    numbers = sorted({each[1] for each in quarters})
    approved, closed = target.approved_on, target.closed_on
    found = {
        f"{target.direction} {target.roll_up} {target.formula}": True,
        f"{told.track_state}": True,
        f"grade {told.grade}": True,
        f"grade to date {told.grade_to_date}": told.grade is None,
        "due within the year": NEW_YEAR < target.due < date(YEAR, 12, 31),
        "due on 15 February": target.due == date(YEAR, 2, 15),
        "due on 1 January": target.due == NEW_YEAR,
        "no baseline": target.baseline is None and target.roll_up == "LAST",
        "negative baseline": target.baseline is not None and target.baseline < 0,
        "baseline is the target": target.baseline is not None and target.baseline == target.value,
        "negative milestone": any(value < 0 for _, value in target.milestones),
        "milestone on 1 January": any(day == NEW_YEAR for day, _ in target.milestones),
        "0 to maximise": target.value == 0 and target.direction == "MAXIMISE",
        "0 to minimise": target.value == 0 and target.direction == "MINIMISE",
        "tiny": target.value is not None and 0 < target.value < Fraction(1, 100),
        "huge": target.value is not None and target.value > 100_000_000,
        "a gap": bool(numbers) and numbers != list(range(numbers[0], numbers[-1] + 1)),
        "several in a quarter": len(quarters) > len(set(quarters)),
        "several on a day": len({one.day for one in readings}) < len(readings),
        "corrections": any(one.supersedes for one in case.readings),
        "measured after the year": any(one.day.year > YEAR for one in readings),
        "never approved": approved is None,
        "approved late": approved is not None and date(YEAR, 4, 1) <= approved < date(YEAR + 1, 1, 1),
        "approved in the next year": approved is not None and approved.year > YEAR,
        "added by an amendment": approved != target.counts_from,
        "closed with reports missing": closed is not None and closed <= case.today and told.is_not_reported,
        "reports missed": told.missed_report_count > 0,
        "not measurable": bool(readings) and told.achievement is None,
        "reached, not realised": told.is_reached and not told.is_realised,
        "nearly 100": told.achievement is not None and 99 <= told.achievement < 100,
        "above the cap": told.achievement is not None and told.achievement > 110,
    }
    return [name for name, holds in found.items() if holds]


def test_every_kind_of_target_comes_up() -> None:
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        case = random_case(seed)
        seen.update(kinds(case, figures(case.target, case.readings, case.city, case.today)))
    wanted = {
        f"{direction} {roll_up} RATIO"
        for direction in ("MAXIMISE", "MINIMISE", "RANGE")
        for roll_up in ("SUM", "LAST", "MEAN")
    }
    wanted |= {
        f"{direction} {roll_up} PROGRESS" for direction in ("MAXIMISE", "MINIMISE") for roll_up in ("LAST", "MEAN")
    }
    wanted |= {"NOT_REPORTED", "REALISED", "NOT_STARTED", "ON_TRACK", "AT_RISK", "OFF_TRACK"}
    wanted |= {
        f"{kind} {name}"
        for kind in ("grade", "grade to date")
        for name in ("VERY_HIGH", "HIGH", "MEDIUM", "LOW", "VERY_LOW", "None")
    }
    wanted |= {
        "due within the year", "due on 15 February", "due on 1 January", "no baseline", "negative baseline",
        "baseline is the target", "negative milestone", "milestone on 1 January", "0 to maximise", "0 to minimise",
        "tiny", "huge", "a gap", "several in a quarter", "several on a day", "corrections", "measured after the year",
        "never approved", "approved late", "approved in the next year", "added by an amendment",
        "closed with reports missing", "reports missed", "not measurable", "reached, not realised", "nearly 100",
        "above the cap",
    }  # fmt: skip
    assert {name: seen[name] for name in sorted(wanted) if seen[name] < SURELY} == {}


def test_the_same_seed_gives_the_same_case() -> None:
    assert [random_case(seed) for seed in range(50)] == [random_case(seed) for seed in range(50)]
    assert len({repr(random_case(seed)) for seed in range(50)}) == 50


def test_the_figures_of_each_hold_together() -> None:
    for seed in range(CASES):
        case = random_case(seed)
        told = figures(case.target, case.readings, case.city, case.today)
        assert told.is_not_reported == (told.track_state == "NOT_REPORTED"), seed
        assert told.is_realised <= told.is_reached, seed
        assert told.is_realised == (told.track_state == "REALISED"), seed
        assert (told.grade is not None) == (told.is_year_told and told.achievement is not None), seed
        assert not (told.is_year_told and told.is_not_reported), seed
        assert 0 <= told.missed_report_count <= len(told.reports), seed
        assert (told.achievement_to_date is None) == (told.grade_to_date is None), seed
        for percent in (told.achievement, told.achievement_to_date):
            assert percent is None or (percent >= 0 and (shown(percent) or 0) >= 100) == (percent >= 100), seed
        if case.target.direction == "RANGE":
            assert told.achievement == told.achievement_to_date, seed
            assert told.achievement is None or told.achievement <= 100, seed
