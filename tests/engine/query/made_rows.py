"""Rows that nobody wrote by hand: of new tables, and values for columns that would be null in every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.data import CharEnumFieldInstance
from tortoise.models import Model

from server.models.fields import KeptText
from server.rules.aggregates import BY_TABLE, REFERENCES
from tests.engine.query.rows import NOW, TODAY, WORDS, Rows

HOW_MANY = 13  # of a table's rows


def completed(rows: Rows, models: dict[str, type[Model]]) -> Rows:
    """With rows of every table that has none, and nothing that is null throughout. `models`: by their tables."""
    numbers = count(1)
    made = {table: each for table, each in rows.items() if table in models}
    for table in models:
        _make(table, made, models, numbers)
    for table, model in models.items():
        each = made[table]
        for column, field in _columns(model):
            if field.null and all(row.get(column) is None for row in each):
                for number, row in enumerate(each):
                    is_set = number % 3 == 1 or len(each) == 1
                    row[column] = _value(number, column, field, model, made) if is_set else None
    return {**rows, **made}


def _make(table: str, made: Rows, models: dict[str, type[Model]], numbers: Iterator[int]) -> None:
    """Rows of this table, those that they refer to before them."""
    if table in made:
        return
    model = models[table]
    own: list[dict[str, Any]] = []
    for relation in model._meta.fk_fields:
        if (other := _referred(model, relation)) in models and other != table:
            _make(other, made, models, numbers)
    for number in range(HOW_MANY):
        row: dict[str, Any] = {}
        for column, field in _columns(model):
            if column == "id":
                row[column] = UUID(int=(0x0193_0000_0000 << 80) | (7 << 76) | (2 << 62) | next(numbers))
            else:
                is_null = field.null and number % 3 == 0
                row[column] = None if is_null else _value(number, column, field, model, {**made, table: own})
        own.append(row)
    made[table] = own


def _columns(model: type[Model]) -> Iterator[tuple[str, Any]]:
    """The columns that are written, each with its field."""
    meta = model._meta
    for name, column in meta.fields_db_projection.items():
        if not isinstance(meta.fields_map[name], KeptText):
            yield column, meta.fields_map[name]


def _value(number: int, column: str, field: Any, model: type[Model], rows: Rows) -> Any:
    """A value for this column of the row of this number; ids are of rows that are there."""
    word = WORDS[number % len(WORDS)]
    match field:
        case fields.UUIDField():
            ids = [row["id"] for row in rows.get(_table_of(column, model), ())]
            return ids[number % len(ids)] if ids else None
        case CharEnumFieldInstance():
            members = list(field.enum_type)
            return members[number % len(members)].name
        case fields.CharField() | fields.TextField():
            return f"{word} {number}"[: getattr(field, "max_length", None)]
        case fields.BooleanField():
            return number % 2 == 0
        case fields.DateField():
            return TODAY + dt.timedelta(days=number - HOW_MANY // 2)
        case fields.DatetimeField():
            return NOW - dt.timedelta(hours=number)
        case fields.DecimalField():
            return round(Decimal(number * 10) / 7, field.decimal_places)
        case fields.IntField() | fields.SmallIntField() | fields.BigIntField():
            return number + 1
        case ArrayField():
            return [rows["organisation"][number % len(rows["organisation"])]["id"]]
        case fields.JSONField():
            return []
    raise TypeError(
        f"{model.__name__}.{column}: write rows of {model._meta.db_table} in tests/engine/query/full_rows.py"
    )


def _table_of(column: str, model: type[Model]) -> str:
    """The table to which an id refers: by its foreign key, or else by its name."""
    for relation in model._meta.fk_fields:
        if getattr(model._meta.fields_map[relation], "source_field", None) == column:
            return _referred(model, relation)
    prefixes = REFERENCES.get(column.removesuffix("_id"), ())
    return next((table for table, each in BY_TABLE.items() if each.prefix in prefixes), "organisation")


def _referred(model: type[Model], relation: str) -> str:
    other: Any = model._meta.fields_map[relation]
    return str(other.related_model._meta.db_table)
