"""What stands around a case that is filed: the request's record, and the offices whose days count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.rules.case_term import PASSED, Passed, Terms, passed_of, responsible, terms, terms_of
from server.rules.collaboration_facts import RequestFacts
from server.rules.eligibility import Eligibility, eligibility
from server.rules.escalation import handles_case, passed_on
from server.rules.escalation_facts import (
    OPEN,
    EscalationChange,
    EscalationStatus,
    Filing,
    Named,
)
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office
from server.rules.person import DELIVERED_BY, person_of
from server.rules.reply_clock import ReplyClockFacts, begun_anew, own_reply_clock
from server.rules.viewer import Viewer
from server.rules.workdays import Calendar

_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN))
HAS_OPEN_CASE = f"EXISTS (SELECT 1 FROM escalation x WHERE x.request_id = {{t}}.id AND x.status IN ({_OPEN}))"
DECIDED_AT = "(SELECT max(x.decided_at) FROM escalation x WHERE x.request_id = {t}.id)"
WITHDRAWN_AT = "(SELECT max(x.withdrawn_at) FROM escalation x WHERE x.request_id = {t}.id)"


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class FilingFacts(RequestFacts):
    """With the office that must answer, whether a case is open, and when one was last decided or withdrawn."""

    giver: Office = field(metadata=at(held("{t}.giver_id"), office))
    has_open_case: bool = field(metadata=at(HAS_OPEN_CASE))
    decided_at: datetime | None = field(metadata=at(DECIDED_AT))
    case_withdrawn_at: datetime | None = field(metadata=at(WITHDRAWN_AT))


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts(FilingFacts):
    """With who held that office when, who answered, and who delivered: one of them is the person of a case."""

    giver_terms: Terms = field(metadata=at(terms("{t}.giver_id"), terms_of))
    passed: Passed = field(metadata=at(PASSED, passed_of))
    answered_by_id: UUID | None
    delivered_by_id: UUID | None = field(metadata=at(DELIVERED_BY))


def filing(record: FilingFacts, now: datetime, person: Named | None = None) -> Filing:
    """What a request's record and its cases so far say of a further case, which may strike this person."""
    return Filing(
        request_id=record.id,
        asker_id=record.asker_id,
        giver_id=record.giver_id,
        eligibility=shown_by(record, now),
        has_open_case=record.has_open_case,
        person=person,
    )


def shown_by(record: FilingFacts, now: datetime) -> Eligibility:
    """The grounds that the record shows."""
    return eligibility(
        record,
        record.giver,
        now,
        mayors_office_id=record.mayors_office_id,
        has_open_case=record.has_open_case,
        decided_at=record.decided_at,
        withdrawn_at=record.case_withdrawn_at,
    )


def person_shown_by(record: RecordFacts, now: datetime, calendar: Calendar) -> UUID | None:
    """Whom a case on its first ground may strike; None where there is no ground, or nobody held the office."""
    ground = next(iter(shown_by(record, now).grounds), None)
    if ground is None:
        return None
    return person_of(
        record,
        ground,
        responsible(record.giver_terms, record.giver_id, record.passed),
        calendar,
        answered_by_id=record.answered_by_id,
        delivered_by_id=record.delivered_by_id,
    )


def passed_on_in_full(
    case: ReplyClockFacts, ended_id: UUID, successor_id: UUID, successor: Office, terms: Terms, now: datetime
) -> EscalationChange:
    """To the organisation that follows the one that ended; a reply that is still waited for has all its time again.

    Whether its time had run out is told by the days of the one that ended. `terms`: of the successor's heads.
    """
    change = passed_on(case, ended_id, successor_id, now)
    is_waited_for = "respondent_id" in change and case.status is EscalationStatus.FILED
    if is_waited_for and not own_reply_clock(case).has_run_out(now):
        change |= begun_anew(case, successor, terms, now)
    return change


def sees_eligibility(viewer: Viewer, asker_id: UUID, giver_id: UUID, mayors_office_id: UUID) -> bool:
    """The asker's head and the mayor's office; for others there is nothing that could be seen."""
    return asker_id in viewer.case_headed_ids or handles_case(viewer, mayors_office_id, asker_id, giver_id)


def is_offered_filing(viewer: Viewer, asker_id: UUID, giver_id: UUID, mayors_office_id: UUID) -> bool:
    """They, and the asker's head without case access, who is told that it is missing."""
    return viewer.is_head_of(asker_id) or sees_eligibility(viewer, asker_id, giver_id, mayors_office_id)
