"""Declared fields: `column()`, `to_one()`, `to_many()` … are the fields, and say where they come from.

Every function returns `Any` to the type checker; at run time it is a Strawberry field that carries its declaration in
`metadata["sql"]` (metadata survives Strawberry's copies, attributes do not). SQL in a declaration is a template:
`{t}` is the row's alias, `{today}`, `{now}`, `{viewer.account_id}`, `{viewer.organisation_id}`,
`{viewer.organisation_ids}` are bound, `{work_plan.status}` is a column of the row's own to-one field `work_plan`,
`{about.programme}` the id to which the to-one field `programme` leads of whatever the polymorphic field `about` does.
A template that looks into other tables names each of them by `{table:task}`, or by `{table:task.target_id}` where it
reads only that column of the rows that keys name; so whoever keeps an answer knows what it was made of. Of one that
names none, or says `{volatile}` (its value changes although no table does), nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation

from server.query.declare.context import Context as Context  # every schema module takes it from here
from server.query.declare.declaration import (
    Aggregation,
    Argument,
    ById,
    Column,
    Computed,
    Declaration,
    Derived,
    Embedded,
    GroupKey,
    GroupRows,
    InBatch,
    JsonList,
    Listed,
    ManyToMany,
    Polymorphic,
    RootGroups,
    RootNode,
    RootOne,
    Selected,
    ToMany,
    ToOne,
    Total,
)
from server.query.declare.declaration import Keyed as Keyed
from server.query.declare.strawberry_types import Counted as Counted
from server.query.declare.strawberry_types import Declared as Declared
from server.query.declare.strawberry_types import RowType as RowType
from server.query.declare.strawberry_types import declaration_of as declaration_of
from server.query.declare.strawberry_types import declared_fields as declared_fields
from server.query.declare.strawberry_types import row_of as row_of
from server.rules.aggregate import Part
from server.rules.aggregates import Undeclared

P = ParamSpec("P")
T = TypeVar("T")


def table(
    of: Part[Any],
    *,
    view: str | None = None,
    search: bool = False,
    archived: str | None = None,
    order: Sequence[str] = ("id",),
    counted: Counted | None = None,
    is_small: bool = False,
    description: str,
) -> Callable[[type[T]], type[T]]:
    """A type that is read from a declared table.

    `view`: what tells it from the others of that table, where it is another look at its rows and they bear no id of
    its own. `search`: its rows can be searched for; `archived`: the column that is not null once a row is archived;
    `order`: columns (or GraphQL fields' Python names) of lists that say nothing else, "-" before one that goes down,
    or SQL over the row `{t}` for a number that is never null; the id is always last. `counted`: where they are counted
    already. `is_small`: of a few hundred rows at most, so that going through all of them costs nothing worth a price.
    Raises Undeclared where `of` has no table.
    """
    prefix = view or of.prefix
    if of.table is None or prefix is None or of.visibility is None:
        raise Undeclared(f"{of.name} is declared without a table: no type can be read from it.")
    name, visibility = of.table, of.visibility

    def declare(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=description)
        order_ = tuple(order)
        row = RowType(
            *(cls.__name__, name, prefix, visibility, archived, order_, made),
            counted=counted,
            is_searched=search,
            is_small=is_small,
        )
        made.__row__ = row  # type: ignore[attr-defined]
        definition = made.__strawberry_definition__  # type: ignore[attr-defined]
        row.fields = {each.python_name: each for each in definition.fields if isinstance(each, Declared)}
        return made

    return declare


def _field_of(declaration: Callable[P, Declaration], **options: Any) -> Callable[P, Any]:
    """What makes the fields of one kind: it takes what the declaration takes, which explains it."""

    def made(*given: P.args, **named: P.kwargs) -> Any:
        return _declared(declaration(*given, **named), **options)

    return made


def _declared(declaration: Any, **options: Any) -> Any:
    """The field that carries a declaration."""
    options |= {"graphql_name": declaration.name, "description": declaration.description}
    return Declared(metadata={"sql": declaration}, deprecation_reason=declaration.deprecated, **options)


column = _field_of(Column)
computed = _field_of(Computed)
derived = _field_of(Derived)
to_one = _field_of(ToOne)
to_many = _field_of(ToMany)
many_to_many = _field_of(ManyToMany)
selected = _field_of(Selected)
listed = _field_of(Listed)
polymorphic = _field_of(Polymorphic)
json_list = _field_of(JsonList)
embedded = _field_of(Embedded)
aggregate = _field_of(Aggregation)
group_key = _field_of(GroupKey)
group_rows = _field_of(GroupRows)
by_id = _field_of(ById, default=None)
in_batch = _field_of(InBatch, default=None)
total = _field_of(Total)
argument = Argument


def first_of(key: str, description: str, **more: Any) -> Any:
    """The first of the rows that `to_many` would give, or null: `organisation { workPlan(year: 2026) }`."""
    return to_many(key, description, filter=False, order_by=False, single=True, **more)


def root_one(name: str, type: Any, description: str, **more: Any) -> Any:
    """A root field for one row, null where unknown or hidden; `more` as in `RootOne`."""
    return _root(RootOne(description, name=name, **more), type)


def root_list(name: str, connection: Any, description: str, *, search: bool = True, **more: Any) -> Any:
    """A root list: `root_list("tasks", Connection[Task], "…")`; `more` as in `ToMany`."""
    return _root(ToMany("", description, search=search, name=name, **more), connection)


def root_groups(name: str, type: Any, description: str, **more: Any) -> Any:
    """A root list's rows in groups: `root_groups("taskGroups", TaskGroup, "…")`; `more` as in `RootGroups`."""
    return _root(RootGroups(description, name=name, **more), list[type])


def root_node(name: str, type: Any, description: str, *, many: bool = False, **more: Any) -> Any:
    """`node(id: ID!)`, or with `many` `nodes(ids: [ID!]!)`; `more` as in `RootNode`."""
    return _root(RootNode(many, description, name=name, **more), list[type | None] if many else type)


def _root(declaration: Any, type: Any) -> Any:
    made = _declared(declaration)
    made.python_name = declaration.name
    made.type_annotation = StrawberryAnnotation(type | None)
    return made


def deprecated(field: T, reason: str) -> T:
    """Any other field, marked: `deprecated(verb(…), "use x; removed after 2027-06-30")`, a subscription's as well."""
    field.deprecation_reason = reason  # type: ignore[attr-defined]
    return field


def add_field(to: type[Any], name: str, type: Any, declared: Any) -> None:
    """A further field of another module's type: `add_field(Organisation, "meetings", Connection[Meeting], to_many(…))`.

    So a type need not name all that refers to it. Call it before the schema is built.
    """
    declared.python_name = name
    declared.type_annotation = StrawberryAnnotation(type)
    row: RowType = to.__dict__["__row__"]
    if row.fields.setdefault(name, declared) is not declared:
        raise TypeError(f"{row.name}: two fields are called {name}")
    to.__strawberry_definition__.fields.append(declared)
