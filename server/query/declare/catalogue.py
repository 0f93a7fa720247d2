"""The schema's metadata: the declarations of all types beside their tables, checked against each other at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
)

from server.query.declare.declaration import (
    Column,
    Computed,
    Declaration,
    Derived,
    Listed,
    ManyToMany,
    Polymorphic,
    Selected,
    ToMany,
    ToOne,
)
from server.query.declare.fields import Declared, RowType, declaration_of, row_of
from server.query.declare.strawberry_types import definition_of
from server.query.declare.tables import Stored, Table
from server.rules.visibility import EVERYONE, columns

SQL_TYPES = {
    "ID": "uuid",
    "Int": "integer",
    "String": "text",
    "Boolean": "boolean",
    "Date": "date",
    "DateTime": "timestamptz",
    "Decimal": "numeric",
    "Percent": "numeric",
}


class WrongDeclaration(TypeError):
    """A declaration that its table or the schema contradicts."""


# repr=False: rows refer to one another, and a failing test would print all of them in each.
@dataclass(eq=False, repr=False, slots=True)
class CatalogueEntry:
    """A declared field of a row: its name in the API, and what the schema and the table say of it."""

    name: str
    declared: Declared
    declaration: Declaration
    leaf: GraphQLNamedType
    is_required: bool
    type: str  # PostgreSQL's, of a column or expression
    is_nullable: bool  # in the table
    target: Entries | None = None
    possible: dict[str, Entries] = field(default_factory=dict)  # where rows of several types may stand: by their prefix

    @property
    def column(self) -> str:
        """The stored column that it is."""
        assert isinstance(self.declaration, Column)
        return self.declaration.column or self.declared.python_name


@dataclass(eq=False, repr=False, slots=True)
class Entries:
    """A row's declared fields, by their API name and by their Python name."""

    row: RowType
    table: Table
    api: dict[str, CatalogueEntry] = field(default_factory=dict)
    python: dict[str, CatalogueEntry] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Whether everyone sees all of its rows."""
        return self.row.visibility == EVERYONE

    def stored(self, column: str) -> Stored:
        """A column of the table."""
        try:
            return self.table.columns[column]
        except KeyError:
            raise WrongDeclaration(f"{self.row.name}: the table {self.table.name} has no column {column}") from None


class Catalogue:
    """Every row type of a schema."""

    def __init__(self, schema: GraphQLSchema, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._schema = schema
        self.rows: dict[str, Entries] = {}
        self.by_prefix: dict[str, Entries] = {}
        for type_ in schema.type_map.values():
            definition = definition_of(type_)
            row = row_of(getattr(definition, "origin", None)) if isinstance(type_, GraphQLObjectType) else None
            if row is None or row.name != type_.name:
                continue
            if row.table not in tables:
                raise WrongDeclaration(
                    f"{row.name}: there is no table {row.table}; add its model to server/models/__init__.py"
                )
            entries = self.rows[row.name] = Entries(row, tables[row.table])
            if self.by_prefix.setdefault(row.prefix, entries) is not entries:
                raise WrongDeclaration(f"two types have ids that begin with {row.prefix}_")
        for entries in self.rows.values():
            self._fill(entries, schema)
        for entries in self.rows.values():
            for entry in entries.api.values():
                if isinstance(entry.declaration, Derived):
                    _find(entries, entry, entry.declaration.needs)

    def target(self, type_: Any) -> Entries | None:
        """The row type behind a GraphQL type: the type itself, or what its connection holds."""
        name = get_named_type(type_).name
        return self.rows.get(name) or self.rows.get(name.removesuffix("Connection"))

    def _names_behind(self, type_: GraphQLNamedType) -> list[str]:
        """The types that may stand where a field has this one."""
        return (
            [each.name for each in self._schema.get_possible_types(type_)] if is_abstract_type(type_) else [type_.name]
        )

    def _fill(self, entries: Entries, schema: GraphQLSchema) -> None:
        graphql_type = schema.type_map[entries.row.name]
        assert isinstance(graphql_type, GraphQLObjectType)
        for name, graphql_field in graphql_type.fields.items():
            declared = definition_of(graphql_field)
            declaration = declaration_of(declared)
            if declaration is None or not isinstance(declared, Declared):
                raise WrongDeclaration(f"{entries.row.name}.{name} says not where it comes from")
            entry = self._entry(entries, name, declared, declaration, graphql_field.type)
            entries.api[name] = entries.python[declared.python_name] = entry
        for column in (entries.row.archived, "id"):
            if column:
                entries.stored(column)
        if entries.row.is_searched:
            self._needs_words(entries)
        if (counted := entries.row.counted) is not None:
            for column in counted.columns:
                if counted.table not in self.tables:
                    raise WrongDeclaration(f"{entries.row.name}: its counters' table {counted.table} has no model")
                if self.tables[counted.table].columns.get(column) != entries.stored(column):
                    raise WrongDeclaration(f"{counted.table} does not count by {entries.row.table}.{column}")

    def _needs_words(self, entries: Entries) -> None:
        """A search looks at no row, so all by which rows are hidden stands beside the words."""
        words = self.tables.get((entries.table.searched or ("", ""))[0])
        if words is None:
            raise WrongDeclaration(f"{entries.row.name} is searched: say by which words in `searched` of its model")
        archived = () if entries.row.archived is None else (entries.row.archived,)
        for column in (*columns(entries.row.visibility), *archived):
            if column not in words.columns:
                raise WrongDeclaration(f"{entries.row.name} is searched: {words.name} needs its column {column}")

    def _entry(
        self, entries: Entries, name: str, declared: Declared, declaration: Declaration, type_: Any
    ) -> CatalogueEntry:
        leaf = get_named_type(type_)
        required = is_non_null_type(type_)
        entry = CatalogueEntry(name, declared, declaration, leaf, required, SQL_TYPES.get(leaf.name, "text"), True)
        place = f"{entries.row.name}.{name}"
        match declaration:
            case Column(filter=filter_, mask=mask, why=why, order=order):
                stored = entries.stored(entry.column)
                entry.type, entry.is_nullable = stored.type, stored.nullable or mask is not None
                if required and entry.is_nullable:
                    raise WrongDeclaration(f"{place} is non-null, its column is not (or it is masked)")
                _needs_reason(place, filter_, why)
                if leaf.name == "String":
                    _needs_kept(place, entry.column, filter_, entries.table.folded, "folded_of")
                    _needs_kept(place, entry.column, order, entries.table.keys, "key_of")
            case Computed(filter=filter_, mask=mask, why=why):
                if filter_ and leaf.name == "String":
                    raise WrongDeclaration(
                        f"{place} is a text that no row holds: nothing is kept by which to compare it"
                    )
                if required and mask is not None:
                    raise WrongDeclaration(f"{place} is non-null, and is masked")
                _needs_reason(place, filter_, why)
            case ToOne(key, filter=filter_, why=why):
                entry.target = self.target(type_)
                if entry.target is None:
                    raise WrongDeclaration(f"{place} leads to no row")
                if required and not entry.target.is_public:
                    raise WrongDeclaration(f"{place} leads to rows that may be hidden: it must be nullable")
                if "{" not in key:
                    entry.type, entry.is_nullable = "uuid", entries.stored(key).nullable
                    if required and entry.is_nullable:
                        raise WrongDeclaration(f"{place} is non-null, its column is not")
                _needs_reason(place, filter_, why)
            case ToMany() | ManyToMany() | Selected() | Listed():
                entry.target = self.target(type_)
                if entry.target is None or (
                    isinstance(declaration, (ManyToMany, Selected, Listed)) and not is_list_type(_bare(type_))
                ):
                    raise WrongDeclaration(f"{place} is not a list of rows")
                if isinstance(declaration, ToMany) and declaration.key and "{" not in declaration.key:
                    entry.target.stored(declaration.key)
            case Derived(rows=of_types):
                for name in of_types.keys() - self.rows.keys():
                    raise WrongDeclaration(f"{place} needs rows of {name}, which is the name of no row type")
            case Polymorphic(never=names):
                for name in set(names) - self.rows.keys():
                    raise WrongDeclaration(f"{place} never leads to {name}, which is the name of no row type")
                leads_to = [self.rows[each] for each in self._names_behind(leaf) if each in self.rows.keys() - {*names}]
                entry.possible = {each.row.prefix: each for each in leads_to}
            case _:
                pass
        return entry


def _find(entries: Entries, entry: CatalogueEntry, needs: Mapping[str, str]) -> None:
    """Refuses what a derived field needs where that stands nowhere."""
    for name, need in needs.items():
        if "{" in need or need.startswith("("):
            continue
        found, (*way, column) = entries, need.split(".")
        for each in way:
            reference = found.python.get(each)
            if reference is None or reference.target is None:
                raise WrongDeclaration(
                    f"{entries.row.name}.{entry.name} needs {name} at “{need}”, but {found.row.name} has no to-one"
                    f" field {each}: declare it, or write there SQL over the row {{t}}"
                )
            found = reference.target
        found.stored(column)


def _needs_kept(place: str, column: str, is_asked: bool, kept: Mapping[str, str], by: str) -> None:
    if is_asked and column not in kept:
        raise WrongDeclaration(f'{place} is compared as a text: give its model a column {by}("{column}")')


def _needs_reason(place: str, is_filterable: bool, why: str) -> None:
    if not is_filterable and not why:
        raise WrongDeclaration(f"{place} cannot be filtered; say why")


def _bare(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_
