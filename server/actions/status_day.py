"""Keeps how a day ended: bookkeeping, without an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from server.actions.transaction import Transaction
from server.rules.status_day import COUNTED

_COLUMNS = ", ".join(("id", "counted_on", "organisation_id", "programme_id", *COUNTED))
_KEEP = f"""
INSERT INTO status_day ({_COLUMNS})
SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::status_day, $1::jsonb)
ON CONFLICT DO NOTHING
"""


async def kept_days(tx: Transaction, first: date, last: date) -> set[date]:
    """The days of these that are kept."""
    text = "SELECT DISTINCT counted_on FROM status_day WHERE counted_on BETWEEN $1 AND $2"
    rows = await tx.connection.fetch(text, first, last)
    return {row["counted_on"] for row in rows}


async def keep_day(tx: Transaction, day: date, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows of a day: an organisation's id, a programme's or neither, and what COUNTED names. Once: a day that is
    kept stays as it is."""
    await tx.keep(_KEEP, [{"id": str(tx.new_id()), "counted_on": day.isoformat(), **row} for row in rows])
