"""Objects of aggregates over each parent's parts: one statement, whatever the number of parents."""

from __future__ import annotations

import re
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type
from strawberry.utils.str_converters import to_camel_case

from server.query.compile.complete import stored_leaf
from server.query.compile.expression import argument_sql, by_subselect, template
from server.query.compile.plan import Level, Part
from server.query.compile.selection import Selection, single
from server.query.compile.sql import PARENTS, indent, select
from server.query.compile.statement import Statement
from server.query.declare.catalogue import Entries, Entry
from server.query.declare.declaration import Aggregate, Embedded, Keyed

_PARAMETER = re.compile(r"\$(\d+)")


def aggregates(selection: Selection, entries: Entries, entry: Entry, parts: Embedded, details: Any) -> Level:
    """A sub-select for each source of which something is selected."""
    type_ = entry.leaf
    assert isinstance(type_, GraphQLObjectType)
    asked, statement = selection.asked, selection.statement
    reach = by_subselect(statement, asked.viewer)
    sources: dict[str, list[str]] = {}
    made = []
    for key, name, _ in asked.named(type_, details):
        if name == "__typename":
            made.append(f"{key!r}: {type_.name!r}")
            continue
        aggregate = type_.fields[name].extensions["strawberry-definition"].metadata["sql"]
        assert isinstance(aggregate, Aggregate)
        sql = template(aggregate.sql, None, "t", statement, reach)
        selected = sources.setdefault(aggregate.source, [])
        if sql not in selected:
            selected.append(sql)
        leaf_type = type_.fields[name].type
        is_required = is_non_null_type(leaf_type)
        value = f"s{list(sources).index(aggregate.source)}.a{selected.index(sql)}"
        if is_required and isinstance(parts.sources[aggregate.source], Keyed):
            value = f"coalesce({value}, 0)"  # of no parts there is no group
        leaf = stored_leaf(selection.code, selection.place(value), get_named_type(leaf_type), "", is_required, True)
        made.append(f"{key!r}: {leaf}")
    arguments = asked.arguments(asked.object_type(entries), details) if parts.arguments else {}
    more = [
        condition
        for name, argument in parts.arguments.items()
        for condition in argument_sql(argument, arguments.get(to_camel_case(name)), None, statement, asked.viewer)
    ]
    joins = []
    for number, (source, selected) in enumerate(sources.items()):
        columns = ", ".join(f"{sql} AS a{n}" for n, sql in enumerate(selected))
        match parts.sources[source]:
            case Keyed(key, where, join):
                own = template(where, None, "t", statement, reach)
                key, join = (template(text, None, "t", statement, reach) for text in (key, join))
                condition = " AND ".join([f"{key} = ANY($1::uuid[])", own, *more])
                inner = (
                    f"SELECT {key} AS k, {columns}\nFROM {source} t{join and f' {join}'}\nWHERE {condition}\nGROUP BY 1"
                )
                joins.append(f"\nLEFT JOIN (\n{indent(inner, 2)}\n) s{number} ON s{number}.k = p.id")
            case str(where):
                own = template(where, None, "t", statement, reach, parent="p.id")
                inner = f"SELECT {columns}\nFROM {source} t\nWHERE {' AND '.join([own, *more])}"
                joins.append(f"\nCROSS JOIN LATERAL (\n{indent(inner, 2)}\n) s{number}")
    sql = f"{select(statement, PARENTS + ''.join(joins), 'p.n')}\nORDER BY p.n"
    build = single(selection, "{" + ", ".join(made) + "}")
    alone = [_part(statement, number, join) for number, join in enumerate(joins)]
    return Level(selection.path, sql, statement.binds, "grouped", build, [], most=max(1, len(sources)), parts=alone)


def _part(statement: Statement, number: int, join: str) -> Part:
    """One source's sub-select as a statement of its own."""
    own = [(place, sql) for place, sql in enumerate(statement.columns, 1) if re.search(rf"\bs{number}\.a", sql)]
    sql = f"SELECT {', '.join(['p.n', *(sql for _, sql in own)])}\nFROM {PARENTS}{join}\nORDER BY p.n"
    used = sorted({int(each) for each in _PARAMETER.findall(sql)})
    sql = _PARAMETER.sub(lambda found: f"${used.index(int(found[1])) + 1}", sql)
    return Part(sql, tuple(each - 1 for each in used), tuple(place for place, _ in own))
