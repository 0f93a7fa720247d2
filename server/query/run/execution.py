"""The state of one operation while it runs: its plans, connection and results; graphql-core's root value."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from server.database import Connection
from server.query.compile.asked import Asked, Tools
from server.query.compile.compiler import Compiler
from server.query.compile.plan import Level, NodesPlan, Plan, VerbPlan
from server.query.compile.statement import Run
from server.query.declare.declaration import Context, ManyToMany
from server.query.documents.cache import Operation
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

    pool: Pool
    tools: Tools
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
    kept: KeptRows | None = None  # of a state: what its statements found before
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

    def compiler(self) -> Compiler:
        """For this kind of viewer and this shape of variables."""
        return Compiler(self.asked(self.outlined))

    def asked(self, variables: VariableValues) -> Asked:
        """What the operation asks for with these variables."""
        operation = self.operation
        return Asked(self.tools, operation.node, operation.fragments, variables, self.context.viewer)

    def payload_key(self, type_name: str, path: tuple[str, ...], details: Any) -> Hashable:
        """Under what a payload field's plan is kept."""
        return (type_name, path, tuple(id(each.node) for each in details), self.shape)

    async def payload(
        self, type_name: str, id_: uuid.UUID, details: Any, path: tuple[str, ...], link: ManyToMany | None = None
    ) -> Any:
        """A payload's object, for its own selection."""
        key = self.payload_key(type_name, path, details)
        plan = self.operation.payloads.find(key)
        if plan is None:
            entries = self.tools.catalogue.rows[type_name]
            plan = self.operation.payloads.keep(key, self.compiler().payload(entries, details, path, link))
        return await self.read_payload(plan, id_)

    async def read_payload(self, plan: Plan | NodesPlan, id_: Any) -> Any:
        """What a plan finds for this id (or these) of a payload."""
        run = Run(self.context, {**self.run.values, "": id_})
        async with self.connection() as connection:
            found = await Fetch(connection, run).value(plan)
        self.run.cost += run.cost
        self.run.is_flawed |= run.is_flawed
        return found

    async def in_batch(self, batch: Batch, id_: Id, types: Sequence[str], details: Any, path: tuple[str, ...]) -> Any:
        """One of a batch's objects, for its own selection; whoever asks first has all of them read."""
        key = self.payload_key("", path, details)
        if key not in batch.found:
            batch.found[key] = asyncio.ensure_future(self._read_batch(key, batch, types, details, path))
        return (await batch.found[key]).get(id_.uuid)

    async def _read_batch(
        self, key: Hashable, batch: Batch, types: Sequence[str], details: Any, path: tuple[str, ...]
    ) -> dict[uuid.UUID, Any]:
        plan = self.operation.payloads.find(key)
        if plan is None:
            plan = self.operation.payloads.keep(key, self.compiler().batch(types, details, path))
        rows = await self.read_payload(plan, batch.ids)
        return {id_.uuid: row for id_, row in zip(batch.ids, rows, strict=True)}

    def why_ordinary(self, compiled: Compiled) -> Why:
        """The first reason for which graphql-core completed what was read."""
        if any(isinstance(plan, VerbPlan) and plan.build is None for plan in compiled.plans.values()):
            return "payload"
        if any(plan is None for plan in compiled.plans.values()):
            return "introspection" if compiled.is_introspecting else "resolver"
        if self.has_error:
            return "error"
        return "null" if self.run.is_flawed else "asked"

    @property
    def has_error(self) -> bool:
        """Whether a root field, or something of a payload, is an error."""
        return any(isinstance(value, Exception) for each in (self.tree, self.done) for value in each.values())
