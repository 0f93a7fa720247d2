"""Who may read the event of a change: decided when it is recorded, from the row that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from server.rules.aggregates import AGGREGATES, Undeclared
from server.rules.event import Audience, EventType
from server.rules.visibility import CASES, DRAFTS, EVERYONE, OF_CASE_ACCESS, OWN_ACTS, REMARKS, Visibility

# Who may read the events of a row that is seen by this rule, and the column that says whose draft or case it is.
BY_VISIBILITY: Mapping[Visibility, tuple[Audience, str | None]] = {
    EVERYONE: (Audience.EVERYONE, None),
    DRAFTS: (Audience.ORGANISATION, "draft_of_id"),
    CASES: (Audience.CASE, "id"),
    REMARKS: (Audience.CASE_OFFICE, "escalation_id"),
    OWN_ACTS: (Audience.ACCOUNT, "account_id"),
    OF_CASE_ACCESS: (Audience.CASE_ACCESS, "account_id"),
}
# The submission of a draft, and the signature under a target to be added: what was its own becomes everybody's.
PUBLISHING = frozenset(
    {
        *(EventType.WORK_PLAN_SUBMITTED, EventType.TARGET_PUBLISHED, EventType.TASK_PUBLISHED),
        EventType.TARGET_AMENDMENT_PROPOSED,
    }
)


def audience_of(
    table: str, row: Mapping[str, object], event: EventType, changes: Mapping[str, Sequence[Any]]
) -> tuple[Audience, UUID | None]:
    """Who may read an event about this row of a subject's table (columns by name): as public as the row is after it.

    What takes a row out of a draft that stays one tells where it stood, and is that draft's.
    """
    audience, column = _AUDIENCES[table]
    whose = None if column is None else cast(UUID | None, row[column])
    if audience is Audience.CASE_ACCESS and (case_id := row.get("escalation_id")) is not None:
        return Audience.CASE_OFFICE, cast(UUID, case_id)
    if audience is Audience.ORGANISATION and whose is None:
        before, _ = changes.get("draft_of_id", (None, None))
        if before is None or event in PUBLISHING:
            return Audience.EVERYONE, None
        whose = UUID(before)
    return audience, whose


def _declared(name: str, visibility: Visibility) -> tuple[Audience, str | None]:
    try:
        return BY_VISIBILITY[visibility]
    except KeyError:
        raise Undeclared(
            f"Who may read the events of {name}? Add its visibility to BY_VISIBILITY of server/actions/audience.py."
        ) from None


_AUDIENCES = {
    each.table: _declared(each.name, each.visibility)
    for each in AGGREGATES
    if each.table is not None and each.visibility is not None
}
