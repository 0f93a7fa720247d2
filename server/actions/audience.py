"""Who may read the event of a change: decided when it is recorded, from the row that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from server.models import Escalation, PasswordLink, Remark, SignIn
from server.models.fields import Subject
from server.rules.event import Audience, EventType

# The submission of a draft: what was its own becomes everybody's.
PUBLISHING = frozenset({EventType.WORK_PLAN_SUBMITTED, EventType.TARGET_PUBLISHED, EventType.TASK_PUBLISHED})


def audience_of(row: Subject, event: EventType, changes: Mapping[str, Sequence[Any]]) -> tuple[Audience, UUID | None]:
    """Who may read an event about this row: as public as the row is after it.

    What takes a row out of a draft that stays one tells where it stood, and is that draft's.
    """
    if isinstance(row, SignIn | PasswordLink):
        return Audience.ACCOUNT, row.account_id
    if isinstance(row, Escalation):
        return Audience.CASE, row.id
    if isinstance(row, Remark):
        return Audience.CASE_OFFICE, row.escalation_id
    draft_of_id: UUID | None = getattr(row, "draft_of_id", None)
    before, _ = changes.get("draft_of_id", (None, None))
    if draft_of_id is None and before is not None and event not in PUBLISHING:
        draft_of_id = UUID(before)
    return (Audience.EVERYONE, None) if draft_of_id is None else (Audience.ORGANISATION, draft_of_id)
