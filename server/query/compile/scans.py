"""Missing indexes: how many conditions of a list make PostgreSQL look at row after row, whatever comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from server.query.compile.asked import leaves
from server.query.compile.filters import PATTERNS
from server.query.compile.keyset import Key
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Column, Computed, Listed, ManyToMany, Polymorphic, ToMany, ToOne

_BY_INDEX = frozenset({"eq", "in", "lt", "lte", "gt", "gte"})


def scans(
    target: Entries,
    many: ToMany,
    arguments: Mapping[str, Any],
    *,
    order: Key | None = None,
    is_kept: bool = False,
) -> int:
    """The conditions that a page of this list, or its count, is priced for; none of a table that stays small.

    A pattern, an expression and a look at another table cost their work for each row that something else leads to, a
    search for each match; of stored columns only the lack of an index costs anything, and once: whatever nothing leads
    to, and whatever is put in order. `order`: a page's first key; without it this is a count. `is_kept`: counters are
    summed instead of rows.
    """
    filter_ = arguments.get("filter") or {}
    number = _dear(target, filter_)
    if target.row.is_small:
        return number
    if number := number + (arguments.get("search") is not None):
        return number
    led = many.key or many.where or any(arguments.get(to_camel_case(name)) is not None for name in many.arguments)
    led = led or is_kept or (order is not None and not filter_ and _is_in_order(target, order))
    return int(not led and not is_led(target, filter_))


def _is_in_order(entries: Entries, order: Key) -> bool:
    """Whether the rows can be read in this order, so that a page is read and no more."""
    return any(order.sql == f"t.{index[0]}" for index in entries.table.indexes)


def _dear(entries: Entries, filter_: Mapping[str, Any], depth: int = 0) -> int:
    return sum(_dear_on(entries, entry, value, depth) for entry, value in leaves(entries, filter_) if value is not None)


def _dear_on(entries: Entries, entry: CatalogueEntry, value: Mapping[str, Any], depth: int) -> int:
    """`depth`: how many relations lead to the row."""
    match entry.declaration:
        case ToOne(key) if "{" in key or not _is_by_key(entry, value, {"eq", "in", "isNull"}):
            assert entry.target is not None
            return (not entry.target.row.is_small) + _dear(entry.target, value, depth + 1)
        case ToMany() | ManyToMany() | Listed():
            assert entry.target is not None
            inner = [each for each in value.values() if isinstance(each, Mapping)]
            below = sum(_dear(entry.target, each, depth + 1) for each in inner)
            return len(value) * _of_list(entry.target, depth) + below
        case Computed():
            return int(not entries.row.is_small)
        case Column():
            return 0 if entries.row.is_small else len(PATTERNS & set(value))
    return 0


def _of_list(target: Entries, depth: int) -> int:
    """A look at the rows of a list, for each row: below a relation it may be many times the same list (of each task its
    organisation's tasks), so each relation on the way makes it ten times as dear. Small tables are forgiven two."""
    free = 2 if target.row.is_small else 0
    return int(10 ** (depth - free)) if depth >= free else 0


def is_led(entries: Entries, filter_: Mapping[str, Any]) -> bool:
    """Whether an index leads to the rows: one of the conditions that must all hold is on what it begins with."""
    leading = {*(index[0] for index in entries.table.indexes), *entries.table.summed_up}
    for name, value in filter_.items():
        match value:
            case list() if name == "and":
                found = any(is_led(entries, each) for each in value)
            case list() if name == "or":
                found = all(is_led(entries, each) for each in value)
            case Mapping() if name != "not":
                entry = entries.api[name]
                match entry.declaration:
                    case Column(mask=None):
                        own = {entry.column, entries.table.keys.get(entry.column)}
                        found = not leading.isdisjoint(own) and not _BY_INDEX.isdisjoint(value)
                    case ToOne(key):
                        found = key in leading and _is_by_key(entry, value, {"eq", "in"})
                    case Polymorphic(id_column=column):
                        found = column in leading
                    case Listed(key):
                        found = key in leading and value.get("some") is not None
                    case _:
                        found = False
            case _:
                found = False
        if found:
            return True
    return False


def _is_by_key(entry: CatalogueEntry, value: Mapping[str, Any], allowed: Set[str]) -> bool:
    """A relation by its id, or by what one row of the other table has alone, with these comparators."""
    assert entry.target is not None
    if len(value) != 1:
        return False
    ((name, comparators),) = value.items()
    own = entry.target.api.get(name)
    if own is None or not isinstance(own.declaration, Column) or not isinstance(comparators, Mapping):
        return False
    return own.column in entry.target.table.unique and set(comparators) <= allowed
