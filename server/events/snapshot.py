"""Cache invalidation: what a reading transaction's MVCC snapshot has seen of the log, and what was written since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import server.models
from server.database import Connection
from server.events.log import SECRET
from server.events.position import EPOCH
from server.models.fields import Row, Subject


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
            own, always = _written(subject)
            found |= always | {f"{own}.{column}" for column in columns}
        return frozenset(found)


@cache
def _written(subject: str) -> tuple[str, frozenset[str]]:
    """A subject's table, and what a change of it can have written besides the columns that its event names: those that
    no event names, the tables of its parts, and counters, which belong to nothing. Each other subject that changes in
    the same transaction leaves an event of its own."""
    rows: list[type[Row]] = [getattr(server.models, name) for name in server.models.__all__]
    own = next(row for row in rows if row.__name__ == subject)._meta
    beside = set()
    for row in rows:
        meta = row._meta
        owners = {meta.fields_map[name].model_name for name in meta.fk_fields}  # type: ignore[attr-defined]
        if not issubclass(row, Subject) and (not owners or f"models.{subject}" in owners):
            beside.add(meta.db_table)
    unnamed = {name for name, each in own.fields_map.items() if name in SECRET or getattr(each, "generated", False)}
    return own.db_table, frozenset({own.db_table, *beside, *(f"{own.db_table}.{column}" for column in unnamed)})


def _new(seen: str, values: Sequence[Any]) -> str:
    """The events since a snapshot that are seen. Always in the index's order, up to a limit: without that PostgreSQL
    looks through the whole log."""
    xmin, text = len(values) + 1, len(values) + 2
    return (
        f"FROM event e WHERE (e.epoch, e.xid) >= ({EPOCH}, ${xmin}::bigint)"
        f" AND NOT pg_visible_in_snapshot(e.xid::text::xid8, ${text}::text::pg_snapshot)"
        f" AND (({seen}) OR {_CROSSING}) ORDER BY e.epoch, e.xid, e.sequence LIMIT"
    )
