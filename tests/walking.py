"""Walks all that can be asked: every root, list, count, order, filter and relation of the schema, found by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_union_type,
)

from server.schema import schema

GRAPHQL = schema._schema
assert GRAPHQL.query_type is not None
ROOTS = GRAPHQL.query_type.fields
LISTS = [name for name, field in ROOTS.items() if str(get_named_type(field.type)).endswith("Connection")]
# Lists in groups, each with what they may be grouped by.
GROUPS = {
    name: list(key.values)
    for name, field in ROOTS.items()
    if "by" in field.args and isinstance(key := get_named_type(field.args["by"].type), GraphQLEnumType)
}
assert GRAPHQL.subscription_type is not None
# Changes and the log, with filter and cursor; and what is told as a whole.
SUBSCRIPTIONS = {name: field for name, field in GRAPHQL.subscription_type.fields.items() if "filter" in field.args}
STATES = {name: field for name, field in GRAPHQL.subscription_type.fields.items() if name not in SUBSCRIPTIONS}
Json = dict[str, Any]
ALIASES = 6  # questions in one document: filters across relations look at every row, which has its price


# What tells of the moment, and so changes whatever happens.
MOMENT = {"StatusBoard": {"cursor", "readAt"}}


def all_of(kind: Any, depth: int) -> str:
    """A selection of every field: relations and lists so many levels deep, below that their ids and counts."""
    if is_union_type(kind):
        return "__typename " + " ".join(f"... on {each.name} {{ {_bare(each)} }}" for each in kind.types)
    if not is_object_type(kind):
        return "code message path" if "path" in kind.fields else "__typename id"
    parts = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            parts += [] if name in MOMENT.get(kind.name, ()) else [name]
        elif below.name.endswith("Connection"):
            row = get_named_type(below.fields["nodes"].type)
            inner = all_of(row, depth - 1) if depth > 0 else _bare(row)
            parts.append(f"{name}(first: 3) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ {inner} }} }}")
        elif (depth > 0 or "id" not in getattr(below, "fields", {})) and not is_union_type(below):
            parts.append(f"{name} {{ {all_of(below, depth - 1)} }}")
        else:
            parts.append(f"{name} {{ {_bare(below)} }}")
    return " ".join(parts)


def _bare(kind: Any) -> str:
    if is_union_type(kind):
        return all_of(kind, 0)
    names = [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]
    return "id" if "id" in names else " ".join(names) or "__typename"


def row_of(root: str) -> GraphQLObjectType:
    """The type of a list's rows."""
    row = get_named_type(get_named_type(ROOTS[root].type).fields["nodes"].type)
    assert isinstance(row, GraphQLObjectType)
    return row


def looks() -> Iterator[str]:
    """For each list its rows with all that hangs on them, and again from its end."""
    for root in LISTS:
        deep = 0 if root == "events" else 1
        page = 200 if root == "events" else 12
        yield f"{root}(first: {page}) {{ totalCount nodes {{ {all_of(row_of(root), deep)} }} }}"
        ends = "pageInfo { hasPreviousPage hasNextPage }"
        yield f"{root}(last: {page}) {{ totalCount {ends} edges {{ node {{ id }} }} }}"
        if "includeArchived" in ROOTS[root].args:
            yield f"{root}(first: {page}, includeArchived: true) {{ totalCount nodes {{ id }} }}"
    for root, keys in GROUPS.items():
        for key in keys:
            yield f"{root}(by: {key}) {{ {all_of(get_named_type(ROOTS[root].type), 0)} }}"
    yield "longestWaitChain { subject { id } }"
    yield "city { id name }"
    yield "labels { language enums { name values { name label } } }"
    yield f"statusBoard {{ {all_of(get_named_type(ROOTS['statusBoard'].type), 1)} }}"
    assert GRAPHQL.query_type is not None
    yield f"viewer {{ {all_of(get_named_type(ROOTS['viewer'].type), 0)} }}"


def orders() -> Iterator[str]:
    """Each list in each order, those of a relation's column as well."""
    for root in LISTS:
        kind = get_named_type(ROOTS[root].args["orderBy"].type) if "orderBy" in ROOTS[root].args else None
        for name in kind.fields if isinstance(kind, GraphQLInputObjectType) else ():
            for direction in ("ASC", "DESC"):
                yield f"{root}(first: 50, orderBy: [{{{name}: {direction}}}]) {{ nodes {{ id }} }}"


def searches(word: str) -> Iterator[str]:
    for root in LISTS:
        if "search" in ROOTS[root].args:
            yield f'{root}(search: "{word}") {{ totalCount nodes {{ id }} }}'


def filters(values: Mapping[str, list[str]], depth: int) -> Iterator[str]:
    """Each list under each comparison that `values` knows for a comparator's type, across so many relations."""
    for root in LISTS:
        kind = get_named_type(ROOTS[root].args["filter"].type)
        for condition in _conditions(kind, values, depth):
            yield f"{root}(first: 50, filter: {condition}) {{ totalCount nodes {{ id }} }}"


def _conditions(kind: Any, values: Mapping[str, list[str]], depth: int) -> Iterator[str]:
    for name, field in kind.fields.items():
        if name in ("and", "or", "not"):
            continue
        below = get_named_type(field.type)
        if "and" in below.fields:
            if depth > 0:
                yield from (f"{{{name}: {inner}}}" for inner in _conditions(below, values, depth - 1))
        elif "some" in below.fields:
            if depth > 0:  # a list below a relation is ten times as dear, and compiled as one of the row's own
                yield from (f"{{{name}: {{isEmpty: {each}}}}}" for each in ("true", "false"))
                # The one is the other turned round: each comparison under one of them is enough.
                inner = [*_conditions(get_named_type(below.fields["some"].type), values, 0)][::2]
                yield from (f"{{{name}: {{{('some', 'none')[n % 2]}: {each}}}}}" for n, each in enumerate(inner))
        else:
            yield from (f"{{{name}: {each}}}" for each in values.get(below.name) or _of_enum(below))


def is_compared(field: Any) -> bool:
    """Whether a filter's field takes comparators, not conditions on other rows."""
    return {"and", "some", "id"}.isdisjoint(get_named_type(field.type).fields)


def _of_enum(comparators: Any) -> list[str]:
    if "eq" not in comparators.fields:
        return []  # of an id of any type: whoever walks knows of which
    kind = get_named_type(comparators.fields["eq"].type)
    assert isinstance(kind, GraphQLEnumType), comparators
    return [f"{{eq: {next(iter(kind.values))}}}", f"{{neq: {next(iter(kind.values))}}}"]


def documents(questions: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
    """The questions as documents of many, each with the questions in it."""
    batch: list[str] = []
    for question in questions:
        batch.append(question)
        # What looks at everything is costly enough on its own.
        if len(batch) == ALIASES or len(question) > 400:
            yield _document(batch), batch
            batch = []
    if batch:
        yield _document(batch), batch


def _document(batch: list[str]) -> str:
    return "{ " + " ".join(f"q{number}: {each}" for number, each in enumerate(batch)) + " }"


def compared(value: Any) -> Any:
    """Without cursors of the log, which are sealed anew each time."""
    if isinstance(value, dict):
        return {name: compared(each) for name, each in value.items() if name != "cursor"}
    return [compared(each) for each in value] if isinstance(value, list) else value
