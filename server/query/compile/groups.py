"""GROUP BY: a root list's rows by what they have in common, with what each group comes to and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from server.query.compile.asked import Asked, meant
from server.query.compile.complete import label, object_of, stored_leaf, unless_null
from server.query.compile.expression import rank, template
from server.query.compile.lists import AskedList, Lists
from server.query.compile.plan import Child, Level
from server.query.compile.scans import is_led, scans
from server.query.compile.selection import Selection
from server.query.compile.sql import indent, select, where_text
from server.query.compile.statement import Run, Statement
from server.query.declare.catalogue import SQL_TYPES, Entries
from server.query.declare.declaration import Aggregation, GroupKey, GroupRows, Labelled, RootGroups, ToMany
from server.query.declare.strawberry_types import declaration_of, definition_of
from server.query.problem import bad_input

MOST_KEYS = 2
MOST_GROUPS = 500

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    """One of what the rows are grouped by: its field in the group's type, and its place in the groups' statement."""

    name: str
    python_name: str
    declaration: GroupKey
    type: str
    row: Entries | None  # to which it leads
    leaf: Any
    place: str


def groups(asked: Asked, declaration: RootGroups, field: Any, details: Any, parent: Any, path: Path) -> Level:
    """The level of a root field's groups. Raises the problem BAD_USER_INPUT for keys that are too many or given twice;
    so does the answer where there are more groups than anybody could look at."""
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    rows = next(each for each in type_.fields.values() if isinstance(declaration_of(definition_of(each)), GroupRows))
    given = meant(asked.arguments(parent, details))
    by = [each.name for each in given.pop("by")]
    if not 1 <= len(by) <= MOST_KEYS or len({*by}) < len(by):
        raise bad_input("group_keys", *path, "by", constraint=f"1..{MOST_KEYS}", limit=MOST_KEYS)
    keys = [_key(asked, type_, name, number) for number, name in enumerate(by)]
    return _Groups(asked, asked.target(rows.type), declaration, type_, keys, given, path).level(details)


def _key(asked: Asked, type_: GraphQLObjectType, wanted: str, number: int) -> _Key:
    """The key that the argument `by` names so: the enum was made of the fields (declare/strawberry_types.py)."""
    for name, field in type_.fields.items():
        definition = definition_of(field)
        declaration = declaration_of(definition)
        if isinstance(declaration, GroupKey) and definition.python_name.upper() == wanted:
            leaf = get_named_type(field.type)
            row = asked.tools.catalogue.target(leaf)
            kind = "uuid" if row is not None else SQL_TYPES.get(leaf.name, "text")
            return _Key(name, definition.python_name, declaration, kind, row, leaf, f"g.k{number}")
    raise KeyError(wanted)


@dataclass(frozen=True, slots=True)
class _Groups:
    """A root field's groups with its coerced arguments, without `by`."""

    asked: Asked
    target: Entries
    declaration: RootGroups
    type_: GraphQLObjectType
    keys: Sequence[_Key]
    arguments: Mapping[str, Any]
    path: Path

    def level(self, details: Any) -> Level:
        asked, statement = self.asked, Statement(False)
        selection = Selection(asked, statement, self.path, Lists(asked))
        sums = self._aggregates(details)
        inner = self._inner(selection, sums)
        order = [*(self._order(selection, key) for key in self.keys), *(key.place for key in self.keys)]
        made = self._object(selection, details, sums)
        total = statement.column("count(*) OVER ()")
        from_ = f"(\n{indent(inner, 2)}\n) g"
        sql = f"{select(statement, from_)}\nORDER BY {', '.join(dict.fromkeys(order))}"
        one, path = selection.code.function("r, run, k", made), self.path

        def build(rows: list[Any], run: Run, below: Any, more: bool, count: int) -> Any:
            found = rows[0][total] if rows else 0
            if found > MOST_GROUPS:
                most, beyond = f"≤ {MOST_GROUPS}", found - MOST_GROUPS
                raise bad_input("too_many_groups", *path, "by", constraint=most, limit=MOST_GROUPS, beyond=beyond)
            return [one(row, run, below) for row in rows]

        # Of an enum there are no more groups than it has values, and what has none.
        most = prod(len(key.declaration.ranks) + 1 if key.declaration.ranks else MOST_GROUPS for key in self.keys)
        return selection.level(
            f"{sql}\nLIMIT {MOST_GROUPS}", "root", build, most=min(most, MOST_GROUPS), scans=self._scans()
        )

    def _aggregates(self, details: Any) -> dict[str, str]:
        """What is selected of each group, as it is declared → its place."""
        named = [declaration_of(definition_of(self.type_.fields[name])) for _, name, _ in self._selected(details)]
        texts = dict.fromkeys(each.sql for each in named if isinstance(each, Aggregation))
        return {sql: f"g.a{number}" for number, sql in enumerate(texts)}

    def _selected(self, details: Any) -> list[tuple[str, str, Any]]:
        return [each for each in self.asked.named(self.type_, details) if each[1] != "__typename"]

    def _inner(self, selection: Selection, sums: Mapping[str, str]) -> str:
        """The groups themselves: their keys and aggregates."""
        statement = selection.statement
        many = ToMany("", "", where=self.declaration.where)
        rows = AskedList(self.asked, self.target, many, self.arguments, self.path, is_nested=False)
        from_, where = rows.conditions(statement)
        if self.declaration.cells:
            from_, where = f"(\n{indent(self._cells(from_, where), 2)}\n) t", []
        named = [*((key.declaration.sql, key.place) for key in self.keys), *sums.items()]
        columns = [
            f"{template(sql, self.target, 't', statement, selection.reach)} AS {place.removeprefix('g.')}"
            for sql, place in named
        ]
        joins = "".join(f"\n{text}" for _, text in statement.joins.values())
        statement.joins.clear()  # what follows is joined to the groups
        numbers = ", ".join(str(number) for number in range(1, len(self.keys) + 1))
        sql = f"SELECT {', '.join(columns)}\nFROM {from_}{joins}{where_text(where)}\nGROUP BY {numbers}"
        return rows.with_found(statement, sql)

    def _cells(self, from_: str, where: list[str]) -> str:
        """How many rows are alike in all that is read of them."""
        read = [*self.declaration.cells, *(column for key in self.keys for column in key.declaration.columns)]
        for column in read:
            self.target.stored(column)  # or it is wrongly declared
        columns = ", ".join(f"t.{column}" for column in dict.fromkeys(read))
        return f"SELECT {columns}, count(*) AS n\nFROM {from_}{where_text(where)}\nGROUP BY {columns}"

    def _order(self, selection: Selection, key: _Key) -> str:
        if key.row is not None:
            column = key.row.table.keys.get(key.declaration.order, key.declaration.order)
            key.row.stored(column)
            return f"{self._joined(selection, key)}.{column}"
        return rank(key.place, key.declaration.ranks) if key.declaration.ranks else key.place

    def _joined(self, selection: Selection, key: _Key) -> str:
        """The alias of the row that is a group's key."""
        assert key.row is not None
        return selection.join_row(key.row, ("g", key.name), key.place)

    def _object(self, selection: Selection, details: Any, sums: Mapping[str, str]) -> str:
        by_name = {key.name: key for key in self.keys}
        by_python = {key.python_name: key for key in self.keys}
        code = selection.code

        def value(name: str, field: str, below: Any) -> str:
            graphql_field = self.type_.fields[field]
            match declaration_of(definition_of(graphql_field)):
                case GroupKey():
                    key = by_name.get(field)
                    if key is None:
                        return "None"
                    if key.row is None:
                        return stored_leaf(code, selection.place(key.place), key.leaf, "", False, True)
                    other = self._joined(selection, key)
                    found = selection.object(key.row, below, other, (*self.path, name))
                    return unless_null(selection.place(f"{other}.id"), found, False)
                case Labelled(of=of) as labelled if of in by_python:
                    place = selection.place(by_python[of].place)
                    said = label(code, place, labelled, self.asked.arguments(self.type_, below))
                    return unless_null(place, said, False)
                case Aggregation(sql=sql):
                    type_ = graphql_field.type
                    return stored_leaf(
                        code, selection.place(sums[sql]), get_named_type(type_), "", is_non_null_type(type_), True
                    )
                case GroupRows() as rows:
                    own = selection.statement.column(_together(self.keys))
                    level = self._rows(rows, field, below, (*self.path, name))
                    return f"{selection.child(Child(level, own))}[r[{own}]]"
            return "None"

        return object_of(self.asked, self.type_, details, value)

    def _rows(self, rows: GroupRows, field: str, details: Any, path: Path) -> Level:
        """A page of each group's rows; the group's keys come as one text."""
        order = rows.order if rows.order is not None else self.target.row.order
        many = ToMany(
            " AND ".join(self._same(key) for key in self.keys if self._is_never_null(key)),
            "",
            where=self.declaration.where,
            order=order,
        )
        by = {"by": [key.name for key in self.keys]}  # of a cursor: it is of these groups
        given = self.asked.arguments(self.type_, details)
        nested = AskedList(
            *(self.asked, self.target, many, {**self.arguments, **given, **by}, path),
            is_nested=True,
            parents=self._parents,
            alternatives=self._alternatives,
        )
        selection = Selection(self.asked, Statement(True, self._parents), path, Lists(self.asked))
        level = nested.connection(selection, self.type_.fields[field].type, details, f"{self.type_.name}.{field}")
        level.scans += not self._leads
        return level

    @property
    def _parents(self) -> str:
        """The groups, each with its number; their keys are read once from their text."""
        values = [f"(q.id::jsonb ->> {number})::{key.type} AS {_given(key)}" for number, key in enumerate(self.keys)]
        columns = ", ".join(("q.n", *values)).replace("p.", "")
        return f"(SELECT {columns} FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p"

    @property
    def _alternatives(self) -> list[str]:
        """That a row is of the group, whose key may be null: one for each combination, so that an index serves each."""
        nullable = [key for key in self.keys if not self._is_never_null(key)]
        each = [
            (
                f"{_given(key)} IS NOT NULL AND {self._same(key)}",
                f"{_given(key)} IS NULL AND {key.declaration.none or f'{key.declaration.sql} IS NULL'}",
            )
            for key in nullable
        ]
        return [" AND ".join(one) for one in product(*each)] if each else []

    def _same(self, key: _Key) -> str:
        """That a row has the group's key."""
        same, given = key.declaration.same, _given(key)
        return same.replace("{value}", given) if same else f"{key.declaration.sql} = {given}"

    def _is_never_null(self, key: _Key) -> bool:
        stored = self.target.table.columns.get(key.declaration.sql.removeprefix("{t}."))
        return stored is not None and not stored.nullable

    @property
    def _leads(self) -> bool:
        """Whether an index leads to a group's rows."""
        leading = {f"{{t}}.{index[0]}" for index in self.target.table.indexes}
        by_key = any(self._is_never_null(key) and key.declaration.sql in leading for key in self.keys)
        return self.target.row.is_small or by_key or is_led(self.target, self.arguments.get("filter") or {})

    def _scans(self) -> int:
        """What is looked at row after row: as in a count, and what another table must say of each row."""
        polymorphic = [f"{{{name}." for name, entry in self.target.python.items() if entry.possible]
        looks = sum(any(each in key.declaration.sql for each in ("SELECT", *polymorphic)) for key in self.keys)
        return looks + scans(self.target, ToMany("", ""), self.arguments)


def _given(key: _Key) -> str:
    """A group's key where its rows are looked for."""
    return f"p.{key.place.removeprefix('g.')}"


def _together(keys: Sequence[_Key]) -> str:
    """A group's keys as one text, by which its rows know it."""
    return f"jsonb_build_array({', '.join(key.place for key in keys)})::text"
