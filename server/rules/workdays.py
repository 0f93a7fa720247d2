"""Working days in the city: no weekends, no national holidays, no collective leave; and the city's own days.

National holidays and collective leave (cuti bersama) come from the `holidays` library, whose category `government`
holds the collective leave that three ministers decree each year. A year without a decree is unconfirmed, unless the
city says that its days are complete: there may be no decree, or the library may not know it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

# Indonesia's zones: UTC+7 (WIB), +8 (WITA) and +9 (WIT). None has a summer time, so a city has one offset.
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
ONE_DAY = timedelta(days=1)
SATURDAY = 5
END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The city's time zone and its own days: True for a holiday that is worked, False for a day off."""

    zone: ZoneInfo
    own_days: Mapping[date, bool] = field(default_factory=dict)
    country: str = "ID"
    complete_years: frozenset[int] = frozenset()  # of which the city says so
    # From UTC: what every instant that leaves the server bears.
    offset: timezone = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offset", timezone(datetime(2026, 1, 1, tzinfo=self.zone).utcoffset() or timedelta()))

    @classmethod
    def of(
        cls, time_zone: str, own_days: Iterable[Mapping[str, Any]] = (), complete_years: Iterable[int] = ()
    ) -> Calendar:
        """From the city's data: `[{"date": "2026-07-01", "name": "…", "isWorkday": false}]`."""
        days = {date.fromisoformat(str(each["date"])): bool(each["isWorkday"]) for each in own_days}
        return cls(ZoneInfo(time_zone), days, complete_years=frozenset(complete_years))


def is_working_day(day: date, calendar: Calendar) -> bool:
    own = calendar.own_days.get(day)
    if own is not None:
        return own
    return day.weekday() < SATURDAY and day not in _days_off(calendar.country, day.year)


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day after `day`, which itself does not count; `day` for 0. Raises ValueError below 0."""
    if count < 0:
        raise ValueError(count)
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day, calendar)
    return day


def age(made_at: datetime, until: datetime, calendar: Calendar) -> int:
    """How many working days something is old; the day on which it was made does not count."""
    made_on, last = local_day(made_at, calendar), local_day(until, calendar)
    return sum(is_working_day(made_on + timedelta(n), calendar) for n in range(1, (last - made_on).days + 1))


def deadline(sent_at: datetime, working_days: int, calendar: Calendar) -> datetime:
    """23:59:59 city time of the last of so many working days; the day of sending does not count."""
    return end_of_day(add_working_days(local_day(sent_at, calendar), working_days, calendar), calendar)


def local_day(moment: datetime, calendar: Calendar) -> date:
    """The city's date at an aware moment."""
    return moment.astimezone(calendar.zone).date()


def start_of_day(day: date, calendar: Calendar) -> datetime:
    """Midnight in the city, at which the day begins."""
    return datetime.combine(day, time.min, calendar.zone)


def end_of_day(day: date, calendar: Calendar) -> datetime:
    """23:59:59 in the city, at which a deadline on that day runs out."""
    return datetime.combine(day, END_OF_DAY, calendar.zone)


def is_confirmed(year: int, calendar: Calendar) -> bool:
    """Whether the collective leave is decreed, or the city says that the year's days are complete; its own days say
    nothing of that. If not, deadlines may move."""
    return year in calendar.complete_years or bool(_collective_leave(calendar.country, year))


def quarter_of(day: date) -> int:
    """1 to 4 (TW I to IV)."""
    return (day.month + 2) // 3


def quarter_end(year: int, quarter: int) -> date:
    """31 March, 30 June, 30 September, 31 December."""
    return date(year, 3 * quarter, 30 if quarter in (2, 3) else 31)


@lru_cache(maxsize=1024)
def report_due(last_day: date, working_days: int, calendar: Calendar) -> date:
    """The last day on which a quarter's report is in time: so many working days after its last day."""
    return add_working_days(last_day, working_days, calendar)


@lru_cache(maxsize=512)
def _days_off(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year, categories=("public", "government")))


@lru_cache(maxsize=512)
def _collective_leave(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year, categories=("government",)))
