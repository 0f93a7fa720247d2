"""Cases: reports of non-cooperation to the mayor, what follows from a decision, and who else may decide."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, Searched, Subject, changed, choice, folded_of, ordered, reference
from server.rules import bounds
from server.rules.decision import AppendixKind, Decider
from server.rules.eligibility import EscalationGround
from server.rules.escalation_facts import DecisionKind, EscalationStatus
from server.rules.viewer import Capacity


class Escalation(Subject):
    """One case. Who is no party's head and not of the mayor's office does not learn that it exists."""

    request = reference("Request")
    request_id: UUID
    filer = reference("Organisation")
    filer_id: UUID
    respondent = reference("Organisation")
    respondent_id: UUID
    status = choice(EscalationStatus, default=EscalationStatus.FILED)
    ground = choice(EscalationGround)
    ground_arose_at: datetime = fields.DatetimeField()
    statement: str = fields.TextField()
    filed_at: datetime = fields.DatetimeField()
    filed_by = reference("Account")
    filed_by_id: UUID
    reply_restarted_at: datetime | None = fields.DatetimeField(
        null=True, description="When a successor got its time to reply in full; null: at filing."
    )
    reply_due_at: datetime = fields.DatetimeField()
    reply: str | None = fields.TextField(null=True)
    replied_at: datetime | None = fields.DatetimeField(null=True)
    replied_by = reference("Account", null=True)
    replied_by_id: UUID | None
    person = reference("Account", null=True)
    person_id: UUID | None
    person_named_at: datetime | None = fields.DatetimeField(null=True)
    person_told_at: datetime | None = fields.DatetimeField(null=True, description="When the person's clock began.")
    person_reply_days: int | None = fields.SmallIntField(null=True, description="Working days of that clock.")
    person_reply_due_at: datetime | None = fields.DatetimeField(null=True)
    person_notice_number = fields.CharField(max_length=bounds.DECREE_NUMBER, null=True)
    person_notice_number_folded = folded_of("person_notice_number")
    person_notice_on: date | None = fields.DateField(null=True, description="When a notice on paper was received.")
    person_reply: str | None = fields.TextField(null=True)
    person_replied_at: datetime | None = fields.DatetimeField(null=True)
    mediation_from: EscalationStatus | None = choice(EscalationStatus, null=True)
    meeting_at: datetime | None = fields.DatetimeField(null=True)
    meeting_place = fields.CharField(max_length=bounds.TITLE, null=True)
    meeting_place_folded = folded_of("meeting_place")
    mediation_proposed_by = reference("Account", null=True)
    mediation_proposed_by_id: UUID | None
    mediation_outcome: str | None = fields.TextField(null=True)
    decision_kind: DecisionKind | None = choice(DecisionKind, null=True)
    decision_facts: str | None = fields.TextField(null=True)
    legal_basis = fields.CharField(max_length=bounds.TITLE, null=True)
    legal_basis_folded = folded_of("legal_basis")
    signed_by = fields.CharField(max_length=bounds.NAME, null=True)
    signed_by_folded = folded_of("signed_by")
    signed_by_office = fields.CharField(max_length=bounds.NAME, null=True)
    signed_by_office_folded = folded_of("signed_by_office")
    document_number = fields.CharField(max_length=bounds.DECREE_NUMBER, null=True)
    document_number_folded = folded_of("document_number")
    hearing_on: date | None = fields.DateField(null=True)
    hearing_number = fields.CharField(
        max_length=bounds.DECREE_NUMBER, null=True, description="Of the hearing's record, or of the summonses."
    )
    hearing_number_folded = folded_of("hearing_number")
    decided_person = reference("Account", null=True)
    decided_person_id: UUID | None
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decided_by = reference("Account", null=True)
    decided_by_id: UUID | None
    decided_as: Decider | None = choice(Decider, null=True)
    decided_capacity: Capacity | None = choice(Capacity, null=True)
    on_behalf_of = reference("Account", null=True)
    on_behalf_of_id: UUID | None
    referred_to = reference("Organisation", null=True)
    referred_to_id: UUID | None
    closed_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    searched = Searched(
        ("statement", "reply", "person_reply", "mediation_outcome", "decision_facts", "document_number"),
        "escalation_words",
    )

    class Meta:
        table = "escalation"
        constraints = [
            UniqueConstraint(
                fields=("request_id",),
                name="escalation_open",
                condition="status IN ('FILED', 'REPLIED', 'REPLY_LAPSED', 'MEDIATION')",
            )
        ]
        indexes = [
            *ordered(
                "request_id filed_at",
                "filer_id filed_at",
                "respondent_id filed_at",
                "referred_to_id filed_at",
                "person_id filed_at",
                "status reply_due_at",
            ),
            *ordered("filed_at", "created_at"),
            changed(),
        ]

    def label(self) -> str:
        return self.statement[:80]

    def concerned(self) -> list[UUID]:
        return [self.filer_id, self.respondent_id]


class FollowUp(Row):
    """Something that follows from a decision, with the task that was ordered for it if any."""

    escalation = reference("Escalation")
    escalation_id: UUID
    text = fields.CharField(max_length=bounds.TITLE)
    due_on: date | None = fields.DateField(null=True)
    is_referral = fields.BooleanField(
        default=False, db_default=False, description="The work of the body to which the case went."
    )
    task = reference("Task", null=True)
    task_id: UUID | None
    added_by = reference("Account", null=True)
    added_by_id: UUID | None
    created_at: datetime = fields.DatetimeField()
    closed_at: datetime | None = fields.DatetimeField(null=True)
    closed_by = reference("Account", null=True)
    closed_by_id: UUID | None
    outcome: str | None = fields.TextField(null=True, description="What became of it.")
    objectable_from: datetime | None = fields.DatetimeField(null=True, description="When its task was done.")
    objection_due_at: datetime | None = fields.DatetimeField(null=True)
    objected_at: datetime | None = fields.DatetimeField(null=True)
    objection: str | None = fields.TextField(null=True)

    class Meta:
        table = "follow_up"
        indexes = [Index(fields=("escalation_id", "created_at", "id")), Index(fields=("task_id",))]


class Appendix(Row):
    """A correction of a decision or an objection to it; the decision itself stays as it is."""

    escalation = reference("Escalation")
    escalation_id: UUID
    kind = choice(AppendixKind)
    text: str = fields.TextField()
    author = reference("Account")
    author_id: UUID
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "appendix"
        indexes = [Index(fields=("escalation_id", "created_at", "id"))]


class Remark(Subject):
    """A remark of the mayor's office, seen by it alone and no part of the dossier.

    A subject of its own: it raises no version of the case, by which a party would learn of it.
    """

    escalation = reference("Escalation")
    escalation_id: UUID
    author = reference("Account")
    author_id: UUID
    text: str = fields.TextField()

    class Meta:
        table = "remark"
        indexes = [Index(fields=("escalation_id", "created_at", "id"))]

    def label(self) -> str:
        return self.text[:80]

    def concerned(self) -> list[UUID]:
        return []


class Delegation(Subject):
    """The mayor lets an account decide cases, for a stated period."""

    account = reference("Account")
    account_id: UUID
    delegated_by = reference("Account")
    delegated_by_id: UUID
    valid_from: date = fields.DateField()
    valid_to: date = fields.DateField(description="The last day.")
    decree_number = fields.CharField(max_length=bounds.DECREE_NUMBER, null=True)

    class Meta:
        table = "delegation"
        indexes = [Index(fields=("account_id", "valid_from", "id")), Index(fields=("valid_to", "id"))]

    def label(self) -> str:
        return self.decree_number or ""

    def concerned(self) -> list[UUID]:
        return []
