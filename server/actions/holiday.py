"""Verbs on the city's calendar. Every process hears of them by the log; the sweep moves the clocks that must."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import City
from server.rules import holiday as rules
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.workdays import Calendar


async def add_holiday(tx: Transaction, falls_on: date, name: str, is_workday: bool = False) -> Recorded:
    """By the calendar as it is stored, which may be newer than this process's."""
    rules.may_add_holiday(tx.viewer, tx.today)
    city = await _city(tx)
    own_days = cast(Any, city.holidays)
    calendar = Calendar.of(city.time_zone, own_days, city.complete_years)
    change = rules.add_holiday(tx.viewer, own_days, falls_on, name, is_workday, calendar, tx.today)
    return await tx.change(city, change, EventType.CITY_HOLIDAY_ADDED, name=name.strip(), **_told(falls_on, is_workday))


async def remove_holiday(tx: Transaction, falls_on: date) -> Recorded:
    rules.may_remove_holiday(tx.viewer, tx.today)
    city = await _city(tx)
    removed, change = rules.remove_holiday(tx.viewer, cast(Any, city.holidays), falls_on, tx.today)
    told = _told(falls_on, removed["isWorkday"])
    return await tx.change(city, change, EventType.CITY_HOLIDAY_REMOVED, name=removed["name"], **told)


async def confirm_calendar(tx: Transaction, year: int) -> Recorded:
    rules.may_confirm_calendar(tx.viewer, tx.today)
    city = await _city(tx)
    calendar = Calendar.of(city.time_zone, complete_years=city.complete_years)
    change = rules.confirm_calendar(tx.viewer, city.complete_years, year, calendar, tx.today)
    return await tx.change(city, change, EventType.CITY_CALENDAR_CONFIRMED, year=year)


async def _city(tx: Transaction) -> City:
    """The one city, locked. Refuses NOT_FOUND where none is loaded."""
    found = await tx.find(City)
    if found is None:
        raise Refused(Code.NOT_FOUND)
    return await tx.lock(City, found.id)


def _told(falls_on: date, is_workday: bool) -> dict[str, Any]:
    return {"workOn" if is_workday else "offOn": falls_on}
