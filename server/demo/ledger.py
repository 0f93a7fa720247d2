"""Rows and the events that their verbs would have left, kept side by side and written in bulk.

What `actions.transaction` does for one verb in the database is done here in memory for a year of them: `create` and
`change` keep version, times and event together, so a row is always what its events say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from server.actions.entry import entry_of, headed_in
from server.actions.rows import SECRET, logged, shape, stored
from server.actions.words import keeping, kept_words
from server.database import Connection
from server.events import log
from server.ids import milliseconds, uuid7
from server.models.fields import Row, Subject
from server.rules.event import EventType
from server.rules.viewer import Viewer

S = TypeVar("S", bound=Subject)
Columns = dict[str, Any]

# Which deadline ran out or is near, and when.
Deadline = tuple[str, datetime]


class Ledger:
    """What is not yet written: rows by table in the order of their making, and the entries of the log."""

    def __init__(self, order: Sequence[type[Row]]) -> None:
        """`order`: the tables as they are to be written, what is referred to before what refers."""
        self._order = order
        self.rows: dict[type[Row], list[Columns]] = {model: [] for model in order}
        self.entries: list[log.Entry] = []
        self.holders: dict[UUID, UUID] = {}  # of each organisation's office; whoever acts for one acts on their behalf

    def part(self, model: type[Row], at: datetime, **columns: Any) -> Columns:
        """A row that has no event of its own; pass it on with its subject's."""
        row = {**_defaults(model), "id": new_id(at), **columns}
        self.rows[model].append(row)
        return row

    def create(
        self,
        model: type[Subject],
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        columns: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
        *,
        acting_for: UUID | None = None,
    ) -> Columns:
        """A new subject at a moment, by a viewer (None: the system), with its first event.

        `acting_for`: the organisation for which, where it is not the first of the row's that the viewer heads.
        """
        row = self.part(model, at, **columns, version=1, created_at=at, updated_at=at)
        changes = {
            name: [None, logged(value)] for name, value in row.items() if value is not None and name not in SECRET
        }
        self._append(model, row, event, viewer, at, changes, facts or {}, acting_for, None, None)
        return row

    def change(
        self,
        model: type[Subject],
        row: Columns,
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        change: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
        *,
        acting_for: UUID | None = None,
        on_behalf_of_id: UUID | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        """A later moment of a subject: the columns that differ, the next version, and the event.

        `acting_for`: as in `create`. `on_behalf_of_id`: for whom the viewer acts. `deadline`: which one the clock
        noticed at that moment; the event happened then.
        """
        changes = {}
        for name, value in change.items():
            if row[name] != value:
                if name not in SECRET:
                    changes[name] = [logged(row[name]), logged(value)]
                row[name] = value
        row["version"] += 1
        row["updated_at"] = at
        told = facts or {}
        self._append(model, row, event, viewer, at, changes, told, acting_for, on_behalf_of_id, deadline)

    def _append(
        self,
        model: type[Subject],
        row: Columns,
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        changes: dict[str, list[Any]],
        facts: Mapping[str, Any],
        acting_for: UUID | None,
        on_behalf_of_id: UUID | None,
        deadline: Deadline | None,
    ) -> None:
        subject = as_row(model, row)
        entry = entry_of(subject, event, viewer, at, id=new_id(at), changes=changes, facts=facts, acting_for=acting_for)
        if on_behalf_of_id is None and (headed := headed_in(entry, viewer, acting_for)):
            on_behalf_of_id = self.holders.get(headed[0])
        entry.on_behalf_of_id = on_behalf_of_id
        if deadline is not None:
            entry.deadline, entry.happened_at = deadline
        self.entries.append(entry)

    async def write(self, connection: Connection) -> None:
        """Everything into the database, and forget it.

        The log gets its entries in the order of their moments. Call it inside a transaction.
        """
        for model, rows in self.rows.items():
            table = shape(model)
            await connection.copy_records_to_table(
                table.table,
                records=[tuple(stored(model, row)) for row in rows],
                columns=table.stored,
            )
            if issubclass(model, Subject) and model.searched is not None and rows:
                await connection.execute(keeping(model), *kept_words(model, rows))
        self.entries.sort(key=attrgetter("happened_at"))  # stable: what one moment left stays in its order
        await log.append_all(connection, self.entries)
        self.rows, self.entries = {model: [] for model in self._order}, []


def as_row(model: type[S], columns: Columns) -> S:
    """The row's columns as its model has them, to be asked what it is called and whom it concerns."""
    row = model.__new__(model)
    vars(row).update(columns)
    return row


def new_id(at: datetime) -> UUID:
    """An id as it would have been made at that moment."""
    return uuid7(milliseconds(at))


@cache
def _defaults_of(model: type[Row]) -> tuple[tuple[str, Any], ...]:
    columns = shape(model).columns
    return tuple((name, model._meta.fields_map[name].default) for name in columns if name != "id")


def _defaults(model: type[Row]) -> Columns:
    return {name: default() if callable(default) else default for name, default in _defaults_of(model)}
