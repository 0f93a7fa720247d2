"""What a verb has in hand that takes one row, decides and changes it once: who asks, when, the row, and its event.

A verb that asks for a Hand and no more may be done by an optimistic write (at_once.py) as well as in a transaction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import asyncpg

from server.actions.counting import Counts
from server.actions.entry import entry_of, headed_in
from server.actions.rows import LOCK, SECRET, UNIQUE, logged, read, shape, where
from server.events import log
from server.ids import encode, milliseconds, next_uuid7, uuid7
from server.models import Appointment
from server.models.fields import Row, Subject
from server.rules.appointment import is_held_on
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.viewer import Capacity, Viewer

R = TypeVar("R", bound=Row)
S = TypeVar("S", bound=Subject)
T = TypeVar("T")

Beside = Mapping[str, str]  # what is read beside a row: name → place (rows.beside_it)


class Moment(NamedTuple):
    """The moment at which a verb happens, in UTC and as the city's day, and the city's facts at that moment.

    `machine_now`: by the machine's clock, where the rules' own was moved: what keys and links live by.
    """

    now: datetime
    today: date
    city: CityFacts
    machine_now: datetime | None = None


class Reader(Protocol):
    """A connection, or a pool of them."""

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]: ...


class Hand(ABC):
    """Takes one row and changes it."""

    def __init__(self, reader: Reader, viewer: Viewer | None, clock: Moment) -> None:
        self._reader = reader
        self._viewer = viewer
        self.now = clock.now
        self.machine_now = clock.machine_now or clock.now
        self.today = clock.today
        self.city = clock.city
        self._counts = Counts()
        self._milliseconds = milliseconds(clock.now)

    @property
    def viewer(self) -> Viewer:
        """Who asks. The system (reactions, sweeps, the command line) acts without one and asks no permission."""
        if self._viewer is None:
            raise RuntimeError("The system has no viewer: call the rule's part that needs none.")
        return self._viewer

    async def lock_beside(
        self, model: type[S], id: UUID, *path: str, beside: Beside, if_version: int | None = None
    ) -> tuple[S, asyncpg.Record]:
        """The row, nobody else's to change until it is written, and in the same statement what stands beside it.

        Refuses NOT_FOUND (unknown or not to be seen) and STALE_VERSION.
        """
        record = found(await self._beside(model, beside, id, f" {LOCK} OF t"), path)
        row = read(model, record)
        if if_version is not None and row.version != if_version:
            raise Refused(Code.STALE_VERSION, "ifVersion", current=row.version, about=encode(row.prefix, row.id))
        return row, record

    async def change(
        self,
        row: Subject,
        change: Mapping[str, object],
        event: EventType,
        *,
        parts: tuple[()] = (),
        removed: tuple[()] = (),
        edited: tuple[()] = (),
        on_behalf_of_id: None = None,
        acting_for: None = None,
        deadline: None = None,
        in_wake_of: None = None,
        **facts: object,
    ) -> log.Recorded:
        """The row's columns changed and its version raised, and the event with these facts.

        `row` (taken before) holds the new values afterwards. Columns whose value stays are left out of the event. What
        a transaction can do besides is named here so that the type checker refuses it, and is refused where the checker
        cannot see it.
        """
        if any((parts, removed, edited, deadline, acting_for, on_behalf_of_id, in_wake_of)):
            raise RuntimeError("This verb does more than change one row: it needs a transaction.")
        return await self._changed(row, change, event, facts)

    def new_id(self) -> UUID:
        """For a new row: all that a transaction makes bears its one moment, so that no id tells what went before."""
        return uuid7(self._milliseconds)

    def id_after(self, other: UUID | None) -> UUID:
        """The same, but of rows of one moment greater than this other one's, where their order is that of their ids."""
        made = self.new_id()
        if other is None or made > other or other.int >> 80 != self._milliseconds:
            return made
        return next_uuid7(other)

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` gives. In a verb on many rows it is asked once for all of them, by this key."""
        return await make()

    def undo(self, act: Callable[[], object]) -> None:  # noqa: B027  # as it should be, but for many rows
        """`act` takes something back that is no row, where the row is refused for which it was done. Here nothing does:
        with the only row goes all that was made for it."""

    # ---- how ------------------------------------------------------------------------------------------------------

    @abstractmethod
    async def _beside(self, model: type[Row], beside: Beside, id: UUID, lock: str) -> asyncpg.Record | None:
        """The row, with what stands beside it; None where the viewer sees none."""

    @abstractmethod
    async def _change_and_log(self, row: Subject, different: dict[str, Any], entry: log.Entry) -> asyncpg.Record | None:
        """Row and event in one statement → the event's place; None when the row has another version."""

    async def _changed(
        self,
        row: Subject,
        change: Mapping[str, object],
        event: EventType,
        facts: Mapping[str, object],
        acting_for: UUID | None = None,
        on_behalf_of_id: UUID | None = None,
        deadline: tuple[str, datetime] | None = None,
        in_wake_of: log.Recorded | None = None,
    ) -> log.Recorded:
        change = self._counts.kept(row, change, self.today)
        different = {name: value for name, value in change.items() if getattr(row, name) != value}
        self._counts.changed(row, different)
        changes = {
            name: [logged(getattr(row, name)), logged(value)] for name, value in different.items() if name not in SECRET
        }
        read_version = row.version
        different |= {"version": read_version + 1, "updated_at": self.now}
        vars(row).update(different)
        different |= shape(type(row)).following(different)
        entry = await self._told(row, event, changes, facts, acting_for, on_behalf_of_id)
        if deadline is not None:
            entry = replace(entry, deadline=deadline[0], happened_at=deadline[1])
        if in_wake_of is not None:
            by = in_wake_of
            entry = replace(entry, actor_id=by.actor_id, capacity=by.capacity, on_behalf_of_id=by.on_behalf_of_id)
        with refusing_twins():
            place = await self._change_and_log(row, different, entry)
        if place is None:
            raise Refused(Code.STALE_VERSION, "ifVersion", current=read_version + 1, about=encode(row.prefix, row.id))
        return log.recorded_at(entry, place)

    async def _told(
        self,
        row: Subject,
        event: EventType,
        changes: dict[str, list[Any]],
        facts: Mapping[str, object],
        acting_for: UUID | None,
        on_behalf_of_id: UUID | None,
    ) -> log.Entry:
        """The event, with the one for whom the actor acted: given, or whose office an acting head keeps."""
        entry = entry_of(
            row, event, self._viewer, self.now, id=self.new_id(), changes=changes, facts=facts, acting_for=acting_for
        )
        if on_behalf_of_id is None and (headed := headed_in(entry, self._viewer, acting_for)):
            on_behalf_of_id = await self._holder(headed)
        return entry if on_behalf_of_id is None else replace(entry, on_behalf_of_id=on_behalf_of_id)

    async def _holder(self, organisation_ids: Sequence[UUID]) -> UUID | None:
        """Who holds the office of one of these today, and is kept by an acting head."""
        office = {"organisation_id": organisation_ids, "capacity": Capacity.DEFINITIVE}
        held = await select(self._reader, Appointment, office)
        return next((each.account_id for each in held if is_held_on(each, self.today)), None)


async def select(
    reader: Reader,
    model: type[R],
    equals: Mapping[str, object],
    order_by: Sequence[str] = ("id",),
    limit: int | None = None,
    lock: bool = False,
) -> list[R]:
    """The rows whose columns equal these, in order; locked in that order if asked."""
    condition, arguments = where(equals)
    text = f"{shape(model).select} WHERE {condition} ORDER BY {', '.join(order_by)}"
    text += f" LIMIT {limit}" if limit is not None else ""
    records = await reader.fetch(text + (f" {LOCK}" if lock else ""), *arguments)
    return [read(model, record) for record in records]


@contextmanager
def refusing_twins() -> Iterator[None]:
    """What somebody else made first is refused like what was there before."""
    try:
        yield
    except asyncpg.UniqueViolationError as taken:
        raise Refused(Code.ALREADY_EXISTS, *UNIQUE.get(taken.constraint_name or "", ())) from taken


def found(row: T | None, path: tuple[str, ...]) -> T:
    """Refuses NOT_FOUND where there is none."""
    if row is None:
        raise Refused(Code.NOT_FOUND, *path)
    return row
