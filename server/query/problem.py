"""The errors that a query may answer with: always a code, and for input its path and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLError
from graphql.language import Node

BAD_USER_INPUT = "BAD_USER_INPUT"
COST_EXCEEDED = "COST_EXCEEDED"


def bad_input(
    message: str, *path: str | int, constraint: str, nodes: Sequence[Node] | Node | None = None
) -> GraphQLError:
    """Input that a scalar or an argument's bound refuses; `constraint` says what would be right ("1..200")."""
    extensions: dict[str, Any] = {
        "code": BAD_USER_INPUT,
        "path": [str(step) for step in path],
        "constraint": constraint,
    }
    return GraphQLError(message, nodes, extensions=extensions)


def too_costly(
    message: str, requested: int, limit: int, hint: str, breakdown: Iterable[dict[str, Any]] = (), nodes: Any = None
) -> GraphQLError:
    """A document that asks for more than is allowed; obeying the hint makes it pass."""
    extensions: dict[str, Any] = {
        "code": COST_EXCEEDED,
        "requested": requested,
        "limit": limit,
        "breakdown": list(breakdown),
        "hint": hint,
    }
    return GraphQLError(message, nodes, extensions=extensions)


def with_code(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code, unless it has one already; input refused by a scalar keeps its constraint."""
    origin: BaseException | None = error
    while origin is not None:
        if isinstance(origin, GraphQLError) and (origin.extensions or {}).get("constraint"):
            kept = dict(origin.extensions or {})
            kept["path"] = kept.get("path") or _path_in(error.message)
            error.extensions = {**(error.extensions or {}), **kept, "code": BAD_USER_INPUT}
            return error
        origin = getattr(origin, "original_error", None)
    if not (error.extensions or {}).get("code"):
        told = {"path": _path_in(error.message), "constraint": _wanted(error.message)} if code == BAD_USER_INPUT else {}
        error.extensions = {**(error.extensions or {}), "code": code, **told}
    return error


def _path_in(message: str) -> list[str]:
    """graphql-core tells an input's place only in its message: "Variable '$input' has invalid value at .a[0].b: …"."""
    head, _, why = message.partition(": ")
    name = head.split("'")[1].lstrip("$") if head.count("'") >= 2 else ""
    _, _, tail = head.partition(" at ")
    steps = tail.replace("[", ".").replace("]", "").split(".")
    field = _FIELD.search(why)
    return [step for step in [name, *steps, field[1] if field else ""] if step]


_FIELD = re.compile(r"^Expected value of type '[^']*' (?:not )?to include (?:required|unknown) field '([^']*)'")
_TYPE = re.compile(r"(?:^|: )Expected (?:a )?value of (?:non-null )?type '([^']*)'")
_SCALAR = re.compile(r"(Int|Float|String|Boolean|ID) cannot represent")
_WANTED = {
    "Int": "a whole number from -2147483648 to 2147483647",
    "Float": "a finite number",
    "String": "a string",
    "Boolean": "true or false",
}


def _wanted(message: str) -> str:
    """What would have been right where graphql-core itself refused: a bound of its scalars, else the type's name."""
    if "OneOf Input Object" in message:
        return "exactly one field, and not null"
    if scalar := _SCALAR.search(message):
        return _WANTED.get(scalar[1], scalar[1])
    named = _TYPE.search(message)
    return named[1] if named else "a value of the declared type"
