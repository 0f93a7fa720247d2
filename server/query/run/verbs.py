"""Mutations: the verbs of an operation one after the other, and their payloads completed like rows.

The verbs run here and nowhere else. What they return is kept, so that graphql-core, where something unusual needs its
rules, completes the same payloads and runs nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from server.query.compile.complete import Code, Objects
from server.query.compile.statement import Run, filled
from server.query.declare.declaration import ById, Verb
from server.query.declare.strawberry_types import declaration_of
from server.query.run.fetch import Level

if TYPE_CHECKING:
    from server.query.compile.compiler import Compiler, Payload, Plan
    from server.query.run.execution import Execution


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a payload that holds an id: its response key, and the plan of what is selected of that row."""

    key: str
    attribute: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class VerbPlan:
    """A mutation's root field."""

    verb: Verb
    arguments: Mapping[str, Any]  # coerced, with `Bound` where a variable's value belongs
    parts: tuple[Part, ...]
    # payload, run, the parts by their keys → the object; None: only graphql-core can complete this selection
    build: Callable[[Any, Run, dict[str, Any]], dict[str, Any]] | None
    inside: tuple[Payload, ...]

    @property
    def levels(self) -> list[Level]:
        """The first statements of whatever is read of the payload."""
        return [level for each in self.inside for level in each.plan.levels]


def compiled(compiler: Compiler, type_: GraphQLObjectType, key: str, details: Any) -> VerbPlan | None:
    """The plan of a root field that is a verb. Raises GraphQLError, before anything is done."""
    field = type_.fields.get(details[0].node.name.value)
    declaration = None if field is None else declaration_of(field.extensions.get("strawberry-definition"))
    if field is None or not isinstance(declaration, Verb):
        return None
    inside = tuple(compiler.inside(type_, details, (key,)))
    arguments = compiler.arguments(type_, details)
    payload_type = get_named_type(field.type)
    assert isinstance(payload_type, GraphQLObjectType)
    objects = Objects(Code(compiler.encoders), compiler.schema, compiler.fields, from_json=False)
    plans = {each.path[1]: each.plan for each in inside if len(each.path) == 2}
    parts, made = [], []
    is_plain = len(plans) == len(inside)
    for name_given, each in compiler.fields(payload_type, details).items():
        name = each[0].node.name.value
        if name == "__typename":
            made.append(f"{name_given!r}: {payload_type.name!r}")
            continue
        inner = payload_type.fields[name]
        definition: Any = inner.extensions["strawberry-definition"]
        held = declaration_of(definition)
        if isinstance(held, ById):
            parts.append(Part(name_given, held.attribute or f"{definition.python_name}_id", plans[name_given]))  # type: ignore[arg-type]
            value = f"k[{name_given!r}]"
            value = f"({value} or run.flaw())" if is_non_null_type(inner.type) else value
        elif definition.base_resolver is not None or not is_plain:
            is_plain = False  # Python answers it, or what stands below: graphql-core asks
            continue
        else:
            value = objects.value(f"o.{definition.python_name}", inner.type, each)
        made.append(f"{name_given!r}: {value}")
    build = objects.code.function("o, run, k", "{" + ", ".join(made) + "}") if is_plain else None
    return VerbPlan(declaration, arguments, tuple(parts), build, inside)


async def run(execution: Execution, key: str, plan: VerbPlan) -> None:
    """Do the verb and read what its payload holds; both are kept in the execution, an exception too."""
    done = execution.done
    try:
        payload = await plan.verb.run(execution.context, filled(plan.arguments, execution.run.values))
        done[key,] = payload
        if payload is None:
            execution.tree[key] = None
            return
        held: dict[str, Any] = {}
        for part in plan.parts:
            id_ = getattr(payload, part.attribute)
            if id_ is None:
                found = None
            elif payload.in_hand and id_ in payload.in_hand and (own := part.plan.level.own) is not None:
                rows = own.of(payload.in_hand[id_], execution.context.viewer)
                execution.run.cost += 1 + len(rows)
                found = part.plan.level.build(rows, execution.run, [], False, 0)
            else:
                found = await execution.read_payload(part.plan, id_)
            held[part.key] = done[key, part.key] = found
        if plan.build is not None:
            execution.tree[key] = plan.build(payload, execution.run, held)
    except Exception as error:
        # Even when the verb was done: what cannot be read of it is an error of this field.
        done[key,] = error
