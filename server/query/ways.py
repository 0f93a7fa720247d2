"""Why an operation is not completed directly: what metrics and the list of exceptions call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from graphql import GraphQLError, OperationType

if TYPE_CHECKING:
    from server.query.execution import Compiled, Execution

# mutation: its resolver runs under graphql-core. introspection: graphql-core's own fields. resolver: a root field that
# Python answers. error: graphql-core tells it in the place where it belongs. null: one where none may be.
# asked: the engine was told to.
Why = Literal["mutation", "introspection", "resolver", "error", "null", "asked"]
Way: TypeAlias = tuple[str, str | None]


def why_ordinary(execution: Execution, compiled: Compiled) -> Why:
    """The first reason for which graphql-core completed what was read."""
    if execution.operation.node.operation == OperationType.MUTATION:
        return "mutation"
    if any(plan is None for plan in compiled.plans.values()):
        return "introspection" if compiled.is_introspecting else "resolver"
    if any(isinstance(value, GraphQLError) for value in execution.tree.values()):
        return "error"
    return "null" if execution.run.is_flawed else "asked"
