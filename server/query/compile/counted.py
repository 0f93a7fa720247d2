"""Materialised counts: when a list's `totalCount` is read from kept counters, and when its rows must be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from server.query.declare.catalogue import Entries
from server.query.declare.declaration import Column, Counted, ToMany, ToOne
from server.rules.visibility import columns

ELSE = "{}"  # what no column's name is


def counted(target: Entries, many: ToMany, arguments: Mapping[str, Any]) -> Counted | None:
    """The counters that answer for this list, whoever asks; None where its rows must be counted."""
    kept = target.row.counted
    if kept is None or many.where:
        return None
    if arguments.get("search") is not None or arguments.get("includeArchived"):
        return None
    if any(each.always or arguments.get(to_camel_case(name)) is not None for name, each in many.arguments.items()):
        return None
    asked = {*columns(target.row.visibility), *_filtered_by(target, arguments.get("filter") or {})}
    if many.key:
        asked.add(many.key)
    return kept if asked <= kept.columns else None


def _filtered_by(entries: Entries, filter_: Mapping[str, Any]) -> Iterator[str]:
    """The columns of the row itself that a filter reads: of another row's, the column that leads there."""
    for name, value in filter_.items():
        match name, value:
            case (("and" | "or"), list()):
                for each in value:
                    yield from _filtered_by(entries, each)
            case "not", Mapping():
                yield from _filtered_by(entries, value)
            case "and" | "or" | "not", _:
                yield ELSE  # refused where it is written
            case _:
                entry = entries.api[name]
                match entry.declaration:
                    case Column(mask=None):
                        yield entry.column
                    case ToOne(key):
                        yield key
                    case _:
                        yield ELSE
