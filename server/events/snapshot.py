"""Cache invalidation: what a reading transaction's MVCC snapshot has seen of the log, and what was written since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.database import Connection
from server.events.position import EPOCH
from server.events.writes import touched


@dataclass(frozen=True, slots=True)
class Snapshot:
    """PostgreSQL's own name of what a transaction sees, and the number below which every transaction had ended."""

    text: str
    xmin: int


_MOST = 1_000  # events that are looked at; after more than these all is read anew
# What takes a public row out of sight, or brings one into it, may be a draft's own matter; but that the row is gone, or
# there, is for all to see.
_CROSSING = (
    "(e.subject_version > 1 AND e.changes ? 'draft_of_id'"
    " AND (e.changes->'draft_of_id'->>0 IS NULL) <> (e.changes->'draft_of_id'->>1 IS NULL))"
)


class News:
    """Asks the log for what a snapshot does not show, of the events that are seen (a condition over `e` with `values`).

    Not by the highest place that was seen: a transaction with a lower one may have committed since.
    """

    async def snapshot(self, connection: Connection) -> Snapshot:
        row = await connection.fetchrow(
            "SELECT s::text AS text, pg_snapshot_xmin(s)::text::bigint AS xmin FROM pg_current_snapshot() s"
        )
        assert row is not None
        return Snapshot(row["text"], row["xmin"])

    async def has_any(self, connection: Connection, since: Snapshot, seen: str, values: Sequence[Any]) -> bool:
        found = await connection.fetchval(f"SELECT 1 {_new(seen, values)} 1", *values, since.xmin, since.text)
        return found is not None

    async def written(
        self, connection: Connection, since: Snapshot, seen: str, values: Sequence[Any]
    ) -> frozenset[str] | None:
        text = f"SELECT subject_type, ARRAY(SELECT jsonb_object_keys(changes)) {_new(seen, values)} {_MOST}"
        rows = await connection.fetch(text, *values, since.xmin, since.text)
        if len(rows) == _MOST:
            return None
        found = {"event"} if rows else set()
        for subject, columns in rows:
            if (known := touched(subject)) is None:
                return None
            own, always = known
            found |= always | {f"{own}.{column}" for column in columns}
        return frozenset(found)


def _new(seen: str, values: Sequence[Any]) -> str:
    """The events since a snapshot that are seen. Always in the index's order, up to a limit: without that PostgreSQL
    looks through the whole log."""
    xmin, text = len(values) + 1, len(values) + 2
    return (
        f"FROM event e WHERE (e.epoch, e.xid) >= ({EPOCH}, ${xmin}::bigint)"
        f" AND NOT pg_visible_in_snapshot(e.xid::text::xid8, ${text}::text::pg_snapshot)"
        f" AND (({seen}) OR {_CROSSING}) ORDER BY e.epoch, e.xid, e.sequence LIMIT"
    )
