"""How a GraphQL type says where its fields come from: `column()`, `to_one()`, `to_many()` … are the fields themselves.

Every function returns `Any` to the type checker; at run time it is a Strawberry field that carries its declaration in
`metadata["sql"]` (metadata survives Strawberry's copies, attributes do not). SQL in a declaration is a template:
`{t}` is the row's alias, `{today}`, `{now}`, `{viewer.account_id}`, `{viewer.organisation_id}`,
`{viewer.organisation_ids}` are bound, `{work_plan.status}` is a column of the row's own to-one field `work_plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

from server.query.declaration import (
    Aggregate,
    Argument,
    ById,
    Column,
    Computed,
    Declaration,
    Derived,
    Embedded,
    JsonList,
    Listed,
    Make,
    Polymorphic,
    RootNode,
    RootOne,
    Through,
    ToMany,
    ToOne,
    Total,
)
from server.query.declaration import Context as Context  # every schema module takes it from here
from server.query.values import Cursor
from server.rules.visibility import EVERYONE, Visibility

T = TypeVar("T")
Class: TypeAlias = type[Any]


@dataclass(eq=False, slots=True)
class Row:
    """A GraphQL type that is read from a table."""

    name: str
    table: str
    prefix: str
    visibility: Visibility
    search: str | None
    search_config: str
    archived: str | None
    order: Sequence[str]
    type: Class
    filter_input: Class | None = None  # made by schema/filters.py before the schema is built
    order_input: Class | None = None
    # Field name as Python has it → declaration; filled when the inputs are made and the engine is built.
    fields: dict[str, Declared] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Row({self.name})"


class Declared(StrawberryField):
    """A Strawberry field with a declaration; its arguments are made when Strawberry first asks for them."""

    @property
    def declaration(self) -> Declaration:
        declaration: Declaration = self.metadata["sql"]
        return declaration

    @property
    def graphql_key(self) -> str:
        """The field's name in the API."""
        return self.graphql_name or to_camel_case(self.python_name)

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self._arguments is None:
            self._arguments = list(_arguments(self))
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value

    @property
    def is_basic_field(self) -> bool:
        return True


def declaration_of(strawberry_field: object) -> Declaration | None:
    """The declaration a field carries, if any."""
    metadata = getattr(strawberry_field, "metadata", None) or {}
    return metadata.get("sql")


def row_of(type_: object) -> Row | None:
    """The row behind a Python type (or a Strawberry wrapper of it), if it is one."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    definition = getattr(type_, "__strawberry_definition__", None)
    for argument in (getattr(definition, "type_var_map", None) or {}).values():
        return row_of(argument)
    return getattr(type_, "__dict__", {}).get("__row__")


def table(
    name: str,
    *,
    prefix: str,
    visibility: Visibility = EVERYONE,
    search: str | None = None,
    search_config: str = "indonesian",
    archived: str | None = None,
    order: Sequence[str] = ("id",),
    description: str,
) -> Callable[[type[T]], type[T]]:
    """A type that is read from a table.

    `prefix` of its ids; `visibility`: who sees its rows; `search`: its tsvector column; `archived`: the column that is
    not null once a row is archived; `order`: columns (or GraphQL fields' Python names) of lists that say nothing else,
    "-" before one that goes down; the id is always last.
    """

    def declare(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=description)
        row = Row(cls.__name__, name, prefix, visibility, search, search_config, archived, tuple(order), made)
        made.__row__ = row  # type: ignore[attr-defined]
        definition = made.__strawberry_definition__  # type: ignore[attr-defined]
        row.fields = {each.python_name: each for each in definition.fields if isinstance(each, Declared)}
        return made

    return declare


def _declared(declaration: Declaration, description: str, name: str | None = None, **options: Any) -> Any:
    return Declared(graphql_name=name, description=description, metadata={"sql": declaration}, **options)


def column(
    description: str,
    *,
    name: str | None = None,
    column: str | None = None,
    filter: bool = True,
    order: bool = False,
    why: str = "",
    mask: Visibility | None = None,
    ranks: Sequence[str] = (),
    deprecated: str | None = None,
) -> Any:
    """A stored column, by default of the field's Python name; `name` is its name in the API where that differs.

    `filter=False` needs a reason (`why`), `order=True` an index that begins with it. `ranks`: an enum's names upwards.
    """
    declaration = Column(column or "", filter, order, why, mask, tuple(ranks))
    return _declared(declaration, description, name, deprecation_reason=deprecated)


def computed(
    sql: str, description: str, *, name: str | None = None, filter: bool = True, order: bool = False, why: str = ""
) -> Any:
    """An SQL expression over the row (a template); typed by the field's annotation."""
    return _declared(Computed(sql, filter, order, why), description, name)


def derived(needs: Mapping[str, str], make: Make, description: str, *, name: str | None = None) -> Any:
    """Python from columns.

    `needs`: attribute → "column", "to_one_field.column" or an SQL template (anything with a brace). `make(values,
    context)` is given an object with these attributes (raw: UUID, Decimal, aware datetimes in UTC, enums as text) and
    the Context; it returns a scalar, or objects (or lists) of plain Strawberry types.
    """
    return _declared(Derived(dict(needs), make), description, name)


def to_one(
    key: str,
    description: str,
    *,
    order: Sequence[str] = (),
    name: str | None = None,
    filter: bool = True,
    why: str = "",
) -> Any:
    """The row whose id stands in the column `key` (or is given by an SQL template).

    Must be nullable when the other type's rows can be hidden. `order`: its columns by which lists of this type may be
    ordered: `to_one("organisation_id", …, order=["name"])` gives `orderBy: {organisationName: ASC}`.
    """
    return _declared(ToOne(key, tuple(order), filter, why), description, name)


def to_many(
    key: str,
    description: str,
    *,
    order: Sequence[str] | None = None,
    filter: bool = True,
    order_by: bool = True,
    search: bool = False,
    where: str = "",
    arguments: Mapping[str, Argument] | None = None,
    includes_archived: bool = False,
    name: str | None = None,
) -> Any:
    """A connection of the rows whose column `key` is this row's id; or, a template, of those for which it holds."""
    kept = None if order is None else tuple(order)
    declaration = ToMany(
        key, kept, filter, order_by, search, where, arguments or {}, includes_archived=includes_archived
    )
    return _declared(declaration, description, name)


def first_of(
    key: str,
    description: str,
    *,
    order: Sequence[str],
    where: str = "",
    arguments: Mapping[str, Argument] | None = None,
    includes_archived: bool = False,
    name: str | None = None,
) -> Any:
    """The first of the rows that `to_many` would give, or null: `organisation { workPlan(year: 2026) }`."""
    declaration = ToMany(
        key, tuple(order), False, False, False, where, arguments or {}, True, includes_archived=includes_archived
    )
    return _declared(declaration, description, name)


def argument(type: Any, sql: str, description: str, *, always: bool = False) -> Argument:
    """A condition with `{value}`, for `arguments` of lists and lookups."""
    return Argument(type, sql, description, always)


def through(
    link: str,
    near: str,
    far: str,
    description: str,
    *,
    order: Sequence[str] | None = None,
    limit: int = 100,
    mask: Visibility | None = None,
    name: str | None = None,
) -> Any:
    """At most `limit` rows whose id is `link`.`far` where `link`.`near` is this row's; null but for whom `mask` names."""
    return _declared(Through(link, near, far, order and tuple(order), limit, mask), description, name)


def listed(key: str, description: str, *, name: str | None = None) -> Any:
    """A plain list of rows whose ids stand in the array column `key`, in its order; hidden ones are left out."""
    return _declared(Listed(key), description, name)


def polymorphic(type_column: str, id_column: str, description: str, *, name: str | None = None) -> Any:
    """The row of the type that the first column names (its GraphQL name); null where hidden."""
    return _declared(Polymorphic(type_column, id_column), description, name)


def json_list(column: str, description: str, *, name: str | None = None, why: str = "a list of small objects") -> Any:
    """A JSONB list of objects whose keys are the GraphQL names of a plain Strawberry type's fields."""
    return _declared(JsonList(column, why), description, name)


def embedded(sources: Mapping[str, str], description: str, *, name: str | None = None) -> Any:
    """An object of `aggregate()` fields over this row's parts.

    `sources`: table → condition, a template with `{t}` (the part) and `{parent}` (this row's id). No visibility is
    added: the conditions must leave out what is not for everyone.
    """
    return _declared(Embedded(dict(sources)), description, name)


def aggregate(source: str, sql: str, description: str, *, name: str | None = None) -> Any:
    """A field of an embedded type: an aggregate over the source's rows `{t}`, e.g. "count(*) FILTER (WHERE …)"."""
    return _declared(Aggregate(source, sql), description, name)


def by_id(description: str, *, attribute: str | None = None, name: str | None = None) -> Any:
    """A field of a plain Strawberry type that is answered by the compiler, from the UUID in `<field>_id`.

    The type declares `task_id: strawberry.Private[UUID | None]` beside `task: Task | None = by_id("…")`.
    """
    return _declared(ById(attribute or ""), description, name, default=None)


def root_one(
    name: str,
    type: Any,
    description: str,
    *,
    by: Any = None,
    keys: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Argument] | None = None,
) -> Any:
    """A root field for one row, null where unknown or hidden.

    `by=None, keys=None`: the table's only row. `by="id"`: an argument `id: ID!`. Else `by` is a @oneOf input class and
    `keys` maps its GraphQL names to filter paths: {"id": "id", "code": "code",
    "organisationYear": {"organisationCode": "organisation.code", "year": "year"}}.
    """
    arg: str | None = None
    if by == "id":
        arg, keys = "id", {"id": "id"}
    elif by is not None:
        arg = "by"
    made = _declared(RootOne(arg, keys or {}, arguments or {}, by), description, name)
    made.python_name = name
    made.type_annotation = StrawberryAnnotation(type | None)
    return made


def root_list(
    name: str,
    connection: Any,
    description: str,
    *,
    order: Sequence[str] | None = None,
    filter: bool = True,
    order_by: bool = True,
    search: bool = True,
    where: str = "",
    arguments: Mapping[str, Argument] | None = None,
) -> Any:
    """A root list: `root_list("tasks", Connection[Task], "…")`.

    `where`: a fixed condition; `order_by=False`: a fixed order.
    """
    kept = None if order is None else tuple(order)
    made = _declared(ToMany("", kept, filter, order_by, search, where, arguments or {}), description, name)
    made.python_name = name
    made.type_annotation = StrawberryAnnotation(connection | None)
    return made


def root_node(name: str, type: Any, description: str, *, many: bool = False) -> Any:
    """`node(id: ID!)`, or with `many` `nodes(ids: [ID!]!)`."""
    made = _declared(RootNode(many), description, name)
    made.python_name = name
    made.type_annotation = StrawberryAnnotation(list[type | None] | None if many else type | None)
    return made


def total(description: str) -> Any:
    """`totalCount(atMost)` of a connection."""
    return _declared(Total(), description)


def _argument(name: str, type_: Any, description: str, default: object = UNSET) -> StrawberryArgument:
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description, default=default)


def _arguments(declared: Declared) -> Any:
    declaration = declared.declaration
    for name, extra in getattr(declaration, "arguments", {}).items():
        yield _argument(name, extra.type | None, extra.description)
    match declaration:
        case Total():
            yield _argument("at_most", int | None, "Stop counting here: the answer is at most this (1 to 10,000).")
        case RootNode(many):
            what = list[strawberry.ID] if many else strawberry.ID
            yield _argument("ids" if many else "id", what, "Ids of any types, at most 100." if many else "Of any type.")
        case RootOne("id"):
            yield _argument("id", strawberry.ID, "Its id.")
        case RootOne("by", by=by):
            yield _argument("by", by, "Exactly one key.")
        case ToMany(single=False):
            yield from _list_arguments(declared, declaration)


def _list_arguments(declared: Declared, declaration: ToMany) -> Any:
    row = row_of(declared.resolve_type())
    if row is None:
        raise TypeError(f"{declared.python_name}: not a connection of a type made by @table")
    if declaration.filter and row.filter_input:
        yield _argument("filter", row.filter_input | None, "Only those for which all of this holds.")
    if declaration.orderable and row.order_input:
        yield _argument(
            "order_by", list[row.order_input] | None,  # type: ignore[name-defined]
            "At most three, the first decides; the id is always last. Null is the greatest value.",
        )  # fmt: skip
    if declaration.search and row.search:
        yield _argument("search", str | None, 'Words to find; "exact words" in quotes, or, -without.')
    if row.archived and not declaration.includes_archived:
        yield _argument("include_archived", bool | None, "Archived ones as well.", default=False)
    yield _argument("first", int | None, "Page size, from the start or after `after`.")
    yield _argument("after", Cursor | None, "The cursor after which to go on.")
    yield _argument("last", int | None, "Page size, from the end or before `before`.")
    yield _argument("before", Cursor | None, "The cursor before which to end.")
