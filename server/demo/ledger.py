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

from server.actions.audience import audience_of
from server.actions.rows import SECRET, logged, plain, shape
from server.database import Connection
from server.events import log
from server.ids import milliseconds, uuid7
from server.models.fields import Row, Subject
from server.rules.collaboration import CollaborationKind
from server.rules.event import EventType
from server.rules.viewer import Capacity, Viewer

Columns = dict[str, Any]

# A subject's label and whom it concerns, as its model's `label` and `concerned` say (a test compares them).
LABEL = {
    "WorkPlan": "title",
    "Target": "indicator",
    "Task": "title",
    "Account": "name",
    "Appointment": "decree_number",
    "CollaborationRequest": "subject",
    "Escalation": "statement",
    "Remark": "text",
    "Delegation": "decree_number",
}
LABEL_LENGTH = {"Escalation": 80, "Remark": 80}
CONCERNED: Mapping[str, tuple[str, ...]] = dict.fromkeys(LABEL, ("organisation_id",)) | {
    "Target": ("owner_id",),
    "CollaborationRequest": ("asker_id", "giver_id"),  # of an OFFER the other way round
    "Escalation": ("filer_id", "respondent_id"),
    "Remark": (),
    "Delegation": (),
}

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
            name: [None, _logged(value)] for name, value in row.items() if value is not None and name not in SECRET
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
                    changes[name] = [_logged(row[name]), _logged(value)]
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
        name = model.__name__
        organisation_ids = concerned(name, row)
        capacity = None
        if viewer and viewer.heads:
            for each in organisation_ids if acting_for is None else (acting_for,):
                if (capacity := viewer.capacity_in(each)) is not None:
                    if capacity is not Capacity.DEFINITIVE and on_behalf_of_id is None:
                        on_behalf_of_id = self.holders.get(each)
                    break
        if acting_for is not None and acting_for not in organisation_ids:
            organisation_ids.append(acting_for)
        audience, audience_id = audience_of(shape(model).table, row, event, changes)
        self.entries.append(
            log.Entry(
                id=new_id(at),
                type=event,
                subject_type=name,
                subject_id=row["id"],
                subject_version=row["version"],
                organisation_ids=organisation_ids,
                actor_id=viewer.account_id if viewer else None,
                capacity=capacity,
                on_behalf_of_id=on_behalf_of_id,
                happened_at=at if deadline is None else deadline[1],
                recorded_at=at,
                changes=changes,
                facts={"label": label(name, row), **{key: _logged(value) for key, value in facts.items()}},
                audience=audience,
                audience_id=audience_id,
                deadline=None if deadline is None else deadline[0],
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


def label(name: str, row: Mapping[str, Any]) -> str:
    """What an event calls its subject; `name` is the model's."""
    text: str = row[LABEL[name]] or ""
    return text[: LABEL_LENGTH.get(name, len(text))]


def concerned(name: str, row: Mapping[str, Any]) -> list[UUID]:
    """The organisations that an event of its subject concerns, the owner or whoever began it first."""
    organisation_ids = [row[column] for column in CONCERNED[name]]
    return organisation_ids[::-1] if row.get("kind") is CollaborationKind.OFFER else organisation_ids


# Values that JSON holds as they are; a list here holds nothing but records of texts and flags, and is never edited.
_PLAIN = frozenset({str, int, bool, list, NoneType})


def _logged(value: Any) -> Any:
    return value if type(value) in _PLAIN else logged(value)


def new_id(at: datetime) -> UUID:
    """An id as it would have been made at that moment."""
    return uuid7(milliseconds(at))


@cache
def _defaults_of(model: type[Row]) -> tuple[tuple[str, Any], ...]:
    columns = shape(model).columns
    return tuple((name, model._meta.fields_map[name].default) for name in columns if name != "id")


def _defaults(model: type[Row]) -> Columns:
    return {name: default() if callable(default) else default for name, default in _defaults_of(model)}
