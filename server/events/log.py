"""The event log (transactional outbox): appends inside the writing transaction, and reads rows back.

An event's place is (epoch, xid, sequence): the transaction's number first, because transactions commit out of order
and a sequence alone would show a reader number 8 before number 7 is there (position.py, reader.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.events.position import EPOCH, Position
from server.rules.event import Audience, EventType
from server.rules.viewer import Capacity

if TYPE_CHECKING:
    import asyncpg

    from server.database import Connection


# Never in an event; neither are the columns that the event itself bears, nor what is kept to be counted.
SECRET = frozenset(
    {
        *("password_hash", "secret_hash", "retry_hash", "login", "last_sign_in_at"),
        *("version", "created_at", "updated_at", "id", "is_overdue"),
    }
)


# Not frozen, by position and without a default: several are made for every event, and that takes half as long.
@dataclass(slots=True)
class Entry:
    """What a writer says of one event; its place in the log is PostgreSQL's to give. Nobody changes it."""

    id: UUID
    type: EventType
    subject_type: str
    subject_id: UUID
    subject_version: int
    organisation_ids: Sequence[UUID]
    actor_id: UUID | None
    capacity: Capacity | None
    on_behalf_of_id: UUID | None
    happened_at: datetime
    recorded_at: datetime
    changes: dict[str, list[Any]]
    facts: dict[str, Any]
    audience: Audience
    audience_id: UUID | None
    deadline: str | None  # which one, of what the clock alone did


@dataclass(slots=True)
class Recorded(Entry):
    """One row of the log."""

    epoch: int
    xid: int
    sequence: int

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.xid, self.sequence)


ENTRY_COLUMNS = tuple(field.name for field in fields(Entry))
EVENT_COLUMNS = (*ENTRY_COLUMNS, "epoch", "xid", "sequence")
PLACE = f"{EPOCH}, pg_current_xact_id()::text::bigint, nextval('event_sequence')"
_CASTS = {
    "id": "uuid",
    "subject_id": "uuid",
    "subject_version": "integer",
    "organisation_ids": "uuid[]",
    "actor_id": "uuid",
    "on_behalf_of_id": "uuid",
    "happened_at": "timestamptz",
    "recorded_at": "timestamptz",
    "changes": "jsonb",
    "facts": "jsonb",
    "audience_id": "uuid",
}
_values: Callable[[Any], tuple[Any, ...]] = attrgetter(*ENTRY_COLUMNS)


def append_sql(first: int = 1, source: str = "") -> str:
    """The INSERT of one event with parameters from `first` on (`parameters` gives them); returns its place.

    Alone, or as a part of WITH; with `source`, say `FROM changed`, one event for each row there.
    """
    given = (f"${number}::{_CASTS.get(name, 'text')}" for number, name in enumerate(ENTRY_COLUMNS, first))
    return _append(given, source, "epoch, xid, sequence")


def append_all_sql(source: str) -> str:
    """The INSERT of the events `e` of a source, say `FROM given e`; returns their ids, subjects and places."""
    return _append((f"e.{name}" for name in ENTRY_COLUMNS), source, "id, subject_id, epoch, xid, sequence")


def _append(values: Iterable[str], source: str, returned: str) -> str:
    columns = ", ".join(EVENT_COLUMNS)
    return f"INSERT INTO event ({columns}) SELECT {', '.join(values)}, {PLACE} {source} RETURNING {returned}"


_APPEND = append_sql()


def parameters(entry: Entry) -> tuple[Any, ...]:
    """The entry's values in the order of `append_sql`'s parameters."""
    return _values(entry)


async def append(connection: Connection, entry: Entry) -> Recorded:
    """Write one event; call it after the subject is locked and changed, in the same transaction."""
    place = await connection.fetchrow(_APPEND, *parameters(entry))
    assert place is not None
    return recorded_at(entry, place)


def recorded_at(entry: Entry, place: asyncpg.Record) -> Recorded:
    """The entry with the place that `append_sql` returned for it."""
    return Recorded(*(*parameters(entry), *_place(place)))


async def append_all(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write many events in their order with one COPY: for loads and sweeps. Takes one number of the sequence each."""
    if not entries:
        return
    xid = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    numbers = await connection.fetch("SELECT nextval('event_sequence') FROM generate_series(1, $1)", len(entries))
    records = [(*_values(entry), EPOCH, xid, number[0]) for entry, number in zip(entries, numbers, strict=True)]
    await connection.copy_records_to_table("event", records=records, columns=EVENT_COLUMNS)


def recorded(record: asyncpg.Record) -> Recorded:
    """A row of the log with at least `EVENT_COLUMNS` → Recorded."""
    found = Recorded(*_columns(record))
    found.type, found.audience = _TYPES[found.type], _AUDIENCES[found.audience]
    found.capacity = None if found.capacity is None else _CAPACITIES[found.capacity]
    return found


_columns: Callable[[Any], tuple[Any, ...]] = itemgetter(*EVENT_COLUMNS)
_place: Callable[[Any], tuple[int, int, int]] = itemgetter("epoch", "xid", "sequence")
_TYPES: dict[str, EventType] = {each.value: each for each in EventType}
_AUDIENCES: dict[str, Audience] = {each.value: each for each in Audience}
_CAPACITIES: dict[str, Capacity] = {each.value: each for each in Capacity}
