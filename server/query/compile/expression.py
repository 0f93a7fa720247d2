"""SQL expressions of declared fields over an alias: columns, masks, templates, and joins to other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Any, get_origin

from strawberry.utils.str_converters import to_camel_case

from server.query.compile.scope import scope
from server.query.compile.statement import FACTS, Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Argument, Column, Computed, Polymorphic, ToOne
from server.rules.viewer import Viewer

# How `{work_plan.status}` is read: from a join where columns are selected, by a sub-select in conditions.
Reach = Callable[[Entries, str, CatalogueEntry, str], str]


def expression(
    entries: Entries,
    entry: CatalogueEntry,
    alias: str,
    statement: Statement,
    viewer: Viewer,
    reach: Reach,
    kept: Mapping[str, str] | None = None,
) -> str:
    """The SQL of a column or a computed field; null to whom a mask hides it. `kept`: of the column that is kept of it
    (`Table.folded`, `Table.keys`), where there is one."""
    match entry.declaration:
        case Column(mask=mask):
            sql = statement.plain(alias, (kept or {}).get(entry.column, entry.column))
        case Computed(text, mask=mask):
            sql = f"({template(text, entries, alias, statement, reach)})"
        case _:
            raise TypeError(f"{entries.row.name}.{entry.name} is no expression")
    seen = scope(mask, alias, statement, viewer) if mask is not None else None
    return f"(CASE WHEN {seen} THEN {sql} END)" if seen else sql


def template(sql: str, entries: Entries | None, alias: str, statement: Statement, reach: Reach, **names: str) -> str:
    """A declared SQL text with its places filled (declare/fields.py lists them)."""

    def fill(place: str, of: str) -> str:
        if place == "t":
            return alias
        if place == "table":
            table, _, column = of.partition(".")
            return statement.table(table, column)
        if place == "volatile":
            statement.is_volatile = True
            return ""
        if place in names:
            return names[place]
        if place in FACTS:
            return statement.fact(place)
        field, _, column = place.partition(".")
        if entries is not None and column and field in entries.python:
            return reach(entries, alias, entries.python[field], column)
        raise KeyError(f"{{{place}}} in: {sql}")

    written = []
    if "{table:" not in sql and ("SELECT" in sql or "JOIN" in sql):
        statement.is_volatile = True  # it reads what it does not name
    for text, place, of, _ in Formatter().parse(sql):
        written.append(text)
        if place is not None:
            written.append(fill(place, of or ""))
    return "".join(written)


def arguments_sql(
    declared: Mapping[str, Argument],
    given: Mapping[str, Any],
    target: Entries | None,
    statement: Statement,
    viewer: Viewer,
    source: str = "",
) -> list[str]:
    """The conditions of the declared arguments that were given; `source`: on the rows of which table, where an argument
    has one for each."""
    found = []
    for name, argument in declared.items():
        value = given.get(to_camel_case(name))
        sql = argument.sql if isinstance(argument.sql, str) else argument.sql.get(source)
        if sql is None or (value is None and not argument.always):
            continue
        is_list = get_origin(argument.type) is list
        type_ = "text[]" if is_list else {int: "integer", bool: "boolean"}.get(argument.type, "text")
        bound = f"NULL::{type_}" if value is None else statement.bind(value, type_)
        found.append(f"({template(sql, target, 't', statement, by_subselect(statement, viewer), value=bound)})")
    return found


def key_of(entries: Entries, entry: CatalogueEntry, alias: str, statement: Statement, reach: Reach) -> str:
    """The id of the row that a to-one field leads to."""
    assert isinstance(entry.declaration, ToOne)
    key = entry.declaration.key
    return f"{alias}.{key}" if "{" not in key else template(key, entries, alias, statement, reach)


def by_subselect(statement: Statement, viewer: Viewer) -> Reach:
    """Ways to other rows as sub-selects, where nothing may be joined."""

    def reach(entries: Entries, alias: str, entry: CatalogueEntry, column: str) -> str:
        if isinstance(entry.declaration, Polymorphic):
            return of_any_type(entries, alias, entry, entry.declaration, column)
        assert entry.target is not None
        entry.target.stored(column)
        other = statement.alias("x")
        key = key_of(entries, entry, alias, statement, reach)
        seen = scope(entry.target.row.visibility, other, statement, viewer)
        more = f" AND {seen}" if seen else ""
        table = statement.table(entry.target.table.name, "" if seen else column)
        return f"(SELECT {other}.{column} FROM {table} {other} WHERE {other}.id = {key}{more})"

    def of_any_type(entries: Entries, alias: str, entry: CatalogueEntry, one: Polymorphic, field: str) -> str:
        """The id to which a to-one field leads that all of these types have, of the row that is there and seen."""
        kind, id_ = (
            f"({template(sql, entries, alias, statement, reach)})" if "{" in sql else f"{alias}.{sql}"
            for sql in (one.type_column, one.id_column)
        )
        cases = []
        for target in entry.possible.values():
            other = statement.alias("x")
            key = key_of(target, target.python[field], other, statement, reach)
            seen = scope(target.row.visibility, other, statement, viewer)
            more = f" AND {seen}" if seen else ""
            from_ = f"{statement.table(target.table.name)} {other}"
            cases.append(f"WHEN '{target.row.name}' THEN (SELECT {key} FROM {from_} WHERE {other}.id = {id_}{more})")
        return f"(CASE {kind} {' '.join(cases)} END)"

    return reach


def rank(read: str, ranks: Sequence[str]) -> str:
    """The place of a value among the ranks, from 1; an index has this very text."""
    names = ", ".join(f"'{name}'" for name in ranks)
    return f"array_position(ARRAY[{names}]::text[], {read}::text)"
