"""SELECT: lists, lists of each parent, single rows, rows by their ids, each as one statement of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from server.query.compile.aggregates import aggregates
from server.query.compile.asked import Asked, meant
from server.query.compile.complete import MOST_COUNTED, checked_limit
from server.query.compile.connections import ConnectionFields
from server.query.compile.counted import counted
from server.query.compile.expression import arguments_sql, by_subselect, template
from server.query.compile.filter_shapes import by_array, key_filter, pins
from server.query.compile.filters import Filters, only
from server.query.compile.keyset import Key
from server.query.compile.orders import beyond, order_of, signer
from server.query.compile.pages import asked_page, page_of
from server.query.compile.plan import NOWHERE, Count, Level, Mode, Own
from server.query.compile.plan_key import Bound
from server.query.compile.scans import scans
from server.query.compile.scope import scope
from server.query.compile.selection import Selection, several, single
from server.query.compile.sql import found_sql, indent, page_sql, select, where_text
from server.query.compile.statement import PARENTS, Pin, Statement, searched
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import (
    Embedded,
    ManyToMany,
    RootOne,
    Selected,
    ToMany,
)
from server.query.declare.strawberry_types import Counted
from server.rules.visibility import Equals, Everyone, IsNull, IsViewers, ViewerIs

LINKED, MOST_LINKED = 10, 100  # rows by a linking table that one parent is expected to have, and may have
FENCE = 10_000  # matches of a search that are looked at
FOUND = "found s"  # these, by the name under which page and count share them

Path = tuple[str, ...]


@dataclass(slots=True)
class Lists:
    """Compiles levels."""

    asked: Asked

    def _selection(self, has_parents: bool, path: Path) -> Selection:
        return Selection(self.asked, Statement(has_parents), path, self)

    def root_list(
        self, declared: Any, many: ToMany, field: Any, details: Any, parent: GraphQLObjectType, path: Path
    ) -> Level:
        """A root field's connection."""
        arguments = meant(self.asked.arguments(parent, details))
        asked = AskedList(self.asked, self.asked.target(field.type), many, arguments, path, is_nested=False)
        return asked.connection(self._selection(False, path), field.type, details, f"Query.{declared.python_name}")

    def of_parents(self, entries: Entries, entry: CatalogueEntry, details: Any, path: Path) -> Level:
        """What each row has below it: a connection or the first of it, a plain list, an object of aggregates."""
        match entry.declaration:
            case ToMany() as many:
                return self._many(entries, entry, many, details, path)
            case ManyToMany() as link:
                assert entry.target is not None
                return self.many_to_many(entry.target, link, details, path)
            case Selected() as some:
                return self._selected(entries, entry, some, details, path)
            case Embedded() as parts:
                return aggregates(self._selection(True, path), entries, entry, parts, details)
        raise TypeError(f"{entries.row.name}.{entry.name} has nothing below it")

    def _many(self, entries: Entries, entry: CatalogueEntry, many: ToMany, details: Any, path: Path) -> Level:
        assert entry.target is not None
        parent, selection = self.asked.object_type(entries), self._selection(True, path)
        arguments = meant(self.asked.arguments(parent, details))
        asked = AskedList(self.asked, entry.target, many, arguments, path, is_nested=True)
        if many.single:
            return asked.first(selection, details)
        return asked.connection(selection, parent.fields[entry.name].type, details, f"{entries.row.name}.{entry.name}")

    # ---- single rows, rows by id, aggregates -----------------------------------------------------------------------

    def one(self, target: Entries, id_: Any, details: Any, path: Path, tagged: bool = False) -> Level:
        """A row by its id, archived or not; null where unknown or hidden."""
        selection = self._selection(False, path)
        selection.statement.pins.append(Pin(target.table.name, "id", id_))
        return self._one(selection, target, [f"t.id = {selection.statement.bind(id_, 'uuid')}"], details, tagged)

    def root_one(
        self, target: Entries, declaration: RootOne, arguments: Mapping[str, Any], details: Any, path: Path
    ) -> Level:
        """A row by a key input, or the table's only row."""
        selection = self._selection(False, path)
        where: list[str] = []
        ((name, value),) = arguments["by"].items() if declaration.by is not None else ((None, None),)
        if name == "id":
            only(target.row.prefix, value, (*path, "by", "id"))
            selection.statement.pins.append(Pin(target.table.name, "id", value))
            where.append(f"t.id = {selection.statement.bind(value, 'uuid')}")
        elif name is not None:
            wanted = key_filter(declaration.keys[name], value)
            filters = Filters(selection.statement, self.asked.viewer)
            where.append(filters.where(target, wanted, "t", (*path, "by", name)))
            if target.row.archived and name not in declaration.archived:
                where.append(f"t.{target.row.archived} IS NULL")
            if declaration.current:
                where.append(f"t.{declaration.current} IS NULL")
        return self._one(selection, target, where, details, False)

    def _one(self, selection: Selection, target: Entries, where: list[str], details: Any, tagged: bool) -> Level:
        sql, build = self._found(selection, target, where, details, tagged)
        own = None if selection.children else _own(target, selection.statement)
        return selection.level(f"{sql}\nLIMIT 1", "root", build, own=own)

    def by_ids(
        self, target: Entries, details: Any, path: Path, tagged: bool = False, most: int = 1, given: Any = None
    ) -> Level:
        """Rows whose ids other rows (or the query) name; hidden ones are missing. `given`: at most one for each."""
        selection = self._selection(True, path)
        sql, build = self._found(selection, target, ["t.id = ANY($1::uuid[])"], details, tagged, "t.id")
        selection.statement.pins.append(Pin(target.table.name, "id"))
        return selection.level(sql, "ids", build, most=most, given=given, is_one_of_types=tagged)

    def _found(
        self, selection: Selection, target: Entries, where: list[str], details: Any, tagged: bool, *before: str
    ) -> tuple[str, Any]:
        """The statement of the rows that these conditions find, and the function that makes the one of a parent."""
        statement = selection.statement
        where = [*where, *self._seen(target, statement)]
        made = selection.object(target, details, "t", selection.path, tagged)
        from_ = f"{statement.table(target.table.name)} t"
        return f"{select(statement, from_, *before)}{where_text(where)}", single(selection, made)

    def _seen(self, target: Entries, statement: Statement) -> list[str]:
        """The condition under which the viewer sees a row, if any."""
        seen = scope(target.row.visibility, "t", statement, self.asked.viewer)
        return [seen] if seen else []

    def many_to_many(self, target: Entries, link: ManyToMany, details: Any, path: Path) -> Level:
        """A plain list by a linking table."""
        selection = self._selection(True, path)
        statement = selection.statement
        made = selection.object(target, details, "t", path)
        keys = order_of(selection, target, link.order or target.row.order, {}, path)
        where = [f"l.{link.near} = p.id"]
        where += self._seen(target, statement)
        where += [f"t.{target.row.archived} IS NULL"] if target.row.archived else []
        near = link.link
        if near in self.asked.tools.catalogue.tables:
            near = statement.table(near)
        else:
            near = template(near, None, "l", statement, by_subselect(statement, self.asked.viewer))
        from_ = f"{near} l\nJOIN {statement.table(target.table.name)} t ON t.id = l.{link.far}"
        sql = page_sql(statement, from_, where, [None], keys, False, MOST_LINKED, True)
        return selection.level(sql, "grouped", several(selection, made), most=LINKED)

    def _selected(self, entries: Entries, entry: CatalogueEntry, some: Selected, details: Any, path: Path) -> Level:
        target = entry.target
        assert target is not None
        selection = self._selection(True, path)
        statement = selection.statement
        made = selection.object(target, details, "t", path)
        keys = order_of(selection, target, some.order or target.row.order, {}, path)
        reach = by_subselect(statement, self.asked.viewer)
        where = [f"({template(some.where, target, 't', statement, reach, parent='p.id')})"]
        where += [] if some.is_public else self._seen(target, statement)
        arguments = self.asked.arguments(self.asked.object_type(entries), details)
        where += arguments_sql(some.arguments, arguments, target, statement, self.asked.viewer)
        page = None
        if some.first is not None:
            given = arguments["first"]
            page = page_of(some.first if given is None else given, some.most, path)
        limit = some.most if page is None else page.bucket
        from_ = f"{statement.table(target.table.name)} t"
        sql = page_sql(statement, from_, where, [None], keys, False, limit, True)
        return selection.level(sql, "grouped", several(selection, made), page=page, most=some.most)


@dataclass(frozen=True, slots=True)
class AskedList:
    """A list with its coerced arguments, of the root or of each parent; `parents`: these, where they are no ids.

    `alternatives`: templates, one of which holds for each row of it; each is a branch of the statement, for its index.
    """

    asked: Asked
    target: Entries
    many: ToMany
    arguments: Mapping[str, Any]
    path: Path
    is_nested: bool
    parents: str = PARENTS
    alternatives: Sequence[str] = ()

    def connection(self, selection: Selection, type_: Any, details: Any, coordinate: str) -> Level:
        """A page of it, and its count."""
        connection, statement = get_named_type(type_), selection.statement
        assert isinstance(connection, GraphQLObjectType)
        page = asked_page(self.arguments, self.path, is_nested=self.is_nested)
        totals = [(key, each) for key, name, each in self.asked.named(connection, details) if name == "totalCount"]
        from_, where = self.conditions(statement)
        keys = order_of(selection, self.target, self._order, self.arguments, self.path)
        sign = signer(coordinate, keys, self.arguments)
        source = ConnectionFields(selection, self.target, keys, sign, page, self.path)
        build = source.build(connection, details)
        sql, count, total, scanned = None, None, NOWHERE, 0
        kept = counted(self.target, self.many, self.arguments) if totals else None
        limits = {key: self.asked.arguments(connection, each).get("atMost") for key, each in totals}
        if limits:
            count = self._count(limits, kept)
        if source.wants_rows and not (page.bucket == 0 and not source.wants_more):
            if limits and self._is_found:
                total = statement.column(f"(SELECT count(*) FROM {self._counted(from_, where)})")
            elif kept is not None and not self.is_nested:
                total = statement.column(f"({_sum(*self.conditions(statement, kept))})")
            limit = page.bucket + source.wants_more
            narrow = self._by_words(keys) if not where else None
            unseal = self.asked.tools.unseal
            branches = beyond(narrow or keys, sign, self.arguments, page, statement, self.path, unseal)
            if narrow is not None:
                found = found_sql(FOUND, branches, narrow, page.backwards, limit)
                from_, branches = self._of_words(statement, f"(\n{indent(found, 2)}\n) s"), [None]
            if alternatives := self._alternatives(statement):
                branches = [f"{one} AND {each}" if each else one for one in alternatives for each in branches]
            scanned = scans(self.target, self.many, self.arguments, order=keys[0])
            sql = page_sql(statement, from_, where, branches, keys, page.backwards, limit, self.is_nested)
            sql = self.with_found(statement, sql)
        mode: Mode = "grouped" if self.is_nested else "root"
        return selection.level(sql, mode, build, page=page, count=count, total=total, scans=scanned)

    def first(self, selection: Selection, details: Any) -> Level:
        """Each parent's first row of it."""
        statement = selection.statement
        from_, where = self.conditions(statement)
        made = selection.object(self.target, details, "t", self.path)
        keys = order_of(selection, self.target, self._order, {}, self.path)
        sql = page_sql(statement, from_, where, [None], keys, False, 1, True)
        return selection.level(sql, "grouped", single(selection, made))

    @property
    def _order(self) -> Sequence[str]:
        return self.many.order if self.many.order is not None else self.target.row.order

    def conditions(self, statement: Statement, kept: Counted | None = None) -> tuple[str, list[str]]:
        """What follows FROM, and the conditions, for each statement that needs them (page and count); of the counters
        that answer for the rows, if given."""
        many, arguments, target, row = self.many, self.arguments, self.target, self.target.row
        viewer = self.asked.viewer
        reach = by_subselect(statement, viewer)
        where: list[str] = []
        source = target.table.name if kept is None else kept.table
        if self.is_nested and many.key:
            key = f"t.{many.key} = p.id"
            if "{" in many.key:
                key = f"({template(many.key, target, 't', statement, reach, parent='p.id')})"
            elif self.parents == PARENTS:
                statement.pins.append(Pin(source, many.key))
            where.append(key)
        seen = scope(row.visibility, "t", statement, viewer)
        if seen:
            where.append(seen)
        if row.archived and kept is None and not arguments.get("includeArchived"):
            where.append(f"t.{row.archived} IS NULL")
        from_ = f"{statement.table(source)} t"
        search = arguments.get("search")
        if search is not None and self.is_nested:
            words, match = self._words(statement, search)
            from_ += f"\nJOIN {words} s ON s.id = t.id"
            where.append(match)
        elif search is not None:
            from_, where = self._of_words(statement, FOUND), []
        if many.where:
            where.append(f"({template(many.where, target, 't', statement, reach)})")
        where += arguments_sql(many.arguments, arguments, target, statement, viewer, source)
        filter_ = arguments.get("filter")
        if filter_ is not None:
            statement.pins += pins(target, filter_, source)
            filters, path = Filters(statement, viewer), (*self.path, "filter")
            if search is None and (led := by_array(target, filter_)):
                rows = f"SELECT * FROM {statement.table(target.table.name)} t"
                inner = filters.conditions(target, led, "t", path)
                from_ = f"(\n{indent(rows + where_text(inner), 2)}\n  OFFSET 0\n) t"
                filter_ = {name: value for name, value in filter_.items() if name not in led}
            where += filters.conditions(target, filter_, "t", path)
        return from_, where

    def _alternatives(self, statement: Statement) -> list[str]:
        reach = by_subselect(statement, self.asked.viewer)
        return [f"({template(each, self.target, 't', statement, reach)})" for each in self.alternatives]

    def _words(self, statement: Statement, search: Any) -> tuple[str, str]:
        """The table of the rows' words, and the condition `s` meets where they are those that are asked for."""
        assert self.target.table.searched is not None
        table, config = self.target.table.searched
        words = statement.bind(search, "text", searched)
        return statement.table(table), f"s.words @@ websearch_to_tsquery('{config}', {words})"

    def _of_words(self, statement: Statement, found: str) -> str:
        """The rows to which `s`, some of their words' rows, belong."""
        return f"{found}\nJOIN {statement.table(self.target.table.name)} t ON t.id = s.id"

    def _by_words(self, keys: tuple[Key, ...]) -> tuple[Key, ...] | None:
        """The order's keys as `s` has them, if a search by words finds a page without a look at the rows."""
        searched = self.target.table.searched
        if self.is_nested or searched is None or self.arguments.get("search") is None:
            return None
        beside = self.asked.tools.catalogue.tables[searched[0]].columns
        if not all(key.sql.startswith("t.") and key.sql[2:] in beside for key in keys):
            return None
        return tuple(replace(key, sql=f"s.{key.sql[2:]}") for key in keys)

    @property
    def _is_found(self) -> bool:
        """Whether the list is read from the matches of a search."""
        return not self.is_nested and self.arguments.get("search") is not None

    def _counted(self, from_: str, where: list[str]) -> str:
        """What follows FROM where rows are counted: of matches without a further condition no row is looked at."""
        return f"{FOUND if self._is_found and not where else from_}{where_text(where)}"

    def with_found(self, statement: Statement, sql: str) -> str:
        """The statement after the first matches that the viewer may see, found without a look at their rows. Fenced,
        with the scope inside: else a rare word walks the order's whole index (930 ms for 0.3)."""
        if not self._is_found:
            return sql
        row = self.target.row
        words, match = self._words(statement, self.arguments["search"])
        seen = scope(row.visibility, "s", statement, self.asked.viewer)
        where = [match, *([seen] if seen else [])]
        if row.archived and not self.arguments.get("includeArchived"):
            where.append(f"s.{row.archived} IS NULL")
        beside = self.asked.tools.catalogue.tables[words].columns
        columns = ", ".join(f"s.{name}" for name in sorted(beside) if name != "words")
        found = f"SELECT {columns} FROM {words} s{where_text(where)}\nLIMIT {FENCE}"
        return f"WITH found AS (\n{indent(found, 2)}\n)\n{sql}"

    def _count(self, given: Mapping[str, Any], kept: Counted | None) -> Count:
        """`given`: how far each totalCount counts, by its response key."""
        limits = [
            each if each is None or isinstance(each, Bound) else checked_limit(each, (*self.path, key))
            for key, each in given.items()
        ]
        # A limit in a variable is applied to the answer; the text stops at the most that any may ask for.
        caps = [MOST_COUNTED if isinstance(each, Bound) else each for each in limits if each is not None]
        cap = max(caps) if len(caps) == len(limits) else None
        statement = Statement(self.is_nested, self.parents)
        from_, where = self.conditions(statement, kept)
        if alternatives := self._alternatives(statement):
            where.append(f"({' OR '.join(alternatives)})")
        rows = self._counted(from_, where)
        sql = f"SELECT count(*) FROM {rows}"
        if kept is not None:
            sql = _sum(from_, where)
        elif cap is not None:
            inner = indent(f"SELECT 1 FROM {rows} LIMIT {cap}", 2)
            sql = f"SELECT count(*) FROM (\n{inner}\n) c"
        sql = self.with_found(statement, sql)
        if self.is_nested:
            sql = f"SELECT p.n, (\n{indent(sql, 2)}\n) AS total\nFROM {statement.parents}\nORDER BY p.n"
        scanned = scans(self.target, self.many, self.arguments, is_kept=kept is not None)
        return Count(sql, statement.binds, scanned, statement.pins)


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
