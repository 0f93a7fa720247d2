"""GROUP BY: objects of aggregates over each parent's parts, in one statement, whatever the number of parents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type
from strawberry.utils.str_converters import to_camel_case

from server.query.compile.asked import Asked
from server.query.compile.complete import object_of, stored_leaf
from server.query.compile.expression import argument_sql, by_subselect, template
from server.query.compile.plan import Level, TablePart
from server.query.compile.selection import Selection, single
from server.query.compile.sql import PARENTS, indent, select
from server.query.compile.statement import Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Aggregation, Embedded, Keyed
from server.query.declare.strawberry_types import declaration_of, definition_of


def aggregates(selection: Selection, entries: Entries, entry: CatalogueEntry, parts: Embedded, details: Any) -> Level:
    """A sub-select for each source of which something is selected."""
    type_ = entry.leaf
    assert isinstance(type_, GraphQLObjectType)
    asked, statement = selection.asked, selection.statement
    reach = by_subselect(statement, asked.viewer)
    sources: dict[str, dict[str, str]] = {}  # source → its aggregates as they are declared, and as they are written
    places: dict[str, dict[int, str]] = {}  # source → where its columns stand in the rows, and their names

    def value(key: str, name: str, below: Any) -> str:
        aggregate = declaration_of(definition_of(type_.fields[name]))
        assert isinstance(aggregate, Aggregation)
        selected = sources.setdefault(aggregate.source, {})
        selected.setdefault(aggregate.sql, template(aggregate.sql, None, "t", statement, reach))
        leaf_type = type_.fields[name].type
        is_required = is_non_null_type(leaf_type)
        column = f"s{list(sources).index(aggregate.source)}.a{list(selected).index(aggregate.sql)}"
        if is_required and isinstance(parts.sources[aggregate.source], Keyed):
            column = f"coalesce({column}, 0)"  # of no parts there is no group
        places.setdefault(aggregate.source, {})[statement.column(column)] = column
        place, leaf = selection.place(column), get_named_type(leaf_type)
        return stored_leaf(selection.code, place, leaf, "", is_required, True)

    made = object_of(asked, type_, details, value)
    arguments = asked.arguments(asked.object_type(entries), details) if parts.arguments else {}
    more = _conditions(parts, arguments, statement, asked)
    joins = [
        _join(number, source, parts, selected.values(), more, statement, asked)
        for number, (source, selected) in enumerate(sources.items())
    ]
    alone = []
    for number, (source, selected) in enumerate(sources.items()):
        own = Statement(True)
        written = [template(sql, None, "t", own, by_subselect(own, asked.viewer)) for sql in selected]
        join = _join(number, source, parts, written, _conditions(parts, arguments, own, asked), own, asked)
        sql = f"SELECT {', '.join(['p.n', *places[source].values()])}\nFROM {PARENTS}{join}\nORDER BY p.n"
        alone.append(TablePart(sql, own.binds, tuple(places[source]), own.reads))
    sql = f"{select(statement, PARENTS + ''.join(joins), 'p.n')}\nORDER BY p.n"
    build = single(selection, made)
    return selection.level(sql, "grouped", build, most=max(1, len(sources)), parts=alone)


def _conditions(parts: Embedded, arguments: Mapping[str, Any], statement: Statement, asked: Asked) -> list[str]:
    """What the arguments ask of every part."""
    return [
        condition
        for name, argument in parts.arguments.items()
        for condition in argument_sql(argument, arguments.get(to_camel_case(name)), None, statement, asked.viewer)
    ]


def _join(
    number: int,
    source: str,
    parts: Embedded,
    written: Iterable[str],
    more: list[str],
    statement: Statement,
    asked: Asked,
) -> str:
    """One source's sub-select, with what joins it to the parents."""
    reach = by_subselect(statement, asked.viewer)
    columns = ", ".join(f"{sql} AS a{n}" for n, sql in enumerate(written))
    from_ = f"{statement.table(source)} t"
    match parts.sources[source]:
        case Keyed(key, where, join):
            own = template(where, None, "t", statement, reach)
            key, join = (template(text, None, "t", statement, reach) for text in (key, join))
            condition = " AND ".join([f"{key} = ANY($1::uuid[])", own, *more])
            inner = f"SELECT {key} AS k, {columns}\nFROM {from_}{join and f' {join}'}\nWHERE {condition}\nGROUP BY 1"
            return f"\nLEFT JOIN (\n{indent(inner, 2)}\n) s{number} ON s{number}.k = p.id"
        case where:
            own = template(where, None, "t", statement, reach, parent="p.id")
            inner = f"SELECT {columns}\nFROM {from_}\nWHERE {' AND '.join([own, *more])}"
            return f"\nCROSS JOIN LATERAL (\n{indent(inner, 2)}\n) s{number}"
