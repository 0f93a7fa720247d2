"""Coerced input values: ids, cursors, relative days. Scalars make them, statements bind them."""

from __future__ import annotations

import calendar
import contextlib
import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from strawberry.utils.str_converters import to_snake_case

from server import ids
from server.query.problem import bad_input
from server.rules.bounds import EARLIEST, LATEST

FIRST_YEAR, LAST_YEAR = EARLIEST.year, LATEST.year


class Id(str):
    """A TypeID from outside, checked and in lower case, with its prefix and UUID."""

    __slots__ = ("prefix", "uuid")
    prefix: str
    uuid: UUID

    @classmethod
    def parse(cls, text: str) -> Id:
        """Raises MalformedId."""
        prefix, uuid = ids.decode(text)
        made = cls(text.lower())
        made.prefix, made.uuid = prefix, uuid
        return made

    def of(self, prefixes: tuple[str, ...], *path: str) -> UUID:
        """The UUID, if this is the id of one of these types; else BAD_USER_INPUT at the input's path."""
        if self.prefix not in prefixes:
            right = ", ".join(f"{prefix}_…" for prefix in prefixes)
            raise bad_input("id_of_another_type", *path, constraint=right, id=str(self))
        return self.uuid


class Shaping:
    """Of an enum whose members change the text of a statement: what is compiled depends on which one was given."""


class Cursor(str):
    """An opaque cursor from outside. `opened`: what it holds, once somebody has opened it (compile/keyset.py)."""

    __slots__ = ("opened",)
    opened: list[Any] | None


_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Relative:
    """A duration from today, or from now: what `P7D` and `-P1M` mean is decided when the statement runs."""

    months: int
    days: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Relative | None:
        """An ISO 8601 duration with a sign before it; None if it is none."""
        found = _DURATION.fullmatch(text)
        if not found or text[-1] in "PT":
            return None
        sign = -1 if found["sign"] == "-" else 1
        part = {name: sign * int(value or 0) for name, value in found.groupdict().items() if name != "sign"}
        return cls(
            part["years"] * 12 + part["months"],
            part["weeks"] * 7 + part["days"],
            part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"],
        )

    def from_day(self, today: dt.date) -> dt.date:
        """The day so far from today; the month's last day where the day is missing; held within 1900–2200."""
        month = today.year * 12 + today.month - 1 + self.months
        year, month = month // 12, month % 12 + 1
        if year < FIRST_YEAR:
            return EARLIEST
        if year > LAST_YEAR:
            return LATEST
        day = dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
        try:
            moved = day + dt.timedelta(days=self.days + self.seconds // 86400)
        except OverflowError:
            moved = dt.date.max if self.days > 0 else dt.date.min
        return max(dt.date(FIRST_YEAR, 1, 1), min(moved, dt.date(LAST_YEAR, 12, 31)))

    def from_instant(self, now: dt.datetime) -> dt.datetime:
        """The instant so far from `now`, which is told on the city's clock: days and months are the city's."""
        day = Relative(self.months, self.days, 0).from_day(now.date())
        moved = dt.datetime.combine(day, now.timetz())
        with contextlib.suppress(OverflowError):
            moved += dt.timedelta(seconds=self.seconds)
        low = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=now.tzinfo)
        high = dt.datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=now.tzinfo)
        return max(low, min(moved, high))


def plain_decimal(value: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def percent(value: Decimal) -> float:
    """A share with one decimal, halves upwards; less than 100 never reads 100."""
    return float(shown_percent(value))


def shown_percent(value: Decimal) -> Decimal:
    """The same, as filters compare it."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return min(rounded, Decimal("99.9")) if value < 100 else rounded


def shown_percent_sql(sql: str) -> str:
    """The same of an expression."""
    return f"(CASE WHEN {sql} < 100 THEN least(round({sql}, 1), 99.9) ELSE round({sql}, 1) END)"


def shouted(name: str) -> str:
    """A name of the API as its enums have it: `dueOn` is DUE_ON."""
    return to_snake_case(name).upper()
