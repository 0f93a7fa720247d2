"""Writes the systematic part of the documents that are answered both ways: it walks the schema and leaves nothing out.

Every root field, every argument of every list, every order and filter, every comparator and enum, every list below a
row, every type behind an interface or union.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from server.query.declare.strawberry_types import definition_of
from tests.engine.query.both import Document
from tests.walking import GRAPHQL, GROUPS, LISTS, ROOTS, all_of, is_compared, row_of

MOST = 8  # questions in one document
NODES = [each.name for each in GRAPHQL.get_possible_types(GRAPHQL.type_map["Node"])]  # type: ignore[arg-type]


def files() -> Iterator[tuple[str, list[Document]]]:
    """Each file's name with what is to stand in it."""
    yield "walked_roots", [*_roots(), *_nodes()]
    yield "walked_arguments", list(_arguments())
    yield "walked_orders", list(_orders())
    yield "walked_filters", list(_filters())
    yield "walked_enums", list(_enums())
    yield "walked_below", list(_below())


# ---- roots and rows -----------------------------------------------------------------------------------------------


def _roots() -> Iterator[Document]:
    for name, field in ROOTS.items():
        type_ = get_named_type(field.type)
        if name in ("node", "nodes", "viewer") or name in LISTS:
            continue
        selection = all_of(type_, 1)
        key: Any = get_named_type(field.args["by"].type) if "by" in field.args else None
        if name in GROUPS:
            for by in GROUPS[name]:
                source = f"{{\n  {name}(by: {by}) {{ __typename {all_of(type_, 0)} }}\n}}"
                yield Document(f"root_{name}_by_{by}", source)
        elif isinstance(key, GraphQLInputObjectType):  # an enum says by what there are groups
            for way in key.fields:
                given = _key(key.fields[way].type, way, str(type_))
                source = f"query ($by: {key}!) {{\n  {name}(by: $by) {{ __typename {selection} }}\n}}"
                yield Document(f"root_{name}_by_{way}", source, {"by": {way: given}})
        else:
            yield Document(f"root_{name}", f"{{\n  {name} {{ __typename {selection} }}\n}}")
    for name in LISTS:
        row = row_of(name)
        yield Document(f"root_{name}", f"{{\n  {name}(first: 7) {{ nodes {{ __typename {all_of(row, 1)} }} }}\n}}")


def _key(type_: Any, way: str, of: str) -> Any:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        names = [*named.fields][-1:] if definition_of(named).is_one_of else named.fields
        return {name: _key(named.fields[name].type, name, of) for name in names}
    if way == "id":
        return f"@{of}.0"
    if named.name == "ID":
        return f"@{way.removesuffix('Id').capitalize()}.0"
    return 2026 if named.name == "Int" else {"Programme": "P1"}.get(of, "O02")


def _nodes() -> Iterator[Document]:
    for name in NODES:
        type_: Any = GRAPHQL.type_map[name]
        inner = all_of(type_, 0)
        source = (
            f"query ($id: ID!) {{\n  node(id: $id) {{ __typename id ...All }}\n}}\nfragment All on {name} {{ {inner} }}"
        )
        yield Document(f"node_{name}", source, {"id": f"@{name}.0"})
        spread = (
            f"... on {name} {{ version createdAt updatedAt }}"
            if "version" in type_.fields
            else f"... on {name} {{ id }}"
        )
        source = (
            "query ($ids: [ID!]!) {\n  nodes(ids: $ids) { __typename ... on Node { id } "
            f"... on Subject {{ __typename }} {spread} ... on Organisation {{ code }} }}\n}}"
        )
        yield Document(f"nodes_{name}", source, {"ids": [f"@{name}.0", "@Organisation.3", f"@{name}.0"]})


# ---- arguments of lists -------------------------------------------------------------------------------------------


def _arguments() -> Iterator[Document]:
    for root in LISTS:
        args = ROOTS[root].args
        rows = "nodes { id __typename }"
        ends = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        whole = f"totalCount {ends} edges {{ cursor node {{ id }} }} {rows}"
        for name, given in {
            "none": "", "first": "(first: 3)", "first_zero": "(first: 0)", "first_most": "(first: 200)",
            "last": "(last: 3)", "last_zero": "(last: 0)", "first_null": "(first: null)",
        }.items():  # fmt: skip
            yield Document(f"list_{root}_{name}", f"{{\n  {root}{given} {{ {whole} }}\n}}")
        yield Document(f"list_{root}_count", f"{{\n  {root}(first: 1) {{ totalCount(atMost: 2) all: totalCount }}\n}}")
        for name, page in (("after", "first"), ("before", "last")):
            source = f"query ($at: Cursor, $n: Int = 2) {{\n  {root}({page}: $n, {name}: $at) {{ {whole} }}\n}}"
            yield Document(f"list_{root}_{name}", source, {"at": f"@cursor {root}(first: 3)"})
            yield Document(f"list_{root}_{name}_null", source, {"at": None, "n": 1})
        for name in args:
            if name in ("first", "last", "after", "before"):
                continue
            kind = args[name].type
            source = f"query ($given: {kind}) {{\n  {root}({name}: $given, first: 4) {{ {whole} }}\n}}"
            for number, value in enumerate(_values(name, get_named_type(kind))):
                yield Document(f"list_{root}_{name}_{number}", source, {"given": value})


def _values(name: str, kind: Any) -> list[Any]:
    match name:
        case "search":
            return ["sampah", "-jalan bersih", ""]
        case "orderBy":
            fields = list(kind.fields)
            return [[{each: way} for each, way in zip(fields[:3], ("ASC", "DESC", "ASC"), strict=False)], []]
        case "filter":
            return [{}, {"not": {"or": []}}, {"and": [], "or": [{}]}]
        case "year":
            return [2026, None]
    return [*list(kind.values)[1:], None] if isinstance(kind, GraphQLEnumType) else [True, False]


# ---- orders, filters, enums ---------------------------------------------------------------------------------------


def _orders() -> Iterator[Document]:
    for root in LISTS:
        kind: Any = get_named_type(ROOTS[root].args["orderBy"].type) if "orderBy" in ROOTS[root].args else None
        for name in kind.fields if kind else ():
            leaf = _leaf_of(row_of(root), name)
            lists = [
                f"  {way.lower()}: {root}(first: 6, orderBy: [{{{name}: {way}}}])"
                f" {{ edges {{ cursor node {{ {leaf} }} }} }}"
                for way in ("ASC", "DESC")
            ]
            lists.append(f"  last: {root}(last: 3, orderBy: [{{{name}: ASC}}]) {{ nodes {{ {leaf} }} }}")
            yield Document(f"order_{root}_{name}", "{\n" + "\n".join(lists) + "\n}")


def _leaf_of(row: GraphQLObjectType, name: str) -> str:
    """The field itself beside the id, where it is a plain one."""
    field = row.fields.get(name)
    return f"id {name}" if field and is_leaf_type(get_named_type(field.type)) and name != "id" else "id"


def _filters() -> Iterator[Document]:
    for root in LISTS:
        if root == "unrealisedTargets":
            continue  # takes what targets takes
        kind: Any = get_named_type(ROOTS[root].args["filter"].type)
        row = row_of(root)
        for name, field in kind.fields.items():
            below: Any = get_named_type(field.type)
            if name in ("and", "or", "not"):
                conditions = _joined(name, kind)
            elif "and" in below.fields:
                conditions = [
                    f"{{{inner}: {_compared(get_named_type(each.type), below)[0]}}}"
                    for inner, each in below.fields.items()
                    if is_compared(each)
                ]
            elif "some" in below.fields:
                inner = get_named_type(below.fields["some"].type)
                plain = [f"{{{key}: {_compared(get_named_type(each.type), inner)[0]}}}"
                         for key, each in inner.fields.items() if is_compared(each)]  # fmt: skip
                conditions = [f"{{some: {plain[0]}}}", f"{{none: {plain[-1]}}}", "{isEmpty: true}", "{isEmpty: false}"]
            else:
                conditions = _compared(below, kind)
            lists = [
                f"  q{number}: {root}(first: 3, filter: {{{name}: {condition}}}) "
                f"{{ totalCount nodes {{ {_leaf_of(row, name)} }} }}"
                for number, condition in enumerate(conditions)
            ]
            for number in range(0, len(lists), MOST):
                body = "\n".join(lists[number : number + MOST])
                head = "query ($id: ID!) " if "$id" in body else ""
                is_of_others = not is_compared(field) and name not in ("and", "or", "not")
                of = str(_row_of_filter(below if is_of_others else kind))
                place = f"_{number // MOST}" if number else ""
                yield Document(
                    f"filter_{root}_{name}{place}", f"{head}{{\n{body}\n}}", {"id": f"@{of}.1"} if head else {}
                )


def _row_of_filter(kind: Any) -> str:
    name = str(kind).removesuffix("Filter").removesuffix("List")
    return name if name in NODES else "Task"


def _joined(name: str, kind: Any) -> list[str]:
    plain = [
        f"{{{inner}: {_compared(get_named_type(each.type), kind)[0]}}}"
        for inner, each in kind.fields.items()
        if is_compared(each) and inner != "id"
    ]
    return [plain[0], plain[-1]] if name == "not" else [f"[{plain[0]}, {plain[-1]}]", f"[{{not: {plain[0]}}}]", "[]"]


def _compared(comparators: Any, kind: Any) -> list[str]:
    """Each comparison that a comparator's type knows."""
    return [f"{{{name}: {_literal(field.type, name)}}}" for name, field in comparators.fields.items()] + (
        ["{isNull: false}"] if "isNull" in comparators.fields else []
    )


def _literal(type_: Any, name: str) -> str:
    bare = _bare(type_)
    if is_list_type(bare):
        return f"[{_literal(bare.of_type, name)}]"
    if isinstance(bare, GraphQLEnumType):
        return str(next(iter(bare.values)))
    if isinstance(bare, GraphQLInputObjectType):
        return f"{{{', '.join(f'{key}: {_literal(each.type, key)}' for key, each in bare.fields.items())}}}"
    if bare.name.startswith("RelativeDate"):
        return {"lt": '"P7D"', "gt": '"-P1M"'}.get(
            name, '"2026-06-15"' if bare.name == "RelativeDate" else '"2026-06-14T09:00:00+07:00"'
        )
    known = {"Boolean": "true", "Int": "10", "ID": "$id", "Decimal": '"12.5"', "Percent": "50"}
    return known.get(bare.name, '"D"' if name == "startsWith" else '"sampah"')


def _enums() -> Iterator[Document]:
    """Every value of every enum that a filter takes, as a variable and, all of them, in a list."""
    seen = set()
    for root in LISTS:
        kind: Any = get_named_type(ROOTS[root].args["filter"].type)
        for name, field in kind.fields.items():
            comparators: Any = get_named_type(field.type)
            if name in ("and", "or", "not") or "eq" not in comparators.fields:
                continue
            enum = get_named_type(comparators.fields["eq"].type)
            if not isinstance(enum, GraphQLEnumType) or enum.name in seen:
                continue
            seen.add(enum.name)
            leaf = _leaf_of(row_of(root), name)
            values = list(enum.values)
            lists = [
                f"  {value}: {root}(first: 2, filter: {{{name}: {{eq: {value}}}}}) {{ totalCount nodes {{ {leaf} }} }}"
                for value in values[:MOST]
            ]
            lists.append(
                f"  all: {root}(first: 3, filter: {{{name}: {{in: $all}}}}) {{ totalCount nodes {{ {leaf} }} }}"
            )
            source = f"query ($all: [{enum}!]!) {{\n" + "\n".join(lists) + "\n}"
            yield Document(f"enum_{enum}", source, {"all": values})


# ---- below rows ---------------------------------------------------------------------------------------------------


def _below() -> Iterator[Document]:
    """Every field of every row: lists with each of their arguments, relations, plain objects."""
    for name in NODES:
        type_: Any = GRAPHQL.type_map[name]
        for key, field in type_.fields.items():
            below: Any = get_named_type(field.type)
            if is_leaf_type(below):
                continue
            head = f"query ($ids: [ID!]!) {{\n  nodes(ids: $ids) {{\n    ... on {name} {{ id "
            ids = {"ids": [f"@{name}.{number}" for number in range(1 if name in _SINGLE else 2)]}
            if below.name.endswith("Connection"):
                inner = _plain(get_named_type(below.fields["nodes"].type))
                whole = f"{{ totalCount pageInfo {{ hasNextPage hasPreviousPage }} nodes {{ {inner} }} }}"
                for number, given in enumerate(_given(field)):
                    yield Document(f"below_{name}_{key}_{number}", f"{head}{key}{given} {whole} }}\n  }}\n}}", ids)
            elif "id" in getattr(below, "fields", {}):
                inner = _plain(below) if is_list_type(_bare(field.type)) else all_of(below, 0)
                source = f"{head}{key}{_required(field)} {{ __typename {inner} }} }}\n  }}\n}}"
                yield Document(f"below_{name}_{key}", source, ids)


def _plain(type_: Any) -> str:
    """What a row holds itself: values, and objects of values; not lists that are as dear as rows, for which single rows
    are asked (`_roots`)."""
    parts = []
    for name, field in type_.fields.items():
        below = get_named_type(field.type)
        price = getattr(getattr(definition_of(field), "declaration", None), "price", None)
        if price is not None and name != "allowedActions":
            continue
        if is_leaf_type(below):
            parts.append(name)
        elif isinstance(below, GraphQLObjectType) and not {"id", "nodes"} & below.fields.keys():
            parts.append(f"{name} {{ __typename {_plain(below)} }}")
    return " ".join(parts) or "__typename"


_SINGLE = ("City", "Remark", "Delegation")


def _bare(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


def _required(field: Any) -> str:
    return "(year: 2026)" if "year" in field.args else ""


def _given(field: Any) -> Iterator[str]:
    yield ""
    yield "(last: 1)"
    pairs = []
    if "orderBy" in field.args:
        kind: Any = get_named_type(field.args["orderBy"].type)
        pairs.append(f"orderBy: [{{{next(iter(kind.fields))}: DESC}}]")
    if "filter" in field.args:
        pairs.append("filter: {not: {or: []}}")
    if "includeArchived" in field.args:
        pairs.append("includeArchived: true")
    if "search" in field.args:
        pairs.append('search: "sampah or jalan"')
    if pairs:
        yield f"(first: 2, {', '.join(pairs)})"
