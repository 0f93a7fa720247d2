"""Numbers that are kept beside what they count, because counting is what grows with a city's years."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, choice
from server.rules.task import TaskStatus


class TaskCount(Row):
    """How many tasks are alike in these columns, which are the task's own; archived ones are not counted.

    Changed in the transaction that changes a task (actions/counting.py). Bookkeeping: no version, no event.
    """

    counts: ClassVar = ("Task",)

    organisation_id: UUID = fields.UUIDField()
    work_plan_id: UUID | None = fields.UUIDField(null=True)
    target_id: UUID | None = fields.UUIDField(null=True)
    status = choice(TaskStatus)
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    due_year: int | None = fields.SmallIntField(null=True, description="The year of its due date.")
    is_overdue = fields.BooleanField(description="As it was last recorded.")
    n: int = fields.BigIntField(description="0 where there were some once.")

    class Meta:
        table = "task_count"
        constraints = [
            UniqueConstraint(
                fields=(
                    *("organisation_id", "work_plan_id", "target_id", "status", "draft_of_id", "due_year"),
                    "is_overdue",
                ),
                name="task_count_cell",  # NULLS NOT DISTINCT
            )
        ]
        indexes = [Index(fields=("work_plan_id",)), Index(fields=("target_id",))]
