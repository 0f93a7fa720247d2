"""The state of one operation while it runs: its plans, connection and results; graphql-core's root value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from server.database import Connection
from server.query.compile.asked import Asked, Tools
from server.query.compile.plan import MOST_IDS, Level, NodesPlan, PayloadPlace, PayloadPlan, Plan, VerbPlan
from server.query.compile.plan_key import Bound
from server.query.compile.statement import Run
from server.query.declare.context import Context
from server.query.documents.cache import Operation
from server.query.problem import Problem
from server.query.run.fetch import Fetch
from server.query.run.kept_rows import KeptRows
from server.query.run.result import Why
from server.query.values import Id


class Pool(Protocol):
    """What the engine asks of a pool of connections."""

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Borrow one."""
        ...


@dataclass(slots=True)
class Compiled:
    """The plans of an operation's root fields by response key; None for a field with a resolver of its own."""

    plans: dict[str, Plan | NodesPlan | VerbPlan | GraphQLError | None]
    levels: list[Level]
    payloads: dict[PayloadPlace, PayloadPlan]  # of the fields with a resolver of their own, and below them
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
        self.places = {id_: place for place, id_ in enumerate(self.ids)}
        self.found: dict[PayloadPlace, asyncio.Future[list[Any]]] = {}


@dataclass(slots=True)
class Execution:
    """One operation while it runs: graphql-core's root value."""

    pool: Pool
    tools: Tools
    operation: Operation
    context: Context
    run: Run
    outlined: VariableValues
    shape: Hashable
    compiled: Compiled = field(init=False)
    tree: dict[str, Any] = field(default_factory=dict)
    # Of a mutation: (response key,) → the payload, or an exception instead; (response key, its part's key) → the row.
    done: dict[tuple[str, ...], Any] = field(default_factory=dict)
    root: Any = None  # a subscription's event
    pinned: Connection | None = None  # inside a snapshot
    deprecated: Sequence[str] = ()  # the coordinates that it uses
    kept: KeptRows | None = None  # of a state: what its statements found before
    parents: dict[int, set[Any]] | None = None  # of a live answer: id(level) → the ids for which it was read
    _lock: asyncio.Lock | None = None

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction's own connection, one at a time; else one of the pool."""
        own = self.pinned or self.context.connection
        return self.pool.connection() if own is None else self._in_turn(own)

    @asynccontextmanager
    async def _in_turn(self, own: Connection) -> AsyncIterator[Connection]:
        self._lock = self._lock or asyncio.Lock()
        async with self._lock, asyncio.timeout_at(self.context.connection_until):
            yield own

    @property
    def variables(self) -> VariableValues:
        """The variables with their values."""
        return VariableValues(self.outlined.sources, self.run.values)

    def asked(self, variables: VariableValues) -> Asked:
        """What the operation asks for with these variables."""
        operation = self.operation
        return Asked(self.tools, operation.node, operation.fragments, variables, self.context.viewer)

    async def payload(self, place: PayloadPlace, id_: Any) -> Any:
        """What stands at a field of an object that Python made, which holds this id (or these)."""
        plan = self.compiled.payloads[place]
        if isinstance(plan, GraphQLError):
            raise of_values(plan, self.run).with_traceback(None)  # it is kept, and must not keep each request's frames
        return await self.read_payload(plan, id_)

    async def read_payload(self, plan: Plan | NodesPlan, id_: Any) -> Any:
        """What a plan finds for this id (or these) of a payload."""
        is_one = isinstance(plan, NodesPlan) and not isinstance(id_, list)
        run = Run(self.context, {**self.run.values, "": [id_] if is_one else id_})
        async with self.connection() as connection:
            found = await Fetch(connection, run, None, self.parents).value(plan)
        self.run.cost += run.cost
        self.run.is_flawed |= run.is_flawed
        return found[0] if is_one else found

    async def read_rows(self, plan: Plan | NodesPlan, ids: list[Any]) -> dict[Any, Any]:
        """What a plan finds for the ids of a payload's list, by these."""
        if not ids:
            return {}
        if isinstance(plan, NodesPlan):
            found: dict[Any, Any] = {}
            for start in range(0, len(ids), MOST_IDS):
                some = ids[start : start + MOST_IDS]
                found |= zip(some, await self.read_payload(plan, some), strict=True)
            return found
        (level,) = plan.levels
        async with self.connection() as connection:
            return await Fetch(connection, self.run, None, self.parents).level(level, ids)

    async def in_batch(self, place: PayloadPlace, batch: Batch, id_: Id) -> Any:
        """One of a batch's objects; whoever asks first has all of them read."""
        if place not in batch.found:
            batch.found[place] = asyncio.ensure_future(self.payload(place, batch.ids))
        rows = await batch.found[place]
        return rows[batch.places[id_]]

    def why_ordinary(self) -> Why:
        """The first reason for which graphql-core completed what was read."""
        if any(plan is None for plan in self.compiled.plans.values()):
            return "introspection" if self.compiled.is_introspecting else "resolver"
        if self.has_error:
            return "error"
        return "null" if self.run.is_flawed else "asked"

    @property
    def has_error(self) -> bool:
        """Whether a root field, or something of a payload, is an error."""
        return any(isinstance(value, Exception) for each in (self.tree, self.done) for value in each.values())


def of_values(error: GraphQLError, run: Run) -> GraphQLError:
    """A kept error, telling of what these very variables hold."""
    if not isinstance(error, Problem) or not any(isinstance(fact, Bound) for fact in error.facts.values()):
        return error
    facts = {name: fact.of(run.values) if isinstance(fact, Bound) else fact for name, fact in error.facts.items()}
    shown = dict(error.extensions or {})
    return Problem(error.key, shown.pop("code"), facts, hint=error.hint, shown=shown, nodes=error.nodes)
