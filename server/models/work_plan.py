"""Work plans: one organisation's year."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Searched, Subject, changed, choice, folded_of, key_of, ordered, reference
from server.rules import bounds
from server.rules.work_plan import WorkPlanStatus


class WorkPlan(Subject):
    """Rencana kerja of one organisation for one year."""

    organisation = reference("Organisation")
    organisation_id: UUID
    year: int = fields.IntField()
    title = fields.CharField(max_length=bounds.TITLE)
    title_folded = folded_of("title")
    title_key = key_of("title")
    status = choice(WorkPlanStatus, default=WorkPlanStatus.DRAFT)
    needs_evidence = fields.BooleanField(default=False, description="Its tasks are completed with evidence only.")
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    submitted_by = reference("Account", null=True)
    submitted_by_id: UUID | None
    approved_at: datetime | None = fields.DatetimeField(null=True)
    approved_by = reference("Account", null=True)
    approved_by_id: UUID | None
    closed_at: datetime | None = fields.DatetimeField(null=True)
    return_note: str | None = fields.TextField(null=True)
    draft_of_id: UUID | None = fields.UUIDField(null=True, description="Its organisation until it is first submitted.")
    archived_at: datetime | None = fields.DatetimeField(null=True)
    searched = Searched(("title",), "work_plan_words")

    class Meta:
        table = "work_plan"
        # An archived draft frees its year.
        constraints = [
            UniqueConstraint(fields=("organisation_id", "year"), name="work_plan_year", condition="archived_at IS NULL")
        ]
        indexes = [
            *ordered("organisation_id year"),
            *ordered("year", "title_key", "status", "created_at"),
            changed(),
        ]

    def label(self) -> str:
        return self.title

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]
