"""The response of an operation, as it is sent; who completed it, and why where that was graphql-core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson
from graphql import GraphQLError

from server.database import is_away
from server.query.documents.cache import Operation
from server.query.problem import told
from server.text import Language

# introspection: graphql-core's own fields. resolver: a root field that Python answers. error: graphql-core tells it in
# the place where it belongs. null: one where none may be. asked: the engine was told to.
Why = Literal["introspection", "resolver", "error", "null", "asked"]
Way: TypeAlias = tuple[str, str | None]


@dataclass(slots=True)
class Result:
    """An answer: `data` as Python values, or as JSON bytes when the direct completion wrote it."""

    data: dict[str, Any] | bytes | None
    errors: list[GraphQLError] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    cost: int = 0
    is_refused: bool = False  # nothing ran: parse, validation, variables, limits
    is_away: bool = False  # the database was away for some of it
    why: Why | None = None  # graphql-core completed it, for this reason

    def formatted(self) -> dict[str, Any]:
        """The answer as a dictionary for orjson; without "data" where nothing ran."""
        answer: dict[str, Any] = {}
        if self.errors:
            answer["errors"] = [error.formatted for error in self.errors]
        if self.data is not None or not self.is_refused:
            answer["data"] = orjson.Fragment(self.data) if isinstance(self.data, bytes) else self.data
        if self.extensions:
            answer["extensions"] = self.extensions
        return answer

    @property
    def way(self) -> Literal["direct", "ordinary", "refused"]:
        """Who wrote the data: we ourselves from the tree, or graphql-core; or nobody."""
        if self.is_refused:
            return "refused"
        return "direct" if isinstance(self.data, bytes) and self.why is None else "ordinary"

    @property
    def is_empty(self) -> bool:
        """Whether no field was answered."""
        return not isinstance(self.data, bytes) and all(value is None for value in (self.data or {}).values())

    def told(self, language: Language) -> Result:
        """The same answer, its errors in this language."""
        self.is_away = self.is_away or any(is_away(error) for error in self.errors)  # not to be seen in words
        self.errors = [told(error, language) for error in self.errors]
        return self

    def json(self) -> bytes:
        """The answer's bytes."""
        return orjson.dumps(self.formatted())


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A checked subscription: its field, its coerced arguments, and how one event becomes an answer.

    Of a state that the engine itself reads, `deliver` takes nothing of what it is given.
    """

    field: str
    arguments: dict[str, Any]
    deliver: Callable[[Any], Awaitable[Result]]
    operation: Operation
