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


# The subject's own table, of which its events name the columns, and the others that a change of it can have written;
# of what is not named here: any. Each change in a transaction leaves an event of its own.
_WRITTEN = {"Task": ("task", ("task_count", "task_dependency", "comment"))}
# Written with every change, and named by no event.
_UNNAMED = ("version", "created_at", "updated_at", "is_overdue", "search")
_MOST = 1_000  # events that are looked at; after more than these all is read anew
# Always in the index's order, up to a limit: without that PostgreSQL looks through the whole log.
_NEW = (
    f"FROM event WHERE (epoch, xid) >= ({EPOCH}, $1::bigint)"
    " AND NOT pg_visible_in_snapshot(xid::text::xid8, $2::text::pg_snapshot)"
    " ORDER BY epoch, xid, sequence LIMIT"
)


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
        return await connection.fetchval(f"SELECT 1 {_NEW} 1", since.xmin, since.text) is not None

    async def written(self, connection: Connection, since: Snapshot) -> frozenset[str] | None:
        text = f"SELECT subject_type, ARRAY(SELECT jsonb_object_keys(changes)) {_NEW} {_MOST}"
        rows = await connection.fetch(text, since.xmin, since.text)
        if len(rows) == _MOST or any(subject not in _WRITTEN for subject, _ in rows):
            return None
        found = {"event"} if rows else set()
        for subject, columns in rows:
            own, beside = _WRITTEN[subject]
            found |= {own, *beside, *(f"{own}.{column}" for column in (*columns, *_UNNAMED))}
        return frozenset(found)
