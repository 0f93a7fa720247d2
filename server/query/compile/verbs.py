"""A mutation's root field: what the verb takes, and how the payload that it returns is completed like a row."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from server.query.compile.asked import Asked
from server.query.compile.complete import GeneratedCode, Objects, found_or_null, object_of
from server.query.compile.plan import Held, PayloadFieldPlan, VerbPlan
from server.query.declare.declaration import ById, RootMutation
from server.query.declare.strawberry_types import declaration_of, definition_of


def verb_plan(
    asked: Asked, verb: RootMutation, type_: GraphQLObjectType, details: Any, inside: tuple[PayloadFieldPlan, ...]
) -> VerbPlan:
    """The plan of a verb; `inside`: those of the fields of its payload that hold ids. Raises GraphQLError, before
    anything is done."""
    arguments = asked.arguments(type_, details)
    payload_type = get_named_type(type_.fields[details[0].node.name.value].type)
    assert isinstance(payload_type, GraphQLObjectType)
    objects = Objects(GeneratedCode(asked.tools.encoders), asked, from_json=False)
    plans: dict[str, Any] = {each.path[1]: each.plan for each in inside if len(each.path) == 2}
    held: list[Held] = []
    made: dict[str, str] = {}
    is_plain = len(plans) == len(inside)
    for key, name, each in asked.named(payload_type, details):
        if name == "__typename":
            made[key] = repr(payload_type.name)
            continue
        inner = payload_type.fields[name]
        definition: Any = definition_of(inner)
        declaration = declaration_of(definition)
        if isinstance(declaration, ById):
            held.append(Held(key, declaration.attribute or f"{definition.python_name}_id", plans[key]))
            made[key] = found_or_null(f"k[{key!r}]", is_non_null_type(inner.type))
        elif definition.base_resolver is not None or not is_plain:
            is_plain = False  # Python answers it, or what stands below: graphql-core asks
        else:
            made[key] = objects.value(f"o.{definition.python_name}", inner.type, each)
    build = objects.code.function("o, run, k", object_of(made)) if is_plain else None
    return VerbPlan(verb, arguments, tuple(held), build, inside)
