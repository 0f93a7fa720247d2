"""Cache invalidation by the log: which tables, columns and rows the transaction of an event can have written.

More than that may be named, less never: whoever keeps an answer made of other rows goes on keeping it. Tests hold it
against what PostgreSQL says was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import server.models
from server.events.log import SECRET, Recorded
from server.models.fields import KeptText, Row, Subject

# Written past the log, by sweeps and at the door: of a change in these nobody is told.
UNTOLD = frozenset({"last_act", "status_day", "swept_until", "deprecated_use", "sign_in_attempt", "texts_kept"})
# The same of single columns, at the door and by whoever uses a token.
UNTOLD_COLUMNS: Mapping[str, frozenset[str]] = {
    "account": frozenset({"last_sign_in_at"}),
    "token": frozenset({"last_used_at", "networks"}),
}
# What a load writes leaves an event of the city's, and not of each row.
_LOADS = "City"


@dataclass(frozen=True, slots=True)
class Write:
    """Rows of a table that may have been written. `columns` None: all of them; `pins`: a column → the values that it
    may have, before or after; of a column that is not there any."""

    table: str
    columns: frozenset[str] | None
    pins: Mapping[str, frozenset[UUID]]
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What changes with a subject: its table, which of its columns no event names, those that follow from others, those
    whose values stand among the organisations concerned, its words, and the tables of its parts with the keys to it."""

    table: str
    unnamed: frozenset[str]
    following: Mapping[str, str]
    owners: tuple[str, ...]
    searched: frozenset[str]
    words: str | None
    parts: tuple[tuple[str, str], ...]
    counters: tuple[str, ...]


@cache
def tables() -> Mapping[str, frozenset[str]]:
    """Every table with its columns."""
    return {row._meta.db_table: frozenset(row._meta.fields_db_projection.values()) for row in _rows()}


@cache
def decidable(table: str) -> frozenset[str]:
    """The columns whose values an event tells, so that it can be known which rows of the table it may have written."""
    if table == "event":
        return frozenset({"subject_id"})
    found = set()
    for row in _rows():
        if issubclass(row, Subject):
            shape = _shape(row.__name__)
            assert shape is not None
            if shape.table == table:
                found |= {"id", *shape.owners}
            if shape.words == table:
                found.add("id")
            found |= {key for part, key in shape.parts if part == table}
            if table in shape.counters:
                found |= {*shape.owners}
    return frozenset(found & tables()[table])


def writes(event: Recorded) -> tuple[Write, ...] | None:
    """What the event's transaction can have written; None: anything, of what this process does not know."""
    shape = _shape(event.subject_type)
    if shape is None or event.subject_type == _LOADS:
        return None
    own = frozenset({event.subject_id})
    is_new, named = event.subject_version == 1, event.changes.keys()
    columns = None
    if not is_new:
        following = {name for name, source in shape.following.items() if source in named}
        columns = frozenset({*named, *shape.unnamed, *following})
    owners = {name: _ids((*event.organisation_ids, *event.changes.get(name, ()))) for name in shape.owners}
    found = [
        Write("event", None, {"subject_id": own}, True),
        Write(shape.table, columns, {**owners, "id": own}, is_new),
        *(Write(part, None, {key: own}) for part, key in shape.parts),
        *(Write(counter, None, owners) for counter in shape.counters),
    ]
    if shape.words is not None and (is_new or not shape.searched.isdisjoint(named)):
        found.append(Write(shape.words, None, {"id": own}, is_new))
    return tuple(found)


@cache
def touched(subject: str) -> tuple[str, frozenset[str]] | None:
    """A subject's table; and the tables that its events can write, with those of its columns that no event names, as
    "table.column". None: unknown."""
    shape = _shape(subject)
    if shape is None:
        return None
    columns = (f"{shape.table}.{name}" for name in (*shape.unnamed, *shape.following))
    beside = (part for part, _ in shape.parts)
    words = () if shape.words is None else (shape.words,)
    return shape.table, frozenset({shape.table, *beside, *shape.counters, *words, *columns})


def _ids(values: Iterable[Any]) -> frozenset[UUID]:
    return frozenset(each if isinstance(each, UUID) else UUID(each) for each in values if each is not None)


def _rows() -> Iterator[type[Row]]:
    yield from (getattr(server.models, name) for name in server.models.__all__)


@cache
def _shape(subject: str) -> _Shape | None:
    row = next((each for each in _rows() if each.__name__ == subject and issubclass(each, Subject)), None)
    if row is None or not issubclass(row, Subject):
        return None
    fields = row._meta.fields_map
    columns = tables()[row._meta.db_table]
    searched = row.searched
    words = None if searched is None else searched.table
    beside = tables()[words] & columns if words is not None else frozenset()
    return _Shape(
        table=row._meta.db_table,
        unnamed=columns
        & {name for name, each in fields.items() if name in SECRET or getattr(each, "generated", False)},
        following={name: each.source for name, each in fields.items() if isinstance(each, KeptText)},
        owners=_owners(row),
        searched=beside | frozenset(() if searched is None else searched.columns),
        words=words,
        parts=tuple(_parts(subject)),
        counters=tuple(each._meta.db_table for each in _rows() if subject in getattr(each, "counts", ())),
    )


def _parts(subject: str) -> Iterator[tuple[str, str]]:
    """The tables whose rows are written by verbs of this subject: what they refer to first is what they belong to."""
    for row in _rows():
        if row._meta.db_table in ("event", *UNTOLD) or (issubclass(row, Subject) and not row.is_part):
            continue
        references: list[Any] = [each for name, each in row._meta.fields_map.items() if name in row._meta.fk_fields]
        if references and references[0].model_name == f"models.{subject}":
            yield row._meta.db_table, references[0].source_field or f"{references[0].model_field_name}_id"


def _owners(row: type[Subject]) -> tuple[str, ...]:
    """The columns that `concerned` tells, found by asking it of a row all of whose ids differ."""
    probe = _Probe()
    concerned = row.concerned(probe)  # type: ignore[arg-type]
    return tuple(sorted(name for name, id_ in probe.given.items() if id_ in concerned))


class _Probe:
    """A row that has another id in each column, and shows which were asked for."""

    def __init__(self) -> None:
        self.given: dict[str, UUID] = {}

    def __getattr__(self, name: str) -> UUID:
        return self.given.setdefault(name, uuid4())
