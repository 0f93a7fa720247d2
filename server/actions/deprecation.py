"""Keeps who used what of the API is to go: bookkeeping, without an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from server.actions.transaction import Transaction
from server.rules.viewer import Viewer


class Use(NamedTuple):
    """Who uses what; of a service account through which token."""

    account_id: UUID
    token_id: UUID | None
    coordinate: str


_OF_PEOPLE: Final = """
INSERT INTO deprecated_use (id, account_id, token_id, coordinate, last_used_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
ON CONFLICT (account_id, coordinate) WHERE token_id IS NULL
DO UPDATE SET last_used_at = greatest(deprecated_use.last_used_at, excluded.last_used_at)
"""
_OF_TOKENS: Final = """
INSERT INTO deprecated_use (id, account_id, token_id, coordinate, last_used_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
ON CONFLICT (token_id, coordinate) WHERE token_id IS NOT NULL
DO UPDATE SET last_used_at = greatest(deprecated_use.last_used_at, excluded.last_used_at)
"""


def deprecated_uses(viewer: Viewer, coordinates: Sequence[str]) -> list[Use]:
    """This viewer's use of each of these."""
    token_id = None if viewer.token is None else viewer.token.id
    return [Use(viewer.account_id, token_id, each) for each in coordinates]


async def keep_deprecated_uses(tx: Transaction, uses: Mapping[Use, datetime]) -> None:
    """When each account, or token, last used each coordinate."""
    # In one order, lest two processes wait for each other.
    of_people = sorted((use for use in uses if use.token_id is None), key=str)
    of_tokens = sorted((use for use in uses if use.token_id is not None), key=str)
    if of_people:
        await tx.keep(_OF_PEOPLE, *_columns(tx, of_people), [uses[each] for each in of_people])
    if of_tokens:
        await tx.keep(_OF_TOKENS, *_columns(tx, of_tokens), [uses[each] for each in of_tokens])


def _columns(tx: Transaction, uses: Sequence[Use]) -> list[list[object]]:
    return [[tx.new_id() for _ in uses], *([getattr(use, name) for use in uses] for name in Use._fields)]
