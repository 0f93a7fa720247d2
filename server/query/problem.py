"""GraphQL errors: always a code, and for input its path and what would be right.

They are raised as a key and facts, and become a sentence when they are told (`told`): a document is kept together with
its errors, and its next reader may read another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError
from graphql.language import Node

from server.query.graphql_core import is_of_scalar, place_in, shortened, wanted_by
from server.text import Language, constraint, sentence

BAD_USER_INPUT = "BAD_USER_INPUT"
INVALID = "GRAPHQL_VALIDATION_FAILED"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
COST_EXCEEDED = "COST_EXCEEDED"

Nodes = Sequence[Node] | Node | None


class Problem(GraphQLError):
    """An error of ours: the key of its sentence in server/text under `problem` (of its hint under `hint`), and facts.

    `shown` goes into the extensions beside the code.
    """

    def __init__(
        self,
        key: str,
        code: str,
        facts: Mapping[str, object] | None = None,
        *,
        hint: str | None = None,
        shown: Mapping[str, Any] | None = None,
        nodes: Nodes = None,
    ) -> None:
        super().__init__(key, nodes, extensions={"code": code, **(shown or {})})
        self.key = key
        self.hint = hint
        self.facts = facts or {}


class NotRun(Exception):
    """Nothing of an operation is run, for these reasons."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(*errors)
        self.errors = list(errors)


def bad_input(key: str, *path: str | int, constraint: str, nodes: Nodes = None, **facts: object) -> Problem:
    """Input that a scalar or an argument's bound refuses; `constraint` says what would be right.

    It is a bound that reads alike everywhere ("0..200"), or the key of its sentence in server/text.
    """
    shown = {"path": [str(step) for step in path], "constraint": _written(constraint)}
    return Problem(key, BAD_USER_INPUT, {"constraint": constraint, **facts}, shown=shown, nodes=nodes)


def too_costly(
    key: str, requested: int, limit: int, *, hint: str, breakdown: Iterable[dict[str, Any]] = (), **facts: object
) -> Problem:
    """A document that asks for more than is allowed; obeying the hint makes it pass."""
    shown = {"requested": requested, "limit": limit, "breakdown": list(breakdown)}
    return Problem(key, COST_EXCEEDED, {"requested": requested, "limit": limit, **facts}, hint=hint, shown=shown)


def of_literal(error: GraphQLError, place: Sequence[str]) -> GraphQLError:
    """Why graphql-core's own scalar, or what it could not foresee, refuses a literal: as it is told of a variable."""
    if not is_of_scalar(error.message):
        return error
    wanted = wanted_by(error.message)
    shown = {"path": list(place), "constraint": _written(wanted)}
    return Problem("wrong_type", INVALID, {"constraint": wanted}, shown=shown)


def told(error: GraphQLError, language: Language) -> GraphQLError:
    """The error in its reader's language; a new one, since kept errors have many readers.

    What graphql-core says of a document's text is left in its own words, and so is in English what it says of a value.
    """
    ours = _ours(error)
    extensions = dict(error.extensions or {})
    place = ".".join(extensions.get("path", ())) or None
    if ours is not None:
        message = sentence(language, "problem", ours.key, **{"path": place, **ours.facts})
        if ours.hint is not None:
            extensions["hint"] = sentence(language, "hint", ours.hint, **ours.facts)
    elif extensions.get("code") == BAD_USER_INPUT and language != "en":
        message = sentence(language, "problem", "wrong_type", path=place, constraint=wanted_by(error.message))
    else:
        return error
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def _ours(error: BaseException | None) -> Problem | None:
    """The error of ours in a chain of causes: graphql-core wraps what scalars and resolvers raise."""
    while isinstance(error, GraphQLError):
        if isinstance(error, Problem):
            return error
        error = error.original_error
    return None


def _written(bound: str) -> str:
    """A constraint as programs and developers read it: in English, whatever the caller's language."""
    return constraint("en", bound)


def with_code(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code, unless it has one already; input refused by a scalar keeps its constraint."""
    ours = _ours(error)
    if ours is not None and "constraint" in ours.facts:
        kept = {**(ours.extensions or {}), **(error.extensions or {})}
        error.extensions = {**kept, "path": kept["path"] or place_in(error.message)}
    elif not (error.extensions or {}).get("code"):
        shown = {}
        if code == BAD_USER_INPUT:
            shown = {"path": place_in(error.message), "constraint": _written(wanted_by(error.message))}
        error.extensions = {**(error.extensions or {}), "code": code, **shown}
        error.message = shortened(error.message)
    return error
