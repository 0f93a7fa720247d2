"""Whether a request may be escalated: the grounds that its record shows, and of the others what is missing.

A ground stands only while the request is in the state that shows it, so there is never more than one. It is worked out
from the record and the moment; nobody says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.rules.clock import is_past
from server.rules.collaboration_clock import answer_clock, dispute_clock, is_done_in_time
from server.rules.collaboration_facts import RequestFacts, RequestKind, RequestStatus
from server.rules.office import Office
from server.rules.workdays import end_of_day


class EscalationGround(StrEnum):
    """What a report of non-cooperation may rest on."""

    NO_ANSWER = "NO_ANSWER"
    REFUSED = "REFUSED"
    BROKEN_COMMITMENT = "BROKEN_COMMITMENT"


class WhyMissing(StrEnum):
    """What a ground lacks; the sentences are in server/text under `missing`."""

    AN_OFFER = "AN_OFFER"
    MAYORS_OFFICE = "MAYORS_OFFICE"
    CASE_OPEN = "CASE_OPEN"
    DECIDED = "DECIDED"
    CASE_WITHDRAWN = "CASE_WITHDRAWN"
    NOT_DUE = "NOT_DUE"
    PAUSED = "PAUSED"
    ANSWERED = "ANSWERED"
    NOT_DECLINED = "NOT_DECLINED"
    NOTHING_PROMISED = "NOTHING_PROMISED"
    DATE_AHEAD = "DATE_AHEAD"
    TO_DELIVER = "TO_DELIVER"
    DISPUTED = "DISPUTED"
    DELIVERED = "DELIVERED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground that the record shows, and since when."""

    ground: EscalationGround
    arose_at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """A ground that it does not show, and when by the passing of time alone it could arise; None: not by that."""

    ground: EscalationGround
    why: WhyMissing
    eligible_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The grounds on which a request may be escalated now, and of all others why not."""

    grounds: tuple[Ground, ...]
    missing: tuple[Missing, ...]

    @property
    def is_eligible(self) -> bool:
        return bool(self.grounds)

    @property
    def eligible_at(self) -> datetime | None:
        """The first moment at which a missing ground could arise."""
        return min((each.eligible_at for each in self.missing if each.eligible_at is not None), default=None)


def eligibility(
    request: RequestFacts,
    giver: Office,
    now: datetime,
    *,
    mayors_office_id: UUID,
    has_open_case: bool = False,
    decided_at: datetime | None = None,
    withdrawn_at: datetime | None = None,
) -> Eligibility:
    """`giver`: the office that must answer; `decided_at`: the last decision on a case of this request.

    `withdrawn_at`: when a case was last withdrawn, or settled in a mediation: both bind whoever filed it.
    """
    barred = _barred(request, mayors_office_id, has_open_case)
    if barred is not None:
        return Eligibility((), tuple(Missing(ground, barred) for ground in EscalationGround))
    found = [_no_answer(request, giver, now), _refused(request), _broken_commitment(request, giver, now)]
    grounds, missing = [], []
    for each in found:
        if isinstance(each, Missing):
            missing.append(each)
        elif decided_at is not None and each.arose_at <= decided_at:
            missing.append(Missing(each.ground, WhyMissing.DECIDED))
        elif withdrawn_at is not None and each.arose_at <= withdrawn_at:
            missing.append(Missing(each.ground, WhyMissing.CASE_WITHDRAWN))
        else:
            grounds.append(each)
    return Eligibility(tuple(grounds), tuple(missing))


def _barred(request: RequestFacts, mayors_office_id: UUID, has_open_case: bool) -> WhyMissing | None:
    if request.kind is RequestKind.OFFER:
        return WhyMissing.AN_OFFER
    if mayors_office_id in (request.asker_id, request.giver_id):
        return WhyMissing.MAYORS_OFFICE
    return WhyMissing.CASE_OPEN if has_open_case else None


def _no_answer(request: RequestFacts, giver: Office, now: datetime) -> Ground | Missing:
    ground = EscalationGround.NO_ANSWER
    if request.status is RequestStatus.WITHDRAWN:
        return Missing(ground, WhyMissing.ENDED)
    if request.status is not RequestStatus.OPEN:
        return Missing(ground, WhyMissing.ANSWERED)
    clock = answer_clock(request, giver, at=now)
    if clock.has_run_out(now):
        return Ground(ground, clock.due_at)
    if clock.pause_at(now) is None:
        return Missing(ground, WhyMissing.NOT_DUE, clock.due_at)
    # The earliest that is left; once that is past, nobody can say.
    return Missing(ground, WhyMissing.PAUSED, clock.due_at if clock.due_at > now else None)


def _refused(request: RequestFacts) -> Ground | Missing:
    ground = EscalationGround.REFUSED
    if request.status is RequestStatus.DECLINED and request.answered_at is not None:
        return Ground(ground, request.answered_at)
    ended = request.status in (RequestStatus.WITHDRAWN, RequestStatus.CONFIRMED)
    return Missing(ground, WhyMissing.ENDED if ended else WhyMissing.NOT_DECLINED)


def _broken_commitment(request: RequestFacts, giver: Office, now: datetime) -> Ground | Missing:
    ground = EscalationGround.BROKEN_COMMITMENT
    calendar = giver.calendar
    match request.status:
        case RequestStatus.DISPUTED:
            assert request.disputed_at is not None
            if request.dispute_count > 1:
                return Ground(ground, request.disputed_at)
            clock = dispute_clock(request, giver)
            assert clock is not None
            if clock.has_run_out(now):
                return Ground(ground, clock.due_at)
            # The earliest that is left; once that is past, nobody can say.
            return Missing(ground, WhyMissing.DISPUTED, clock.due_at if clock.due_at >= now else None)
        case RequestStatus.ACCEPTED:
            assert request.agreed_due_on is not None
            assert request.accepted_at is not None
            ends_at = end_of_day(request.agreed_due_on, calendar)
            if not is_past(ends_at, now):
                return Missing(ground, WhyMissing.DATE_AHEAD, ends_at)
            if is_done_in_time(request, calendar):
                return Missing(ground, WhyMissing.TO_DELIVER)
            # A delivery that was taken up again after its date is a promise that is late from that moment on.
            return Ground(ground, max(ends_at, request.accepted_at))
        case RequestStatus.DELIVERED:
            return Missing(ground, WhyMissing.DELIVERED)
        case RequestStatus.CONFIRMED | RequestStatus.WITHDRAWN:
            return Missing(ground, WhyMissing.ENDED)
        case _:
            return Missing(ground, WhyMissing.NOTHING_PROMISED)
