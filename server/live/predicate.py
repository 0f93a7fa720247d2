"""A subscription's filter as a predicate: read in Python over one row, as compile/filters.py says it in SQL."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.query.compile.asked import conditions
from server.query.compile.filters import Filters, only
from server.query.compile.statement import Run, Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.context import Context
from server.query.declare.declaration import Column, ToOne
from server.query.problem import bad_input
from server.query.run.engine import Engine
from server.query.values import Id, Relative, shown_percent
from server.rules.folding import folded

Path = tuple[str, ...]


async def watch_filter(engine: Engine, type_name: str, filter_: Mapping[str, Any] | None, context: Context) -> Matcher:
    """A subscription's filter; codes are looked up now. Raises GraphQLError for what cannot be watched."""
    entries = engine.catalogue.rows[type_name]
    filter_ = conditions(filter_ or {})
    wanted = refuse_unwatchable(entries, filter_, ("filter",))
    related = {}
    if wanted:
        async with engine.pool.connection() as connection:
            for place, entry, condition in wanted:
                assert entry.target is not None
                statement = Statement(False)
                where = Filters(statement, context.viewer).where(entry.target, condition, "t", place)
                sql = f"SELECT t.id FROM {entry.target.table.name} t WHERE {where}"
                rows = await connection.fetch(sql, *statement.values(Run(context, {})))
                related[place[1:]] = frozenset(row[0] for row in rows)
    return Matcher(entries, filter_, related)


@dataclass(frozen=True, slots=True)
class Matcher:
    """A filter read in Python: own stored columns, and the ids of to-one rows (codes were looked up beforehand)."""

    entries: Entries
    filter: Mapping[str, Any]
    related: Mapping[Path, frozenset[UUID]]

    def matches(self, image: Mapping[str, Any], now: dt.datetime) -> bool:
        """Whether a row (columns by name, as the log or as asyncpg writes values) matches; as SQL says it.

        `now`: from when relative dates count, on the city's clock.
        """
        return self._all(self.filter, image, now, ())

    def _all(self, filter_: Mapping[str, Any], image: Mapping[str, Any], now: dt.datetime, path: Path) -> bool:
        return all(self._one(name, value, image, now, (*path, name)) for name, value in filter_.items())

    def _one(self, name: str, value: Any, image: Mapping[str, Any], now: dt.datetime, path: Path) -> bool:
        match name:
            case "and":
                return all(self._all(each, image, now, (*path, str(n))) for n, each in enumerate(value))
            case "or":
                return any(self._all(each, image, now, (*path, str(n))) for n, each in enumerate(value))
            case "not":
                return not self._all(value, image, now, path)
        entry = self.entries.api[name]
        if isinstance(entry.declaration, ToOne):
            own = _read(image[entry.declaration.key], "uuid")
            if path in self.related:
                return own in self.related[path]
            rest = dict(value.get("id", {}))
            if "isNull" in rest and (own is None) is not rest.pop("isNull"):
                return False
            if "isNull" in value.get("id", {}) and not rest:
                return True
            return own is not None and _compare(own, rest, now)
        assert isinstance(entry.declaration, Column)
        own = _read(image[entry.column], entry.type)
        if entry.leaf.name == "Percent" and own is not None:
            own = shown_percent(own)
        if ranks := entry.declaration.ranks:
            return all(_on_scale(own, name, each, ranks, now) for name, each in value.items())
        return _compare(own, value, now)


def refuse_unwatchable(
    entries: Entries, filter_: Mapping[str, Any], path: Path
) -> list[tuple[Path, CatalogueEntry, Any]]:
    """Refuse by name what a subscription's filter cannot use; gives the conditions on codes, to be looked up."""
    wanted: list[tuple[Path, CatalogueEntry, Any]] = []
    for name, value in filter_.items():
        here = (*path, name)
        if value is None:
            raise bad_input("null_condition", *here, constraint="absent_or_is_null", name=name)
        if name in ("and", "or"):
            for index, each in enumerate(value):
                wanted += refuse_unwatchable(entries, each, (*here, str(index)))
            continue
        if name == "not":
            wanted += refuse_unwatchable(entries, value, here)
            continue
        entry = entries.api[name]
        match entry.declaration:
            case Column(mask=None):
                _refuse_nulls(value, here)
                if entry.leaf.name == "ID":
                    for comparator, each in value.items():
                        only(entries.row.prefix, each, (*here, comparator))
            case ToOne(key) if "{" not in key and set(value) <= {"id", "code"} and value:
                assert entry.target is not None
                for each in value:
                    _refuse_nulls(value[each], (*here, each))
                if set(value) != {"id"}:
                    wanted.append((here, entry, value))
                else:
                    for comparator, ids in value["id"].items():
                        only(entry.target.row.prefix, ids, (*here, "id", comparator))
            case _:
                # Of a relation that is watched by its id or code, the field beside these is at fault.
                is_stored = isinstance(entry.declaration, ToOne) and "{" not in entry.declaration.key
                inner = [each for each in value if is_stored and each not in ("id", "code")][:1]
                named = ".".join([name, *inner])
                raise bad_input("not_watchable", *here, *inner, constraint="watchable", name=named)
    return wanted


def _refuse_nulls(comparators: Mapping[str, Any], path: Path) -> None:
    for name, value in comparators.items():
        if value is None:
            raise bad_input("null_comparator", *path, name, constraint="isNull: true", name=name)


def _read(value: Any, type_: str) -> Any:
    """A value as the log's JSON has it, or as asyncpg gives it, made comparable."""
    if not isinstance(value, str):
        return value.value if isinstance(value, enum.Enum) else value
    match type_:
        case "uuid":
            return UUID(value)
        case "date":
            return dt.date.fromisoformat(value)
        case "timestamptz":
            return dt.datetime.fromisoformat(value)
        case "numeric":
            return Decimal(value)
    return value


def _compare(own: Any, comparators: Mapping[str, Any], now: dt.datetime) -> bool:
    return all(_holds(own, name, value, now) for name, value in comparators.items())


def _on_scale(own: str | None, name: str, value: Any, ranks: Sequence[str], now: dt.datetime) -> bool:
    """A comparison of an enum whose members have an order."""
    if own is None or name not in ("lt", "lte", "gt", "gte"):
        return _holds(own, name, value, now)
    return _holds(ranks.index(own), name, ranks.index(value.value), now)


def _holds(own: Any, name: str, value: Any, now: dt.datetime) -> bool:
    if name == "isNull":
        return (own is None) is value
    if name in ("in", "nin"):
        return (own in [_given(each, own, now) for each in value]) is (name == "in")
    given = _given(value, own, now)
    if name == "neq":
        return bool(own != given)
    if own is None:
        return False
    match name:
        case "eq":
            return bool(own == given)
        case "contains":
            return folded(given) in folded(own)
        case "startsWith":
            return folded(own).startswith(folded(given))
        case "lt":
            return bool(own < given)
        case "lte":
            return bool(own <= given)
        case "gt":
            return bool(own > given)
        case "gte":
            return bool(own >= given)
    raise KeyError(name)


def _given(value: Any, own: Any, now: dt.datetime) -> Any:
    match value:
        case Id():
            return value.uuid
        case enum.Enum():
            return value.value
        case Relative():
            return value.from_instant(now) if isinstance(own, dt.datetime) else value.from_day(now.date())
    return value
