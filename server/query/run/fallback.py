"""Why an operation is not completed directly: what metrics and the list of exceptions call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from graphql import GraphQLError

from server.query.run.verbs import VerbPlan

if TYPE_CHECKING:
    from server.query.run.execution import Compiled, Execution

# introspection: graphql-core's own fields. resolver: a root field that Python answers. payload: a payload that holds
# rows in a list of objects. error: graphql-core tells it in the place where it belongs. null: one where none may be.
# asked: the engine was told to.
Why = Literal["introspection", "resolver", "payload", "error", "null", "asked"]
Way: TypeAlias = tuple[str, str | None]


def why_ordinary(execution: Execution, compiled: Compiled) -> Why:
    """The first reason for which graphql-core completed what was read."""
    if any(isinstance(plan, VerbPlan) and plan.build is None for plan in compiled.plans.values()):
        return "payload"
    if any(plan is None for plan in compiled.plans.values()):
        return "introspection" if compiled.is_introspecting else "resolver"
    if any(isinstance(value, GraphQLError) for value in execution.tree.values()):
        return "error"
    if any(isinstance(value, Exception) for value in execution.done.values()):
        return "error"
    return "null" if execution.run.is_flawed else "asked"
