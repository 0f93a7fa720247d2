"""What an event says of a change: composed here alone, for one verb's transaction and for a year that is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.actions.audience import audience_of
from server.actions.rows import Columns, logged, shape
from server.events.log import Entry
from server.models.fields import Subject
from server.rules.event import EventType
from server.rules.viewer import Capacity, Viewer


def entry_of(
    row: Subject,
    event: EventType,
    viewer: Viewer | None,
    at: datetime,
    *,
    id: UUID,
    changes: dict[str, list[Any]],
    facts: Mapping[str, object],
    acting_for: UUID | None,
) -> Entry:
    """The event of a row as it is after the change: whom it concerns, who did it in what capacity, who may read it.

    `viewer` None is the system. `acting_for`: the organisation for which, where it is not the first of the row's that
    the viewer heads. For whom an acting head did it is the caller's to add (`headed_in`).
    """
    own = [] if acting_for is None else [acting_for]
    former, _ = changes.get("owner_id", (None, None))  # who had it, and has it no more
    organisation_ids = [*dict.fromkeys([*row.concerned(), *([] if former is None else [UUID(former)]), *own])]
    capacities = [viewer.capacity_in(each) for each in own or organisation_ids] if viewer else []
    if viewer is not None and viewer.mayors_office_id is not None:
        capacities.append(viewer.mayors_capacity)  # who heads no party to it acts for the city
    through = {} if viewer is None or viewer.token is None else {"through": viewer.token.name}
    audience, audience_id = audience_of(shape(type(row)).table, Columns(row), event, changes)
    return Entry(
        id=id,
        type=event,
        subject_type=type(row).__name__,
        subject_id=row.id,
        subject_version=row.version,
        organisation_ids=organisation_ids,
        actor_id=viewer.account_id if viewer else None,
        capacity=next((each for each in capacities if each is not None), None),
        on_behalf_of_id=None,
        happened_at=at,
        recorded_at=at,
        changes=changes,
        facts={"label": row.label()} | through | {name: logged(value) for name, value in facts.items()},
        audience=audience,
        audience_id=audience_id,
        deadline=None,
    )


def headed_in(entry: Entry, viewer: Viewer | None, acting_for: UUID | None) -> Sequence[UUID]:
    """The organisations whose office the viewer keeps for its holder in this event; none where he acts as himself."""
    if viewer is None or entry.capacity not in (Capacity.PLT, Capacity.PLH):
        return ()
    among = entry.organisation_ids if acting_for is None else [acting_for]
    headed = [each for each in among if viewer.capacity_in(each) is entry.capacity]
    return headed or ([] if viewer.mayors_office_id is None else [viewer.mayors_office_id])
