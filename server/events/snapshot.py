"""What a reading transaction has seen of the log, and whether anything has been written since."""

from __future__ import annotations

from dataclasses import dataclass

from server.database import Connection
from server.events.position import EPOCH


@dataclass(frozen=True, slots=True)
class Snapshot:
    """PostgreSQL's own name of what a transaction sees, and the number below which every transaction had ended."""

    text: str
    xmin: int


class News:
    """Asks the log for what a snapshot does not show.

    Not by the highest place that was seen: a transaction with a lower one may have committed since.
    """

    async def snapshot(self, connection: Connection) -> Snapshot:
        row = await connection.fetchrow(
            "SELECT s::text AS text, pg_snapshot_xmin(s)::text::bigint AS xmin FROM pg_current_snapshot() s"
        )
        assert row is not None
        return Snapshot(row["text"], row["xmin"])

    async def has_any(self, connection: Connection, since: Snapshot) -> bool:
        # In the index's order: without it PostgreSQL looks through the whole log for a first one.
        found = await connection.fetchval(
            f"SELECT 1 FROM event WHERE (epoch, xid) >= ({EPOCH}, $1::bigint)"
            " AND NOT pg_visible_in_snapshot(xid::text::xid8, $2::text::pg_snapshot)"
            " ORDER BY epoch, xid, sequence LIMIT 1",
            since.xmin,
            since.text,
        )
        return found is not None
