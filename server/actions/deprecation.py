"""Keeps who used what of the API is to go: bookkeeping, without an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from server.actions.transaction import Transaction
from server.rules.viewer import Viewer


class DeprecatedUse(NamedTuple):
    """Who uses what; of a service account through which token."""

    account_id: UUID
    token_id: UUID | None
    coordinate: str


_KEEP: Final = """
INSERT INTO deprecated_use (id, account_id, token_id, coordinate, last_used_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
ON CONFLICT ({once})
DO UPDATE SET last_used_at = greatest(deprecated_use.last_used_at, excluded.last_used_at)
"""
_OF_PEOPLE: Final = _KEEP.format(once="account_id, coordinate) WHERE (token_id IS NULL")
_OF_TOKENS: Final = _KEEP.format(once="token_id, coordinate) WHERE (token_id IS NOT NULL")


def deprecated_uses(viewer: Viewer, coordinates: Sequence[str]) -> list[DeprecatedUse]:
    """This viewer's use of each of these."""
    token_id = None if viewer.token is None else viewer.token.id
    return [DeprecatedUse(viewer.account_id, token_id, each) for each in coordinates]


async def keep_deprecated_uses(tx: Transaction, uses: Mapping[DeprecatedUse, datetime]) -> None:
    """When each account, or token, last used each coordinate."""
    for statement, has_token in ((_OF_PEOPLE, False), (_OF_TOKENS, True)):
        # In one order, lest two processes wait for each other.
        found = sorted((use for use in uses if (use.token_id is not None) is has_token), key=str)
        columns = [[getattr(use, name) for use in found] for name in DeprecatedUse._fields]
        if found:
            await tx.keep(statement, [tx.new_id() for _ in found], *columns, [uses[each] for each in found])
