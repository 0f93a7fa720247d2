"""Collaboration requests: one organisation asks another for something, or offers it help; and what was said of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from server.models.fields import NOTHING, Row, Searched, Subject, changed, choice, folded_of, ordered, reference
from server.rules import bounds
from server.rules.collaboration_facts import ANSWER_DAYS, RequestKind, RequestStatus, RulingCause


class Request(Subject):
    """Permintaan (NEED) or tawaran (OFFER) kolaborasi of one asker, who receives, and one giver, who delivers."""

    kind = choice(RequestKind)
    status = choice(RequestStatus, default=RequestStatus.OPEN)
    asker = reference("Organisation")
    asker_id: UUID
    giver = reference("Organisation")
    giver_id: UUID
    thread_id: UUID = fields.UUIDField(description="Shared by all that were asked of several at once.")
    title = fields.CharField(max_length=bounds.TITLE)
    title_folded = folded_of("title")
    description: str | None = fields.TextField(null=True)
    task = reference("Task", null=True)  # what it is about: a task, a target, or neither
    task_id: UUID | None
    target = reference("Target", null=True)
    target_id: UUID | None
    needed_on: date | None = fields.DateField(null=True)
    agreed_due_on: date | None = fields.DateField(null=True)
    # The clock on which the other side answers (rules/collaboration_clock.py).
    answer_days: int = fields.SmallIntField(default=ANSWER_DAYS, description="Working days.")
    answer_started_at: datetime = fields.DatetimeField()
    answer_due_at: datetime = fields.DatetimeField()
    answer_stopped_at: datetime | None = fields.DatetimeField(null=True)
    answer_pauses: list[dict[str, Any]] = fields.JSONField(
        default=list, description='[{"reason", "from", "to", "actorId"}].'
    )
    lapsed_at: datetime | None = fields.DatetimeField(null=True, description="When the answer clock ran out.")
    answer_reason: str | None = fields.TextField(null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    answered_by = reference("Account", null=True)
    answered_by_id: UUID | None
    question: str | None = fields.TextField(null=True)
    question_asked_at: datetime | None = fields.DatetimeField(null=True)
    question_due_at: datetime | None = fields.DatetimeField(null=True)
    question_count: int = fields.SmallIntField(default=0, description="Asked by the present giver, also before.")
    counter_needed_on: date | None = fields.DateField(null=True)
    counter_terms: str | None = fields.TextField(null=True)
    counter_made_at: datetime | None = fields.DatetimeField(null=True)
    counter_made_by = reference("Account", null=True)
    counter_made_by_id: UUID | None
    counter_due_at: datetime | None = fields.DatetimeField(null=True)
    counters_refused_count: int = fields.SmallIntField(default=0)
    redirected_from = reference("Organisation", null=True)
    redirected_from_id: UUID | None
    redirects: list[dict[str, Any]] = fields.JSONField(
        default=list, description="What StoredRedirect in rules/collaboration_facts.py says, for each step."
    )
    is_assigned = fields.BooleanField(default=False, description="The mayor's office has named the giver.")
    ruling_cause: RulingCause | None = choice(RulingCause, null=True)
    ruling_asked_at: datetime | None = fields.DatetimeField(null=True)
    ruling_days: int = fields.SmallIntField(default=3, db_default=3, description="Working days in which it is due.")
    ruling_due_at: datetime | None = fields.DatetimeField(null=True)
    ruling_reason: str | None = fields.TextField(null=True)
    ruling_proposed = reference("Organisation", null=True)
    ruling_proposed_id: UUID | None
    new_due_on: date | None = fields.DateField(null=True)
    new_due_reason: str | None = fields.TextField(null=True)
    new_due_proposed_at: datetime | None = fields.DatetimeField(null=True)
    commitment = reference("Task", null=True)
    commitment_id: UUID | None
    accepted_at: datetime | None = fields.DatetimeField(null=True)
    deliver_due_at: datetime | None = fields.DatetimeField(
        null=True, description="When a commitment that is done in time counts as delivered."
    )
    delivered_at: datetime | None = fields.DatetimeField(null=True)
    days_late: int | None = fields.SmallIntField(
        null=True, description="Days after the agreed date of its delivery, of several the most."
    )
    confirm_due_at: datetime | None = fields.DatetimeField(null=True)
    disputed_at: datetime | None = fields.DatetimeField(null=True)
    dispute_count: int = fields.SmallIntField(default=0, db_default=0)
    dispute_due_at: datetime | None = fields.DatetimeField(null=True)
    dispute_reason: str | None = fields.TextField(null=True)
    clock_restarted_at: datetime | None = fields.DatetimeField(
        null=True,
        description="When a successor last got its time in full for a question, terms, a delivery, a dispute.",
    )
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    stand_in = reference("Account", null=True)  # whom the mayor's office named last (rules/collaboration_sides.py)
    stand_in_id: UUID | None
    stand_ins: list[dict[str, Any]] = fields.JSONField(
        default=list, db_default=NOTHING, description='[{"accountId", "organisationId", "at"}].'
    )
    searched = Searched(("title", "description"), "collaboration_request_words")

    class Meta:
        table = "collaboration_request"
        indexes = [
            *ordered("asker_id created_at", "giver_id created_at", "giver_id answer_due_at", "status answer_due_at"),
            *ordered("thread_id", "answer_due_at", "needed_on", "created_at"),
            changed(),
            Index(fields=("task_id",)),
            Index(fields=("target_id",)),
            Index(fields=("commitment_id",)),
            Index(fields=("stand_in_id",)),
        ]

    def label(self) -> str:
        return self.title

    def concerned(self) -> list[UUID]:
        """Whoever began it first."""
        asker, giver = self.asker_id, self.giver_id
        return [asker, giver] if self.kind is RequestKind.NEED else [giver, asker]


class Message(Row):
    """What somebody said in a request's thread."""

    request = reference("Request")
    request_id: UUID
    author = reference("Account")
    author_id: UUID
    text: str = fields.TextField()
    created_at: datetime = fields.DatetimeField()

    class Meta:
        table = "message"
        indexes = [Index(fields=("request_id", "created_at", "id")), Index(fields=("author_id",))]
