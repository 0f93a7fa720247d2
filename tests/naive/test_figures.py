"""The naive figures, held against examples worked out by hand. Without holidays; 1 January 2026 is a Thursday."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.naive import figures as naive
from tests.naive.figures import City, Reading, Target, shown
from tests.naive.reports import (
    Average,
    average_achievement,
    average_achievement_to_date,
    figures,
    told_quarter,
    unrealised,
)

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


@pytest.mark.parametrize(
    ("direction", "value", "reached", "capaian"),
    [
        ("MAXIMISE", 80, 60, 75),
        ("MAXIMISE", 80, 100, 125),
        ("MAXIMISE", 80, -5, 0),
        ("MINIMISE", 5, 4, 120),
        ("MINIMISE", 5, 10, 0),
        ("MINIMISE", 5, 14, 0),
        ("MINIMISE", 5, -5, 300),
        ("MINIMISE", 0, 0, 100),
        ("MINIMISE", 0, -1, 100),
        ("MINIMISE", 0, 1, 0),
        ("MAXIMISE", 0, 3, None),
        ("MAXIMISE", -4, 3, None),
        ("MINIMISE", -4, -5, None),
    ],
)
@pytest.mark.parametrize("roll_up", ["SUM", "LAST", "MEAN"])
def test_the_ratio(direction: str, roll_up: str, value: int, reached: int, capaian: int | None) -> None:
    assert naive.achievement(target(direction, roll_up, value), read((YEAR_END, reached))) == capaian


@pytest.mark.parametrize(
    ("reached", "capaian", "light"),
    [
        ("1.5", 100, "ON_TRACK"),
        ("3.5", 100, "ON_TRACK"),
        ("1.2", 80, "AT_RISK"),
        ("1.1", Fraction(220, 3), "OFF_TRACK"),
        ("3.6", Fraction(3400, 35), "ON_TRACK"),  # (7 − 3.6) / 3.5
        ("6.1", Fraction(900, 35), "OFF_TRACK"),  # (7 − 6.1) / 3.5: 25.7, not 174.3
        ("8", 0, "OFF_TRACK"),
        ("-1", 0, "OFF_TRACK"),
    ],
)
def test_a_band_that_is_missed_from_above_is_missed(reached: str, capaian: Fraction, light: str) -> None:
    band = target("RANGE", "LAST", lower="1.5", upper="3.5")
    told = figures(band, read((on(11, 28), reached)), CITY, on(11, 30))
    assert (told.achievement, told.achievement_to_date, told.track_state) == (capaian, capaian, light)
    assert told.expected is None


def test_a_band_left_on_the_side_of_a_bound_of_0_or_less_is_not_measurable() -> None:
    band = target("RANGE", "LAST", lower=-2, upper=0, baseline=5, formula="RATIO")
    for reached, capaian, light in ((-1, 100, "ON_TRACK"), (-3, None, "OFF_TRACK"), (1, None, "OFF_TRACK")):
        told = figures(band, read((on(11, 28), reached)), CITY, on(11, 30))
        assert (told.achievement, told.track_state) == (capaian, light)


@pytest.mark.parametrize(
    ("direction", "baseline", "value", "reached", "formula", "capaian"),
    [
        ("MINIMISE", 14, 5, 10, "RATIO", "0"),
        ("MINIMISE", 14, 5, 10, "PROGRESS", "44.4"),
        ("MAXIMISE", "84.5", 95, "91.5", "RATIO", "96.3"),
        ("MAXIMISE", "84.5", 95, "91.5", "PROGRESS", "66.7"),
        ("MAXIMISE", "84.5", 95, 80, "PROGRESS", "0"),
        ("MINIMISE", 10, 0, 4, "RATIO", "60"),  # the target is 0: progress
        ("MAXIMISE", -10, 10, 5, "RATIO", "75"),  # the baseline is negative: progress
        ("MINIMISE", 0, 0, 0, "RATIO", "100"),  # no distance, but nothing may happen and nothing did
        ("MINIMISE", 0, 0, 1, "RATIO", "0"),
        ("MAXIMISE", -5, -5, -5, "RATIO", None),  # no distance
    ],
)
@pytest.mark.parametrize("roll_up", ["LAST", "MEAN"])
def test_progress(
    roll_up: str, direction: str, baseline: str, value: str, reached: str, formula: str, capaian: str | None
) -> None:
    asked = target(direction, roll_up, value, baseline=baseline, formula=formula)
    assert shown(naive.achievement(asked, read((YEAR_END, reached)))) == number(capaian)


def test_a_sum_has_no_baseline() -> None:
    asked = target("MAXIMISE", "SUM", 10, baseline=-5)
    assert naive.achievement(asked, read((on(3, 1), 4), (on(4, 1), 1))) == 50


def test_roll_ups_and_corrections() -> None:
    given = read((on(1, 5), 10), (on(3, 31), 20), (on(8, 1), 60), (on(8, 1), 50))
    assert naive.rolled_up(target("MAXIMISE", "SUM", 1), given) == 140
    assert naive.rolled_up(target("MAXIMISE", "LAST", 1), given) == 50
    assert naive.rolled_up(target("MAXIMISE", "MEAN", 1), given) == 35  # (15 + 55) / 2
    given.append(Reading(5, on(2, 1), Fraction(30), supersedes=1))
    given.append(Reading(6, on(8, 1), Fraction(5), supersedes=4))
    assert naive.rolled_up(target("MAXIMISE", "SUM", 1), given) == 115
    assert naive.rolled_up(target("MAXIMISE", "LAST", 1), given) == 5
    assert naive.rolled_up(target("MAXIMISE", "MEAN", 1), given) == Fraction(115, 4)  # (25 + 32.5) / 2


MONEY = (on(3, 31), 15), (on(6, 30), 40), (on(9, 30), 65)


@pytest.mark.parametrize(
    ("roll_up", "more", "first", "day", "value"),
    [
        ("SUM", {}, None, on(1, 1), "0"),
        ("SUM", {}, None, on(3, 31), "8455/364"),  # 95 × 89 / 364
        ("SUM", {}, None, YEAR_END, "95"),
        ("SUM", {"milestones": MONEY}, None, on(3, 30), "1320/89"),  # 15 × 88 / 89
        ("SUM", {"milestones": MONEY}, None, on(3, 31), "15"),
        ("SUM", {"milestones": MONEY}, None, on(4, 1), "1390/91"),  # 15 + 25 / 91
        ("SUM", {"due": on(1, 1)}, None, on(1, 1), "95"),
        ("SUM", {"due": on(2, 15)}, None, on(2, 14), "836/9"),  # 95 × 44 / 45
        ("SUM", {"due": on(2, 15)}, None, on(2, 16), "95"),
        ("LAST", {"baseline": 4, "due": on(1, 8)}, None, on(1, 5), "56"),  # 4 + 91 × 4 / 7
        ("LAST", {"baseline": 4, "milestones": ((on(1, 1), 7),)}, None, on(1, 1), "7"),
        ("LAST", {"due": on(6, 30), "milestones": ((on(6, 30), 7),)}, None, on(6, 30), "95"),
        ("LAST", {"due": on(6, 30), "milestones": ((on(9, 30), 7),)}, None, on(10, 1), "95"),
        ("LAST", {"due": on(1, 20)}, (on(1, 10), 85), on(1, 10), None),
        ("LAST", {"due": on(1, 20)}, (on(1, 10), 85), on(1, 15), "90"),
        ("LAST", {"due": on(1, 20)}, (on(1, 10), 85), on(1, 20), "95"),
        ("LAST", {"due": on(1, 20)}, (on(1, 20), 85), on(1, 20), "95"),
        ("LAST", {"due": on(1, 20)}, None, on(1, 10), None),
        ("LAST", {"milestones": MONEY}, (on(4, 1), 3), on(3, 30), None),
        ("LAST", {"milestones": MONEY}, (on(4, 1), 3), on(4, 1), "1390/91"),
        ("MEAN", {"milestones": MONEY}, None, on(1, 1), "15"),
        ("MEAN", {"milestones": MONEY}, None, on(6, 30), "40"),
        ("MEAN", {"baseline": 3}, None, on(1, 1), "95"),
    ],
)
def test_the_line(
    roll_up: str, more: dict[str, object], first: tuple[date, int] | None, day: date, value: str | None
) -> None:
    given = read(first) if first else []
    assert naive.expected(target("MAXIMISE", roll_up, 95, **more), given, day) == number(value)


def test_a_level_without_baseline_does_not_grade_itself() -> None:
    told = figures(target("MAXIMISE", "LAST", 100), read((YEAR_END, 5)), CITY, NEXT_YEAR)
    assert (told.expected, told.achievement_to_date) == (Fraction(100), Fraction(5))
    assert (told.grade, told.track_state) == ("VERY_LOW", "OFF_TRACK")
    late = target("MINIMISE", "LAST", "73.5", due=on(5, 15))
    told = figures(late, read((on(11, 22), "96.1")), CITY, on(11, 30))
    assert (shown(told.achievement_to_date), told.grade_to_date) == (Fraction("69.3"), "MEDIUM")  # 50.9 / 73.5
    first = figures(target("MAXIMISE", "LAST", 100), read((on(11, 30), 5)), CITY, on(11, 30))
    assert (first.achievement_to_date, first.grade_to_date, first.track_state) == (None, None, "NOT_STARTED")


def test_nothing_is_rounded_before_it_is_divided() -> None:
    # On 13 August, 224 of 364 days: 16 + 2 × 224 / 364 = 224 / 13; 14 of it is 81.25.
    told = figures(target("MAXIMISE", "LAST", 18, baseline=16), read((on(8, 13), 14)), CITY, on(8, 14))
    assert (told.achievement_to_date, shown(told.achievement_to_date)) == (Fraction("81.25"), Fraction("81.3"))
    tiny = figures(target("MAXIMISE", "SUM", "0.004"), read((on(4, 1), "0.001")), CITY, on(4, 1))
    assert tiny.achievement_to_date == Fraction(9100, 90)


def test_grade_and_light_say_two_things() -> None:
    asked = target("MAXIMISE", "LAST", 95, baseline="84.5")
    told = figures(asked, read((on(9, 30), "91.5")), CITY, on(10, 1))
    assert told.grade is None
    assert (shown(told.achievement_to_date), told.grade_to_date) == (Fraction("99.1"), "VERY_HIGH")
    assert told.track_state == "AT_RISK"  # 7 of 10.5 × 272 / 364: 89.2 % of the way


@pytest.mark.parametrize(
    ("value", "text", "grade"),
    [
        ("99.9667", "99.9", "VERY_HIGH"),
        ("99.99999", "99.9", "VERY_HIGH"),
        ("100", "100", "VERY_HIGH"),
        ("100.04", "100", "VERY_HIGH"),
        ("90.5", "90.5", "VERY_HIGH"),
        ("90.4999", "90.5", "HIGH"),
        ("75.5", "75.5", "HIGH"),
        ("65.5", "65.5", "MEDIUM"),
        ("50.5", "50.5", "LOW"),
        ("50.49", "50.5", "VERY_LOW"),
        ("0.05", "0.1", "VERY_LOW"),
    ],
)
def test_the_shown_percent_and_the_grade(value: str, text: str, grade: str) -> None:
    assert (shown(Fraction(value)), naive.grade_of(Fraction(value), CITY)) == (Fraction(text), grade)


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
        (target("MAXIMISE", "LAST", 0), YEAR_END, 48, "NOT_STARTED"),  # not measurable
    ],
)
def test_the_light(asked: Target, day: date, reached: str | int, state: str) -> None:
    assert figures(asked, read((day, reached)), CITY, day).track_state == state


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
