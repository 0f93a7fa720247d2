"""The SQL of the models and rows as objects: what `transaction` needs to know of a model, computed once for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from server.events.log import SECRET as SECRET  # who writes takes it from here
from server.ids import uuid7
from server.models.fields import KeptText, Row
from server.rules.fact import is_expression

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's name, the columns that verbs know, and the texts that follow from these and are written with them."""

    table: str
    columns: tuple[str, ...]
    kept: Mapping[str, KeptText]

    @property
    def stored(self) -> tuple[str, ...]:
        """All that is written of a new row, in the order of `values`."""
        return (*self.columns, *self.kept)

    @property
    def select(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.table}"

    @property
    def insert(self) -> str:
        """An INSERT of one row, its parameters in the order of what is stored."""
        values = ", ".join(f"${number}" for number in range(1, len(self.stored) + 1))
        return f"INSERT INTO {self.table} ({', '.join(self.stored)}) VALUES ({values})"

    def following(self, columns: Mapping[str, Any]) -> dict[str, str | None]:
        """The kept texts that follow from these columns."""
        return {
            name: None if (text := columns[each.source]) is None else each.of(text)
            for name, each in self.kept.items()
            if each.source in columns
        }


@cache
def shape(model: type[Row]) -> Shape:
    meta = model._meta
    kept = {name: field for name, field in meta.fields_map.items() if isinstance(field, KeptText)}
    names = [name for name, field in meta.fields_map.items() if field.has_db_field and name not in kept]
    return Shape(str(meta.db_table), tuple(names), kept)


def read(model: type[R], record: asyncpg.Record) -> R:
    """A row object from a record that begins with all of the table's stored columns, in the order of its shape.

    Not by Tortoise's own `_init_from_db`, which knows the columns only once a Tortoise connection was opened.
    """
    row = model.__new__(model)
    columns = row.__dict__
    columns.update(_UNSAVED, _await_when_save={})
    columns.update(zip(shape(model).columns, record, strict=False))
    for name, members in _members(model):
        if (text := columns[name]) is not None:
            columns[name] = members[text]
    return row


@cache
def _members(model: type[Row]) -> tuple[tuple[str, Mapping[str, Enum]], ...]:
    """The columns whose text names a member of an enum, with its members."""
    fields = model._meta.fields_map
    found = ((name, getattr(fields[name], "enum_type", None)) for name in shape(model).columns)
    return tuple((name, {each.value: each for each in enum}) for name, enum in found if enum is not None)


# What Tortoise's own methods look for on an instance.
_UNSAVED: Mapping[str, Any] = {"_partial": False, "_saved_in_db": True, "_custom_generated_pk": True}


def values(row: Row) -> list[Any]:
    """All that is stored of the row as asyncpg takes it, in the order of its shape."""
    return stored(type(row), {name: getattr(row, name) for name in shape(type(row)).columns})


def stored(model: type[Row], columns: Mapping[str, Any]) -> list[Any]:
    """The same of a row that is columns by name."""
    found = shape(model)
    return [*(plain(columns[name]) for name in found.columns), *found.following(columns).values()]


class Columns(Mapping[str, object]):
    """A row object read as columns by name, as a rule of who sees it reads them."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self._columns = vars(row)

    def __getitem__(self, name: str) -> object:
        return plain(self._columns[name])

    def __iter__(self) -> Any:
        return iter(shape(type(self.row)).columns)

    def __len__(self) -> int:
        return len(shape(type(self.row)).columns)


def plain(value: Any) -> Any:
    """A value as asyncpg takes it: an enum's member as its name."""
    return value.value if isinstance(value, Enum) else value


_AS_THEY_ARE = frozenset({str, int, bool, NoneType})


def logged(value: Any) -> Any:
    """A value as the log's JSON holds it: ids, amounts, days and moments as text."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: logged(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [logged(each) for each in value]
    return value


def unlogged(model: type[Row], column: str, value: Any) -> Any:
    """A value of the log's JSON as the column holds it: the reverse of `logged`."""
    if value is None:
        return None
    kind = model._meta.fields_map[column].field_type
    if kind is UUID:
        return UUID(value)
    if kind is Decimal:
        return Decimal(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return model._meta.fields_map[column].to_python_value(value)


def sql_type(model: type[Row], column: str) -> str:
    """The type of a column that holds an id, a text or a whole number, for a list of such."""
    return {UUID: "uuid", str: "text", int: "integer"}[model._meta.fields_map[column].field_type]


def created_changes(row: Row) -> dict[str, list[Any]]:
    """The log's `changes` of a new row: every column that is not null, before: null."""
    found = {name: getattr(row, name) for name in shape(type(row)).columns}
    return {name: [None, logged(value)] for name, value in found.items() if value is not None and name not in SECRET}


# What somebody else made first between a rule's look and the write: the constraint, and the input's field it speaks of.
UNIQUE = {
    "work_plan_year": ("year",),
    "task_external_id": ("externalId",),
    "target_external_id": ("externalId",),
    "measurement_external_id": ("externalId",),
    "amendment_open": ("targetId",),
    "account_login_key": ("login",),
    "organisation_code_key": ("code",),
    "programme_code_key": ("code",),
    "escalation_open": ("requestId",),
    "event_deadline": (),
}

# Not FOR UPDATE: rows that only refer to a locked one, by a foreign key, may be written meanwhile.
LOCK = "FOR NO KEY UPDATE"


@cache
def beside_it(
    model: type[Row], beside: tuple[tuple[str, str], ...], where: str, own: tuple[str, ...] = (), *, waits: bool = False
) -> str:
    """A SELECT of the rows `t` (of the columns `own`; all that are stored), and of places beside them: (name, place).

    A place is a column of a row to which they refer ("work_plan.status") or SQL over the row `{t}` (rules/fact.py).
    `waits`: for a lock. What a row refers to when the wait is over may be another one: PostgreSQL then looks again at
    the row `t` and at sub-selects over it, but keeps the joined rows. Those are as they were before the wait in either
    way. Raises KeyError where there is no such column.
    """
    joins: dict[str, str] = {}

    def column(way: str) -> str:
        *references, name = way.split(".")
        alias, source = "t", model
        found: dict[str, tuple[str, str]] = {}
        for reference in references:
            alias, source, join = _referred(alias, source, reference)
            found[alias] = join
        if name not in shape(source).columns:
            raise KeyError(f"{shape(source).table} has no column {name}")
        if not found or not waits:
            joins.update({each: f"LEFT JOIN {table} ON {on}" for each, (table, on) in found.items()})
            return f"{alias}.{name}"
        (first, on), *others = found.values()
        ways = "".join(f" JOIN {table} ON {way}" for table, way in others)
        return f"(SELECT {alias}.{name} FROM {first}{ways} WHERE {on})"

    def filled(found: re.Match[str]) -> str:
        way, own = found.groups()
        return column(way if own is None else own) if way != "t" or own is not None else "t"

    columns = [f"t.{name}" for name in own or shape(model).columns]
    for name, place in beside:
        sql = f"({_PLACE.sub(filled, place)})" if is_expression(place) else column(place)
        columns.append(f"{sql} AS {name}")
    source = " ".join([f"{shape(model).table} t", *joins.values()])
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {where}"


_PLACE = re.compile(r"\{([a-z_.]+)\}(?:(?<=\{t\})\.(\w+))?")


def _referred(alias: str, model: type[Row], reference: str) -> tuple[str, type[Row], tuple[str, str]]:
    """The alias and model of the row to which a reference leads, its table with that alias, and how it is found."""
    found: Any = model._meta.fields_map.get(reference)
    if getattr(found, "related_model", None) is None:
        raise KeyError(f"{shape(model).table} has no reference {reference}")
    other = reference if alias == "t" else f"{alias}_{reference}"
    table = found.related_model._meta.db_table
    return other, found.related_model, (f"{table} {other}", f"{other}.id = {alias}.{reference}_id")


@dataclass(frozen=True, slots=True)
class CallersKey:
    """Under which key of the caller's a verb is kept, with the hash of its input."""

    verb: str
    text: str
    input_hash: bytes

    def row(
        self, account_id: UUID, object_id: UUID | None, event_id: UUID | None, now: datetime, rows: Any = None
    ) -> dict[str, Any]:
        """Its row's columns: whose key it is, what the verb acted on and what it left in the log (None: nothing).

        `rows`: of a verb on many, what became of each.
        """
        return {
            "id": uuid7(),
            "account_id": account_id,
            "verb": self.verb,
            "key": self.text,
            "input_hash": self.input_hash,
            "object_id": object_id,
            "event_id": event_id,
            "rows": rows,
            "created_at": now,
        }


def assignments(columns: Iterable[str], first: int) -> str:
    """`a = $4, b = $5` for an UPDATE, parameters numbered from `first`."""
    return ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, first))


def where(equals: Mapping[str, object]) -> tuple[str, list[object]]:
    """Columns that equal these (a list: are among; None: are null), as a condition with its parameters."""
    conditions, arguments = [], []
    for name, value in equals.items():
        if value is None:
            conditions.append(f"{name} IS NULL")
            continue
        is_list = isinstance(value, list | tuple | set | frozenset)
        arguments.append([plain(each) for each in value] if is_list else plain(value))  # type: ignore[attr-defined]
        conditions.append(f"{name} = ANY(${len(arguments)})" if is_list else f"{name} = ${len(arguments)}")
    return " AND ".join(conditions) or "true", arguments
