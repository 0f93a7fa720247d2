"""Strawberry's side of a declared field: a field that carries its declaration, of a type that is read from a table."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import strawberry
from graphql import GraphQLField, GraphQLNamedType
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

from server.query.declare.declaration import (
    NESTED_MOST,
    NESTED_PAGE,
    ROOT_MOST,
    ROOT_PAGE,
    Declaration,
    GroupKey,
    GroupRows,
    RootGroups,
    RootNode,
    RootOne,
    Selected,
    ToMany,
    Total,
)
from server.query.values import Cursor, Shaping, shouted
from server.rules.visibility import Visibility

Class: TypeAlias = type[Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """Where a type's rows are counted already: `table` holds, for each combination of these columns of theirs, how many
    there are (`n`), the archived ones left out. A list that asks of nothing else takes its `totalCount` from there."""

    table: str
    columns: frozenset[str]


@dataclass(eq=False, slots=True)
class RowType:
    """A GraphQL type that is read from a table."""

    name: str
    table: str
    prefix: str
    visibility: Visibility
    archived: str | None
    order: Sequence[str]
    type: Class
    counted: Counted | None = None
    is_searched: bool = False  # its table has words (declare/tables.py)
    is_small: bool = False  # a few hundred rows, however large the city grows
    filter_input: Class | None = None  # made by schema/filters.py before the schema is built
    order_input: Class | None = None
    # Field name as Python has it → declaration; filled when the inputs are made and the engine is built.
    fields: dict[str, Declared] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"RowType({self.name})"


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


def definition_of(thing: GraphQLField | GraphQLNamedType | None) -> Any:
    """Strawberry's description of a field or type of the built schema; None where it has none."""
    return None if thing is None else thing.extensions.get("strawberry-definition")


def declaration_of(strawberry_field: object) -> Declaration | None:
    """The declaration a field carries, if any."""
    metadata = getattr(strawberry_field, "metadata", None) or {}
    return metadata.get("sql")


def id_attribute(declared: Any) -> str:
    """Where an object has the id of the row that a `by_id` field leads to."""
    attribute: str = declared.declaration.attribute or f"{declared.python_name}_id"
    return attribute


def row_of(type_: object) -> RowType | None:
    """The row behind a Python type (or a Strawberry wrapper of it), if it is one."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    definition = getattr(type_, "__strawberry_definition__", None)
    for argument in (getattr(definition, "type_var_map", None) or {}).values():
        return row_of(argument)
    return getattr(type_, "__dict__", {}).get("__row__")


def declared_fields(of: Class) -> dict[str, Any]:
    """The fields of a plain type of ours, by their Python names."""
    return {each.python_name: each for each in of.__strawberry_definition__.fields}


def group_keys(of: Class) -> dict[str, Declared]:
    """By what a group's type can be grouped: the fields, by their names in the enum of its argument `by`."""
    fields = declared_fields(of).items()
    return {shouted(name): each for name, each in fields if isinstance(declaration_of(each), GroupKey)}


def group_rows(of: Class) -> RowType:
    """The rows that a group's type groups."""
    (field,) = (each for each in declared_fields(of).values() if isinstance(declaration_of(each), GroupRows))
    row = row_of(field.resolve_type())
    if row is None:
        raise TypeError(f"{of.__name__}.{field.python_name}: not a connection of a type made by @table")
    return row


def _key_enum(of: Class) -> Class:
    """What `by` takes: a value for each key, made of the declarations."""
    keys = group_keys(of)
    members: Any = enum.StrEnum(f"{of.__name__}Key", {name: name for name in keys}, type=Shaping)  # type: ignore[misc]
    words = f"By what the rows of a `{of.__name__}` have in common."
    made: Any = strawberry.enum(members, description=words)
    for value in made.__strawberry_definition__.values:
        value.description = f"By `{keys[value.name].graphql_key}`."
    found: Class = made
    return found


def _argument(
    name: str, type_: Any, description: str, default: object = UNSET, *, deprecated: str | None = None
) -> StrawberryArgument:
    annotation = StrawberryAnnotation(type_)
    more = {"description": description, "default": default, "deprecation_reason": deprecated}
    return StrawberryArgument(name, None, annotation, **more)  # type: ignore[arg-type]


def _arguments(declared: Declared) -> Any:
    declaration = declared.declaration
    for name, extra in getattr(declaration, "arguments", {}).items():
        yield _argument(name, extra.type | None, extra.description, deprecated=extra.deprecated)
    match declaration:
        case Total():
            yield _argument("at_most", int | None, "Stop counting here: the answer is at most this (1 to 10,000).")
        case RootNode(many):
            what = list[strawberry.ID] if many else strawberry.ID
            yield _argument("ids" if many else "id", what, "Ids of any types, at most 100." if many else "Of any type.")
        case RootOne(by="id"):
            yield _argument("by", _id_key(declared), "Exactly one key.")
        case RootOne(by=by) if by is not None:
            yield _argument("by", by, "Exactly one key.")
        case Selected(first=int(size), most=most):
            yield _argument("first", int | None, f"How many, at most {most}.", default=size)
        case ToMany(single=False):
            yield from _list_arguments(declared, declaration)
        case GroupRows():
            row = row_of(declared.resolve_type())
            assert row is not None, f"{declared.python_name} leads to no row"
            yield from _order_argument(row)
            yield from _page_arguments(NESTED_PAGE, NESTED_MOST)
        case RootGroups():
            type_: Any = declared.resolve_type()
            while hasattr(type_, "of_type"):
                type_ = type_.of_type
            row = group_rows(type_)
            yield from _filter_argument(row)
            yield from _search_argument(row)
            words = "One or two, each once; the groups stand in the order of the first, and within it of the second."
            yield _argument("by", list[_key_enum(type_)], words)  # type: ignore[misc]


def _id_key(declared: Declared) -> Class:
    """The key input of a type that has no other key than its id."""
    row = row_of(declared.resolve_type())
    assert row is not None, f"{declared.python_name} leads to no row"
    id_: Any = strawberry.field(description="Its id.", default=UNSET)
    words = f"Which {row.name}: by its id, as it has no other key."
    plain = type(f"{row.name}Key", (), {"__annotations__": {"id": strawberry.ID | None}, "id": id_})
    return strawberry.input(plain, one_of=True, description=words)


def _list_arguments(declared: Declared, declaration: ToMany) -> Any:
    row = row_of(declared.resolve_type())
    if row is None:
        raise TypeError(f"{declared.python_name}: not a connection of a type made by @table")
    if declaration.filter:
        yield from _filter_argument(row)
    if declaration.order_by:
        yield from _order_argument(row)
    if declaration.search:
        yield from _search_argument(row)
    if row.archived:
        yield _argument("include_archived", bool | None, "Archived ones as well.", default=False)
    yield from _page_arguments(*((NESTED_PAGE, NESTED_MOST) if declaration.key else (ROOT_PAGE, ROOT_MOST)))


def _filter_argument(row: RowType) -> Any:
    if row.filter_input:
        yield _argument("filter", row.filter_input | None, "Only those for which all of this holds.")


def _order_argument(row: RowType) -> Any:
    if row.order_input:
        yield _argument(
            "order_by", list[row.order_input] | None,  # type: ignore[name-defined]
            "At most three, the first decides; the id is always last. Null is the greatest value.",
        )  # fmt: skip


def _search_argument(row: RowType) -> Any:
    if row.is_searched:
        yield _argument(
            "search",
            str | None,
            'Words to find, whatever their case and accents; "exact words" in quotes, or, -without. Punctuation parts'
            " words (RT/RW), a code such as 12.71.11 is one. Without a letter or digit it is no search.",
        )


def _page_arguments(page: int, most: int) -> Any:
    size = (
        f"Page size, from the start or after `after`: {page} when neither `first` nor `last` is given, at most {most}."
    )
    yield _argument("first", int | None, size)
    yield _argument("after", Cursor | None, "The cursor after which to go on.")
    yield _argument("last", int | None, f"Page size, from the end or before `before`: at most {most}.")
    yield _argument("before", Cursor | None, "The cursor before which to end.")
