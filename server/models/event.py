"""The one append-only log, and how far its lasting readers have come."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, choice, ordered, reference
from server.rules.event import Audience, EventType
from server.rules.viewer import Capacity


class Event(Row):
    """What happened. Its position in the log is (epoch, xid, sequence); see events/reader.py for why."""

    epoch: int = fields.SmallIntField(default=1)
    xid: int = fields.BigIntField(description="The writing transaction's pg_current_xact_id().")
    sequence: int = fields.BigIntField(unique=True, description="From the table's own sequence event_sequence.")
    type = choice(EventType)
    subject_type = fields.CharField(max_length=40, description="The subject's GraphQL type.")
    subject_id: UUID = fields.UUIDField()
    subject_version: int = fields.IntField()
    organisation_ids: list[UUID] = ArrayField(
        element_type="uuid", description="Organisations concerned, the owner first."
    )
    actor = reference("Account", null=True)
    actor_id: UUID | None
    capacity: Capacity | None = choice(Capacity, null=True)
    on_behalf_of = reference("Account", null=True)
    on_behalf_of_id: UUID | None
    happened_at: datetime = fields.DatetimeField()
    recorded_at: datetime = fields.DatetimeField()
    changes: dict[str, Any] = fields.JSONField(default=dict, description='{"column": [before, after]}.')
    facts: dict[str, Any] = fields.JSONField(
        default=dict, description="What its sentence needs, and the verb's own words."
    )
    audience = choice(Audience, default=Audience.EVERYONE)
    audience_id: UUID | None = fields.UUIDField(null=True)
    deadline = fields.CharField(
        max_length=40, null=True, description="Which deadline, of what the clock alone did: recorded once for each."
    )

    class Meta:
        table = "event"
        constraints = [
            UniqueConstraint(
                fields=("subject_id", "deadline", "happened_at"),
                name="event_deadline",
                condition="deadline IS NOT NULL",
            )
        ]
        indexes = [
            *ordered("subject_id subject_version", "actor_id", "happened_at"),
            Index(fields=("epoch", "xid", "sequence")),
            GinIndex(fields=("organisation_ids",)),
        ]


class ReaderPosition(Row):
    """How far a lasting consumer of the log has come; moved in the transaction that does its work."""

    name = fields.CharField(max_length=60, unique=True)
    epoch: int = fields.SmallIntField()
    xid: int = fields.BigIntField()
    sequence: int = fields.BigIntField()

    class Meta:
        table = "reader_position"
