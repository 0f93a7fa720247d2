"""An optimistic write: a verb reads without a lock, decides, and writes only if nobody has changed the row since.

Change, event, idempotency key and counters are written by one autocommitted statement. What several people do at the
same moment shares that statement (group commit): it reads, or writes, for all of them, and waits for the disk once.
Each part succeeds or fails alone. A row that another transaction has locked is skipped, not waited for.

The log's order needs a later version of a subject to have a later xid. Here the version that is changed was read
before the statement began, so whoever wrote it had committed, with a lower xid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple, cast
from uuid import UUID

import asyncpg

from server.actions import counting
from server.actions.hand import Beside, Hand, Moment
from server.actions.rows import CallersKey, Columns, beside_it, shape
from server.actions.transaction import KeyTaken
from server.actions.words import is_searched_by
from server.database import Gathered, Pool
from server.events import log
from server.events.wake import Wake
from server.models import IdempotencyKey
from server.models.fields import Row, Subject
from server.rules.aggregates import visibility_of
from server.rules.viewer import Viewer
from server.rules.visibility import holds

# One part's mistake, or a wait for somebody that was too long: nothing was written, and each goes on alone.
ALONE = (
    *(asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.TransactionRollbackError),
    *(asyncpg.QueryCanceledError, TypeError, ValueError),
)


class NotAtOnce(Exception):
    """Nothing was written: somebody else was faster, or holds the row. Do it in a transaction."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One verb's part of a statement, each value as JSON holds it."""

    row: dict[str, Any]  # id, the new version, and the columns that change
    event: log.Entry
    key: dict[str, Any] | None
    moved: list[dict[str, Any]]  # cells with how many they gain, and the event's subject

    @property
    def alike(self) -> set[object]:
        """What no two parts of one statement may share."""
        key = self.key
        return {self.row["id"]} | ({(key["account_id"], key["verb"], key["key"])} if key else set())


class Kind(NamedTuple):
    """What writings of one statement have in common."""

    model: type[Row]
    columns: tuple[str, ...]


@dataclass(slots=True)
class TogetherFacts:
    """How many statements wrote since the process began, for how many verbs, and how many parts they passed over."""

    statements: int = 0
    verbs: int = 0
    passed_over: int = 0


class AtOnce(Hand):
    """For verbs that ask for no more than a Hand, and change their row once.

    `change` raises NotAtOnce and KeyTaken, after which nothing was written.
    """

    def __init__(self, together: Together, viewer: Viewer, clock: Moment, key: CallersKey | None) -> None:
        super().__init__(together.pool, viewer, clock)
        self._together = together
        self._key = key
        self.in_hand: dict[UUID, Columns] = {}  # the row as it was written

    async def _beside(self, model: type[Row], beside: Beside, id: UUID, lock: str) -> asyncpg.Record | None:
        """Not locked, and read for several viewers at once: each is shown what they see."""
        record = await self._together.read(model, tuple(beside.items()), id)
        row = cast(Mapping[str, object], record)
        is_seen = record is not None and holds(visibility_of(shape(model).table), self.viewer, row)
        return record if is_seen else None

    async def _change_and_log(self, row: Subject, different: dict[str, Any], entry: log.Entry) -> asyncpg.Record:
        if self.in_hand:
            raise RuntimeError("This verb changes more than once: it needs a transaction.")
        if is_searched_by(type(row), different):
            raise NotAtOnce  # what can be searched for stands in another table
        key = None
        if self._key is not None:
            key = self._key.row(self.viewer.account_id, entry.subject_id, entry.id, self.machine_now)
            key["input_hash"] = "\\x" + self._key.input_hash.hex()
        moved = [{**cell._asdict(), "n": n, "subject_id": row.id} for cell, n in self._counts.taken().items()]
        writing = Writing({"id": row.id, **different}, entry, key, moved)
        try:
            place = await self._together.write(Kind(type(row), tuple(different)), writing)
        except asyncpg.UniqueViolationError as taken:
            if taken.table_name == "idempotency_key":
                raise KeyTaken from taken
            raise
        if place is None:
            raise NotAtOnce
        self.in_hand[row.id] = Columns(row)
        return place


class Together:
    """The reads and writes of the verbs of one process that happen at the same moment."""

    def __init__(self, pool: Pool, wake: Wake) -> None:
        self.pool = pool
        self.facts = TogetherFacts()
        self._wake = wake
        self._reads: dict[object, Gathered[UUID, asyncpg.Record | None]] = {}
        self._writes: dict[Kind, Gathered[Writing, asyncpg.Record | None]] = {}

    async def read(self, model: type[Row], beside: tuple[tuple[str, str], ...], id: UUID) -> asyncpg.Record | None:
        """The row as `Transaction.lock_beside` reads it, not locked; None when there is none."""
        kind = model, beside
        if kind not in self._reads:
            self._reads[kind] = Gathered(partial(self._read, beside_it(model, beside, "t.id = ANY($1)")))
        return await self._reads[kind](id)

    async def write(self, kind: Kind, writing: Writing) -> asyncpg.Record | None:
        """The event's place; None when nothing was written: the row has another version, is held or gone, the key is
        kept already, or something was wrong with a part."""
        if kind not in self._writes:
            self._writes[kind] = Gathered(partial(self._write, _statement(kind)))
        return await self._writes[kind](writing)

    async def _read(self, statement: str, ids: Sequence[UUID]) -> list[asyncpg.Record | None]:
        found = {record["id"]: record for record in await self.pool.fetch(statement, ids)}
        return [found.get(each) for each in ids]

    async def _write(self, statement: str, writings: Sequence[Writing]) -> list[asyncpg.Record | None]:
        alike: set[object] = set()
        taken = []
        for each in writings:
            if alike.isdisjoint(each.alike):  # of two that cannot both succeed here the first one is tried
                alike |= each.alike
                taken.append(each)
        try:
            places = await self.pool.fetch(
                statement,
                [each.row for each in taken],
                [each.event for each in taken],
                [each.key for each in taken if each.key is not None],
                [moved for each in taken for moved in each.moved],
            )
        except ALONE:
            if len(taken) == 1 == len(writings):
                raise
            places = []
        self.facts.statements += 1
        self.facts.verbs += len(places)
        self.facts.passed_over += len(writings) - len(places)
        if places:
            self._wake.tell()
        by_event = {place["id"]: place for place in places}
        return [by_event.get(each.event.id) for each in writings]


@cache
def _statement(kind: Kind) -> str:
    """Writes $1, the rows, $2, their events, $3, keys, and $4, what moves in the counters; returns places of events.

    PostgreSQL runs the writing parts from which nobody reads from the last to the first: keys and then counters, as a
    transaction does, so that nobody who waits for a key holds a counter. A key that was kept before is looked for,
    because a unique index that refuses one part would refuse them all.
    """
    table, keys = shape(kind.model).table, shape(IdempotencyKey).columns
    changes = ", ".join(f"{name} = g.{name}" for name in kind.columns)
    cell = ", ".join(f"{name} {type_}" for name, type_ in counting.TYPES.items())
    events = "FROM json_populate_recordset(NULL::event, $2) e JOIN changed c ON c.id = e.subject_id"
    moved = (
        f"SELECT {counting.KEY}, sum(n) FROM json_to_recordset($4) AS m(subject_id uuid, {cell}, n bigint)"
        f" JOIN logged l USING (subject_id) GROUP BY {counting.KEY} HAVING sum(n) <> 0"
    )
    return f"""
WITH given AS (SELECT * FROM json_populate_recordset(NULL::{table}, $1)),
keys AS (SELECT * FROM json_populate_recordset(NULL::idempotency_key, $3)),
free AS (
    SELECT t.id FROM given g JOIN {table} t ON t.id = g.id AND t.version = g.version - 1
    WHERE NOT EXISTS (
        SELECT FROM keys k JOIN idempotency_key o USING (account_id, verb, key) WHERE k.object_id = g.id
    ) FOR NO KEY UPDATE OF t SKIP LOCKED
),
changed AS (
    UPDATE {table} t SET {changes} FROM given g JOIN free USING (id)
    WHERE t.id = g.id AND t.version = g.version - 1 RETURNING t.id
),
logged AS ({log.append_all_sql(events)}),
counted AS ({counting.adding(moved)}),
kept AS (
    INSERT INTO idempotency_key ({", ".join(keys)})
    SELECT {", ".join(f"k.{name}" for name in keys)} FROM keys k JOIN logged l ON l.id = k.event_id
)
SELECT id, epoch, xid, sequence FROM logged"""
