"""What the rules know of a collaboration request: its kinds and states, its columns, its way from giver to giver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NotRequired, TypedDict
from uuid import UUID

from server.rules.city import RULING_DAYS
from server.rules.clock import StoredPause
from server.rules.collaboration_sides import (
    ABSENCES,
    OVERLAPS,
    Absence,
    Overlap,
    StoredStandIn,
    absences,
    overlaps,
)
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office
from server.rules.organisation import MAYORS_OFFICE, id_or_nobodys
from server.rules.task import TaskStatus

# Working days.
ANSWER_DAYS = 3
QUESTION_DAYS = 3
DELIVERY_DAYS = 3
DISPUTE_DAYS = 3
RESUMED_DAYS = 5
COUNTER_DAYS = 10
CONFIRMATION_DAYS = 10
# How often.
COUNTERS = 2
QUESTIONS = 2


class RequestKind(StrEnum):
    """Who began it: NEED asks for help, OFFER offers it."""

    NEED = "NEED"
    OFFER = "OFFER"


class RequestStatus(StrEnum):
    """Where a request stands."""

    OPEN = "OPEN"
    COUNTERED = "COUNTERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"


class RulingCause(StrEnum):
    """Why the mayor's office is to say who is responsible."""

    SECOND_REDIRECT = "SECOND_REDIRECT"
    REDIRECTED_BACK = "REDIRECTED_BACK"
    OBJECTION = "OBJECTION"
    AFTER_LAPSE = "AFTER_LAPSE"
    MAYORS_OFFICE = "MAYORS_OFFICE"


# The other side has spoken.
ANSWERED = frozenset(
    {
        RequestStatus.COUNTERED,
        RequestStatus.ACCEPTED,
        RequestStatus.DECLINED,
        RequestStatus.DELIVERED,
        RequestStatus.DISPUTED,
        RequestStatus.CONFIRMED,
    }
)
FINISHED = frozenset({RequestStatus.CONFIRMED, RequestStatus.WITHDRAWN})
# Of which a clock may run.
RUNNING = frozenset(RequestStatus) - FINISHED - {RequestStatus.DECLINED}


class StoredRedirect(TypedDict):
    """One step of the chain, as stored: from whom to whom, by a giver or by the mayor's ruling.

    `questionCount`, `countersRefused`: what the one who had it had used up by then; `lapsedAt`: when its answer clock
    had run out, which stays on the record. Steps of long ago lack them.
    """

    fromId: str
    toId: str
    reason: str
    at: str
    actorId: str
    isRuling: bool
    questionCount: NotRequired[int]
    countersRefused: NotRequired[int]
    lapsedAt: NotRequired[str | None]


# Whether the task that it became needs evidence, as an order or its plan asks for, and has none.
_LACKS_EVIDENCE = (
    "(SELECT (k.needs_evidence OR coalesce(w.needs_evidence, false)) AND k.evidence = '[]'::jsonb FROM task k"
    " LEFT JOIN work_plan w ON w.id = k.work_plan_id WHERE k.id = {t}.commitment_id)"
)


_STARTER = "CASE {t}.kind WHEN 'NEED' THEN {t}.asker_id ELSE {t}.giver_id END"
# The office whose silence settles something by itself: on a question, on other terms, on what was done or delivered.
SILENCE = (
    "CASE WHEN {t}.status IN ('COUNTERED', 'ACCEPTED', 'DELIVERED') OR {t}.question_asked_at IS NOT NULL THEN ("
    + held(f"CASE WHEN {{t}}.status IN ('ACCEPTED', 'DELIVERED') THEN {{t}}.asker_id ELSE {_STARTER} END")
    + ") END"
)


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What the rules need to know of a request: its columns; `made_at` is when it was made, and the state of its task.

    `answer_…`: the clock on which the answerer answers, `answer_pauses` as stored; `question_…`: the question that is
    open, `question_count` how many the present giver has asked, also before it came back; `ruling_…`: what waits for
    the mayor's office; `is_assigned`: that office has named the giver; `accepted_at`: when the present promise began;
    `commitment_…`: of the task that it became; `days_late`: of several deliveries the most; `clock_restarted_at`: when
    a successor got all the time again for what waited for it, but for the answer, which has its own start; `silence`:
    the office whose silence on a question, on other terms or on a delivery counts, where one is or will be waited for;
    `overlaps`:
    when one person headed both sides, `stand_ins`: whom the mayor's office named meanwhile, `absences`: when these
    could not act (collaboration_sides.py).
    """

    id: UUID
    kind: RequestKind
    status: RequestStatus
    asker_id: UUID
    giver_id: UUID
    counters_refused_count: int = 0
    question_count: int = 0
    question_asked_at: datetime | None = None
    ruling_asked_at: datetime | None = None
    ruling_days: int = RULING_DAYS
    ruling_due_at: datetime | None = None
    ruling_proposed_id: UUID | None = None
    is_assigned: bool = False
    redirects: Sequence[StoredRedirect] = ()
    new_due_on: date | None = None
    needed_on: date | None = None
    counter_needed_on: date | None = None
    answered_at: datetime | None = None
    commitment_status: TaskStatus | None = field(default=None, metadata=at("commitment.status"))
    commitment_progress: int | None = field(default=None, metadata=at("commitment.progress"))
    commitment_lacks_evidence: bool = field(default=False, metadata=at(_LACKS_EVIDENCE))
    commitment_completed_at: datetime | None = field(default=None, metadata=at("commitment.completed_at"))
    made_at: datetime | None = field(default=None, metadata=at("created_at"))
    mayors_office_id: UUID = field(metadata=at(MAYORS_OFFICE, id_or_nobodys))
    title: str = ""
    description: str | None = None
    agreed_due_on: date | None = None
    answer_days: int = ANSWER_DAYS
    answer_started_at: datetime | None = None
    answer_due_at: datetime | None = None
    answer_stopped_at: datetime | None = None
    answer_pauses: Sequence[StoredPause] = ()
    question_due_at: datetime | None = None
    counter_made_at: datetime | None = None
    counter_due_at: datetime | None = None
    accepted_at: datetime | None = None
    deliver_due_at: datetime | None = None
    days_late: int | None = None
    dispute_count: int = 0
    dispute_due_at: datetime | None = None
    delivered_at: datetime | None = None
    confirm_due_at: datetime | None = None
    disputed_at: datetime | None = None
    dispute_reason: str | None = None
    commitment_id: UUID | None = None
    clock_restarted_at: datetime | None = None
    stand_ins: Sequence[StoredStandIn] = ()
    silence: Office | None = field(default=None, metadata=at(SILENCE, office))
    absences: Sequence[Absence] = field(default=(), metadata=at(ABSENCES, absences))
    overlaps: Sequence[Overlap] = field(default=(), metadata=at(OVERLAPS, overlaps))

    @property
    def starter_id(self) -> UUID:
        """Whoever began it."""
        return self.asker_id if self.kind is RequestKind.NEED else self.giver_id

    @property
    def answerer_id(self) -> UUID:
        """The other side, which answers."""
        return self.giver_id if self.kind is RequestKind.NEED else self.asker_id

    def since(self, at: datetime) -> datetime:
        """Since when whoever something waits for has had time: since they took it over, where that was later."""
        return max(at, self.clock_restarted_at or at)

    @property
    def chain(self) -> frozenset[UUID]:
        """All who were or are asked, and the asker."""
        asked = {UUID(step[end]) for step in self.redirects for end in ("fromId", "toId")}
        return frozenset({self.asker_id, self.giver_id, *asked})


class RequestChange(TypedDict, total=False):
    """The columns that a verb changes, or for a new request those that differ from the table's defaults."""

    kind: RequestKind
    status: RequestStatus
    asker_id: UUID
    giver_id: UUID
    thread_id: UUID
    title: str
    description: str | None
    task_id: UUID | None
    target_id: UUID | None
    needed_on: date | None
    agreed_due_on: date | None
    answer_days: int
    answer_started_at: datetime
    answer_due_at: datetime
    answer_stopped_at: datetime | None
    answer_pauses: list[StoredPause]
    lapsed_at: datetime | None
    answer_reason: str | None
    answered_at: datetime | None
    answered_by_id: UUID | None
    question: str | None
    question_asked_at: datetime | None
    question_due_at: datetime | None
    question_count: int
    counter_needed_on: date | None
    counter_terms: str | None
    counter_made_at: datetime | None
    counter_made_by_id: UUID | None
    counter_due_at: datetime | None
    counters_refused_count: int
    redirected_from_id: UUID | None
    redirects: list[StoredRedirect]
    is_assigned: bool
    ruling_cause: RulingCause | None
    ruling_asked_at: datetime | None
    ruling_days: int
    ruling_due_at: datetime | None
    ruling_reason: str | None
    ruling_proposed_id: UUID | None
    new_due_on: date | None
    new_due_reason: str | None
    new_due_proposed_at: datetime | None
    commitment_id: UUID | None
    accepted_at: datetime | None
    deliver_due_at: datetime | None
    days_late: int | None
    dispute_count: int
    dispute_due_at: datetime | None
    delivered_at: datetime | None
    confirm_due_at: datetime | None
    disputed_at: datetime | None
    dispute_reason: str | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None
    clock_restarted_at: datetime | None
    stand_in_id: UUID | None
    stand_ins: list[StoredStandIn]
