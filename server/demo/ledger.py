"""Rows and the events that their verbs would have left, kept side by side and written in bulk.

What `actions.transaction` does for one verb in the database is done here in memory for a year of them: `create` and
`change` keep version, times and event together, so a row is always what its events say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any
from uuid import UUID

from server.actions.rows import SECRET, logged, plain, shape
from server.database import Connection
from server.events import log
from server.ids import uuid7
from server.models.fields import Row, Subject
from server.rules.event import Audience, EventType
from server.rules.viewer import Viewer

Columns = dict[str, Any]

# A subject's label and owner, as its model's `label` and `concerned` say (a test compares them).
LABEL = {"WorkPlan": "title", "Target": "indicator", "Task": "title", "Account": "name", "Appointment": "decree_number"}
OWNER = dict.fromkeys(LABEL, "organisation_id") | {"Target": "owner_id"}


class Ledger:
    """What is not yet written: rows by table in the order of their making, and the entries of the log."""

    def __init__(self, order: Sequence[type[Row]]) -> None:
        """`order`: the tables as they are to be written, what is referred to before what refers."""
        self._order = order
        self.rows: dict[type[Row], list[Columns]] = {model: [] for model in order}
        self.entries: list[log.Entry] = []

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
    ) -> Columns:
        """A new subject at a moment, by a viewer (None: the system), with its first event."""
        row = self.part(model, at, **columns, version=1, created_at=at, updated_at=at)
        changes = {
            name: [None, _logged(value)] for name, value in row.items() if value is not None and name not in SECRET
        }
        self._append(model, row, event, viewer, at, changes, facts or {})
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
    ) -> None:
        """A later moment of a subject: the columns that differ, the next version, and the event."""
        changes = {}
        for name, value in change.items():
            if row[name] != value:
                if name not in SECRET:
                    changes[name] = [_logged(row[name]), _logged(value)]
                row[name] = value
        row["version"] += 1
        row["updated_at"] = at
        self._append(model, row, event, viewer, at, changes, facts or {})

    def _append(
        self,
        model: type[Subject],
        row: Columns,
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        changes: dict[str, list[Any]],
        facts: Mapping[str, Any],
    ) -> None:
        name = model.__name__
        owner: UUID = row[OWNER[name]]
        draft_of_id = row.get("draft_of_id")
        self.entries.append(
            log.Entry(
                id=new_id(at),
                type=event,
                subject_type=name,
                subject_id=row["id"],
                subject_version=row["version"],
                organisation_ids=[owner],
                actor_id=viewer.account_id if viewer else None,
                capacity=viewer.capacity_in(owner) if viewer and viewer.heads else None,
                on_behalf_of_id=None,
                happened_at=at,
                recorded_at=at,
                changes=changes,
                facts={"label": row[LABEL[name]] or "", **{key: _logged(value) for key, value in facts.items()}},
                audience=Audience.EVERYONE if draft_of_id is None else Audience.ORGANISATION,
                audience_id=draft_of_id,
            )
        )

    async def write(self, connection: Connection) -> None:
        """Everything into the database, and forget it.

        The log gets its entries in the order of their moments. Call it inside a transaction.
        """
        for model, rows in self.rows.items():
            table = shape(model)
            await connection.copy_records_to_table(
                table.table,
                records=[tuple(plain(row[name]) for name in table.columns) for row in rows],
                columns=table.columns,
            )
        self.entries.sort(key=attrgetter("happened_at"))  # stable: what one moment left stays in its order
        await log.append_all(connection, self.entries)
        self.rows, self.entries = {model: [] for model in self._order}, []


# Values that JSON holds as they are; a list here holds nothing but records of texts and flags, and is never edited.
_PLAIN = frozenset({str, int, bool, list, NoneType})


def _logged(value: Any) -> Any:
    return value if type(value) in _PLAIN else logged(value)


def new_id(at: datetime) -> UUID:
    """An id as it would have been made at that moment."""
    return uuid7(int(at.timestamp() * 1000))


@cache
def _defaults_of(model: type[Row]) -> tuple[tuple[str, Any], ...]:
    columns = shape(model).columns
    return tuple((name, model._meta.fields_map[name].default) for name in columns if name != "id")


def _defaults(model: type[Row]) -> Columns:
    return {name: default() if callable(default) else default for name, default in _defaults_of(model)}
