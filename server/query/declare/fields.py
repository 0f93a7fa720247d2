"""Declared fields: `column()`, `to_one()`, `to_many()` … are the fields, and say where they come from.

Every function returns `Any` to the type checker; at run time it is a Strawberry field that carries its declaration in
`metadata["sql"]` (metadata survives Strawberry's copies, attributes do not). SQL in a declaration is a template:
`{t}` is the row's alias, `{today}`, `{now}`, `{viewer.account_id}`, `{viewer.organisation_id}`,
`{viewer.organisation_ids}` are bound, `{work_plan.status}` is a column of the row's own to-one field `work_plan`.
A template that looks into other tables names each of them by `{table:task}`, or by `{table:task.target_id}` where it
reads only that column of the rows that keys name; so whoever keeps an answer knows what it was made of. Of one that
names none, or says `{volatile}` (its value changes although no table does), nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation

from server.query.declare.declaration import (
    Aggregate,
    Argument,
    ById,
    Column,
    Computed,
    Declaration,
    Derived,
    Embedded,
    InBatch,
    JsonList,
    Listed,
    Make,
    Polymorphic,
    RootNode,
    RootOne,
    Selected,
    Through,
    ToMany,
    ToOne,
    Total,
)
from server.query.declare.declaration import Context as Context  # every schema module takes it from here
from server.query.declare.declaration import Counted as Counted  # and from here, as it does Context
from server.query.declare.declaration import Keyed as Keyed
from server.query.declare.strawberry_types import Declared as Declared
from server.query.declare.strawberry_types import Row as Row
from server.query.declare.strawberry_types import declaration_of as declaration_of
from server.query.declare.strawberry_types import row_of as row_of
from server.rules.aggregate import Part
from server.rules.aggregates import Undeclared
from server.rules.visibility import Visibility

T = TypeVar("T")


def table(
    of: Part[Any],
    *,
    view: str | None = None,
    search: str | None = None,
    search_config: str = "indonesian",
    archived: str | None = None,
    order: Sequence[str] = ("id",),
    counted: Counted | None = None,
    is_small: bool = False,
    description: str,
) -> Callable[[type[T]], type[T]]:
    """A type that is read from a declared table.

    `view`: what tells it from the others of that table, where it is another look at its rows and they bear no id of
    its own. `search`: its tsvector column; `archived`: the column that is not null once a row is archived;
    `order`: columns (or GraphQL fields' Python names) of lists that say nothing else, "-" before one that goes down;
    the id is always last. `counted`: where they are counted already. `is_small`: of a few hundred rows at most, so that
    going through all of them costs nothing worth a price. Raises Undeclared where `of` has no table.
    """
    prefix = view or of.prefix
    if of.table is None or prefix is None or of.visibility is None:
        raise Undeclared(f"{of.name} is declared without a table: no type can be read from it.")
    name, visibility = of.table, of.visibility

    def declare(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=description)
        order_ = tuple(order)
        row = Row(
            cls.__name__, name, prefix, visibility, search, search_config, archived, order_, made, counted, is_small
        )
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
    sql: str,
    description: str,
    *,
    name: str | None = None,
    filter: bool = True,
    order: bool = False,
    why: str = "",
    is_moment: bool = False,
) -> Any:
    """An SQL expression over the row (a template); typed by the field's annotation.

    `is_moment`: it tells of when an answer was made; a state that differs in nothing else has not changed.
    """
    return _declared(Computed(sql, filter, order, why, is_moment), description, name)


def derived(
    needs: Mapping[str, str],
    make: Make,
    description: str,
    *,
    rows: Mapping[str, str] | None = None,
    name: str | None = None,
    is_moment: bool = False,
) -> Any:
    """Python from columns. `is_moment`: as in `computed`.

    `needs`: attribute → "column", "to_one_field.column" (over several to-one fields too) or an SQL template (anything
    with a brace or in parentheses). `make(values,
    context)` is given an object with these attributes (raw: UUID, Decimal, aware datetimes in UTC, enums as text) and
    the Context; it returns a scalar, or objects (or lists) of plain Strawberry types. `by_id` fields of these need
    `rows`: {"Account": "a template of the ids, as uuid[], of all the accounts to which they may lead"}.
    """
    return _declared(Derived(dict(needs), make, dict(rows or {}), is_moment=is_moment), description, name)


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
    """At most `limit` rows whose id stands in `link`.`far` where `link`.`near` is this row's id.

    `mask`: who may ask for them, as a rule over this row; null for others.
    """
    return _declared(Through(link, near, far, order and tuple(order), limit, mask), description, name)


def selected(
    where: str,
    description: str,
    *,
    order: Sequence[str] | None = None,
    first: int | None = None,
    most: int = 50,
    is_public: bool = False,
    mask: Visibility | None = None,
    name: str | None = None,
) -> Any:
    """A plain list of the rows for which a template with `{t}` and `{parent}` holds.

    With `first`, an argument of that name says how many, up to `most`; without it all are given, which must be at most
    `most`. `is_public`: no visibility is added, the condition must leave out what is not for everyone. `mask`: as in
    `through`.
    """
    return _declared(Selected(where, order and tuple(order), first, most, is_public, mask), description, name)


def listed(key: str, description: str, *, name: str | None = None) -> Any:
    """A plain list of rows whose ids stand in the array column `key`, in its order; hidden ones are left out."""
    return _declared(Listed(key), description, name)


def polymorphic(
    type_column: str, id_column: str, description: str, *, never: Sequence[str] = (), name: str | None = None
) -> Any:
    """The row of the type that the first names (its GraphQL name); null where hidden. Columns, or SQL templates.

    `never`: possible types to which it does not lead.
    """
    return _declared(Polymorphic(type_column, id_column, tuple(never)), description, name)


def json_list(column: str, description: str, *, name: str | None = None, why: str = "a list of small objects") -> Any:
    """A JSONB list of objects whose keys are the GraphQL names of a plain Strawberry type's fields."""
    return _declared(JsonList(column, why), description, name)


def embedded(
    sources: Mapping[str, str | Keyed],
    description: str,
    *,
    arguments: Mapping[str, Argument] | None = None,
    name: str | None = None,
) -> Any:
    """An object of `aggregate()` fields over this row's parts.

    `sources`: table → condition, a template with `{t}` (the part) and `{parent}` (this row's id), or the parts' key,
    which is faster for lists. No visibility is added: both must leave out what is not for everyone. `arguments`:
    further conditions on every part.
    """
    return _declared(Embedded(dict(sources), dict(arguments or {})), description, name)


def aggregate(source: str, sql: str, description: str, *, name: str | None = None) -> Any:
    """A field of an embedded type: an aggregate over the source's rows `{t}`, e.g. "count(*) FILTER (WHERE …)"."""
    return _declared(Aggregate(source, sql), description, name)


def by_id(
    description: str, *, attribute: str | None = None, link: Through | None = None, name: str | None = None
) -> Any:
    """A field of a plain Strawberry type that is answered by the compiler, from the UUID in `<field>_id`.

    The type declares `task_id: strawberry.Private[UUID | None]` beside `task: Task | None = by_id("…")`. With `link` it
    is the list of rows that the link leads to from there.
    """
    return _declared(ById(attribute or "", link), description, name, default=None)


def in_batch(types: Sequence[str], description: str, *, name: str | None = None) -> Any:
    """A field of a plain Strawberry type that stands in a list, answered by the compiler for the whole list at once.

    The type declares `batch: strawberry.Private[Batch]`, shared by the list, and `row_id: strawberry.Private[Id]`.
    `types`: the GraphQL types among which its rows are.
    """
    return _declared(InBatch(tuple(types)), description, name, default=None)


def root_one(
    name: str,
    type: Any,
    description: str,
    *,
    by: Any = None,
    keys: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Argument] | None = None,
    is_state: bool = False,
) -> Any:
    """A root field for one row, null where unknown or hidden.

    `is_state`: what is below it is one snapshot, answered once for all who ask for the same and see the same.

    `by=None, keys=None`: the table's only row. `by="id"`: an argument `id: ID!`. Else `by` is a @oneOf input class and
    `keys` maps its GraphQL names to filter paths: {"id": "id", "code": "code",
    "organisationYear": {"organisationCode": "organisation.code", "year": "year"}}.
    """
    arg: str | None = None
    if by == "id":
        arg, keys = "id", {"id": "id"}
    elif by is not None:
        arg = "by"
    made = _declared(RootOne(arg, keys or {}, arguments or {}, by, is_state), description, name)
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


def root_node(
    name: str, type: Any, description: str, *, many: bool = False, elsewhere: Mapping[str, str] | None = None
) -> Any:
    """`node(id: ID!)`, or with `many` `nodes(ids: [ID!]!)`. `elsewhere`: prefixes of ids that are no node's → where."""
    made = _declared(RootNode(many, dict(elsewhere or {})), description, name)
    made.python_name = name
    made.type_annotation = StrawberryAnnotation(list[type | None] | None if many else type | None)
    return made


def total(description: str) -> Any:
    """`totalCount(atMost)` of a connection."""
    return _declared(Total(), description)
