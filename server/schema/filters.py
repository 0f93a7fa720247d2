"""Filters and orders: the comparators of each scalar, and the inputs that are derived from the declarations."""

from __future__ import annotations

import datetime as dt
import enum
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.unset import UNSET

from server.query.declare.declaration import Column, Computed, Listed, ManyToMany, Polymorphic, ToMany, ToOne
from server.query.declare.fields import Declared, RowType, row_of
from server.query.values import Shaping
from server.schema.scalars import Percent, RelativeDate, RelativeDateTime

# What every filter input says of itself.
_NOTHING = "`{}`, and what undefined variables leave empty, asks nothing: it is as if it were absent."
_NULL = "Whether it is null. Not beside `eq: null`, which is refused."


def _is(description: str, name: str | None = None, deprecated: str | None = None) -> Any:
    return strawberry.field(description=description, name=name, default=UNSET, deprecation_reason=deprecated)


@strawberry.enum(
    description="Which way a list is ordered. Null is the greatest value: last up, first down."
    " Texts go by their letters whatever their case and accents, and numbers in them by their size."
)
class Direction(Shaping, enum.Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest first.")
    DESC = strawberry.enum_value("DESC", description="Greatest first.")


@strawberry.input(description=f"Conditions on an id; all must hold. {_NOTHING}")
class IdFilter:
    eq: strawberry.ID | None = _is("It is this one.")
    neq: strawberry.ID | None = _is("It is not this one.")
    in_: list[strawberry.ID] | None = _is("It is one of these.", "in")
    nin: list[strawberry.ID] | None = _is("It is none of these.")
    is_null: bool | None = _is("Under a relation: whether there is none, as far as the viewer may see.")


@strawberry.input(
    description="Conditions on a text; all must hold. Case, accents and kinds of apostrophes are told apart by eq, neq,"
    " in, nin only. " + _NOTHING
)
class StringFilter:
    eq: str | None = _is("It is exactly this.")
    neq: str | None = _is("It is not this, or null.")
    in_: list[str] | None = _is("It is one of these.", "in")
    nin: list[str] | None = _is("It is none of these, or null.")
    contains: str | None = _is("It contains this, whatever the case and accents of either.")
    starts_with: str | None = _is("It starts with this, whatever the case and accents of either.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on a whole number; all must hold. {_NOTHING}")
class IntFilter:
    eq: int | None = _is("It is this.")
    neq: int | None = _is("It is not this, or null.")
    lt: int | None = _is("It is less.")
    lte: int | None = _is("It is this or less.")
    gt: int | None = _is("It is more.")
    gte: int | None = _is("It is this or more.")
    in_: list[int] | None = _is("It is one of these.", "in")
    nin: list[int] | None = _is("It is none of these, or null.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on a measured value; all must hold. {_NOTHING}")
class DecimalFilter:
    eq: Decimal | None = _is("It is this.")
    neq: Decimal | None = _is("It is not this, or null.")
    lt: Decimal | None = _is("It is less.")
    lte: Decimal | None = _is("It is this or less.")
    gt: Decimal | None = _is("It is more.")
    gte: Decimal | None = _is("It is this or more.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on a share, before it is rounded for display; all must hold. {_NOTHING}")
class PercentFilter:
    lt: Percent | None = _is("It is less.")
    lte: Percent | None = _is("It is this or less.")
    gt: Percent | None = _is("It is more.")
    gte: Percent | None = _is("It is this or more.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on a day; all must hold. {_NOTHING}")
class DateFilter:
    eq: RelativeDate | None = _is("It is this day.")
    neq: RelativeDate | None = _is("It is not this day, or null.")
    lt: RelativeDate | None = _is("It is before.")
    lte: RelativeDate | None = _is("It is this day or before.")
    gt: RelativeDate | None = _is("It is after.")
    gte: RelativeDate | None = _is("It is this day or after.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on an instant; all must hold. {_NOTHING}")
class DateTimeFilter:
    lt: RelativeDateTime | None = _is("It is before.")
    lte: RelativeDateTime | None = _is("It is then or before.")
    gt: RelativeDateTime | None = _is("It is after.")
    gte: RelativeDateTime | None = _is("It is then or after.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on a yes or no. {_NOTHING}")
class BooleanFilter:
    eq: bool | None = _is("It is this.")
    is_null: bool | None = _is(_NULL)


@strawberry.input(description=f"Conditions on the id of a row of any type; all must hold. {_NOTHING}")
class NodeIdFilter:
    eq: strawberry.ID | None = _is("It is this one.")
    in_: list[strawberry.ID] | None = _is("It is one of these.", "in")


@strawberry.input(description=f"Which row of any type, as far as the viewer may see it. {_NOTHING}")
class NodeFilter:
    id: NodeIdFilter | None = _is("On its `id`.")


_COMPARATORS: dict[Any, type[Any]] = {
    strawberry.ID: IdFilter,
    str: StringFilter,
    int: IntFilter,
    Decimal: DecimalFilter,
    Percent: PercentFilter,
    dt.date: DateFilter,
    dt.datetime: DateTimeFilter,
    bool: BooleanFilter,
}


def derive_inputs(rows: Iterable[RowType]) -> None:
    """Give every row its filter and order inputs, from its declarations.

    The classes stand in this module's namespace, where their annotations (which name each other) are looked up.
    """
    rows = list(rows)
    for row in rows:
        row.filter_input = _filter_input(row)
        row.order_input = _order_input(row)


def filterable(declared: Declared) -> bool:
    """Whether the filter input has this field."""
    return isinstance(declared.declaration, (Column, Computed, ToOne, Polymorphic)) and declared.declaration.filter


def lists_rows(declared: Declared) -> bool:
    """Whether the filter input asks of the rows of this field's list."""
    match declared.declaration:
        case ManyToMany() | Listed():
            return True
        case ToMany(filter=filter_, single=single):
            return filter_ and not single
    return False


def _filter_input(row: RowType) -> type[Any]:
    name = f"{row.name}Filter"
    annotations = {"and_": f"list[{name}] | None", "or_": f"list[{name}] | None", "not_": f"{name} | None"}
    fields: dict[str, Any] = {
        "and_": _is("All of these hold; true of an empty list.", "and"),
        "or_": _is("One of these holds; false of an empty list.", "or"),
        "not_": _is("This does not hold (null counts as not holding); never so of `{}`, which asks nothing.", "not"),
    }
    for key, declared in row.fields.items():
        if filterable(declared):
            annotations[key] = f"{_comparator(row, declared)} | None"
            fields[key] = _is(f"On `{declared.graphql_key}`.", declared.graphql_key, declared.deprecation_reason)
        elif lists_rows(declared):
            annotations[key] = f"{_list_filter(declared)} | None"
            fields[key] = _is(f"On the rows of `{declared.graphql_key}`.", declared.graphql_key)
    words = f"Which of {row.name}'s rows; all the conditions must hold. Of a relation, that it leads to such a row."
    return _make(name, annotations, fields, f"{words} {_NOTHING}", False)


def _order_input(row: RowType) -> type[Any] | None:
    annotations: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for key, (words, deprecated) in order_keys(row).items():
        annotations[key] = "Direction | None"
        fields[key] = _is(words, deprecated=deprecated)
    if not fields:
        return None
    return _make(f"{row.name}Order", annotations, fields, f"By what {row.name}'s rows are ordered; exactly one.", True)


def order_keys(row: RowType) -> dict[str, tuple[str, str | None]]:
    """The order input's Python names, each with its description, and why it is deprecated if it is."""
    found: dict[str, tuple[str, str | None]] = {}
    for key, declared in row.fields.items():
        going = declared.deprecation_reason
        match declared.declaration:
            case Column(order=True) | Computed(order=True):
                found[key] = f"By `{declared.graphql_key}`.", going
            case ToOne(order=columns):
                for column in columns:
                    words = f"By the {column.replace('_', ' ')} of `{declared.graphql_key}`."
                    found[f"{key}_{column}"] = words, going
    return found


def _list_filter(declared: Declared) -> str:
    """The input that asks of a list's rows, one for each type of row."""
    target = row_of(declared.resolve_type())
    if target is None:
        raise TypeError(f"{declared.python_name} lists no rows; was its module linked?")
    name, of = f"{target.name}ListFilter", f"{target.name}Filter"
    if not hasattr(sys.modules[__name__], name):
        fields = {
            "some": _is("At least one row of the list is such."),
            "none": _is("No row of the list is such."),
            "is_empty": _is("Whether the list has no row at all."),
        }
        words = (
            f"Conditions on a list of {target.name} below a row; all must hold. The list is all that the viewer may"
            " see, of every year, without what is archived. `some: {}` and `none: {}` ask nothing, as if they were"
            " absent: use isEmpty."
        )
        annotations = {"some": f"{of} | None", "none": f"{of} | None", "is_empty": "bool | None"}
        _make(name, annotations, fields, words, False)
    return name


def _comparator(row: RowType, declared: Declared) -> str:
    if isinstance(declared.declaration, ToOne):
        target = row_of(declared.resolve_type())
        if target is None:
            raise TypeError(f"{row.name}.{declared.python_name} leads to no row; was its module linked?")
        return f"{target.name}Filter"
    if isinstance(declared.declaration, Polymorphic):
        return NodeFilter.__name__
    type_: Any = declared.resolve_type()
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    if isinstance(type_, StrawberryEnumDefinition):
        return _enum_filter(type_, getattr(declared.declaration, "scale", False))
    try:
        return _COMPARATORS[type_].__name__
    except KeyError:
        raise TypeError(f"{row.name}.{declared.python_name}: no comparators for {type_}; filter=False, why=…") from None


def _enum_filter(definition: StrawberryEnumDefinition, is_scale: bool) -> str:
    """The comparators of an enum; of a scale, whose members have an order, those of the order too."""
    name = f"{definition.name}Filter"
    if not hasattr(sys.modules[__name__], name):
        setattr(sys.modules[__name__], definition.wrapped_cls.__name__, definition.wrapped_cls)
        of = definition.wrapped_cls.__name__
        annotations = {"eq": f"{of} | None", "neq": f"{of} | None", "in_": f"list[{of}] | None"}
        annotations |= {"nin": f"list[{of}] | None", "is_null": "bool | None"}
        fields = {
            "eq": _is("It is this."),
            "neq": _is("It is not this, or null."),
            "in_": _is("It is one of these.", "in"),
            "nin": _is("It is none of these, or null."),
            "is_null": _is(_NULL),
        }
        if is_scale:
            words = {"lt": "It is lower.", "lte": "It is this or lower.", "gt": "It is higher."}
            words["gte"] = "It is this or higher."
            annotations |= dict.fromkeys(words, f"{of} | None")
            fields |= {key: _is(each) for key, each in words.items()}
        _make(name, annotations, fields, f"Conditions on a {definition.name}; all must hold. {_NOTHING}", False)
    return name


def _make(name: str, annotations: dict[str, str], fields: dict[str, Any], description: str, one_of: bool) -> type[Any]:
    plain = type(name, (), {"__annotations__": annotations, "__module__": __name__, **fields})
    made = strawberry.input(plain, description=description, one_of=one_of)
    setattr(sys.modules[__name__], name, made)
    return made
