"""A verb's input: from what graphql-core coerced, by the API's names, to the Python object that the verb is given.

What Strawberry's own conversion does, in a fraction of its time: it looks up each field's type anew in each request.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.arguments import convert_argument
from strawberry.utils.str_converters import to_camel_case

from server import shortcuts
from server.schema.scalars import SCALARS

_CONFIG = StrawberryConfig()
_REGISTRY = {**DEFAULT_SCALAR_REGISTRY, **SCALARS}


def made_input(type_: Any, values: dict[str, Any]) -> Any:
    """An input object of this Strawberry type; fields that were not given have their defaults."""
    if not shortcuts.are_taken:
        return convert_argument(values, type_, _REGISTRY, _CONFIG)
    given = {}
    for key, name, inner in _fields(type_):
        if key in values:
            value = values[key]
            given[name] = value if inner is None else _made(inner, value)
    return type_(**given)


def _made(type_: Any, value: Any) -> Any:
    if value is None:
        return None
    return [_made(type_, each) for each in value] if isinstance(value, list) else made_input(type_, value)


@cache
def _fields(type_: Any) -> tuple[tuple[str, str, type[Any] | None], ...]:
    """Each field's name in the API and in Python, and the input type that it holds, if it holds objects."""
    definition = type_.__strawberry_definition__
    return tuple(
        (each.graphql_name or to_camel_case(each.python_name), each.python_name, _inner(each.type))
        for each in definition.fields
    )


def _inner(type_: Any) -> type[Any] | None:
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    return type_ if is_input(type_) else None


def is_input(type_: Any) -> bool:
    """Whether this is an input's class; an enum has a definition of Strawberry's as well."""
    return bool(getattr(getattr(type_, "__strawberry_definition__", None), "is_input", False))
