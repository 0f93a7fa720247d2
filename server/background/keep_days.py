"""Keeps how days ended: the status board's own answer, asked as of a day's last second, row by row.

The sweep keeps the day that has just ended, before it writes anything that the new day brings: so the board's counts
are still that day's. Days on which nobody swept are made from the log (past_days.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from server.actions.status_day import keep_day
from server.actions.transaction import Transaction
from server.ids import decode
from server.query.declare.context import Context
from server.query.declare.fields import declared_fields
from server.query.run.engine import Engine
from server.rules.status_day import COUNTED
from server.rules.viewer import Role, Viewer
from server.rules.workdays import ONE_DAY, end_of_day
from server.schema.status_day import StatusDay

# Nobody: the board says the same to everybody.
READER: Final = Viewer(UUID(int=0), UUID(int=0), Role.OBSERVER, frozenset())
_FIELDS: Final = declared_fields(StatusDay)
_NAMES: Final = {name: _FIELDS[name].graphql_key for name in COUNTED}
BOARD: Final = f"""
{{ statusBoard {{
  totals {{ ...Counted }}
  organisations {{ organisation {{ id }} summary {{ ...Counted }} }}
  programmes {{ programme {{ id }} summary {{ ...Counted }} }}
}} }}
fragment Counted on StatusSummary {{ {" ".join(_NAMES.values())} }}
"""
log = logging.getLogger(__name__)


class KeptDays:
    """Keeps days in the installation's database."""

    def __init__(
        self,
        engine: Engine,
        context: Callable[[Viewer], Context],
        transaction: Callable[[], AbstractAsyncContextManager[Transaction]],
    ) -> None:
        """`transaction` opens one of the system's own that reads one state."""
        self._engine = engine
        self._context = context
        self._transaction = transaction

    async def keep(self, last_swept: date, today: date) -> None:
        """The day of the last look, if it is over; nothing has been written since."""
        if last_swept >= today:
            return
        async with self._transaction() as tx:
            await self.keep_as_it_is(tx, last_swept)
        if last_swept + ONE_DAY < today:
            log.warning(
                "nobody swept from %s to %s: `kolaborasi keep-past-days` keeps how these days ended, from the log",
                *(last_swept + ONE_DAY, today - ONE_DAY),
            )

    async def keep_as_it_is(self, tx: Transaction, day: date) -> None:
        """What the transaction reads, as of the last second of this day. Raises what the board raises."""
        context = self._context(READER)
        context.now, context.today = end_of_day(day, tx.city.calendar), day
        context.connection = tx.connection
        result = await self._engine.execute(BOARD, None, None, context, may_change=False)
        if result.errors:
            raise result.errors[0]
        data: Any = result.data
        board = (orjson.loads(data) if isinstance(data, bytes) else data)["statusBoard"]
        if board is not None:  # a city is loaded
            await keep_day(tx, day, [*_rows(board)])


def _rows(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield _counts(board["totals"])
    for kind in ("organisation", "programme"):
        for each in board[f"{kind}s"]:
            yield {f"{kind}_id": str(decode(each[kind]["id"])[1]), **_counts(each["summary"])}


def _counts(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary[said] for name, said in _NAMES.items()}
