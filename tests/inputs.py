"""Inputs made from the schema itself: complete, of the right types, and of nothing that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from strawberry.utils.str_converters import to_snake_case

from server.ids import encode
from server.query.declare.strawberry_types import definition_of
from server.rules.aggregates import REFERENCES
from server.schema import schema

GRAPHQL = schema._schema
NOBODY = UUID("01930000-0000-7000-8000-000000000000")  # nothing has this id

# What is taken where a type alone does not say what would be right.
BY_NAME: Mapping[str, Any] = {
    "code": "UJI-COBA",
    "organisation": {"code": "12.71.11"},
    "lead": {"code": "DLH"},
    "successor": None,
    "parent": None,
    "programme": None,
    "kelurahan": None,
    "givers": {"code": "DLH"},
    "asker": {"code": "DLH"},
    "giver": {"code": "DLH"},
    "to": {"code": "DINKES"},
    "login": "uji-coba",
    "url": "https://contoh.example/bukti",
    "progress": 40,
    "year": 2027,
    "role": "STAFF",
    "kind": "OPD",
    "ifVersion": None,
    "idempotencyKey": None,
    "dryRun": True,
}
BY_TYPE: Mapping[str, Any] = {
    "String": "uji coba",
    "Int": 1,
    "Boolean": True,
    "Date": "2026-06-20",
    "DateTime": "2026-06-25T09:00:00+07:00",
    "Decimal": "12.5",
}


def mutations() -> Mapping[str, GraphQLInputObjectType]:
    """Every mutation with the type of its input."""
    assert GRAPHQL.mutation_type is not None
    found: dict[str, GraphQLInputObjectType] = {}
    for name, field in GRAPHQL.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        kind = getattr(field.args["input"].type, "of_type", None)
        assert isinstance(kind, GraphQLInputObjectType), name
        found[name] = kind
    return found


def unknown_id(field: str) -> str:
    """An id of the kind that an input's field takes, of nothing."""
    name = to_snake_case(field).removesuffix("s").removesuffix("_id")
    (prefix, *_) = REFERENCES.get(name, ("org" if name.startswith("organisation") else "prog",))
    return encode(prefix, NOBODY)


def sample(kind: GraphQLInputType, name: str, given: Mapping[str, Any]) -> Any:
    """A value of this type for the input's field of that name; `given` goes before, wherever its names appear."""
    if name in given:
        return given[name]
    if is_non_null_type(kind):
        return sample(kind.of_type, name, given)
    if is_list_type(kind):
        return [sample(kind.of_type, name, given)]
    if isinstance(kind, GraphQLInputObjectType) and name not in BY_NAME:
        names = [*kind.fields][-1:] if definition_of(kind).is_one_of else kind.fields
        return {each: sample(kind.fields[each].type, each, given) for each in names}
    if isinstance(kind, GraphQLEnumType):
        return BY_NAME[name] if BY_NAME.get(name) in kind.values else next(iter(kind.values))
    if name in BY_NAME:
        return BY_NAME[name]
    label = str(kind)
    assert label == "ID" or label in BY_TYPE, f"tests/inputs.py: say in BY_TYPE what a {label} is, for {name}"
    return unknown_id(name) if label == "ID" else BY_TYPE[label]


def least(verb: str, **given: Any) -> dict[str, Any]:
    """A dry run of the verb with only what it must be given."""
    kind = mutations()[verb]
    wanted = {name for name, field in kind.fields.items() if is_required_input_field(field)} | {"dryRun"}
    return {name: value for name, value in complete(verb, **given).items() if name in wanted}


def complete(verb: str, **given: Any) -> dict[str, Any]:
    """A dry run of the verb with every field filled."""
    made: dict[str, Any] = sample(mutations()[verb], "input", given)
    return made
