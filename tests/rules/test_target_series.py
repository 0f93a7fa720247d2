"""A target's series, point by point beside the second implementation of the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from server.rules.target_series import MOST_POINTS, POINTS_OF_A_YEAR, Point, SeriesStep, series, steps
from tests.naive import figures as naive
from tests.naive.random_targets import Case, random_case
from tests.rules.test_figures_twice import amount, readings_of, values_of


def counted(case: Case, periods: list[tuple[date, date]]) -> Iterator[dict[str, Any]]:
    """What somebody finds who goes through all readings anew for each point."""
    standing = naive.in_force(case.readings)
    for begins_on, on in periods:
        by_then = [each for each in standing if each.day <= on]
        within = [each for each in by_then if each.day >= begins_on]
        is_range = case.target.direction == "RANGE"
        yield {
            "reading": within[-1].value if within else None,
            "realised": naive.rolled_up(case.target, by_then) if begins_on <= case.today else None,
            "expected": None if is_range else naive.expected(case.target, standing, on),
            "milestones": [(day, amount(value)) for day, value in case.target.milestones if begins_on <= day <= on],
        }


def told(point: Point) -> dict[str, Any]:
    return {
        "reading": None if point.reading is None else point.reading.value,
        "realised": point.realised,
        "expected": point.expected,
        "milestones": [*point.milestones],
    }


@pytest.mark.parametrize("step", list(SeriesStep))
def test_a_series_is_what_is_counted_anew_for_each_point(step: SeriesStep) -> None:
    for seed in range(120 if step is SeriesStep.DAY else 400):
        case = random_case(seed)
        periods = [*steps(step, date(case.target.year, 1, 1), date(case.target.year, 12, 31))]
        readings = sorted(readings_of(case), key=lambda reading: reading.measured_on)
        points = series(values_of(case), readings, periods, case.today)
        assert [told(each) for each in points] == [*counted(case, periods)], (seed, case)


@pytest.mark.parametrize("step", list(SeriesStep))
def test_steps_follow_the_calendar_without_a_gap(step: SeriesStep) -> None:
    for year in range(2024, 2032):
        made = [*steps(step, date(year, 1, 1), date(year, 12, 31))]
        assert len(made) <= POINTS_OF_A_YEAR[step] <= MOST_POINTS
        assert made[0][0] == date(year, 1, 1)
        assert made[-1][1] == date(year, 12, 31)
        for (_, ends_on), (begins_on, _) in pairwise(made):
            assert begins_on - ends_on == timedelta(1)
    assert [*steps(step, date(2026, 2, 3), date(2026, 2, 3))] == [(date(2026, 2, 3),) * 2]
    assert [*steps(SeriesStep.QUARTER, date(2026, 2, 3), date(2026, 8, 1))] == [
        (date(2026, 2, 3), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 8, 1)),
    ]  # fmt: skip


def test_nothing_is_expected_before_the_year_and_the_target_after_it() -> None:
    case = next(each for each in map(random_case, range(100)) if each.target.direction != "RANGE")
    year = case.target.year
    periods = [*steps(SeriesStep.MONTH, date(year - 1, 12, 1), date(year + 1, 1, 31))]
    points = series(values_of(case), [], periods, case.today)
    assert points[0].expected is None
    assert points[-1].expected == values_of(case).target_value
