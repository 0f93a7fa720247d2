"""Reports, the light, the order and the averages, worked out by hand. Without holidays; 1 January is a Thursday."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.naive.examples import CITY, NEXT_YEAR, YEAR_END, on, read, target
from tests.naive.figures import Target, shown
from tests.naive.reports import (
    Average,
    average_achievement,
    average_achievement_to_date,
    figures,
    told_quarter,
    unrealised,
)


@pytest.mark.parametrize(
    ("due", "day", "told"),
    [
        (YEAR_END, on(2, 28), (2025, 4)),
        (YEAR_END, on(3, 1), (2026, 1)),
        (YEAR_END, on(5, 31), (2026, 1)),
        (YEAR_END, on(6, 1), (2026, 2)),
        (YEAR_END, on(10, 1), (2026, 3)),
        (YEAR_END, on(11, 30), (2026, 3)),
        (YEAR_END, on(12, 1), (2026, 4)),
        (YEAR_END, on(1, 5, 2027), (2026, 4)),
        (on(5, 15), on(5, 14), (2026, 1)),
        (on(5, 15), on(5, 15), (2026, 2)),
        (on(2, 15), on(2, 14), (2025, 4)),
        (on(2, 15), on(2, 15), (2026, 1)),
        (on(12, 20), on(12, 5), (2026, 4)),
    ],
)
def test_each_reading_tells_one_quarter(due: date, day: date, told: tuple[int, int]) -> None:
    assert told_quarter(target("MAXIMISE", "SUM", 1, due=due), read((day, 1))[0]) == told


@pytest.mark.parametrize(
    ("due", "began", "owed"),
    [
        (YEAR_END, on(1, 2), [(1, on(4, 14)), (2, on(7, 14)), (3, on(10, 14)), (4, on(1, 14, 2027))]),
        (YEAR_END, on(9, 30), [(3, on(10, 14)), (4, on(1, 14, 2027))]),
        (YEAR_END, on(10, 1), [(4, on(1, 14, 2027))]),
        (YEAR_END, on(2, 10, 2027), [(4, on(2, 24, 2027))]),
        (on(2, 15), on(1, 2), [(1, on(4, 14))]),
        (on(1, 1), on(1, 2), [(1, on(4, 14))]),
        (on(5, 15), on(8, 3), [(2, on(8, 17))]),
        (on(5, 15), on(6, 1), [(2, on(7, 14))]),
    ],
)
def test_the_reports_that_are_owed(due: date, began: date, owed: list[tuple[int, date]]) -> None:
    told = figures(target("MAXIMISE", "LAST", 1, due=due, approved_on=began), [], CITY, on(12, 1, 2027))
    assert [(one.quarter[1], one.due) for one in told.reports] == owed
    added = target("MAXIMISE", "LAST", 1, due=due, approved_on=on(1, 2), counts_from=began)
    assert [one.due for one in figures(added, [], CITY, on(12, 1, 2027)).reports] == [day for _, day in owed]


def test_not_reported_from_the_day_after_the_reports_due_day() -> None:
    asked = target("MAXIMISE", "LAST", 80, baseline=50)
    assert figures(asked, [], CITY, on(4, 14)).track_state == "NOT_STARTED"
    assert figures(asked, [], CITY, on(4, 15)).track_state == "NOT_REPORTED"
    told = figures(asked, read((on(2, 28), 60)), CITY, on(4, 15))  # before the first owed quarter's last month
    assert (told.track_state, told.missed_report_count) == ("NOT_REPORTED", 0)
    assert figures(asked, [], CITY, on(7, 14)).missed_report_count == 0
    told = figures(asked, [], CITY, on(10, 15))
    assert (told.is_not_reported, told.missed_report_count) == (True, 2)


def test_no_report_is_owed_for_a_plan_that_is_not_approved() -> None:
    told = figures(target("MAXIMISE", "SUM", 5, approved_on=None), [], CITY, NEXT_YEAR)
    assert (told.track_state, told.reports, told.missed_report_count) == ("NOT_STARTED", [], 0)
    august = target("MAXIMISE", "SUM", 5, approved_on=on(8, 10))
    assert figures(august, [], CITY, on(8, 11)).track_state == "NOT_STARTED"


def test_a_later_quarter_tells_and_the_gap_is_counted() -> None:
    told = figures(target("MAXIMISE", "SUM", 100), read((on(12, 15), 30)), CITY, on(12, 20))
    assert (told.is_not_reported, told.missed_report_count) == (False, 3)
    assert (shown(told.achievement_to_date), told.track_state) == (Fraction("31.4"), "OFF_TRACK")  # 348 of 364 days


def test_a_target_due_within_the_year_owes_nothing_more_when_it_was_reached() -> None:
    asked = target("MAXIMISE", "LAST", 80, baseline=50, due=on(6, 30))
    given = read((on(3, 31), 70), (on(6, 30), 82))
    on_the_day = figures(asked, given, CITY, on(6, 30))
    assert (on_the_day.is_reached, on_the_day.is_realised) == (True, False)
    told = figures(asked, given, CITY, on(11, 30))
    assert (told.achievement, told.is_realised, told.is_not_reported) == (Fraction("102.5"), True, False)
    assert (told.track_state, told.grade) == ("REALISED", "VERY_HIGH")


def test_a_mean_is_realised_when_the_year_is_told() -> None:
    asked = target("MAXIMISE", "MEAN", 90)
    given = read((on(3, 31), 100), (on(6, 30), 100), (on(9, 30), 100))
    told = figures(asked, given, CITY, on(11, 30))
    assert (told.is_reached, told.is_realised, told.track_state) == (True, False, "ON_TRACK")
    given = read(*[(one.day, int(one.value)) for one in given], (on(12, 31), 40))
    told = figures(asked, given, CITY, on(1, 1, 2027))
    assert (shown(told.achievement), told.track_state) == (Fraction("94.4"), "AT_RISK")


def test_a_ceiling_is_not_realised_by_a_reading_of_1_october() -> None:
    told = figures(target("MINIMISE", "SUM", 190), read((on(10, 1), 20)), CITY, on(10, 2))
    assert (told.is_reached, told.is_realised, told.is_year_told) == (True, False, False)
    assert told.missed_report_count == 2


def test_a_sum_to_maximise_is_realised_at_once() -> None:
    asked = target("MAXIMISE", "SUM", 10)
    assert figures(asked, read((on(1, 5), 10)), CITY, on(1, 6)).track_state == "REALISED"
    told = figures(asked, read((on(1, 5), 10)), CITY, on(8, 1))
    assert (told.track_state, told.is_not_reported, told.missed_report_count) == ("REALISED", False, 2)
    nearly = figures(target("MAXIMISE", "SUM", 98), read((on(4, 1), "97.9999")), CITY, on(4, 2))
    assert (shown(nearly.achievement), nearly.is_reached) == (Fraction("99.9"), False)


def test_a_closed_plan_keeps_what_stood_at_its_closing() -> None:
    given = read((on(9, 1), 5))
    for closed_on, told in ((None, True), (on(1, 14, 2027), False), (on(1, 15, 2027), True)):
        asked = target("MAXIMISE", "SUM", 10, closed_on=closed_on)
        assert figures(asked, given, CITY, NEXT_YEAR).is_not_reported is told


@pytest.mark.parametrize(
    ("asked", "day", "reached", "state"),
    [
        (target("MAXIMISE", "MEAN", 25, baseline="21.4"), on(9, 30), "20.3", "OFF_TRACK"),  # worse than the baseline
        (target("MINIMISE", "LAST", 5, baseline=14), on(12, 1), 15, "OFF_TRACK"),
        (target("MINIMISE", "LAST", 5, baseline=14), on(1, 1), 14, "NOT_STARTED"),  # nothing is expected yet
        (target("MINIMISE", "LAST", 5, baseline=14), on(7, 2), "9.5", "ON_TRACK"),  # half the way on half the days
        (target("MINIMISE", "LAST", 5, baseline=14), on(7, 2), "10.4", "AT_RISK"),  # 3.6 of 4.5: 80 %
        (target("MINIMISE", "LAST", 5, baseline=14), on(7, 2), "10.5", "OFF_TRACK"),
        (target("MAXIMISE", "SUM", 364), on(4, 1), "85.5", "ON_TRACK"),  # 95 % of 90
        (target("MAXIMISE", "SUM", 364), on(4, 1), "85.4", "AT_RISK"),
        (target("MINIMISE", "SUM", 364), on(4, 1), 108, "AT_RISK"),  # (180 − 108) / 90
        (target("MINIMISE", "SUM", 0), on(4, 1), 0, "ON_TRACK"),
        (target("MINIMISE", "SUM", 0), on(4, 1), 1, "OFF_TRACK"),
        (target("MAXIMISE", "LAST", 80, baseline=80), on(3, 1), 76, "ON_TRACK"),  # no way to go: capaian, 95 %
        (target("MAXIMISE", "LAST", 60, baseline=80), YEAR_END, 48, "AT_RISK"),  # against the direction: 48 of 60
        (target("MAXIMISE", "LAST", 80, baseline=60, milestones=((on(3, 31), 50),)), on(3, 31), 65, "ON_TRACK"),
        (target("MAXIMISE", "LAST", 0), YEAR_END, 48, "NOT_STARTED"),  # not measurable
    ],
)
def test_the_light(asked: Target, day: date, reached: str | int, state: str) -> None:
    assert figures(asked, read((day, reached)), CITY, day).track_state == state


@pytest.mark.parametrize(("first", "state"), [(on(3, 30), "AT_RISK"), (on(3, 31), "ON_TRACK")])
def test_a_first_reading_on_the_day_of_a_point_starts_no_line(first: date, state: str) -> None:
    # 96 of 100: from a start at 80 it is 16 of 20, 80 % of the way; by capaian it is 96 %.
    asked = target("MAXIMISE", "LAST", 100, due=on(6, 30), milestones=((on(3, 31), 70),))
    assert figures(asked, read((first, 80), (on(6, 30), 96)), CITY, on(6, 30)).track_state == state


def test_the_order_of_unrealised_targets() -> None:
    today = on(10, 1)
    sums = target("MAXIMISE", "SUM", 364)
    ceiling = target("MINIMISE", "SUM", 100)
    not_yet = target("MAXIMISE", "SUM", 364, approved_on=None)
    given = [
        (ceiling, read((on(9, 1), 1))),  # 0: reached
        (not_yet, []),  # 1: nothing to compare
        (sums, read((on(9, 1), 200))),  # 2: 200 of 243
        (sums, read((on(9, 1), 364))),  # 3: REALISED
        (sums, read((on(9, 1), 100))),  # 4: 100 of 243
        (sums, read((on(3, 5), 300))),  # 5: not reported, a short while ago
        (sums, read((on(3, 1), 300))),  # 6: not reported, longer ago
        (sums, []),  # 7: never reported
    ]
    assert unrealised(given, CITY, today) == [7, 6, 5, 4, 2, 1, 0]


def test_averages_leave_out_the_not_reported_and_the_not_measurable() -> None:
    asked = target("MAXIMISE", "LAST", 100)
    told = [
        figures(asked, given, CITY, NEXT_YEAR)
        for given in (read((YEAR_END, 50)), read((YEAR_END, 200)), read((on(9, 1), 30)), [])
    ]
    told.append(figures(target("MAXIMISE", "LAST", 0), read((YEAR_END, 50)), CITY, NEXT_YEAR))
    # 50, and 200 capped at 110
    assert average_achievement(told, CITY) == Average(Fraction(80), counted=2, not_reported=0, not_measurable=1)
    assert average_achievement_to_date(told, CITY) == Average(Fraction(80), 2, not_reported=2, not_measurable=1)
    assert average_achievement(told[2:4], CITY).value is None
