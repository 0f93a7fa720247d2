"""The tables' metadata: columns, unique ones, indexes, read once from the models that installation.py describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.rules.folding import folded as fold
from server.rules.folding import sort_key

# Tortoise's field classes → PostgreSQL's types, as parameters are cast.
_TYPES = {
    "UUIDField": "uuid",
    "CharField": "text",
    "TextField": "text",
    "IntField": "integer",
    "SmallIntField": "integer",
    "BigIntField": "bigint",
    "BooleanField": "boolean",
    "DateField": "date",
    "DatetimeField": "timestamptz",
    "DecimalField": "numeric",
    "JSONField": "jsonb",
    "BinaryField": "bytea",
    "TSVectorField": "tsvector",
    "ArrayField": "uuid[]",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A column: its PostgreSQL type and whether it may be null."""

    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, the columns that are unique alone, and each index's leading columns.

    `summed_up`: columns of which an index knows the bounds for each stretch of the table; it leads to rows, in no
    order. `folded`: by which column filters look into a text, `keys`: by which one lists are ordered by it.
    `searched`: the table of its rows' words, with PostgreSQL's text search configuration.
    """

    name: str
    columns: dict[str, Stored]
    unique: frozenset[str]
    indexes: tuple[tuple[str, ...], ...]
    summed_up: frozenset[str]
    folded: Mapping[str, str]
    keys: Mapping[str, str]
    searched: tuple[str, str] | None


def describe(models: Iterable[type[Any]]) -> dict[str, Table]:
    """The tables of Tortoise models (resolved by `Tortoise.init_models`), by name."""
    found = {}
    for model in models:
        meta: Any = model._meta
        columns: dict[str, Stored] = {}
        unique = set()
        for name, column in meta.fields_db_projection.items():
            described = meta.fields_map[name]
            kind = next((each.__name__ for each in type(described).__mro__ if each.__name__ in _TYPES), None)
            if kind is None:
                raise TypeError(
                    f"{model.__name__}.{name}: which type of PostgreSQL's is a {type(described).__name__}? Add it to"
                    " _TYPES in server/query/declare/tables.py"
                )
            columns[column] = Stored(_TYPES[kind], bool(described.null))
            if described.unique or described.pk:
                unique.add(column)
        indexes = [tuple(index.fields) for index in meta.indexes if not index.INDEX_TYPE]
        indexes += [(column,) for column in unique]
        indexes += [tuple(each.fields) for each in getattr(meta, "constraints", ()) if getattr(each, "fields", None)]
        kept = {name: field for name, field in meta.fields_map.items() if hasattr(field, "source")}
        folded = {field.source: name for name, field in kept.items() if field.of is fold}
        keys = {field.source: name for name, field in kept.items() if field.of is sort_key}
        words = getattr(model, "searched", None)
        found[meta.db_table] = Table(
            *(meta.db_table, columns, frozenset(unique), tuple(indexes)),
            summed_up=frozenset(name for index in meta.indexes if index.INDEX_TYPE == "BRIN" for name in index.fields),
            folded=folded,
            keys=keys,
            searched=None if words is None else (words.table, words.config),
        )
    return found
