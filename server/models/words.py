"""What can be searched for: a table of its own beside each subject's, so that only who changes its texts writes there.

Besides the words it holds the row's columns by which a search is bounded and put in order, as they are in the row; so
PostgreSQL need not look up each match. Written in the transaction that changes the subject (actions/words.py).
Bookkeeping: no version, no event.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import TSVectorField

from server.models.fields import Row


class Words(Row):
    """The words of one subject, whose id it bears."""

    words: Any = TSVectorField()

    class Meta:
        abstract = True


class AccountWords(Words):
    """Of people: names and position titles, without stems."""

    class Meta:
        table = "account_words"


class OrganisationWords(Words):
    """Of organisations."""

    class Meta:
        table = "organisation_words"


class WorkPlanWords(Words):
    """Of work plans."""

    year: int = fields.IntField()
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "work_plan_words"


class TargetWords(Words):
    """Of targets."""

    due_on: date = fields.DateField()
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "target_words"


class TaskWords(Words):
    """Of tasks; in sixteen parts by their ids (migration 20): a search that finds more than it looks at reads some."""

    due_on: date | None = fields.DateField(null=True)
    draft_of_id: UUID | None = fields.UUIDField(null=True)
    archived_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "task_words"


class RequestWords(Words):
    """Of requests and offers."""

    class Meta:
        table = "collaboration_request_words"


class ProgrammeWords(Words):
    """Of programmes."""

    class Meta:
        table = "programme_words"


class EscalationWords(Words):
    """Of cases, with all by which they are hidden."""

    filer_id: UUID = fields.UUIDField()
    respondent_id: UUID = fields.UUIDField()
    person_id: UUID | None = fields.UUIDField(null=True)
    referred_to_id: UUID | None = fields.UUIDField(null=True)
    filed_at: datetime = fields.DatetimeField()

    class Meta:
        table = "escalation_words"
