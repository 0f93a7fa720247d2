"""Keys that make a retried verb safe."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row


class IdempotencyKey(Row):
    """What a verb did for an account under a key: the input's hash and the ids of object and event, for 48 hours."""

    account_id: UUID = fields.UUIDField()
    verb = fields.CharField(max_length=60)
    key = fields.CharField(max_length=255)
    input_hash: bytes = fields.BinaryField()
    object_id: UUID | None = fields.UUIDField(null=True)
    event_id: UUID | None = fields.UUIDField(null=True)
    rows: list[Any] | None = fields.JSONField(
        null=True, description="Of a verb on many rows: what became of each (schema/bulk.py)."
    )
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        constraints = [UniqueConstraint(fields=("account_id", "verb", "key"), name="idempotency_key_once")]
        indexes = [Index(fields=("created_at",))]
