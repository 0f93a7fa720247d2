"""GraphQL errors: always a code, and for input its path and what would be right.

They are raised as a key and facts, and become a sentence when they are told (`told`): a document is kept together with
its errors, and its next reader may read another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError
from graphql.language import Node

from server.query.codes import BAD_USER_INPUT, COST_EXCEEDED
from server.query.graphql_core import of_document, of_value, place_in, shortened, wanted_by
from server.text import Language, constraint, sentence

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

    It is a bound ("0..200", "at most 3"), what reads alike everywhere, or the key of its sentence in server/text.
    """
    shown = {"path": [str(step) for step in path]}
    return Problem(key, BAD_USER_INPUT, {"constraint": constraint, **facts}, shown=shown, nodes=nodes)


def too_costly(
    key: str, requested: int, limit: int, *, hint: str, breakdown: Iterable[dict[str, Any]] = (), **facts: object
) -> Problem:
    """A document that asks for more than is allowed; obeying the hint makes it pass."""
    shown = {"requested": requested, "limit": limit, "breakdown": list(breakdown)}
    return Problem(key, COST_EXCEEDED, {"requested": requested, "limit": limit, **facts}, hint=hint, shown=shown)


def told(error: GraphQLError, language: Language) -> GraphQLError:
    """The error in its reader's language; a new one, since kept errors have many readers."""
    mine = ours(error)
    if mine is None:
        return error
    extensions = dict(error.extensions or {})
    place = ".".join(extensions.get("path", ())) or None
    message = sentence(language, "problem", mine.key, **{"path": place, **mine.facts})
    if mine.hint is not None:
        extensions["hint"] = sentence(language, "hint", mine.hint, **mine.facts)
    if "constraint" in mine.facts:
        extensions["constraint"] = constraint(language, str(mine.facts["constraint"]))
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def ours(error: BaseException | None) -> Problem | None:
    """The error of ours in a chain of causes: graphql-core wraps what scalars and resolvers raise."""
    while isinstance(error, GraphQLError):
        if isinstance(error, Problem):
            return error
        error = error.original_error
    return None


def with_code(error: GraphQLError, code: str) -> GraphQLError:
    """The same error with a code and our words, unless it has a code already; input keeps its place."""
    mine = ours(error)
    if mine is not None and "constraint" in mine.facts:
        kept = {**(mine.extensions or {}), **(error.extensions or {})}
        error.extensions = {**kept, "path": kept.get("path") or place_in(error.message)}
        return error
    if (error.extensions or {}).get("code"):
        return error
    problem = _of_value(error.message) if code == BAD_USER_INPUT else _of_document(error.message, code)
    extensions = {**(error.extensions or {}), **((problem and problem.extensions) or {"code": code})}
    return GraphQLError(
        shortened(error.message),
        error.nodes,
        error.source,
        error.positions,
        error.path,
        original_error=problem,
        extensions=extensions,
    )


def _of_value(message: str) -> Problem:
    """What graphql-core says of an argument once a field is asked for it."""
    reason = of_value(message)
    key = "value_missing" if reason.kind == "missing" else "wrong_type"
    return Problem(key, BAD_USER_INPUT, {"constraint": wanted_by(reason)}, shown={"path": place_in(message)})


def _of_document(message: str, code: str) -> Problem | None:
    """What graphql-core says of a document; None where it says what we do not know."""
    reason = of_document(message)
    return None if reason is None else Problem(reason.kind, code, reason.facts)
