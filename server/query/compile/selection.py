"""The selection set of a row: what it needs of the statement, and the expression that makes the object of a row."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import GraphQLObjectType, get_named_type

from server.query.compile.asked import Asked
from server.query.compile.complete import (
    GeneratedCode,
    Objects,
    found_or_null,
    label,
    object_of,
    stored_leaf,
    unless_null,
)
from server.query.compile.expression import by_subselect, expression, key_of, template
from server.query.compile.plan import Child, Level, Mode
from server.query.compile.scope import scope
from server.query.compile.statement import Run, Statement
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import (
    Column,
    Computed,
    Derived,
    Embedded,
    JsonList,
    Labelled,
    Listed,
    ManyToMany,
    Polymorphic,
    Selected,
    ToMany,
    ToOne,
)
from server.query.declare.strawberry_types import Declared, id_attribute
from server.rules.visibility import Visibility

Path = tuple[str, ...]


class Below(Protocol):
    """Compiles the levels that hang below a selected row."""

    def of_parents(self, entries: Entries, entry: CatalogueEntry, details: Any, path: Path) -> Level: ...

    def by_ids(self, target: Entries, details: Any, path: Path, tagged: bool = False) -> Level: ...


@dataclass(slots=True)
class Selection:
    """One statement's selected rows: its columns, joins and the levels below it."""

    asked: Asked
    statement: Statement
    path: Path
    below: Below
    code: GeneratedCode = field(init=False)
    weight: int = 0  # what is made of each row, in rows
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.code = GeneratedCode(self.asked.tools.encoders)

    def object(self, entries: Entries, details: Any, alias: str, path: Path, tagged: bool = False) -> str:
        """An expression over the fetched row `r` that makes the object."""
        type_ = self.asked.object_type(entries)

        def value(key: str, name: str, below: Any) -> str:
            return self._value(entries, entries.api[name], below, alias, (*path, key), type_)

        made = object_of(self.asked, type_, details, value)
        return f"tag({made}, {type_.name!r})" if tagged else made

    def level(self, sql: str | None, mode: Mode, build: Any, **more: Any) -> Level:
        """The level of this statement."""
        statement = self.statement
        more |= {"reads": statement.reads, "pins": statement.pins, "weight": self.weight}
        return Level(self.path, sql, statement.binds, mode, build, self.children, **more)

    def place(self, sql: str) -> str:
        """The fetched row's value of an SQL expression."""
        return f"r[{self.statement.column(sql)}]"

    def read(self, entries: Entries, entry: CatalogueEntry, alias: str, kept: Mapping[str, str] | None = None) -> str:
        """The SQL of a column or computed field where rows are selected: other rows are joined. `kept`: see there."""
        return expression(entries, entry, alias, self.statement, self.asked.viewer, self.reach, kept)

    def reach(self, entries: Entries, alias: str, entry: CatalogueEntry, column: str) -> str:
        """A column of the row that a to-one field leads to; where rows of several types may be, see `by_subselect`."""
        if isinstance(entry.declaration, Polymorphic):
            return by_subselect(self.statement, self.asked.viewer)(entries, alias, entry, column)
        assert entry.target is not None
        entry.target.stored(column)
        return f"{self.join(entries, entry, alias)}.{column}"

    def join(self, entries: Entries, entry: CatalogueEntry, alias: str) -> str:
        """The alias of the row that a to-one field leads to, as far as the viewer sees it; joined once."""
        assert entry.target is not None
        key = (alias, entry.name)
        if key in self.statement.joins:
            return self.statement.joins[key][0]
        return self.join_row(entry.target, key, key_of(entries, entry, alias, self.statement, self.reach))

    def join_row(self, target: Entries, key: tuple[str, str], id_: str) -> str:
        """The alias of the row with this id, as far as the viewer sees it; joined once under this key."""
        if key not in self.statement.joins:
            other = self.statement.alias("j")
            seen = scope(target.row.visibility, other, self.statement, self.asked.viewer)
            table = self.statement.table(target.table.name)
            text = f"LEFT JOIN {table} {other} ON {other}.id = {id_}" + (f" AND {seen}" if seen else "")
            self.statement.joins[key] = (other, text)
        return self.statement.joins[key][0]

    def _value(self, entries: Entries, entry: CatalogueEntry, details: Any, alias: str, path: Path, type_: Any) -> str:
        match entry.declaration:
            case Column() | Computed():
                value = self.place(self.read(entries, entry, alias))
                return stored_leaf(
                    self.code, value, entry.leaf, entries.row.prefix, entry.is_required, entry.is_nullable
                )
            case Labelled(of=name) as labelled:
                value = self.place(self.read(entries, entries.python[name], alias))
                made = label(self.code, value, labelled, self.asked.arguments(type_, details))
                return unless_null(value, made, False) if entries.python[name].is_nullable else made
            case Derived() as derived:
                return self._derived(entries, derived, details, alias, path, type_)
            case ToOne():
                return self._to_one(entries, entry, details, alias, path)
            case JsonList(name):
                objects = Objects(self.code, self.asked, from_json=True)
                value = self.place(f"{alias}.{name}")
                return objects.value(value, type_.fields[entry.name].type, details)
            case ToMany() | Embedded():
                return self._of_parents(self.below.of_parents(entries, entry, details, path), None, alias)
            case ManyToMany(mask=mask) | Selected(mask=mask):
                return self._of_parents(self.below.of_parents(entries, entry, details, path), mask, alias)
            case Listed(key):
                assert entry.target is not None
                level = self.below.by_ids(entry.target, details, path)
                ids = self.statement.column(f"{alias}.{key}")
                below = self.child(Child(level, ids, is_array=True))
                return f"[{below}[x] for x in r[{ids}] if x in {below}]"
            case Polymorphic() as one:
                return self._polymorphic(entries, entry, one, details, alias, path)
        raise TypeError(f"{entries.row.name}.{entry.name} cannot be selected")

    def child(self, child: Child) -> str:
        """What stands below, by the keys of the level."""
        self.children.append(child)
        return f"k[{len(self.children) - 1}]"

    def _of_parents(self, level: Level, mask: Visibility | None, alias: str) -> str:
        """What each row has below it; where that is hidden nothing is asked for: there is no parent."""
        seen = None if mask is None else scope(mask, alias, self.statement, self.asked.viewer)
        own = f"{alias}.id" if seen is None else f"(CASE WHEN {seen} THEN {alias}.id END)"
        id_ = self.statement.column(own)
        below = f"{self.child(Child(level, id_))}[r[{id_}]]"
        return below if seen is None else f"({below} if r[{id_}] else None)"

    def _to_one(self, entries: Entries, entry: CatalogueEntry, details: Any, alias: str, path: Path) -> str:
        target = entry.target
        assert target is not None
        other = self.join(entries, entry, alias)
        made = self.object(target, details, other, path)
        if not entry.is_nullable and target.is_public:
            return made  # a foreign key that is never null, to rows that are never hidden
        return unless_null(self.place(f"{other}.id"), made, entry.is_required)

    def _derived(
        self, entries: Entries, derived: Derived, details: Any, alias: str, path: Path, type_: GraphQLObjectType
    ) -> str:
        def related(at: Path, declared: Declared, type_: Any, below: Any) -> str:
            target = self.asked.target(type_)
            level = self.below.by_ids(target, below, (*path, below[0].node.name.value))
            ids = self.statement.column(self._needed(entries, derived.rows[target.row.name], alias))
            return f"{self.child(Child(level, ids, is_array=True))}.get(o.{id_attribute(declared)})"

        field_type = type_.fields[details[0].node.name.value].type
        below = get_named_type(field_type)
        asked_below: set[str] = set()
        if derived.only_for and isinstance(below, GraphQLObjectType):
            asked_below = {name for _, name, _ in self.asked.named(below, details)}
        values = ", ".join(
            "None"
            if name in derived.only_for and derived.only_for[name].isdisjoint(asked_below)
            else self.place(self._needed(entries, need, alias))
            for name, need in derived.needs.items()
        )
        record = self.code.keep(namedtuple("Values", list(derived.needs)), "Values")
        arguments = self.asked.arguments(type_, details) if derived.arguments else {}
        self.weight += derived.price(arguments) if derived.price is not None else 0
        asked = f", given({self.code.keep(arguments, 'arguments')}, run)" if derived.arguments else ""
        made = f"{self.code.keep(derived.make, 'make')}({record}({values}), run.context{asked})"
        objects = Objects(self.code, self.asked, row=related if derived.rows else None)
        return objects.value(made, field_type, details)

    def _needed(self, entries: Entries, need: str, alias: str) -> str:
        if "{" in need or need.startswith("("):
            return f"({template(need, entries, alias, self.statement, self.reach)})"
        *way, column = need.split(".")
        for name in way:
            entry = entries.python[name]
            assert entry.target is not None
            entries, alias = entry.target, self.join(entries, entry, alias)
        entries.stored(column)
        return self.statement.plain(alias, column)

    def _polymorphic(
        self, entries: Entries, entry: CatalogueEntry, one: Polymorphic, details: Any, alias: str, path: Path
    ) -> str:
        kind = self.statement.column(self._needed(entries, one.type_column, alias))
        own = self.statement.column(self._needed(entries, one.id_column, alias))
        numbers: dict[str, int] = {}
        for target in (each for each in self.asked.possible(entry.leaf) if each.row.name not in one.never):
            level = self.below.by_ids(target, details, path, tagged=True)
            self.children.append(Child(level, own, type_column=kind, type_name=target.row.name))
            numbers[target.row.name] = len(self.children) - 1
        kept = self.code.keep(numbers, "numbers")
        found = f"(k[{kept}[r[{kind}]]].get(r[{own}]) if r[{kind}] in {kept} else None)"
        return found_or_null(found, entry.is_required)


def single(selection: Selection, made: str) -> Any:
    """The function that makes a level's one row, or null."""
    one = selection.code.function("r, run, k", made)

    def build(rows: list[Any], run: Run, below: Any, more: bool, count: int) -> Any:
        return one(rows[0], run, below) if rows else None

    return build


def several(selection: Selection, made: str) -> Any:
    """The function that makes a level's rows, a plain list."""
    one = selection.code.function("r, run, k", made)

    def build(rows: list[Any], run: Run, below: Any, more: bool, count: int) -> Any:
        return [one(row, run, below) for row in rows]

    return build
