"""Materialised counts: when a list's `totalCount` is read from kept counters, and when its rows must be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from server.query.compile.asked import leaves
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Argument, Column, ToMany, ToOne
from server.query.declare.strawberry_types import Counted
from server.rules.visibility import columns

ELSE = "{}"  # what no column's name is


def counted(target: Entries, many: ToMany, arguments: Mapping[str, Any]) -> Counted | None:
    """The counters that answer for this list, whoever asks; None where its rows must be counted."""
    kept = target.row.counted
    if kept is None or many.where:
        return None
    if arguments.get("search") is not None or arguments.get("includeArchived"):
        return None
    if any(
        _is_of_rows(each, kept) for name, each in many.arguments.items() if each.always or _is_given(arguments, name)
    ):
        return None
    filtered = leaves(target, arguments.get("filter") or {})
    asked = {*columns(target.row.visibility), *(_column(entry) for entry, _ in filtered)}
    if many.key:
        asked.add(many.key)
    return kept if asked <= kept.columns else None


def _is_given(arguments: Mapping[str, Any], name: str) -> bool:
    return arguments.get(to_camel_case(name)) is not None


def _is_of_rows(argument: Argument, kept: Counted) -> bool:
    """Whether an argument says not what it means of the counters."""
    return isinstance(argument.sql, str) or kept.table not in argument.sql


def _column(entry: CatalogueEntry) -> str:
    """The column of the row itself that a condition on this field reads: of another row's, the one that leads there."""
    match entry.declaration:
        case Column(mask=None):
            return entry.column
        case ToOne(key):
            return key
    return ELSE
