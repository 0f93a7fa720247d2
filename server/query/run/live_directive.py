"""`@live` on a query: that it is to be answered again whenever its answer has changed, and how often at most."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLSchema, OperationType, get_directive_values
from graphql.execution.values import VariableValues

from server.query.documents.cache import Operation
from server.query.problem import bad_input

DIRECTIVE = "live"
THROTTLE, LONGEST_THROTTLE = 500, 60_000  # milliseconds


def throttle_of(schema: GraphQLSchema, operation: Operation, values: VariableValues) -> int | None:
    """Milliseconds between two answers to a live query; None for every other operation. Raises BAD_USER_INPUT."""
    node, directive = operation.node, schema.get_directive(DIRECTIVE)
    if node.operation != OperationType.QUERY or not node.directives or directive is None:
        return None
    given = get_directive_values(directive, node, values)
    return checked(given.get("throttle"), ("throttle",)) if given and given["if"] else None


def checked(given: int | None, path: Sequence[str]) -> int:
    """A throttle as it was given, or the usual one. Raises BAD_USER_INPUT."""
    throttle = THROTTLE if given is None else given
    if not THROTTLE <= throttle <= LONGEST_THROTTLE:
        raise bad_input("throttle", *path, constraint=f"{THROTTLE}..{LONGEST_THROTTLE}", value=throttle)
    return throttle
