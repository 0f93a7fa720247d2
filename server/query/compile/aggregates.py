"""GROUP BY: objects of aggregates over each parent's parts, in one statement, whatever the number of parents."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from server.query.compile.complete import object_of, stored_leaf
from server.query.compile.expression import arguments_sql, by_subselect, template
from server.query.compile.plan import Level, TablePart
from server.query.compile.selection import Selection, single
from server.query.compile.sql import indent, select
from server.query.compile.statement import Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Aggregation, Embedded, Keyed
from server.query.declare.strawberry_types import declaration_of, definition_of


def aggregates(selection: Selection, entries: Entries, entry: CatalogueEntry, parts: Embedded, details: Any) -> Level:
    """A sub-select for each source of which something is selected."""
    type_ = entry.leaf
    assert isinstance(type_, GraphQLObjectType)
    asked, statement = selection.asked, selection.statement
    sources: dict[str, list[str]] = {}  # source → its aggregates as they are declared
    places: dict[str, dict[int, str]] = {}  # source → where its columns stand in the rows, and their names

    def value(key: str, name: str, below: Any) -> str:
        aggregate = declaration_of(definition_of(type_.fields[name]))
        assert isinstance(aggregate, Aggregation)
        selected = sources.setdefault(aggregate.source, [])
        if aggregate.sql not in selected:
            selected.append(aggregate.sql)
        leaf_type = type_.fields[name].type
        is_required = is_non_null_type(leaf_type)
        column = f"s{list(sources).index(aggregate.source)}.a{selected.index(aggregate.sql)}"
        if is_required and isinstance(parts.sources[aggregate.source], Keyed):
            column = f"coalesce({column}, 0)"  # of no parts there is no group
        places.setdefault(aggregate.source, {})[statement.column(column)] = column
        place, leaf = selection.place(column), get_named_type(leaf_type)
        return stored_leaf(selection.code, place, leaf, "", is_required, True)

    made = object_of(asked, type_, details, value)
    arguments = asked.arguments(asked.object_type(entries), details) if parts.arguments else {}

    def join(number: int, source: str, into: Statement) -> str:
        """One source's sub-select, with what joins it to the parents."""

        def written(text: str, **names: str) -> str:
            return template(text, None, "t", into, by_subselect(into, asked.viewer), **names)

        columns = ", ".join(f"{written(sql, parent='p.id')} AS a{n}" for n, sql in enumerate(sources[source]))
        more = arguments_sql(parts.arguments, arguments, None, into, asked.viewer, source)
        from_ = f"{into.table(source)} t"
        match parts.sources[source]:
            case Keyed(key, where, beside):
                own, key, beside = written(where), written(key), written(beside)
                condition = " AND ".join([f"{key} = ANY($1::uuid[])", own, *more])
                from_ += beside and f" {beside}"
                inner = f"SELECT {key} AS k, {columns}\nFROM {from_}\nWHERE {condition}\nGROUP BY 1"
                return f"\nLEFT JOIN (\n{indent(inner, 2)}\n) s{number} ON s{number}.k = p.id"
            case where:
                condition = " AND ".join([written(where, parent="p.id"), *more])
                inner = f"SELECT {columns}\nFROM {from_}\nWHERE {condition}"
                return f"\nCROSS JOIN LATERAL (\n{indent(inner, 2)}\n) s{number}"

    joins = [join(number, source, statement) for number, source in enumerate(sources)]
    alone = []
    for number, source in enumerate(sources):
        own = Statement(True)
        columns = ", ".join(["p.n", *places[source].values()])
        sql = f"SELECT {columns}\nFROM {own.parents}{join(number, source, own)}\nORDER BY p.n"
        alone.append(TablePart(sql, own.binds, tuple(places[source]), own.reads))
    sql = f"{select(statement, statement.parents + ''.join(joins), 'p.n')}\nORDER BY p.n"
    return selection.level(sql, "grouped", single(selection, made), most=max(1, len(sources)), parts=alone)
