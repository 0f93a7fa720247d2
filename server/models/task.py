"""Tasks, what they wait for, and what was said of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, Searched, Subject, changed, choice, folded_of, key_of, ordered, reference
from server.rules import bounds
from server.rules.task import Priority, TaskStatus


class Task(Subject):
    """Pekerjaan of one organisation, normally in its plan."""

    organisation = reference("Organisation")
    organisation_id: UUID
    work_plan = reference("WorkPlan", null=True)
    work_plan_id: UUID | None
    target = reference("Target", null=True)
    target_id: UUID | None
    title = fields.CharField(max_length=bounds.TITLE)
    title_folded = folded_of("title")
    title_key = key_of("title")
    description: str | None = fields.TextField(null=True)
    status = choice(TaskStatus, default=TaskStatus.PLANNED)
    status_reason: str | None = fields.TextField(null=True, description="Why it is blocked, cancelled or reopened.")
    priority = choice(Priority, default=Priority.NORMAL)
    progress: int = fields.SmallIntField(default=0, description="0 to 100.")
    starts_on: date | None = fields.DateField(null=True)
    due_on: date | None = fields.DateField(null=True)
    is_overdue = fields.BooleanField(
        default=False, db_default=False, description="Open and past its due date when last written or swept: counted."
    )
    completed_at: datetime | None = fields.DatetimeField(null=True)
    assignee = reference("Account", null=True)
    assignee_id: UUID | None
    kelurahan = reference("Organisation", null=True)
    kelurahan_id: UUID | None
    is_ordered = fields.BooleanField(default=False, description="Ordered by the mayor's office (disposisi).")
    needs_evidence = fields.BooleanField(default=False, description="Asked for by an order; a plan asks for itself.")
    support_asked_at: datetime | None = fields.DatetimeField(
        null=True, description="Raised to the mayor's office while blocked."
    )
    support_note: str | None = fields.TextField(null=True)
    support_answer: str | None = fields.TextField(null=True, description="What the mayor's office said to that.")
    checklist: list[dict[str, Any]] = fields.JSONField(
        default=list, description='[{"id", "text", "isDone"}], at most 100.'
    )
    evidence: list[dict[str, Any]] = fields.JSONField(default=list, description='[{"url", "title"}].')
    external_id = fields.CharField(max_length=bounds.EXTERNAL_ID, null=True)
    external_id_folded = folded_of("external_id")
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at: datetime | None = fields.DatetimeField(null=True)
    searched = Searched(("title", "description"), "task_words")

    class Meta:
        table = "task"
        constraints = [UniqueConstraint(fields=("organisation_id", "external_id"), name="task_external_id")]
        indexes = [
            *ordered(
                "organisation_id due_on",
                "work_plan_id due_on",
                "target_id due_on",
                "assignee_id due_on",
                "kelurahan_id due_on",
            ),
            *ordered("due_on", "title_key", "created_at"),
            changed(),
        ]

    def label(self) -> str:
        return self.title

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]


class TaskDependency(Row):
    """One task waits for another."""

    task = reference("Task")
    task_id: UUID
    waits_for = reference("Task")
    waits_for_id: UUID

    class Meta:
        table = "task_dependency"
        constraints = [UniqueConstraint(fields=("task_id", "waits_for_id"), name="task_dependency_once")]
        indexes = [Index(fields=("waits_for_id",))]


class Comment(Row):
    """What somebody said of a task; its author may edit or remove it."""

    task = reference("Task")
    task_id: UUID
    author = reference("Account")
    author_id: UUID
    text: str = fields.TextField(description="Empty once removed.")
    created_at: datetime = fields.DatetimeField()
    edited_at: datetime | None = fields.DatetimeField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "comment"
        indexes = [*ordered("task_id created_at", "created_at"), Index(fields=("author_id",))]
