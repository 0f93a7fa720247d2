"""Why a variable or a literal is refused: where it stands, what was found there, and what would be right.

graphql-core says which of its checks failed; what would have passed is read from the schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    get_named_type,
)
from graphql.language import Node, ValueNode, print_ast
from graphql.utilities import validate_input_literal, validate_input_value

from server.query.codes import BAD_USER_INPUT, INVALID
from server.query.documents.coordinates import COORDINATE, inside
from server.query.documents.wanted_ids import Names, prefixes_at
from server.query.graphql_core import Reason, named_in, of_value, wanted_by
from server.query.problem import Problem, bad_input, ours

MOST_ERRORS = 20
LONGEST_SHOWN = 60  # characters of what was found

Place = Sequence[str | int]
_Found = tuple[GraphQLError, list[str | int]]


def refused_literal(
    schema: GraphQLSchema, node: ValueNode, type_: GraphQLInputType, place: Place, names: Names
) -> list[GraphQLError]:
    """Why a literal at this place is refused; none when it is not. `names`: the place's, as the schema has them."""
    found = _first(lambda on_error: validate_input_literal(node, type_, on_error))
    return _sorted(
        _told_where(
            schema, type_, error, error.nodes or [node], (place, path), [*names, *path], _written(error.nodes), INVALID
        )
        for error, path in found
    )


def refused_variable(
    schema: GraphQLSchema, definition: VariableDefinitionNode, value: Any, type_: GraphQLInputType, names: Names
) -> list[GraphQLError]:
    """Why a variable's value is refused. `names`: of where the document uses it, as the schema has them."""
    name = definition.variable.name.value
    if value is Undefined:
        return [bad_input("value_missing", name, constraint=str(type_), nodes=definition)]
    found = _first(lambda on_error: validate_input_value(value, type_, on_error))
    return _sorted(
        _told_where(
            schema, type_, error, [definition], ([name], path), [*names, *path], shown(_at(value, path)), BAD_USER_INPUT
        )
        for error, path in found
    )


def shown(value: Any) -> str:
    """A value as JSON, not at length."""
    return _cut(json.dumps(value, ensure_ascii=False, default=str)).encode("utf-8", "replace").decode()


class _Enough(Exception):
    """More errors than are told."""


def _first(validate: Callable[[Callable[[GraphQLError, list[str | int]], None]], None]) -> list[_Found]:
    """The first errors of a validation, each with its path in the value."""
    found: list[_Found] = []

    def on_error(error: GraphQLError, path: list[str | int]) -> None:
        # What raised it is at work still, and refers to what is found: only the garbage collector would part them.
        if error.original_error is not None:
            error.original_error.__traceback__ = None
        error.__traceback__ = None
        found.append((error, path))
        if len(found) >= MOST_ERRORS:
            raise _Enough

    with suppress(_Enough):
        validate(on_error)
    return found


def _told_where(
    schema: GraphQLSchema,
    type_: GraphQLInputType,
    error: GraphQLError,
    nodes: Sequence[Node],
    place: tuple[Place, Place],
    names: Names,
    given: str,
    code: str,
) -> GraphQLError:
    """The error with its place, its constraint and its words in every language.

    `place`: of the whole value, which is of this type, and in it.
    """
    path = [str(step) for steps in place for step in steps]
    problem = ours(error)
    if problem is None:
        reason = of_value(error.message)
        problem = _problem(schema, reason, given, code)
        if reason.kind in ("unknown_field", "missing_field"):
            path.append(reason.facts["name"])
    elif problem.key == "not_an_id" and (prefixes := prefixes_at(names)):
        right = ", ".join(f"{prefix}_…" for prefix in prefixes)
        problem = bad_input("not_an_id", constraint=right, given=problem.facts["given"])
    extensions = {**(problem.extensions or {}), "path": path}
    if (coordinate := inside(get_named_type(type_), path[len(place[0]) :])) is not None:
        extensions[COORDINATE] = coordinate
    return GraphQLError(problem.message, nodes, original_error=problem, extensions=extensions)


def _problem(schema: GraphQLSchema, reason: Reason, given: str, code: str) -> Problem:
    """What graphql-core's own checks refuse, in our words."""
    type_ = schema.get_type(reason.facts.get("type", ""))
    name = reason.facts.get("name")
    meant = reason.facts.get("suggestions")
    match reason.kind, type_:
        case "unknown_field", GraphQLInputObjectType(name=of, fields=fields):
            known = None if meant else ", ".join(fields)
            right = {"constraint": known or ", ".join(named_in(str(meant)))}
            return Problem(
                "unknown_field",
                code,
                {"name": name, "type": of, "suggestions": meant, "fields": known},
                shown=right,
            )
        case "missing_field", GraphQLInputObjectType(fields=fields):
            return Problem("missing_field", code, {"name": name, "constraint": str(fields[str(name)].type)})
        case "no_such_value", GraphQLEnumType(values=values):
            allowed = ", ".join(values)
            return Problem("no_such_value", code, {"given": given, "suggestions": meant, "constraint": allowed})
        case "one_of", GraphQLInputObjectType(fields=fields):
            return Problem("one_of", code, {"given": given, "constraint": f"one of {', '.join(fields)}"})
        case "missing", _:
            return Problem("value_missing", code, {"constraint": wanted_by(reason)})
        case _:
            return Problem("wrong_type", code, {"constraint": wanted_by(reason), "given": given})


def _sorted(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """What decides first: of an input that takes one field, that there are several comes before what is in them."""
    return sorted(errors, key=lambda error: getattr(error.original_error, "key", "") != "one_of")


def _at(value: Any, path: Place) -> Any:
    """What stands at the path; a list's only item may stand without its list."""
    for step in path:
        if isinstance(value, dict | list):
            value = value[step]  # type: ignore[index]  # the path was made from this very value
    return value


def _written(nodes: Sequence[Any] | None) -> str:
    return _cut(print_ast(nodes[0])) if nodes else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
