"""Keeps who used what of the API is to go: bookkeeping, without an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from server.actions.transaction import Transaction

_KEEP = """
INSERT INTO deprecated_use (id, account_id, coordinate, last_used_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
ON CONFLICT (account_id, coordinate)
DO UPDATE SET last_used_at = greatest(deprecated_use.last_used_at, excluded.last_used_at)
"""


async def keep_deprecated_uses(tx: Transaction, uses: Mapping[tuple[UUID, str], datetime]) -> None:
    """When each account last used each coordinate."""
    pairs = sorted(uses)  # in one order, lest two processes wait for each other
    accounts, coordinates = [account for account, _ in pairs], [coordinate for _, coordinate in pairs]
    await tx.keep(_KEEP, [tx.new_id() for _ in pairs], accounts, coordinates, [uses[each] for each in pairs])
