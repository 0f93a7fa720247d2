"""Capaian, the line, roll-ups and grades, worked out by hand. Without holidays."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.naive import figures as naive
from tests.naive.examples import CITY, NEXT_YEAR, YEAR_END, number, on, read, target
from tests.naive.figures import Reading, shown
from tests.naive.reports import figures


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
        ("LAST", {"baseline": 4, "due": on(1, 8), "milestones": ((on(1, 8), 7),)}, None, on(1, 5), "56"),
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
    ("more", "day", "reached", "capaian"),
    [
        ({"direction": "MINIMISE", "value": 0, "baseline": 10}, on(10, 1), 4, 80),  # expected 2.5: 6 of 7.5
        ({"direction": "MINIMISE", "value": 0, "milestones": ((on(9, 30), 8),)}, on(9, 30), 10, 75),  # no baseline
        ({"direction": "MAXIMISE", "value": 10, "baseline": 5, "milestones": ((on(6, 30), -5),)}, on(6, 30), 0, 50),
        ({"direction": "MAXIMISE", "value": 10, "baseline": 5}, on(1, 1), 4, 80),  # the ratio needs no distance
        ({"direction": "MAXIMISE", "value": 10, "baseline": 5, "formula": "PROGRESS"}, on(1, 1), 4, None),
    ],
)
def test_to_date_the_expected_value_stands_for_the_target(
    more: dict[str, object], day: date, reached: int, capaian: int | None
) -> None:
    asked = target(roll_up="LAST", **more)  # type: ignore[arg-type]
    assert naive.achievement_to_date(asked, read((day, reached))) == capaian
