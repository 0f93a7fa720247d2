"""One operation while it runs, and what comes of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from server.database import is_away
from server.query.compile.compiler import Compiler, NodesPlan, Plan
from server.query.compile.statement import Run
from server.query.declare.declaration import Context, Through
from server.query.documents.cache import Operation
from server.query.problem import told
from server.query.run.fetch import Connection, Level
from server.query.run.verbs import VerbPlan
from server.query.values import Id
from server.text import Language

if TYPE_CHECKING:
    from server.query.run.engine import Engine
    from server.query.run.fallback import Why


@dataclass(slots=True)
class Result:
    """An answer: `data` as Python values, or as JSON bytes when the direct completion wrote it."""

    data: dict[str, Any] | bytes | None
    errors: list[GraphQLError] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)

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

    cost: int = 0
    is_refused: bool = False  # nothing ran: parse, validation, variables, limits
    is_away: bool = False  # the database was away for some of it
    why: Why | None = None  # graphql-core completed it, for this reason

    @property
    def way(self) -> Literal["direct", "ordinary", "refused"]:
        """Who wrote the data: we ourselves from the tree, or graphql-core; or nobody."""
        if self.is_refused:
            return "refused"
        return "direct" if isinstance(self.data, bytes) else "ordinary"

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


@dataclass(slots=True)
class Compiled:
    """The plans of an operation's root fields by response key; None for a field with a resolver of its own."""

    plans: dict[str, Plan | NodesPlan | VerbPlan | GraphQLError | None]
    levels: list[Level]
    is_direct: bool
    keys: list[str]  # every response key, in the answer's order
    typename: str
    price: int | None  # the same for all variables; None: counted for each execution
    is_introspecting: bool  # what has no plan is graphql-core's own
    is_state: bool = False  # some of it must be read in one snapshot


class Batch:
    """The ids of a list of plain objects, whose rows are read together: a statement for each type among them."""

    def __init__(self, ids: Sequence[Id]) -> None:
        self.ids = list(ids)
        self.found: dict[Hashable, asyncio.Future[dict[uuid.UUID, Any]]] = {}


@dataclass(slots=True)
class Execution:
    """One operation while it runs: graphql-core's root value."""

    engine: Engine
    operation: Operation
    context: Context
    run: Run
    outlined: VariableValues
    shape: Hashable
    tree: dict[str, Any] = field(default_factory=dict)
    # Of a mutation: (response key,) → the payload, or an exception instead; (response key, its part's key) → the row.
    done: dict[tuple[str, ...], Any] = field(default_factory=dict)
    root: Any = None  # a subscription's event
    pinned: Connection | None = None  # inside a snapshot
    _lock: asyncio.Lock | None = None

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction's own connection, one at a time; else one of the pool."""
        own = self.pinned or self.context.connection
        return self.engine.pool.connection() if own is None else self._in_turn(own)

    @asynccontextmanager
    async def _in_turn(self, own: Connection) -> AsyncIterator[Connection]:
        self._lock = self._lock or asyncio.Lock()
        async with self._lock, asyncio.timeout_at(self.context.connection_until):
            yield own

    def compiler(self) -> Compiler:
        """For this kind of viewer and this shape of variables."""
        operation = self.operation
        return Compiler(self.engine.tools, operation.node, operation.fragments, self.outlined, self.context.viewer)

    def payload_key(self, type_name: str, path: tuple[str, ...], details: Any) -> Hashable:
        """Under what a payload field's plan is kept."""
        return (type_name, path, tuple(id(each.node) for each in details), self.shape)

    async def payload(
        self, type_name: str, id_: uuid.UUID, details: Any, path: tuple[str, ...], link: Through | None = None
    ) -> Any:
        """A payload's object, for its own selection."""
        key = self.payload_key(type_name, path, details)
        plan = self.operation.payloads.find(key)
        if plan is None:
            entries = self.engine.catalogue.rows[type_name]
            plan = self.operation.payloads.keep(key, self.compiler().payload(entries, details, path, link))
        return await self.read_payload(plan, id_)

    async def read_payload(self, plan: Plan | NodesPlan, id_: Any) -> Any:
        """What a plan finds for this id (or these) of a payload."""
        run = Run(self.context, {**self.run.values, "": id_})
        async with self.connection() as connection:
            found = await plan.run(connection, run)
        self.run.cost += run.cost
        self.run.is_flawed |= run.is_flawed
        return found

    async def in_batch(self, batch: Batch, id_: Id, types: tuple[str, ...], details: Any, path: tuple[str, ...]) -> Any:
        """One of a batch's objects, for its own selection; whoever asks first has all of them read."""
        key = self.payload_key("", path, details)
        if key not in batch.found:
            batch.found[key] = asyncio.ensure_future(self._read_batch(key, batch, types, details, path))
        return (await batch.found[key]).get(id_.uuid)

    async def _read_batch(
        self, key: Hashable, batch: Batch, types: tuple[str, ...], details: Any, path: tuple[str, ...]
    ) -> dict[uuid.UUID, Any]:
        plan = self.operation.payloads.find(key)
        if plan is None:
            plan = self.operation.payloads.keep(key, self.compiler().batch(types, details, path))
        run = Run(self.context, {**self.run.values, "": batch.ids})
        async with self.connection() as connection:
            rows = await plan.run(connection, run)
        self.run.cost += run.cost
        return {id_.uuid: row for id_, row in zip(batch.ids, rows, strict=True)}


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A checked subscription: its field, its coerced arguments, and how one event becomes an answer.

    Of a state that the engine itself reads, `deliver` takes nothing of what it is given. `moments`: what of an answer
    changes although the state has not, as JSON.
    """

    field: str
    arguments: dict[str, Any]
    deliver: Callable[[Any], Awaitable[Result]]
    moments: bytes
