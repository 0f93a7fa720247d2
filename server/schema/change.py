"""What a `…Changed` subscription delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

import strawberry

from server.live.watch import ChangeKind
from server.query.declare.fields import by_id
from server.query.values import Cursor
from server.schema.enums import ChangedField, described

if TYPE_CHECKING:
    from server.schema.event import Event

T = TypeVar("T")

described(
    ChangeKind,
    "What a change means to this subscription.",
    CREATED="It is new to this list: made, come into sight, or now matching the filter.",
    UPDATED="It was in this list and still is.",
    LEFT="It no longer matches the filter.",
    REMOVED="It is out of the viewer's sight: only its id is told.",
)


@strawberry.type(description="One change of one thing.")
class Change(Generic[T]):
    kind: ChangeKind = strawberry.field(description="What it means to this subscription.")
    id: strawberry.ID = strawberry.field(
        name="nodeId", description="The thing's id, also when it is out of sight; the change itself has none."
    )
    cursor: Cursor = strawberry.field(description="Give it back as `after` to go on behind this change.")
    changed_fields: list[ChangedField] = strawberry.field(
        description="The fields of `node` that changed; empty when hidden."
    )
    node_id: strawberry.Private[UUID | None] = None
    node: T | None = by_id(
        "The thing as it is when this is delivered, which may be later than `event`; null once it is out of sight."
    )
    event_id: strawberry.Private[UUID | None] = None
    event: Event | None = by_id("The record of what was done, as of its moment; null where the viewer may not see it.")
