"""Clears away bookkeeping that has served its time; nothing that happened is ever erased."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from server.database import Pool, log_fault

EVERY = timedelta(hours=1)
BATCH = 5_000
# Table, its column of time, and how long after that moment a row is still needed.
KEPT = (
    ("idempotency_key", "created_at", timedelta(hours=48)),
    # A while after its end: whoever comes with a rotated or revoked token is still told so, and its family is known.
    ("sign_in", "expires_at", timedelta(days=7)),
    ("password_link", "expires_at", timedelta(days=7)),
    ("deprecated_use", "last_used_at", timedelta(days=400)),
    ("sign_in_attempt", "window_starts_at", timedelta(days=1)),
)
log = logging.getLogger(__name__)


async def prune(pool: Pool, now: datetime) -> dict[str, int]:
    """Delete what is no longer needed, in small transactions; returns how many rows of each table."""
    deleted = {}
    for table, column, kept in KEPT:
        count = BATCH
        deleted[table] = 0
        while count == BATCH:
            async with pool.connection() as connection:
                done = await connection.execute(
                    f"DELETE FROM {table} WHERE id IN"
                    f" (SELECT id FROM {table} WHERE {column} < $1 ORDER BY {column} LIMIT {BATCH})",
                    now - kept,
                )
            count = int(done.removeprefix("DELETE "))
            deleted[table] += count
    return deleted


async def run(pool: Pool, clock: Callable[[], datetime], every: timedelta = EVERY) -> None:
    """Prune at the start and then every so often, until cancelled."""
    while True:
        try:
            deleted = await prune(pool, clock())
            if any(deleted.values()):
                log.info("pruned %s", deleted)
        except Exception as problem:
            log_fault(log, "pruning was interrupted", problem)
        await asyncio.sleep(every.total_seconds())
