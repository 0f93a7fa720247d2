"""A unit of work: a transaction in which many rows are decided one after the other, and read and written together.

Verbs know nothing of it. What they look up is read for all rows at once, where whoever calls them foretells it, and
kept; what they write is noted and goes to PostgreSQL at the end, one statement for each table. What a row noted is
taken back when it is refused (`each`), as a savepoint would. So what is kept in hand here must be what PostgreSQL would
answer: a row is one object however it is found, and what was noted of it is in it.

Subjects that exist are locked before anything is written, all of them in one statement and in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from server.actions.counting import Counts
from server.actions.hand import Beside, Moment, T
from server.actions.rows import LOCK, plain, read, shape, sql_type, values
from server.actions.transaction import R, S, Transaction
from server.actions.words import is_searched_by, keeping, kept_words
from server.database import Connection
from server.events import log
from server.models.fields import Row, Subject
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer

Columns = tuple[str, ...]
SHARE = " FOR SHARE"
OWN = f" {LOCK}"
_STRENGTH = {"": 0, SHARE: 1, OWN: 2}
_PLAIN = (UUID, str, int)
_NO_PLACE: Any = {"epoch": 0, "xid": 0, "sequence": 0}  # in the log: it is given when all are written


class MadeMeanwhile(Refused):
    """Somebody else made meanwhile what was to be made here: look again, and it is there."""

    def __init__(self) -> None:
        super().__init__(Code.ALREADY_EXISTS, "rows")


class Gathering(Transaction):
    """For verbs on many rows. `count`, at the end, raises MadeMeanwhile."""

    def __init__(self, connection: Connection, viewer: Viewer | None, clock: Moment) -> None:
        super().__init__(connection, viewer, clock)
        self._rows: dict[tuple[type[Row], UUID], Row] = {}  # every row in hand, once
        self._taken: dict[tuple[type[Row], UUID], tuple[int, Row | None]] = {}  # how strongly; None: not to be seen
        self._groups: dict[tuple[type[Row], Columns], dict[tuple[Any, ...], list[Row]]] = {}
        self._stands: dict[tuple[type[Row], tuple[tuple[str, str], ...]], dict[UUID, Any]] = {}
        self._turns: set[tuple[type[Row], UUID]] = set()
        self._holders: dict[Columns, UUID | None] = {}
        self._once: dict[Hashable, Any] = {}
        # What is to be written.
        self._made: dict[UUID, Row] = {}
        self._changes: dict[UUID, tuple[Row, set[str]]] = {}
        self._said: dict[UUID, Subject] = {}
        self._entries: list[log.Entry] = []
        self._undo: list[Callable[[], object]] = []

    # ---- look, for all rows at once -----------------------------------------------------------------------------

    async def foresee(
        self, model: type[Row], columns: Columns, keys: Iterable[tuple[Any, ...]], *, anew: bool = False
    ) -> None:
        """Have all rows in hand whose columns equal one of these, whoever asks: for `find` and `select`.

        `anew`: what they depend on was locked since they were read.
        """
        group = self._groups.setdefault((model, columns), {})
        wanted = [key for key in dict.fromkeys(keys) if anew or key not in group]
        if not wanted:
            return
        given = [[plain(key[place]) for key in wanted] for place in range(len(columns))]
        lists = ", ".join(f"${number}::{sql_type(model, name)}[]" for number, name in enumerate(columns, 1))
        text = f"{shape(model).select} WHERE ({', '.join(columns)}) IN (SELECT * FROM unnest({lists}))"
        group.update((key, []) for key in wanted)
        for record in await self.connection.fetch(text, *given):
            row = self._one(read(model, record), is_newer=anew)
            group[tuple(getattr(row, name) for name in columns)].append(row)

    async def take(self, model: type[Row], ids: Iterable[UUID | None], suffix: str = "") -> None:
        """Have these rows in hand, as far as the viewer sees them; locked (SHARE, OWN) in the order of their ids."""
        strength = _STRENGTH[suffix]
        wanted = [id for id in dict.fromkeys(ids) if id and self._taken.get((model, id), (-1,))[0] < strength]
        if not wanted:
            return
        seen, facts = self._scope(model)
        text = f"{shape(model).select} t WHERE t.id = ANY($1){seen} ORDER BY t.id{suffix}"
        self._taken |= {(model, id): (strength, None) for id in wanted}
        for record in await self.connection.fetch(text, wanted, *facts):
            row = self._one(read(model, record), is_newer=True)
            self._taken[model, row.id] = (strength, row)

    async def take_turns(self, model: type[Row], ids: Iterable[UUID]) -> None:
        """The turns in the plans of these rows (`turn_in_plan`)."""
        wanted = [id for id in dict.fromkeys(ids) if (model, id) not in self._turns]
        if not wanted:
            return
        seen, facts = self._scope(model)
        table = shape(model).table
        plans = (
            f"SELECT DISTINCT hashtext('{table} in ' || t.work_plan_id::text) AS name FROM {table} t"
            f" WHERE t.id = ANY($1) AND t.work_plan_id IS NOT NULL{seen} ORDER BY 1"
        )
        await self.connection.execute(f"SELECT pg_advisory_xact_lock_shared(name) FROM ({plans}) p", wanted, *facts)
        self._turns |= {(model, id) for id in wanted}

    # ---- look, as verbs do ----------------------------------------------------------------------------------------

    async def lock_beside(
        self, model: type[S], id: UUID, *path: str, beside: Beside, if_version: int | None = None
    ) -> tuple[S, Any]:
        row = await self.lock(model, id, *path, if_version=if_version)
        return row, (await self.stand_beside(model, beside, [id]))[id]

    async def get_beside(self, model: type[R], id: UUID, *path: str, beside: Beside) -> tuple[R, Any]:
        row = await self.get(model, id, *path)
        return row, (await self.stand_beside(model, beside, [id]))[id]

    async def stand_beside(self, model: type[Row], beside: Beside, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        found = self._stands.setdefault((model, tuple(beside.items())), {})
        if wanted := [id for id in dict.fromkeys(ids) if id not in found]:
            found |= await super().stand_beside(model, beside, wanted)
        return {id: found[id] for id in ids if id in found}

    def know_beside(self, model: type[Row], beside: Beside, id: UUID, values: Mapping[str, Any]) -> None:
        """What stands beside a row of which what is stored says something else, or nothing yet."""
        if values.keys() != beside.keys():
            raise KeyError(f"beside {model.__name__} stands {sorted(beside)}")
        found = self._stands.setdefault((model, tuple(beside.items())), {})
        found[id] = values
        self._undo.append(partial(found.pop, id, None))

    async def find(self, model: type[R], **equals: object) -> R | None:
        if self._among(model, equals) is None and all(isinstance(each, _PLAIN) for each in equals.values()):
            await self.foresee(model, tuple(equals), [tuple(equals.values())])
        return await super().find(model, **equals)

    async def select(
        self,
        model: type[R],
        order_by: Sequence[str] = ("id",),
        limit: int | None = None,
        lock: bool = False,
        **equals: object,
    ) -> list[R]:
        if lock:
            if self._entries:
                raise RuntimeError("What is locked together is locked before anything is written.")
            locked = [
                self._one(row, is_newer=True) for row in await super().select(model, order_by, limit, lock, **equals)
            ]
            self._taken |= {(model, row.id): (_STRENGTH[OWN], row) for row in locked}
            return locked
        if (foreseen := self._among(model, equals)) is not None:
            rows = [row for row in foreseen if _has(row, equals)]
            return sorted(rows, key=attrgetter(*order_by))[:limit]  # type: ignore[return-value]
        found = [self._one(row) for row in await super().select(model, order_by, limit, False, **equals)]
        return [row for row in found if _has(row, equals)]

    def _among(self, model: type[Row], equals: Mapping[str, object]) -> Sequence[Row] | None:
        """The rows in hand among which all are that equal these, as few as possible; None where that is not known."""
        best, most = None, -1
        for (of, columns), group in self._groups.items():
            if of is model and equals.keys() >= {*columns} and len(columns) > most:
                key = tuple(equals[name] for name in columns)
                if all(isinstance(each, _PLAIN) for each in key) and key in group:
                    best, most = group[key], len(columns)
        return best

    async def turn_in_plan(self, model: type[Row], id: UUID) -> None:
        await self.take_turns(model, [id])

    async def _fetch(self, model: type[R], id: UUID, suffix: str) -> R | None:
        await self.take(model, [id], suffix)
        _, row = self._taken[model, id]
        return row  # type: ignore[return-value]

    async def _holder(self, organisation_ids: Sequence[UUID]) -> UUID | None:
        key = tuple(map(str, organisation_ids))
        if key not in self._holders:
            self._holders[key] = await super()._holder(organisation_ids)
        return self._holders[key]

    def _one(self, row: R, is_newer: bool = False) -> R:
        """The one object of a row that was read; `is_newer`: before it was changed here."""
        known = self._rows.setdefault((type(row), row.id), row)
        if is_newer and known is not row and row.id not in self._changes:
            vars(known).update(vars(row))
        return known  # type: ignore[return-value]

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        if key not in self._once:
            self._once[key] = await make()
        found: T = self._once[key]
        return found

    # ---- note what is to be written -------------------------------------------------------------------------------

    @contextmanager
    def each(self) -> Iterator[None]:
        """What is noted in this block stands or falls together."""
        mark, outer, self._counts = len(self._undo), self._counts, Counts()
        try:
            yield
            outer.add(self._counts.taken())
        except BaseException as problem:
            if isinstance(problem, Refused):
                self.name_existing(problem)
            while len(self._undo) > mark:
                self._undo.pop()()
            raise
        finally:
            self._counts = outer
            self.existing = None

    def undo(self, act: Callable[[], object]) -> None:
        self._undo.append(act)

    async def _changed(
        self,
        row: Subject,
        change: Mapping[str, object],
        event: Any,
        facts: Mapping[str, object],
        acting_for: UUID | None = None,
        on_behalf_of_id: UUID | None = None,
        deadline: tuple[str, datetime] | None = None,
        in_wake_of: log.Recorded | None = None,
    ) -> log.Recorded:
        self._remember(row)
        return await super()._changed(row, change, event, facts, acting_for, on_behalf_of_id, deadline, in_wake_of)

    async def _change_and_log(self, row: Subject, different: dict[str, Any], entry: log.Entry) -> Any:
        self._note(row, different)
        if is_searched_by(type(row), different):
            await self._keep_words(row)
        await self._append(entry)
        return _NO_PLACE

    async def _append(self, entry: log.Entry) -> log.Recorded:
        self._entries.append(entry)
        self._undo.append(self._entries.pop)
        return log.recorded_at(entry, _NO_PLACE)

    async def _insert(self, row: Row) -> None:
        self._must_be_of_now(row)
        kind, id = type(row), row.id
        self._made[id] = self._rows[kind, id] = row
        self._taken[kind, id] = (_STRENGTH[OWN], row)
        self._undo += [partial(self._made.pop, id), partial(self._rows.pop, (kind, id))]
        self._undo.append(partial(self._taken.pop, (kind, id)))
        for (of, columns), group in self._groups.items():
            if of is kind and (rows := group.get(tuple(getattr(row, name) for name in columns))) is not None:
                rows.append(row)
                self._undo.append(rows.pop)
        if isinstance(row, Subject) and row.searched is not None:
            await self._keep_words(row)

    async def _keep_words(self, row: Subject) -> None:
        if row.id not in self._said:
            self._said[row.id] = row
            self._undo.append(partial(self._said.pop, row.id))

    async def _update(self, part: Row, change: Mapping[str, Any]) -> None:
        self._remember(part)
        vars(part).update(change)
        self._note(part, change)

    async def _remove(self, part: Row) -> None:
        raise RuntimeError("This verb removes something: it needs a transaction of its own.")

    def _remember(self, row: Row) -> None:
        columns, before = vars(row), dict(vars(row))
        self._undo.append(lambda: columns.update(before))

    def _note(self, row: Row, change: Mapping[str, Any]) -> None:
        if row.id in self._made:
            return
        stored = {name for name in change if name in shape(type(row)).columns}
        if row.id not in self._changes:
            self._changes[row.id] = (row, set())
            self._undo.append(partial(self._changes.pop, row.id))
        self._changes[row.id][1].update(stored)
        references = [name.removesuffix("_id") for name in stored if name.endswith("_id")]
        for (model, beside), found in self._stands.items():  # another row may stand beside it now
            if model is type(row) and any(_goes_by(place, each) for _, place in beside for each in references):
                found.pop(row.id, None)

    # ---- write ----------------------------------------------------------------------------------------------------

    async def count(self) -> None:
        try:
            await self._write_all()
        except asyncpg.UniqueViolationError as taken:
            raise MadeMeanwhile from taken
        await super().count()

    async def _write_all(self) -> None:
        """New rows, changed ones, their words, and the events in the order in which they happened."""
        self.has_written |= bool(self._entries)
        for model, rows in _by_model(self._made.values()).items():
            await self.connection.copy_records_to_table(
                shape(model).table, records=[values(row) for row in rows], columns=shape(model).stored
            )
        for model, rows in _by_model(row for row, _ in self._changes.values()).items():
            await self._write_changes(model, rows)
        for model, rows in _by_model(self._said.values()).items():
            assert issubclass(model, Subject)
            await self.connection.execute(keeping(model), *kept_words(model, [vars(row) for row in rows]))
        await log.append_all(self.connection, self._entries)
        self._made, self._changes, self._said, self._entries, self._undo = {}, {}, {}, [], []

    async def _write_changes(self, model: type[Row], rows: Sequence[Row]) -> None:
        """In one statement: what only one of them changed is written of the others as it was."""
        columns = sorted(set().union(*(self._changes[row.id][1] for row in rows)))
        given = []
        for row in rows:
            changed = {name: plain(getattr(row, name)) for name in columns}
            given.append({"id": row.id, **changed, **shape(model).following(changed)})
        table = shape(model).table
        assigned = ", ".join(f"{name} = g.{name}" for name in given[0] if name != "id")
        source = f"json_populate_recordset(NULL::{table}, $1)"
        await self.connection.execute(f"UPDATE {table} t SET {assigned} FROM {source} g WHERE t.id = g.id", given)


def _has(row: Row, equals: Mapping[str, object]) -> bool:
    """As `rows.where` says it in SQL."""
    for name, value in equals.items():
        found = getattr(row, name)
        if found not in value if isinstance(value, list | tuple | set | frozenset) else found != value:
            return False
    return True


def _goes_by(place: str, reference: str) -> bool:
    """Whether what stands beside a row (rows.beside_it) is found by this reference of the row's."""
    return place.startswith(f"{reference}.") or f"{{{reference}." in place or f"{{t}}.{reference}_id" in place


def _by_model(rows: Iterable[Row]) -> dict[type[Row], list[Row]]:
    found: dict[type[Row], list[Row]] = {}
    for row in rows:
        found.setdefault(type(row), []).append(row)
    return found
