"""The API's scalars: what they take, what they refuse and why, and how they are written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, GraphQLScalarType
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from server.ids import MalformedId
from server.query.problem import bad_input
from server.query.values import FIRST_YEAR, LAST_YEAR, Cursor, Id, Relative, city_time, percent, plain_decimal

Percent = NewType("Percent", float)
RelativeDate = NewType("RelativeDate", str)
RelativeDateTime = NewType("RelativeDateTime", str)

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
YEARS = f"a year from {FIRST_YEAR} to {LAST_YEAR}"


def parse_date(value: object) -> dt.date:
    """`2026-12-31`, with a year from 1900 to 2200."""
    if not isinstance(value, str) or not (found := _DAY.fullmatch(value)):
        raise bad_input(f"Not a date: {_shown(value)}.", constraint="YYYY-MM-DD")
    try:
        day = dt.date(*map(int, found.groups()))
    except ValueError:
        raise bad_input(f"There is no such day: {_shown(value)}.", constraint="YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise bad_input(f"Out of range: {_shown(value)}.", constraint=YEARS)
    return day


def parse_instant(value: object) -> dt.datetime:
    """RFC 3339 with an offset: `2026-12-31T08:00:00+07:00`."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise bad_input(f"Not an instant with an offset: {_shown(value)}.", constraint="RFC 3339 with an offset")
    try:
        instant = dt.datetime.fromisoformat(value.upper())
        instant = instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise bad_input(f"There is no such instant: {_shown(value)}.", constraint="RFC 3339 with an offset") from None
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise bad_input(f"Out of range: {_shown(value)}.", constraint=YEARS)
    return instant


def parse_relative_date(value: object) -> dt.date | Relative:
    """A date, or a duration from today."""
    if isinstance(value, str) and (relative := Relative.parse(value)) and not relative.seconds:
        return relative
    try:
        return parse_date(value)
    except GraphQLError as error:
        raise bad_input(error.message, constraint="YYYY-MM-DD, or a duration such as P7D or -P1M") from None


def parse_relative_instant(value: object) -> dt.datetime | Relative:
    """An instant, or a duration from now."""
    if isinstance(value, str) and (relative := Relative.parse(value)):
        return relative
    try:
        return parse_instant(value)
    except GraphQLError as error:
        raise bad_input(error.message, constraint="RFC 3339 with an offset, or a duration such as -PT2H") from None


def parse_decimal(value: object) -> Decimal:
    """At most 14 digits before the point and 4 after it."""
    constraint = "at most 14 digits before the point and 4 after it"
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad_input(f"Not a number: {_shown(value)}.", constraint=constraint)
    text = value if isinstance(value, str) else repr(value)
    try:
        number = Decimal(text) if len(text) <= 40 and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise bad_input(f"Not a number: {_shown(value)}.", constraint=constraint)
    if abs(number) >= 10**14 or number != round(number, 4):
        raise bad_input(f"Out of range: {_shown(value)}.", constraint=constraint)
    return number


def parse_id(value: object) -> Id:
    """A TypeID in either case."""
    if isinstance(value, str) and len(value) <= 64:
        try:
            return Id.parse(value)
        except MalformedId:
            pass
    raise bad_input(f"Not an id: {_shown(value)}.", constraint="an id such as task_01jd…, as the API gave it")


def parse_cursor(value: object) -> Cursor:
    """Kept as it is: what it was made for decides how it is opened."""
    if not isinstance(value, str) or not 0 < len(value) <= 4096:
        raise bad_input("Not a cursor.", constraint="a cursor that the API gave")
    return Cursor(value)


def _number_literal(parse: Callable[[object], Any]) -> Callable[..., Any]:
    """Numbers written in the document are read as text, so that no digit is lost."""

    def parse_literal(node: ValueNode, _variables: object = None) -> Any:
        if isinstance(node, (StringValueNode, IntValueNode, FloatValueNode)):
            return parse(node.value)
        return parse(print_ast(node))

    return parse_literal


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= 60 else text[:60] + "…"
    return "'" + text.encode("utf-8", "replace").decode() + "'"


def _write_date(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _write_instant(value: Any) -> str:
    return value if isinstance(value, str) else city_time(value).isoformat()


def _write_decimal(value: Any) -> str:
    return plain_decimal(Decimal(value)) if not isinstance(value, Decimal) else plain_decimal(value)


def _write_percent(value: Any) -> float:
    return percent(value) if isinstance(value, Decimal) else float(value)


def _id_scalar() -> ScalarDefinition:
    """ID with a check of its own; graphql-core lets nobody make a scalar of that name, so it is given it afterwards."""
    text = "Opaque: the type, an underscore and 26 letters. Unique across types, sortable by creation."
    made = GraphQLScalarType("Id", serialize=str, parse_value=parse_id, description=text)
    made.name = "ID"
    return replace(DEFAULT_SCALAR_REGISTRY[strawberry.ID], implementation=made, parse_value=parse_id, serialize=str)


# Handed to StrawberryConfig(scalar_map=…).
SCALARS: dict[Any, Any] = {
    strawberry.ID: _id_scalar(),
    dt.date: strawberry.scalar(
        name="Date",
        description="A day, `2026-12-31`. Years from 1900 to 2200.",
        serialize=_write_date,
        parse_value=parse_date,
    ),
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 with an offset. Written with the city's (+07:00). Years from 1900 to 2200.",
        serialize=_write_instant,
        parse_value=parse_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A measured value as a string, so that nothing is rounded: up to 14 digits and 4 decimals.",
        serialize=_write_decimal,
        parse_value=parse_decimal,
        parse_literal=_number_literal(parse_decimal),
    ),
    Percent: strawberry.scalar(
        name="Percent",
        description="A share in percent with one decimal; may exceed 100.",
        serialize=_write_percent,
        parse_value=parse_decimal,
        parse_literal=_number_literal(parse_decimal),
    ),
    RelativeDate: strawberry.scalar(
        name="RelativeDate",
        description="A Date, or an ISO 8601 duration from the city's today such as `P7D` or `-P1M`.",
        serialize=str,
        parse_value=parse_relative_date,
    ),
    RelativeDateTime: strawberry.scalar(
        name="RelativeDateTime",
        description="A DateTime, or an ISO 8601 duration from now such as `-PT2H` or `-P1M`.",
        serialize=str,
        parse_value=parse_relative_instant,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="Opaque: a place in a list or in the log. Valid only for what it was given for.",
        serialize=str,
        parse_value=parse_cursor,
    ),
}
