"""Targets, their readings, owners and amendments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import NOTHING, Row, Searched, Subject, changed, choice, folded_of, key_of, ordered, reference
from server.rules import bounds
from server.rules.target import AmendmentKind, AmendmentStatus, Formula, Grade, RollUp, TargetDirection, TrackState


def _amount(**options: Any) -> Any:
    return fields.DecimalField(max_digits=18, decimal_places=4, **options)


def _percent(**options: Any) -> Any:
    return fields.DecimalField(max_digits=18, decimal_places=4, **options)


class Target(Subject):
    """An indicator of a plan with the value to reach; what its readings say of it is kept on the row."""

    work_plan = reference("WorkPlan")
    work_plan_id: UUID
    owner = reference("Organisation")
    owner_id: UUID
    responsible = reference("Account", null=True)
    responsible_id: UUID | None
    programme = reference("Programme", null=True)
    programme_id: UUID | None
    indicator = fields.CharField(max_length=bounds.TITLE)
    indicator_folded = folded_of("indicator")
    indicator_key = key_of("indicator")
    unit = fields.CharField(max_length=bounds.UNIT)
    unit_folded = folded_of("unit")
    direction = choice(TargetDirection)
    roll_up = choice(RollUp)
    formula = choice(Formula, default=Formula.RATIO, db_default=Formula.RATIO.value)
    baseline: Decimal | None = _amount(null=True)
    target_value: Decimal = _amount()
    target_value_to: Decimal | None = _amount(null=True, description="The upper bound of a RANGE.")
    due_on: date = fields.DateField()
    milestones: list[dict[str, Any]] = fields.JSONField(
        default=list, description='[{"dueOn": "2026-03-31", "value": "12.5"}].'
    )
    is_proposed = fields.BooleanField(default=False, description="Added to an approved plan, not yet approved.")
    counts_from: date | None = fields.DateField(null=True, description="The day on which it began to count.")
    # Derived by rules/achievement.py in the transaction that changes them; recounted by `kolaborasi check`.
    realised: Decimal | None = _amount(null=True)
    achievement: Decimal | None = _percent(null=True, description="Capaian of the year, percent.")
    achievement_to_date: Decimal | None = _percent(
        null=True, description="Capaian against the period's expected value."
    )
    grade: Grade | None = choice(Grade, null=True)  # from told_from on
    grade_to_date: Grade | None = choice(Grade, null=True)
    pace = choice(TrackState, default=TrackState.NOT_STARTED)  # trackState, but for what the three days below say
    last_measured_on: date | None = fields.DateField(null=True)
    told_from: date | None = fields.DateField(null=True, description="From this day on its year is told.")
    realised_from: date | None = fields.DateField(null=True, description="From this day on it is realised.")
    report_due_on: date | None = fields.DateField(null=True, description="Not reported from the day after this one on.")
    untold_due_on: list[str | None] = fields.JSONField(
        default=list, db_default=NOTHING, description="By quarter: the last day of the report that is owed and untold."
    )
    external_id = fields.CharField(max_length=bounds.EXTERNAL_ID, null=True)
    external_id_folded = folded_of("external_id")
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at: datetime | None = fields.DatetimeField(null=True)
    searched = Searched(("indicator",), "target_words")

    class Meta:
        table = "target"
        constraints = [UniqueConstraint(fields=("owner_id", "external_id"), name="target_external_id")]
        indexes = [
            *ordered("work_plan_id due_on", "owner_id due_on", "programme_id due_on"),
            *ordered("due_on", "achievement", "indicator_key", "created_at"),
            changed(),
            Index(fields=("responsible_id",)),
        ]

    def label(self) -> str:
        return self.indicator

    def concerned(self) -> list[UUID]:
        return [self.owner_id]


class TargetOwner(Row):
    """Who answered for a target from when to when."""

    target = reference("Target")
    target_id: UUID
    organisation = reference("Organisation")
    organisation_id: UUID
    valid_from: date = fields.DateField()
    valid_to: date | None = fields.DateField(null=True, description="The last day; null: still.")

    class Meta:
        table = "target_owner"
        indexes = [Index(fields=("target_id", "valid_from", "id")), Index(fields=("organisation_id",))]


class Measurement(Row):
    """One reading; never edited, a wrong one is superseded."""

    target = reference("Target")
    target_id: UUID
    owner = reference("Organisation")  # who owned the target on the reading's date
    owner_id: UUID
    value: Decimal = _amount()
    measured_on: date = fields.DateField()
    note: str | None = fields.TextField(null=True)
    evidence: list[dict[str, Any]] = fields.JSONField(default=list, description='[{"url", "title"}].')
    recorded_by = reference("Account")
    recorded_by_id: UUID
    recorded_at: datetime = fields.DatetimeField()
    supersedes = reference("Measurement", null=True)
    supersedes_id: UUID | None
    superseded_by = reference("Measurement", null=True)
    superseded_by_id: UUID | None
    is_made_by_system = fields.BooleanField(default=False)
    external_id = fields.CharField(max_length=bounds.EXTERNAL_ID, null=True)
    external_id_folded = folded_of("external_id")

    class Meta:
        table = "measurement"
        constraints = [
            # Of a reading and of what took its place, which bears the same one, the first.
            UniqueConstraint(
                fields=("target_id", "external_id"), name="measurement_external_id", condition="supersedes_id IS NULL"
            )
        ]
        indexes = [*ordered("target_id measured_on", "recorded_at"), Index(fields=("owner_id",))]


class Amendment(Subject):
    """A change of an approved plan's target, prepared, proposed, decided; every one is kept.

    A subject of its own: what is only prepared raises no version of the target, by which others would learn of it.
    What is told to all happens to the target: `version` 0 is of one that was proposed at once.
    """

    is_part: ClassVar = True

    target = reference("Target")
    target_id: UUID
    kind = choice(AmendmentKind)
    status = choice(AmendmentStatus, default=AmendmentStatus.PREPARED)
    reason: str = fields.TextField()
    changes: dict[str, Any] = fields.JSONField(
        default=dict, description="Target columns → proposed values, as the log writes them."
    )
    before: dict[str, Any] = fields.JSONField(
        default=dict, description="The same columns → their values when it was made."
    )
    draft_of_id: UUID | None = fields.UUIDField(null=True, description="The target's owner until it is signed.")
    receiver = reference("Organisation", null=True)
    receiver_id: UUID | None
    prepared_by = reference("Account")
    prepared_by_id: UUID
    proposed_by = reference("Account", null=True)
    proposed_by_id: UUID | None
    proposed_at: datetime | None = fields.DatetimeField(null=True)
    accepted_by = reference("Account", null=True)
    accepted_by_id: UUID | None
    accepted_at: datetime | None = fields.DatetimeField(null=True)
    decided_by = reference("Account", null=True)
    decided_by_id: UUID | None
    decided_at: datetime | None = fields.DatetimeField(null=True)
    note: str | None = fields.TextField(null=True)

    class Meta:
        table = "amendment"
        constraints = [
            UniqueConstraint(
                fields=("target_id",),
                name="amendment_open",
                condition="status IN ('PREPARED', 'PROPOSED', 'ACCEPTED')",
            )
        ]
        indexes = [*ordered("target_id created_at", "created_at"), changed(), Index(fields=("receiver_id",))]

    def label(self) -> str:
        return ""  # the target's, which its events bear

    def concerned(self) -> list[UUID]:
        return [] if self.draft_of_id is None else [self.draft_of_id]
