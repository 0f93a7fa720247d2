"""The tables as Tortoise models, with the columns that these works need and no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Organisation(Model):
    id: UUID = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40)
    name = fields.CharField(max_length=300)
    short_name: str | None = fields.CharField(max_length=100, null=True)

    class Meta:
        table = "organisation"


class WorkPlan(Model):
    id: UUID = fields.UUIDField(primary_key=True)
    status = fields.CharField(max_length=40)

    class Meta:
        table = "work_plan"


class Target(Model):
    id: UUID = fields.UUIDField(primary_key=True)
    indicator = fields.CharField(max_length=300)
    unit = fields.CharField(max_length=100)
    draft_of_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "target"


class Task(Model):
    id: UUID = fields.UUIDField(primary_key=True)
    version = fields.IntField()
    updated_at = fields.DatetimeField()
    organisation: Any = fields.ForeignKeyField("models.Organisation", related_name=False)
    organisation_id: UUID
    work_plan: Any = fields.ForeignKeyField("models.WorkPlan", null=True, related_name=False)
    work_plan_id: UUID | None
    target: Any = fields.ForeignKeyField("models.Target", null=True, related_name=False)
    target_id: UUID | None
    title = fields.CharField(max_length=300)
    status = fields.CharField(max_length=40)
    priority = fields.CharField(max_length=40)
    progress = fields.SmallIntField()
    starts_on = fields.DateField(null=True)
    due_on = fields.DateField(null=True)
    is_overdue = fields.BooleanField()
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at = fields.DatetimeField(null=True)

    class Meta:
        table = "task"


class IdempotencyKey(Model):
    id: UUID = fields.UUIDField(primary_key=True)
    account_id: UUID = fields.UUIDField()
    verb = fields.CharField(max_length=60)
    key = fields.CharField(max_length=255)
    input_hash: bytes = fields.BinaryField()
    object_id: UUID | None = fields.UUIDField(null=True)
    event_id: UUID | None = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
