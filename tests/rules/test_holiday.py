"""The city's calendar: the nation's days, and those that administrators declare and take back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules.aggregate import bound
from server.rules.holiday import (
    HOLIDAY,
    OWN_DAYS,
    HolidaySource,
    StoredDay,
    add_holiday,
    confirm_calendar,
    holidays_of,
    remove_holiday,
)
from server.rules.refusal import Code
from server.rules.workdays import Calendar, is_confirmed, is_working_day
from tests.rules.known import ADMIN, EVERYBODY, code, why

TODAY = date(2026, 6, 15)
PLAIN = Calendar.of("Asia/Jakarta")
FLOOD: StoredDay = {"date": "2026-07-01", "name": "Banjir", "isWorkday": False}


def added(on: date, name: str | None = "Pemilihan", is_workday: bool = False, own: Any = ()) -> list[StoredDay]:
    return add_holiday(ADMIN, own, on, name, is_workday, Calendar.of("Asia/Jakarta", own), TODAY)["holidays"]


def test_only_administrators_keep_the_calendar() -> None:
    for may in bound(HOLIDAY.offered["Viewer"]).values():
        assert [each for each in EVERYBODY if code(may, each, TODAY) is None] == [ADMIN]


def test_a_declared_day_counts_as_it_was_declared() -> None:
    own = added(date(2026, 12, 25), "Piket", True, added(date(2026, 7, 1)))
    assert [each["date"] for each in own] == ["2026-07-01", "2026-12-25"]
    calendar = Calendar.of("Asia/Jakarta", own)
    assert not is_working_day(date(2026, 7, 1), calendar)
    assert is_working_day(date(2026, 12, 25), calendar)
    removed, change = remove_holiday(ADMIN, own, date(2026, 7, 1), TODAY)
    assert removed["name"] == "Pemilihan"
    assert [each["date"] for each in change["holidays"]] == ["2026-12-25"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((date(2026, 6, 12),), (Code.OUT_OF_RANGE, ("fallsOn",))),
        ((date(2026, 7, 1), "Lagi", False, (FLOOD,)), (Code.ALREADY_EXISTS, ("fallsOn",))),
        ((date(2026, 12, 25),), (Code.NOTHING_TO_CHANGE, ("fallsOn",))),
        ((date(2026, 7, 4),), (Code.NOTHING_TO_CHANGE, ("fallsOn",))),  # a Saturday
        ((date(2026, 7, 2), "Kerja", True), (Code.NOTHING_TO_CHANGE, ("fallsOn",))),
        ((date(2026, 7, 2), " "), (Code.REQUIRED, ("name",))),
        ((date(2026, 7, 2), "x" * 201), (Code.TOO_LONG, ("name",))),
        ((date(2026, 7, 2), "Lagi", False, (FLOOD,) * OWN_DAYS), (Code.TOO_MANY, ("fallsOn",))),
    ],
)
def test_a_day_that_cannot_be_declared_is_refused(arguments: Any, expected: Any) -> None:
    assert why(added, *arguments) == expected


def test_a_day_that_has_passed_or_was_never_declared_is_not_taken_back() -> None:
    past: StoredDay = {"date": "2026-06-12", "name": "Banjir", "isWorkday": False}
    assert why(remove_holiday, ADMIN, [past], date(2026, 6, 12), TODAY) == (Code.OUT_OF_RANGE, ("fallsOn",))
    assert why(remove_holiday, ADMIN, [FLOOD], date(2026, 12, 25), TODAY) == (Code.NOT_FOUND, ("fallsOn",))


def test_a_year_is_confirmed_by_its_decree_or_by_an_administrator_who_says_that_it_is_complete() -> None:
    assert not is_confirmed(2028, PLAIN)
    change = confirm_calendar(ADMIN, [2027], 2028, PLAIN, TODAY)
    assert change == {"complete_years": [2027, 2028]}
    said = Calendar.of("Asia/Jakarta", complete_years=change["complete_years"])
    assert is_confirmed(2028, said)
    assert why(confirm_calendar, ADMIN, [2028], 2028, said, TODAY) == (Code.NOTHING_TO_CHANGE, ("year",))
    assert why(confirm_calendar, ADMIN, [], 2026, PLAIN, TODAY) == (Code.NOTHING_TO_CHANGE, ("year",))  # decreed
    for year in (2025, 2029):
        assert why(confirm_calendar, ADMIN, [], year, PLAIN, TODAY) == (Code.OUT_OF_RANGE, ("year",))


@settings(deadline=None)
@given(year=st.integers(2020, 2035), own=st.dictionaries(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.booleans()))
def test_the_years_list_tells_which_days_are_worked(year: int, own: dict[date, bool]) -> None:
    stored: list[StoredDay] = [{"date": str(on), "name": "Uji", "isWorkday": worked} for on, worked in own.items()]
    calendar = Calendar.of("Asia/Jakarta", stored)
    listed = {each.on: each for each in holidays_of(year, stored, "id", calendar)}
    assert [*listed] == sorted(listed)
    day = date(year, 1, 1)
    while day.year == year:
        expected = listed[day].is_workday if day in listed else day.weekday() < 5
        assert is_working_day(day, calendar) == expected
        day = date.fromordinal(day.toordinal() + 1)


def test_the_nations_days_are_named_in_the_callers_language() -> None:
    names = {language: {each.on: each for each in holidays_of(2026, (), language, PLAIN)} for language in ("id", "en")}
    christmas = date(2026, 12, 25)
    assert names["id"][christmas].name == "Hari Raya Natal"
    assert names["en"][christmas].name == "Christmas Day"
    assert names["id"][date(2026, 12, 24)].source is HolidaySource.COLLECTIVE_LEAVE
    assert names["id"][date(2026, 3, 21)].name == "Hari Raya Idulfitri"


@pytest.mark.parametrize(("language", "word"), [("id", "(perkiraan)"), ("en", "(estimated)")])
def test_in_a_confirmed_year_no_day_is_called_an_estimate(language: str, word: str) -> None:
    said = replace(PLAIN, complete_years=frozenset({2028}))
    names = {
        (year, is_said): [each.name for each in holidays_of(year, (), language, said if is_said else PLAIN)]
        for year in (2027, 2028)
        for is_said in (True, False)
    }
    assert any(word in each for each in names[2028, False])  # the moon is yet to be seen
    for year, is_said in ((2027, False), (2028, True)):  # decreed; said by an administrator
        assert not any(word in each for each in names[year, is_said])
        assert len(names[year, is_said]) > 15
