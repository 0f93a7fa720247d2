"""The API's scalars: what they take, what they refuse and why, and how they are written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLScalarType
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from server.ids import MalformedId
from server.query.documents.exact import Rounded
from server.query.problem import Problem, bad_input
from server.query.values import FIRST_YEAR, LAST_YEAR, Cursor, Id, Relative, percent, plain_decimal
from server.rules import bounds

Percent = NewType("Percent", float)
RelativeDate = NewType("RelativeDate", str)
RelativeDateTime = NewType("RelativeDateTime", str)

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = "YYYY-MM-DD"


def parse_date(value: object, wanted: str | None = None) -> dt.date:
    """`2026-12-31`, with a year from 1900 to 2200. `wanted`: the constraint to be told instead of this."""
    if not isinstance(value, str) or not (found := _DAY.fullmatch(value)):
        raise bad_input("not_a_date", constraint=wanted or DAY, given=_shown(value))
    try:
        day = dt.date(*map(int, found.groups()))
    except ValueError:
        raise bad_input("no_such_day", constraint=wanted or DAY, given=_shown(value)) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _year_out_of_range(value, wanted)
    return day


def parse_instant(value: object, wanted: str | None = None) -> dt.datetime:
    """RFC 3339 with an offset: `2026-12-31T08:00:00+07:00`. `wanted`: the constraint to be told instead of this."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise bad_input("not_an_instant", constraint=wanted or "instant", given=_shown(value))
    try:
        instant = dt.datetime.fromisoformat(value.upper())
        instant = instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise bad_input("no_such_instant", constraint=wanted or "instant", given=_shown(value)) from None
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise _year_out_of_range(value, wanted)
    return instant


def parse_relative_date(value: object) -> dt.date | Relative:
    """A date, or a duration from today."""
    if isinstance(value, str) and (relative := Relative.parse(value)) and not relative.seconds:
        return relative
    return parse_date(value, "relative_date")


def parse_relative_instant(value: object) -> dt.datetime | Relative:
    """An instant, or a duration from now."""
    if isinstance(value, str) and (relative := Relative.parse(value)):
        return relative
    return parse_instant(value, "relative_instant")


def parse_decimal(value: object) -> Decimal:
    """At most 14 digits before the point and 4 after it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad_input("not_a_number", constraint="digits", given=_shown(value))
    if isinstance(value, Rounded):
        raise bad_input("number_rounded", constraint="number_as_string")
    text = value if isinstance(value, str) else repr(value)
    try:
        number = Decimal(text) if len(text) <= 40 and text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise bad_input("not_a_number", constraint="digits", given=_shown(value))
    if not bounds.fits(number):
        raise bad_input("number_out_of_range", constraint="digits", given=_shown(value))
    return number


def parse_id(value: object) -> Id:
    """A TypeID in either case."""
    if isinstance(value, str) and len(value) <= 64:
        try:
            return Id.parse(value)
        except MalformedId:
            pass
    raise bad_input("not_an_id", constraint="api_id", given=_shown(value))


def parse_cursor(value: object) -> Cursor:
    """Kept as it is: what it was made for decides how it is opened."""
    if not isinstance(value, str) or not 0 < len(value) <= 4096:
        raise bad_input("not_a_cursor", constraint="given_cursor")
    return Cursor(value)


class _Written:
    """A literal that is no text, shown as it stands in the document."""

    def __init__(self, node: ValueNode) -> None:
        self.node = node

    def __repr__(self) -> str:
        return print_ast(self.node)


def _literal(parse: Callable[[object], Any], *numbers: type[IntValueNode | FloatValueNode]) -> Callable[..., Any]:
    """Reads texts; and numbers of these kinds as text, so that no digit is lost."""
    kinds = (StringValueNode, *numbers)

    def parse_literal(node: ValueNode, _variables: object = None) -> Any:
        return parse(node.value if isinstance(node, kinds) else _Written(node))

    return parse_literal


def _year_out_of_range(value: object, wanted: str | None) -> Problem:
    years = f"{bounds.EARLIEST}..{bounds.LATEST}"
    return bad_input(
        "year_out_of_range", constraint=wanted or years, given=_shown(value), first=FIRST_YEAR, last=LAST_YEAR
    )


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= 60 else text[:60] + "…"
    return "'" + text.encode("utf-8", "replace").decode() + "'"


def _write_date(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _write_instant(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _write_decimal(value: Any) -> str:
    return plain_decimal(Decimal(value)) if not isinstance(value, Decimal) else plain_decimal(value)


def _write_percent(value: Any) -> float:
    return percent(value) if isinstance(value, Decimal) else float(value)


def _id_scalar() -> ScalarDefinition:
    """ID with a check of its own; graphql-core lets nobody make a scalar of that name, so it is given it afterwards."""
    text = "Opaque: the type, an underscore and 26 letters. Unique across types, sortable by creation."
    made = GraphQLScalarType(
        "Id", serialize=str, parse_value=parse_id, parse_literal=_literal(parse_id), description=text
    )
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
        parse_literal=_literal(parse_date),
    ),
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 with an offset. Written with the city's own. Years from 1900 to 2200.",
        serialize=_write_instant,
        parse_value=parse_instant,
        parse_literal=_literal(parse_instant),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A measured value as a string, so that nothing is rounded: up to 14 digits and 4 decimals."
        " A JSON number is taken where a double holds it, else refused.",
        serialize=_write_decimal,
        parse_value=parse_decimal,
        parse_literal=_literal(parse_decimal, IntValueNode, FloatValueNode),
    ),
    Percent: strawberry.scalar(
        name="Percent",
        description="A share in percent with one decimal; may exceed 100.",
        serialize=_write_percent,
        parse_value=parse_decimal,
        parse_literal=_literal(parse_decimal, IntValueNode, FloatValueNode),
    ),
    RelativeDate: strawberry.scalar(
        name="RelativeDate",
        description="A Date, or an ISO 8601 duration from the city's today such as `P7D` or `-P1M`.",
        serialize=str,
        parse_value=parse_relative_date,
        parse_literal=_literal(parse_relative_date),
    ),
    RelativeDateTime: strawberry.scalar(
        name="RelativeDateTime",
        description="A DateTime, or an ISO 8601 duration from now such as `-PT2H` or `-P1M`.",
        serialize=str,
        parse_value=parse_relative_instant,
        parse_literal=_literal(parse_relative_instant),
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="Opaque: a place in a list or in the log. Valid only for what it was given for.",
        serialize=str,
        parse_value=parse_cursor,
        parse_literal=_literal(parse_cursor),
    ),
}
