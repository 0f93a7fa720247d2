"""What a filter says by its form: of which rows alone it speaks, and which of its conditions an index serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.query.compile.statement import Pin
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Column, Listed, ToOne

_EQUAL = ("eq", "in")


def pins(target: Entries, filter_: Mapping[str, Any], table: str) -> Iterator[Pin]:
    """Each of them holds for every row of the table (the target's own, or its counters') that meets the filter; what
    stands under `or` or `not` says nothing certain."""
    for name, value in filter_.items():
        if name == "and":
            for each in value:
                yield from pins(target, each, table)
        elif name not in ("or", "not") and isinstance(value, Mapping):
            entry = target.api[name]
            match entry.declaration:
                case Column() if name == "id":
                    yield from (Pin(table, "id", value[each]) for each in _EQUAL if each in value)
                case ToOne(key=key) if "{" not in key and entry.target is not None:
                    yield from _of_other(table, key, entry.target, value)


def _of_other(table: str, key: str, other: Entries, filter_: Mapping[str, Any]) -> Iterator[Pin]:
    """Rows that refer to this one: by its id, or by a key of which there is one."""
    for name, value in filter_.items():
        entry = other.api.get(name)
        if entry is None or not isinstance(value, Mapping):
            continue
        if name == "id":
            yield from (Pin(table, key, value[each]) for each in _EQUAL if each in value)
        elif "eq" in value and _is_as_typed(entry) and entry.column in other.table.unique:
            yield Pin(table, key, value["eq"], (other.table.name, entry.column))


def _is_as_typed(entry: CatalogueEntry) -> bool:
    """Whether a column holds the very text by which it is asked for."""
    return isinstance(entry.declaration, Column) and entry.declaration.meant is None


def by_array(target: Entries, filter_: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions on what stands in arrays of the row, which an index serves. PostgreSQL guesses that each is met by
    one row in a hundred, and would walk the order's whole index for what is rare: so they are fenced."""
    listed = [name for name, entry in target.api.items() if isinstance(entry.declaration, Listed)]
    return {name: filter_[name] for name in listed if (filter_.get(name) or {}).get("some") is not None}


def key_filter(path: Any, value: Any) -> dict[str, Any]:
    """A key as filter: "target.id" → {"target": {"id": {"eq": …}}}, "owner" of {"code": …} → {"owner": {"code": …}}."""
    if isinstance(path, Mapping):
        merged: dict[str, Any] = {}
        for name, inner in path.items():
            merged |= key_filter(inner, value[name])
        return merged
    made: Any = {name: {"eq": inner} for name, inner in value.items()} if isinstance(value, Mapping) else {"eq": value}
    for step in reversed(path.split(".")):
        made = {step: made}
    return dict(made)
