"""SELECT: lists, lists of each parent, single rows, rows by their ids, each as one statement of the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from server.query.compile.aggregates import aggregates
from server.query.compile.asked import Asked, meant
from server.query.compile.complete import MOST_COUNTED, checked_limit
from server.query.compile.connections import ConnectionFields
from server.query.compile.counted import counted
from server.query.compile.expression import argument_sql, by_subselect, template
from server.query.compile.filters import Filters, only
from server.query.compile.orders import beyond, order_of, signer
from server.query.compile.plan import NOWHERE, Count, Level, Mode, Own, Page
from server.query.compile.plan_key import Bound, bucket
from server.query.compile.scans import scans
from server.query.compile.scope import scope
from server.query.compile.selection import Selection, several, single
from server.query.compile.sql import PARENTS, indent, page_sql, select, where_text
from server.query.compile.statement import Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Counted, Embedded, ManyToMany, RootOne, Selected, ToMany
from server.query.problem import bad_input
from server.rules.visibility import Equals, Everyone, IsNull, IsViewers, ViewerIs

ROOT_PAGE, ROOT_MOST = 50, 200
NESTED_PAGE, NESTED_MOST = 10, 50
LINKED = 10  # rows of a linking table that one parent is expected to have
FENCE = 10_000  # matches of a search that are looked at

Path = tuple[str, ...]
# → what follows FROM, and the conditions; of the counters that answer for the rows, if given.
Conditions = Callable[[Statement, Counted | None], tuple[str, list[str]]]


@dataclass(slots=True)
class Lists:
    """Compiles levels."""

    asked: Asked

    def _selection(self, has_parents: bool, path: Path) -> Selection:
        return Selection(self.asked, Statement(has_parents), path, self)

    # ---- lists ---------------------------------------------------------------------------------------------------

    def root_list(
        self, declared: Any, many: ToMany, field: Any, details: Any, parent: GraphQLObjectType, path: Path
    ) -> Level:
        """A root field's connection."""
        target = self.asked.tools.catalogue.target(field.type)
        if target is None:
            raise TypeError(f"{path[-1]}: not a connection of rows")
        arguments = meant(self.asked.arguments(parent, details))
        return self._list(target, many, arguments, field.type, details, path, f"Query.{declared.python_name}", None)

    def many(self, entries: Entries, entry: CatalogueEntry, many: ToMany, details: Any, path: Path) -> Level:
        """A connection below a row, or the first of it."""
        assert entry.target is not None
        parent = self.asked.object_type(entries)
        arguments = meant(self.asked.arguments(parent, details))
        type_ = parent.fields[entry.name].type
        coordinate = f"{entries.row.name}.{entry.name}"
        return self._list(entry.target, many, arguments, type_, details, path, coordinate, "p.id")

    def _list(
        self,
        target: Entries,
        many: ToMany,
        arguments: dict[str, Any],
        type_: Any,
        details: Any,
        path: Path,
        coordinate: str,
        parent: str | None,
    ) -> Level:
        conditions = self._conditions(target, many, arguments, parent, path)
        if many.single:
            return self._first(target, many, conditions, details, path)
        connection = get_named_type(type_)
        assert isinstance(connection, GraphQLObjectType)
        page = self._page(arguments, parent is not None, path)
        fields = self.asked.named(connection, details)
        wants_count = any(name == "totalCount" for _, name, _ in fields)
        selection = self._selection(parent is not None, path)
        statement = selection.statement
        from_, where = conditions(statement, None)
        keys = order_of(selection, target, _default(target, many), arguments, path)
        sign = signer(coordinate, keys, arguments)
        source = ConnectionFields(selection, target, keys, sign, page, path)
        build, wants_rows, wants_more = source.build(connection, fields)
        sql, count, total, scanned = None, None, NOWHERE, 0
        kept = counted(target, many, arguments) if wants_count else None
        if wants_count:
            counting = scans(target, many, arguments, is_count=True, is_kept=kept is not None)
            count = self._count(conditions, fields, connection, parent is not None, kept, counting, path)
        if wants_rows and not (page.bucket == 0 and not wants_more):
            if kept is not None and parent is None:
                total = statement.column(f"({_sum(*conditions(statement, kept))})")
            branches = beyond(keys, sign, arguments, page, statement, path, self.asked.tools.unseal)
            limit = page.bucket + wants_more
            scanned = scans(target, many, arguments, is_count=False)
            sql = page_sql(statement, from_, where, branches, keys, page.backwards, limit, parent is not None)
        mode: Mode = "root" if parent is None else "grouped"
        return selection.level(sql, mode, build, page=page, count=count, total=total, scans=scanned)

    def _first(self, target: Entries, many: ToMany, conditions: Conditions, details: Any, path: Path) -> Level:
        selection = self._selection(True, path)
        statement = selection.statement
        from_, where = conditions(statement, None)
        made = selection.object(target, details, "t", path)
        keys = order_of(selection, target, _default(target, many), {}, path)
        sql = page_sql(statement, from_, where, [None], keys, False, 1, True)
        return selection.level(sql, "grouped", single(selection, made))

    def _conditions(
        self, target: Entries, many: ToMany, arguments: Mapping[str, Any], parent: str | None, path: Path
    ) -> Conditions:
        """What follows FROM and the conditions, written anew into each statement that needs them (page and count)."""
        viewer = self.asked.viewer
        row = target.row

        def write(statement: Statement, kept: Counted | None) -> tuple[str, list[str]]:
            reach = by_subselect(statement, viewer)
            where: list[str] = []
            if parent and many.key:
                key = f"t.{many.key} = {parent}"
                if "{" in many.key:
                    key = f"({template(many.key, target, 't', statement, reach, parent=parent)})"
                where.append(key)
            seen = scope(row.visibility, "t", statement, viewer)
            if seen:
                where.append(seen)
            if row.archived and kept is None and not many.includes_archived and not arguments.get("includeArchived"):
                where.append(f"t.{row.archived} IS NULL")
            from_ = f"{statement.table(target.table.name if kept is None else kept.table)} t"
            search = arguments.get("search")
            if search is not None:
                words = statement.bind(search, "text")
                where.append(f"t.{row.search} @@ websearch_to_tsquery('{row.search_config}', {words})")
                if parent is None:
                    # Fenced, with the scope inside: else a rare word walks the order's whole index (930 ms for 0.3).
                    inside = where_text(where)
                    from_ = f"(\n{indent(f'SELECT * FROM {from_}{inside}', 2)} LIMIT {FENCE}\n) t"
                    where = []
            if many.where:
                where.append(f"({template(many.where, target, 't', statement, reach)})")
            for name, each in many.arguments.items():
                where += argument_sql(each, arguments.get(to_camel_case(name)), target, statement, viewer)
            filter_ = arguments.get("filter")
            if filter_ is not None:
                where += Filters(statement, viewer).conditions(target, filter_, "t", (*path, "filter"))
            return from_, where

        return write

    def _page(self, arguments: Mapping[str, Any], is_nested: bool, path: Path) -> Page:
        first, last = arguments.get("first"), arguments.get("last")
        start, end = arguments.get("after"), arguments.get("before")
        for one, other, names in ((first, last, "first, last"), (start, end, "after, before")):
            if one is not None and other is not None:
                raise bad_input("both_given", *path, constraint=f"one of {names}", names=names)
        if (last is not None and start is not None) or (first is not None and end is not None):
            raise bad_input("wrong_end", *path, constraint="first/after or last/before")
        backwards = last is not None or end is not None
        default, most = (NESTED_PAGE, NESTED_MOST) if is_nested else (ROOT_PAGE, ROOT_MOST)
        size: Any = last if last is not None else first
        if size is None:
            size = default
        name = "last" if last is not None else "first"
        return _page_of(size, most, path, name, backwards, start is not None or end is not None)

    # ---- counts --------------------------------------------------------------------------------------------------

    def _count(
        self,
        conditions: Conditions,
        fields: Sequence[tuple[str, str, Any]],
        connection: GraphQLObjectType,
        is_nested: bool,
        kept: Counted | None,
        scanned: int,
        path: Path,
    ) -> Count:
        limits = []
        for _, name, details in fields:
            if name == "totalCount":
                limit = self.asked.arguments(connection, details).get("atMost")
                limits.append(limit if limit is None or isinstance(limit, Bound) else checked_limit(limit, path))
        # A limit in a variable is applied to the answer; the text stops at the most that any may ask for.
        caps = [MOST_COUNTED if isinstance(each, Bound) else each for each in limits if each is not None]
        cap = max(caps) if len(caps) == len(limits) else None
        statement = Statement(is_nested)
        from_, where = conditions(statement, kept)
        sql = f"SELECT count(*) FROM {from_}{where_text(where)}"
        if kept is not None:
            sql = _sum(from_, where)
        elif cap is not None:
            inner = indent(f"SELECT 1 FROM {from_}{where_text(where)} LIMIT {cap}", 2)
            sql = f"SELECT count(*) FROM (\n{inner}\n) c"
        if is_nested:
            sql = f"SELECT p.n, (\n{indent(sql, 2)}\n) AS total\nFROM {PARENTS}\nORDER BY p.n"
        return Count(sql, statement.binds, scanned)

    # ---- single rows, rows by id, aggregates -----------------------------------------------------------------------

    def one(self, target: Entries, id_: Any, details: Any, path: Path, tagged: bool = False) -> Level:
        """A row by its id, archived or not; null where unknown or hidden."""
        selection = self._selection(False, path)
        return self._one(selection, target, [f"t.id = {selection.statement.bind(id_, 'uuid')}"], details, tagged)

    def root_one(
        self, target: Entries, declaration: RootOne, arguments: Mapping[str, Any], details: Any, path: Path
    ) -> Level:
        """A row by a key input, or the table's only row."""
        selection = self._selection(False, path)
        where: list[str] = []
        if declaration.argument == "id":
            only(target.row.prefix, arguments["id"], (*path, "id"))
            where.append(f"t.id = {selection.statement.bind(arguments['id'], 'uuid')}")
        elif declaration.argument:
            ((name, value),) = arguments[declaration.argument].items()
            wanted = _key_filter(declaration.keys[name], value)
            where.append(self._key(selection, target, wanted, (*path, declaration.argument, name)))
            if target.row.archived and name != "id":
                where.append(f"t.{target.row.archived} IS NULL")
        for name, each in declaration.arguments.items():
            value = arguments.get(to_camel_case(name))
            where += argument_sql(each, value, target, selection.statement, self.asked.viewer)
        return self._one(selection, target, where, details, False)

    def _key(self, selection: Selection, target: Entries, wanted: dict[str, Any], path: Path) -> str:
        filters = Filters(selection.statement, self.asked.viewer)
        return filters.where(target, wanted, "t", path)

    def _one(self, selection: Selection, target: Entries, where: list[str], details: Any, tagged: bool) -> Level:
        statement = selection.statement
        seen = scope(target.row.visibility, "t", statement, self.asked.viewer)
        made = selection.object(target, details, "t", selection.path, tagged)
        where = [*where, *([seen] if seen else [])]
        from_ = f"{statement.table(target.table.name)} t"
        sql = f"{select(statement, from_)}{where_text(where)}\nLIMIT 1"
        own = None if selection.children else _own(target, statement)
        return selection.level(sql, "root", single(selection, made), own=own)

    def by_ids(self, target: Entries, details: Any, path: Path, tagged: bool = False, most: int = 1) -> Level:
        """Rows whose ids other rows (or the query) name; hidden ones are missing."""
        selection = self._selection(True, path)
        statement = selection.statement
        where = ["t.id = ANY($1::uuid[])"]
        seen = scope(target.row.visibility, "t", statement, self.asked.viewer)
        made = selection.object(target, details, "t", path, tagged)
        from_ = f"{statement.table(target.table.name)} t"
        sql = f"{select(statement, from_, 't.id')}{where_text([*where, *([seen] if seen else [])])}"
        return selection.level(sql, "ids", single(selection, made), most=most, is_one_of_types=tagged)

    def many_to_many(self, target: Entries, link: ManyToMany, details: Any, path: Path) -> Level:
        """A plain list by a linking table."""
        selection = self._selection(True, path)
        statement = selection.statement
        made = selection.object(target, details, "t", path)
        keys = order_of(selection, target, link.order or target.row.order, {}, path)
        where = [f"l.{link.near} = p.id"]
        seen = scope(target.row.visibility, "t", statement, self.asked.viewer)
        where += [seen] if seen else []
        where += [f"t.{target.row.archived} IS NULL"] if target.row.archived else []
        near = link.link
        if near in self.asked.tools.catalogue.tables:
            near = statement.table(near)
        else:
            near = template(near, None, "l", statement, by_subselect(statement, self.asked.viewer))
        from_ = f"{near} l\nJOIN {statement.table(target.table.name)} t ON t.id = l.{link.far}"
        sql = page_sql(statement, from_, where, [None], keys, False, link.limit, True)
        return selection.level(sql, "grouped", several(selection, made), most=min(link.limit, LINKED))

    def selected(self, entries: Entries, entry: CatalogueEntry, some: Selected, details: Any, path: Path) -> Level:
        """A plain list by a condition."""
        target = entry.target
        assert target is not None
        selection = self._selection(True, path)
        statement = selection.statement
        made = selection.object(target, details, "t", path)
        keys = order_of(selection, target, some.order or target.row.order, {}, path)
        reach = by_subselect(statement, self.asked.viewer)
        where = [f"({template(some.where, target, 't', statement, reach, parent='p.id')})"]
        seen = None if some.is_public else scope(target.row.visibility, "t", statement, self.asked.viewer)
        where += [seen] if seen else []
        page = None
        if some.first is not None:
            given = self.asked.arguments(self.asked.object_type(entries), details)["first"]
            page = _page_of(some.first if given is None else given, some.most, path)
        limit = some.most if page is None else page.bucket
        from_ = f"{statement.table(target.table.name)} t"
        sql = page_sql(statement, from_, where, [None], keys, False, limit, True)
        return selection.level(sql, "grouped", several(selection, made), page=page, most=some.most)

    def embedded(self, entries: Entries, entry: CatalogueEntry, parts: Embedded, details: Any, path: Path) -> Level:
        """An object of aggregates."""
        return aggregates(self._selection(True, path), entries, entry, parts, details)


def _page_of(
    size: int | Bound, most: int, path: Path, name: str = "first", backwards: bool = False, is_continued: bool = False
) -> Page:
    """A page within its bounds."""
    rounded: Any = size.known if isinstance(size, Bound) else bucket(size)
    if not (0 <= rounded <= most if isinstance(size, Bound) else 0 <= size <= most):
        given = None if isinstance(size, Bound) else size
        raise bad_input("page_size", *path, name, constraint=f"0..{most}", size=given)
    return Page(size, rounded, backwards, is_continued)


# What a row in hand holds as PostgreSQL would give it back; an amount may be rounded there.
_EXACT = frozenset({"uuid", "text", "integer", "bigint", "boolean", "date", "timestamptz"})


def _own(target: Entries, statement: Statement) -> Own | None:
    """What is selected, if it is the row's own columns and who sees the row is told by these as well."""
    columns = statement.own_columns
    if columns is None or not all(target.table.columns[name].type in _EXACT for name in columns):
        return None
    if not all(isinstance(each, Everyone | IsNull | Equals | IsViewers | ViewerIs) for each in target.row.visibility):
        return None
    return Own(columns, target.row.visibility)


def _sum(from_: str, where: list[str]) -> str:
    """What kept counters come to."""
    return f"SELECT coalesce(sum(t.n), 0)::bigint FROM {from_}{where_text(where)}"


def _default(target: Entries, many: ToMany) -> Sequence[str]:
    return many.order if many.order is not None else target.row.order


def _key_filter(path: Any, value: Any) -> dict[str, Any]:
    """A natural key as a filter: {"organisationCode": "organisation.code"} → {"organisation": {"code": {"eq": …}}}."""
    if isinstance(path, Mapping):
        merged: dict[str, Any] = {}
        for name, inner in path.items():
            merged |= _key_filter(inner, value[name])
        return merged
    made: Any = {"eq": value}
    for step in reversed(path.split(".")):
        made = {step: made}
    found: dict[str, Any] = made
    return found
