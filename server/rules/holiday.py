"""The city's calendar as people see and keep it: the nation's days off, and those that an administrator declares.

A day of the city's own is a day off (a local election, a flood) or a working day (a holiday that is worked). Days that
have passed stay as they are, so that no clock that ran by them is told otherwise; what is taken back may leave a
deadline later than it would have been, never earlier than was promised (clock.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypedDict

import holidays as calendars

from server.rules import bounds
from server.rules.aggregate import Part, Verb
from server.rules.event import EventType
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.workdays import Calendar, is_confirmed, is_working_day

# Declared by one city; a year has some twenty days off.
OWN_DAYS = 1_000
# What the library says of a day that a moon is yet to be seen for: "(perkiraan)", "(estimated)".
_ESTIMATE = " ("
# As the ministers' decrees have it.
_SPELLED = {"Idul Fitri": "Idulfitri", "Idul Adha": "Iduladha"}
# The calendar is kept from this year to so many after it.
YEARS_AHEAD = 2


class HolidaySource(StrEnum):
    """Who says that a day is one: the nation, three ministers together (cuti bersama), or the city itself."""

    NATIONAL = "NATIONAL"
    COLLECTIVE_LEAVE = "COLLECTIVE_LEAVE"
    CITY = "CITY"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day that is not what its weekday says."""

    on: date
    name: str
    source: HolidaySource
    is_workday: bool = False


# One day of the city's own, as stored.
class StoredDay(TypedDict):
    date: str
    name: str
    isWorkday: bool


class CityChange(TypedDict, total=False):
    """The columns that a verb changes."""

    holidays: list[StoredDay]
    complete_years: list[int]


def holidays_of(year: int, own_days: Iterable[StoredDay], language: str, calendar: Calendar) -> list[Holiday]:
    """The year's days off and declared working days, in order; the city's word goes over the nation's.

    `language` of the nation's names: id or en. In a year that is confirmed no day is called an estimate.
    """
    found = dict(_national(calendar.country, year, "en_US" if language == "en" else language))
    if is_confirmed(year, calendar):
        found = {on: replace(each, name=each.name.partition(_ESTIMATE)[0]) for on, each in found.items()}
    for each in own_days:
        on = date.fromisoformat(each["date"])
        if on.year == year:
            found[on] = Holiday(on, each["name"], HolidaySource.CITY, each["isWorkday"])
    return [found[on] for on in sorted(found)]


@lru_cache(maxsize=64)
def _national(country: str, year: int, language: str) -> Mapping[date, Holiday]:
    found = {}
    for category, source in (("government", HolidaySource.COLLECTIVE_LEAVE), ("public", HolidaySource.NATIONAL)):
        listed = calendars.country_holidays(country, years=year, categories=(category,), language=language)
        for on, name in listed.items():
            for word, spelled in _SPELLED.items():
                name = name.replace(word, spelled)
            found[on] = Holiday(on, name, source)
    return found


# ---- who may do what ------------------------------------------------------------------------------------------------


def may_add_holiday(viewer: Viewer, today: date) -> None:
    must_be_admin(viewer)


def may_remove_holiday(viewer: Viewer, today: date) -> None:
    must_be_admin(viewer)


def may_confirm_calendar(viewer: Viewer, today: date) -> None:
    must_be_admin(viewer)


# Offered on the viewer: there is one city.
HOLIDAY: Final = Part[None](
    name="Holiday",
    offered={
        "Viewer": {
            "addHoliday": Verb(may_add_holiday, EventType.CITY_HOLIDAY_ADDED),
            "removeHoliday": Verb(may_remove_holiday, EventType.CITY_HOLIDAY_REMOVED),
            "confirmCalendar": Verb(may_confirm_calendar, EventType.CITY_CALENDAR_CONFIRMED),
        },
    },
)


def add_holiday(
    viewer: Viewer,
    own_days: Iterable[StoredDay],
    falls_on: date,
    name: str | None,
    is_workday: bool,
    calendar: Calendar,
    today: date,
) -> CityChange:
    """A day off, or a working day on what is none; one that is so already is refused."""
    may_add_holiday(viewer, today)
    days = [*own_days]
    bounds.day(falls_on, "fallsOn", earliest=today)
    if any(each["date"] == falls_on.isoformat() for each in days):
        raise Refused(Code.ALREADY_EXISTS, "fallsOn")
    if is_working_day(falls_on, calendar) is is_workday:
        raise Refused(Code.NOTHING_TO_CHANGE, "fallsOn")
    if len(days) >= OWN_DAYS:
        raise Refused(Code.TOO_MANY, "fallsOn", constraint=f"≤ {OWN_DAYS}")
    new: StoredDay = {
        "date": falls_on.isoformat(),
        "name": bounds.text(name, bounds.NAME, "name"),
        "isWorkday": is_workday,
    }
    return {"holidays": sorted([*days, new], key=lambda each: each["date"])}


def remove_holiday(
    viewer: Viewer, own_days: Iterable[StoredDay], falls_on: date, today: date
) -> tuple[StoredDay, CityChange]:
    """The day that was declared, and the city without it."""
    may_remove_holiday(viewer, today)
    days = [*own_days]
    bounds.day(falls_on, "fallsOn", earliest=today)
    found: dict[str, Any] = {each["date"]: each for each in days}
    if falls_on.isoformat() not in found:
        raise Refused(Code.NOT_FOUND, "fallsOn")
    removed: StoredDay = found[falls_on.isoformat()]
    return removed, {"holidays": [each for each in days if each is not removed]}


def confirm_calendar(
    viewer: Viewer, complete_years: Iterable[int], year: int, calendar: Calendar, today: date
) -> CityChange:
    """All days off of the year are known, whatever is decreed: its deadlines are no longer said to be open.

    A day may be declared later all the same, and moves them as ever.
    """
    may_confirm_calendar(viewer, today)
    bounds.whole(year, today.year, today.year + YEARS_AHEAD, "year")
    if is_confirmed(year, calendar):
        raise Refused(Code.NOTHING_TO_CHANGE, "year")
    return {"complete_years": sorted([*complete_years, year])}
