"""A shared response cache (request coalescing) of whole states: one snapshot for all who ask the same and see the same.

An answer is kept until something happens that may be known: what everybody shares is made anew only for events that all
of them may know, so that its moment tells nobody that something hidden happened. Whoever asks waits for a look at the
log that begins after the question, so that nobody is told less than what was committed before; those who ask while a
look is under way share the next one. A look that finds nothing new costs one small statement, however many wait for it,
and gives the very bytes of before.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from server.database import Connection
from server.query.compile.scope import common, kind, scope
from server.query.compile.statement import Run, Statement
from server.query.declare.context import Context
from server.query.documents.cache import Kept
from server.query.run.execution import Execution
from server.query.run.kept_rows import KeptRows
from server.query.run.result import Result
from server.rules.viewer import Viewer
from server.rules.visibility import EVENTS

MOST_KEPT = 64
LONGEST_VARIABLES = 2_000
# What the clock alone changes (a countdown, a light) may be told this late.
OLDEST = dt.timedelta(seconds=10)

Snapshot = Any  # what the log calls the moment of a reading transaction


class News(Protocol):
    """The log, as far as states need it."""

    async def snapshot(self, connection: Connection) -> Snapshot:
        """What the transaction sees."""
        ...

    async def written(
        self, connection: Connection, since: Snapshot, seen: str, values: Sequence[Any]
    ) -> frozenset[str] | None:
        """The tables that what happened since can have written, and columns as "table.column", as far as the
        transaction sees; None: any. `seen`: of which events `e`, an SQL condition with these values."""
        ...

    async def has_any(self, connection: Connection, since: Snapshot, seen: str, values: Sequence[Any]) -> bool:
        """Whether any of these events has happened that the snapshot does not show."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, for whom it is true, and since when what it was made of was kept."""

    result: Result
    whose: Viewer | None
    snapshot: Snapshot
    now: dt.datetime
    today: dt.date

    def is_of(self, context: Context) -> bool:
        """Whether the clock alone would not have changed it."""
        return self.today == context.today and dt.timedelta(0) <= context.now - self.now < OLDEST


@dataclass(slots=True)
class Look:
    """One look at what is new; whoever comes before it has begun may share it."""

    task: asyncio.Task[Made] | None = None
    has_begun: bool = False


@dataclass(slots=True)
class Slot:
    """What is kept of one question, and the last look for it. `is_personal`: for one viewer alone."""

    is_personal: bool
    kept: Made | None = None
    look: Look | None = None
    rows: KeptRows = field(default_factory=KeptRows)
    rows_of: Snapshot = None  # in which they are true
    rows_since: dt.datetime | None = None  # the oldest of them


Complete = Callable[[Execution], Awaitable[Result]]


@dataclass(slots=True)
class States:
    """The states that one process keeps."""

    news: News | None
    slots: Kept[Hashable, Slot] = field(default_factory=lambda: Kept(MOST_KEPT))

    async def answer(self, execution: Execution, complete: Complete, is_kept: bool) -> Result:
        """The state that was asked for. `complete`: runs the execution on its pinned connection; `is_kept`: whether
        its answer may be kept at all."""
        variables = repr(execution.run.values)
        if self.news is None or not is_kept or len(variables) > LONGEST_VARIABLES:
            async with execution.connection() as connection, _snapshot(connection):
                execution.pinned = connection
                return await complete(execution)
        context = execution.context
        # The operation itself, not its hash: as long as it is kept nothing else can be mistaken for it.
        question = (execution.operation, variables, kind(context.viewer), context.language)
        shared = self._slot(question, None)
        if shared.kept is not None and shared.kept.whose is not None:
            return (await self._look(self._slot(question, context.viewer), execution, complete)).result
        made = await self._look(shared, execution, complete)
        if made.whose in (None, context.viewer):
            return made.result
        return (await self._look(self._slot(question, context.viewer), execution, complete)).result

    def _slot(self, question: Hashable, viewer: Viewer | None) -> Slot:
        key = question, viewer
        return self.slots.find(key) or self.slots.keep(key, Slot(viewer is not None))

    async def _look(self, slot: Slot, execution: Execution, complete: Complete) -> Made:
        look = slot.look
        if look is None or look.has_begun:
            before, look = look, Look()
            slot.look = look
            look.task = asyncio.create_task(self._looked(slot, look, before, execution, complete))
        assert look.task is not None
        # Whoever gives up waiting takes it away from nobody else.
        return await asyncio.shield(look.task)

    async def _looked(
        self, slot: Slot, look: Look, before: Look | None, execution: Execution, complete: Complete
    ) -> Made:
        assert self.news is not None
        try:
            if before is not None and before.task is not None and not before.task.done():
                await asyncio.wait({before.task})
            context = execution.context
            async with execution.connection() as connection:
                look.has_begun = True
                kept, seen = slot.kept, _seen(slot, context)
                if (
                    kept is not None
                    and (kept.whose is None or slot.is_personal)  # else more events concern it than this slot's
                    and kept.is_of(context)
                    and not await self.news.has_any(connection, kept.snapshot, *seen)
                ):
                    return kept
                async with _snapshot(connection):
                    snapshot = await self.news.snapshot(connection)
                    await self._look_through(slot, connection, snapshot, context.now, seen)
                    execution.kept = slot.rows
                    asking = replace(context, was_asked_who=False)
                    execution.context = execution.run.context = asking
                    execution.pinned = connection
                    result = await complete(execution)
            whose = asking.asker if asking.was_asked_who else None
            made = Made(result, whose, snapshot, slot.rows_since or context.now, context.today)
            slot.kept = made if isinstance(result.data, bytes) and not result.errors else None
            return made
        finally:
            look.has_begun = True
            if slot.look is look:
                slot.look = None

    async def _look_through(
        self, slot: Slot, connection: Connection, snapshot: Snapshot, now: dt.datetime, seen: tuple[str, list[Any]]
    ) -> None:
        """Forget the rows that are no longer true; those that leave no event (bookkeeping) are told late as well."""
        assert self.news is not None
        is_young = slot.rows_since is not None and dt.timedelta(0) <= now - slot.rows_since < OLDEST
        slot.rows.forget(await self.news.written(connection, slot.rows_of, *seen) if is_young else None)
        slot.rows_of = snapshot
        if not is_young:
            slot.rows_since = now


def _seen(slot: Slot, context: Context) -> tuple[str, list[Any]]:
    """Which events make this slot's answer old, as SQL over `e`, and its values."""
    statement = Statement(has_parents=False)
    visibility = EVENTS if slot.is_personal else common(EVENTS, context.viewer)
    text = scope(visibility, "e", statement, context.viewer)
    return text or "true", statement.values(Run(context, {}))


def _snapshot(connection: Connection) -> Any:
    return connection.transaction(isolation="repeatable_read", readonly=True)
