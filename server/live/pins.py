"""Of which rows alone a live query has read, as its last execution had them: what the index is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.database import Connection
from server.events.writes import decidable
from server.live.index import Pinned
from server.live.reads import Read, reads_of
from server.query.compile.statement import Pin, Run, resolved
from server.query.declare.fields import Context
from server.query.run.execution import Compiled
from server.query.run.question import Question
from server.query.values import Id

MOST_PINNED = 200  # values by which a read is kept in the index; of more it is of any row
Reads = list[tuple[Read, Pinned | None]]


def any_rows(question: Question) -> Reads | None:
    """What a question reads, as long as nobody knows of which rows; None: anything."""
    return None if _has_resolvers(question.compiled) else [(read, None) for read in reads_of(question.compiled)]


async def pinned(
    question: Question, context: Context, connection: Connection, parents: Mapping[int, set[Any]]
) -> Reads | None:
    """Each read with the rows to which it was bound; None: it may have read anything. `parents`: a level (by its
    `id()`) → the ids for which it was read."""
    if _has_resolvers(question.compiled):
        return None
    run = Run(context, question.values)
    return [(read, await _pin_of(read, run, connection, parents)) for read in reads_of(question.compiled)]


def _has_resolvers(compiled: Compiled) -> bool:
    """Whether some of it is read by Python in ways of its own."""
    return any(plan is None for plan in compiled.plans.values())


async def _pin_of(read: Read, run: Run, connection: Connection, parents: Mapping[int, set[Any]]) -> Pinned | None:
    if read.level is None:
        return None
    known = decidable(read.table)
    best: Pinned | None = None
    level = read.level
    for pin in (*level.pins, *(level.count.pins if level.count is not None else ())):
        if pin.table != read.table or pin.column not in known:
            continue
        values = await _values(pin, run, connection, parents.get(id(level), ()))
        if values is not None and len(values) <= MOST_PINNED and (best is None or len(values) < len(best[1])):
            best = pin.column, values
    return best


async def _values(pin: Pin, run: Run, connection: Connection, keys: Iterable[Any]) -> frozenset[Any] | None:
    if pin.source is None:
        return frozenset(keys)
    value = resolved(pin.source, run)
    if pin.through is not None:
        table, column = pin.through
        rows = await connection.fetch(f"SELECT id FROM {table} WHERE {column} = $1", value)
        return frozenset(row["id"] for row in rows)
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(each, Id) for each in given):
        return None
    return frozenset(each.uuid for each in given)
