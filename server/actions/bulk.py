"""One verb on many rows in one transaction: in input order, each by the single verb's rules and with its own event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.actions.facts import Key, named_by
from server.actions.gathering import Gathering
from server.events.log import Recorded
from server.models import Organisation, Programme
from server.rules.bulk import FIELD, BulkMode, twins
from server.rules.refusal import Code, Refused

Row = Mapping[str, Any]
Act = Callable[[Row], Awaitable[tuple[UUID, Recorded | None]]]
AT_A_TIME = 20  # rows that are decided before others have their turn on the event loop


@dataclass(frozen=True, slots=True)
class RowDone:
    """What became of a row: its thing and its event (None: it was so already), or why it was refused."""

    object_id: UUID | None = None
    event: Recorded | None = None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What became of each row, in input order."""

    rows: Sequence[RowDone]


class RefusedRows(Refused):
    """The call as a whole, because of these rows; each refusal names its row."""

    def __init__(self, rows: Sequence[Refused]) -> None:
        super().__init__(rows[0].code, *rows[0].path, **rows[0].facts)
        self.rows = rows


async def each_row(
    tx: Gathering, rows: Sequence[Row], mode: BulkMode, keys: Sequence[Hashable | None], act: Act
) -> BulkDone:
    """`act` on each row → its thing's id and its event. `keys`: which thing each row names, None: a new one.

    Refuses RefusedRows when it is all or none: every row that is at fault, not the first alone.
    """
    same = twins(keys)
    done: list[RowDone] = []
    async for number, row in in_turn(rows):
        try:
            if number in same:
                raise Refused(Code.GIVEN_TWICE, "externalId", other=same[number])
            with tx.each():
                object_id, event = await act(row)
            done.append(RowDone(object_id, event))
        except Refused as refused:
            done.append(RowDone(refused=Refused(refused.code, FIELD, str(number), *refused.path, **refused.facts)))
    if mode is BulkMode.ATOMIC and (wrong := [each.refused for each in done if each.refused is not None]):
        raise RefusedRows(wrong)
    return BulkDone(done)


async def in_turn(rows: Sequence[Row]) -> AsyncIterator[tuple[int, Row]]:
    """Each with its number; in between others have their turn on the event loop."""
    for number, row in enumerate(rows):
        if number % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)
        yield number, row


def key_of(row: Row, within: UUID | None) -> Hashable | None:
    """Which thing a row means: its id in another system, and what this is unique in. None where it has none."""
    external_id = (row.get("external_id") or "").strip()
    return (within, external_id) if external_id and within else None


async def foresee_named(tx: Gathering, model: type[Organisation] | type[Programme], keys: Iterable[Key | None]) -> None:
    """Have in hand what these ids and codes name."""
    named = [named_by(key) for key in keys if key is not None]
    for column in ("id", "code"):
        await tx.foresee(model, (column,), [(each[column],) for each in named if column in each])


async def in_steps(*steps: Callable[[], Awaitable[Recorded]]) -> Recorded | None:
    """Verbs on one thing, one after the other; the last one's event, None where none of them changed anything."""
    last = None
    for step in steps:
        try:
            last = await step()
        except Refused as refused:
            if refused.code is not Code.NOTHING_TO_CHANGE:
                raise
    return last
