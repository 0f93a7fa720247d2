"""The person of a case: whom it may strike, found from the record, and how they are told of it and heard.

Discipline strikes a person: who held the office when the ground arose. An heir in office answers for nothing. The
person is a party, in office or not. Who cannot sign in is told, and replies, on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Part, Verb
from server.rules.case_term import Terms, access, held_it, held_it_for_giver, holder_on, spans
from server.rules.city import PERSON_REPLY_DAYS
from server.rules.clock import ClockKind, working_clock
from server.rules.collaboration_facts import RequestFacts, RequestStatus
from server.rules.collaboration_sides import Overlap, acting_for
from server.rules.eligibility import EscalationGround, Ground
from server.rules.escalation import must_be_undecided, must_handle, told
from server.rules.escalation_facts import SIGNS_IN, EscalationChange, EscalationFacts, Named
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.office import Office
from server.rules.refusal import Code, Refused
from server.rules.reply_clock import person_clock, person_reply_judged
from server.rules.stretch import Spans
from server.rules.viewer import Viewer
from server.rules.workdays import Calendar, end_of_day, local_day, start_of_day

# Who delivered last; null where the clock did.
DELIVERED_BY = (
    "(SELECT e.actor_id FROM event e WHERE e.subject_id = {t}.id"
    " AND e.type IN ('REQUEST_DELIVERED', 'REQUEST_DELIVERED_BY_CLOCK') ORDER BY e.subject_version DESC LIMIT 1)"
)


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What the rules need to know of an account that is the person of a case."""

    id: UUID
    signs_in: bool = field(metadata=at(SIGNS_IN.format(account="{t}.id")))
    access: Spans = field(metadata=at(access("{t}.id"), spans))

    @property
    def named(self) -> Named:
        return Named(account_id=self.id, signs_in=self.signs_in, access=self.access)


def person_of(
    request: RequestFacts,
    ground: Ground,
    terms: Terms,
    calendar: Calendar,
    *,
    answered_by_id: UUID | None,
    delivered_by_id: UUID | None,
) -> UUID | None:
    """Whom a case may strike: REFUSED: who declined; NO_ANSWER: who held the office on the clock's last day;
    BROKEN_COMMITMENT: who held it on the agreed date, of a dispute who delivered. None: nobody did, or who did headed
    the asker too and acted for that.

    `terms`: of the office that had the request (`responsible`).
    """
    if ground.ground is EscalationGround.REFUSED:
        return answered_by_id
    day = local_day(ground.arose_at, calendar)
    if request.status is RequestStatus.DISPUTED:
        if delivered_by_id is not None:
            return delivered_by_id
        day = day if request.delivered_at is None else local_day(request.delivered_at, calendar)
    elif ground.ground is EscalationGround.BROKEN_COMMITMENT and request.agreed_due_on is not None:
        day = request.agreed_due_on
    holder_id = holder_on(terms, day)
    acted_for_asker = acting_for(request, request.asker_id, end_of_day(day, calendar))
    return None if holder_id in acted_for_asker else holder_id


# ---- who may do what, and when --------------------------------------------------------------------------------------


def may_name_person(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office, until the decision."""
    _must_handle_open(viewer, case, "namePerson")


def may_record_notice(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office, once, of a person who has not replied, and cannot sign in or could not as they were named."""
    _must_handle_open(viewer, case, "recordNotice")
    _must_wait_for_person(case)
    if case.person_notice_on is not None:
        raise Refused(Code.ALREADY_NOTIFIED)
    if case.person_signs_in and case.person_told_at is not None:
        raise Refused(Code.SIGNS_IN)


def may_record_reply(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office, of a person who was told on paper."""
    _must_handle_open(viewer, case, "recordReply")
    _must_wait_for_person(case)
    if case.person_notice_on is None:
        raise Refused(Code.NOTICE_NEEDED)


PERSON: Final = Part[None](
    name="CasePerson",
    offered={
        "Escalation": {
            "namePerson": Verb(may_name_person, EventType.ESCALATION_PERSON_NAMED),
            "recordNotice": Verb(may_record_notice, EventType.ESCALATION_NOTICE_RECORDED),
            "recordReply": Verb(may_record_reply, EventType.ESCALATION_REPLY_RECORDED),
        },
    },
)


def _must_handle_open(viewer: Viewer, case: EscalationFacts, verb: str) -> None:
    must_handle(viewer, case)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, verb)


def _must_wait_for_person(case: EscalationFacts) -> None:
    if case.person_id is None:
        raise Refused(Code.NO_PERSON)
    if case.person_replied_at is not None:
        raise Refused(Code.ALREADY_REPLIED)


def must_be_heard(case: EscalationFacts, calendar: Calendar, now: datetime, *path: str) -> UUID:
    """Whom a decision strikes: nobody before their reply came or their clock ran out."""
    if case.person_id is None:
        raise Refused(Code.NO_PERSON, *path)
    if case.person_replied_at is None:
        clock = person_clock(case, calendar)
        if clock is None:
            raise Refused(Code.NOTICE_NEEDED, *path)
        if not clock.has_run_out(now):
            raise Refused(Code.PERSON_NOT_HEARD, *path, available_at=clock.due_at)
    return case.person_id


# ---- the verbs ------------------------------------------------------------------------------------------------------


def name_person(
    viewer: Viewer,
    case: EscalationFacts,
    person: Named,
    terms: Terms,
    requested_at: datetime,
    calendar: Calendar,
    today: date,
    now: datetime,
    days: int = PERSON_REPLY_DAYS,
    shared: Sequence[Overlap] = (),
) -> EscalationChange:
    """Another who held the office between the request's beginning and the ground; told, and heard, from the start.

    Nobody who headed the asker too all that time, and acted for that. `terms`: of the office that had the request
    (`responsible`); `days`: for the reply; `shared`: who headed both sides when.
    """
    may_name_person(viewer, case, today)
    if person.account_id == case.person_id:
        raise Refused(Code.NOTHING_TO_CHANGE, "accountId")
    first, last = local_day(requested_at, calendar), local_day(case.ground_arose_at, calendar)
    if not held_it(terms, person.account_id, first, last):
        raise Refused(Code.NEVER_HELD_OFFICE, "accountId", first=first, last=last)
    if not held_it_for_giver(terms, shared, person.account_id, first, last, calendar):
        raise Refused(Code.HEADS_BOTH_SIDES, "accountId")
    anew: EscalationChange = {
        "person_told_at": None,
        "person_reply_due_at": None,
        "person_notice_number": None,
        "person_notice_on": None,
        "person_reply": None,
        "person_replied_at": None,
    }
    return anew | told(person, days, calendar, now)


def record_notice(
    viewer: Viewer,
    case: EscalationFacts,
    document_number: str | None,
    received_on: date | None,
    calendar: Calendar,
    today: date,
) -> EscalationChange:
    """A letter and the day on which it was received, by which the person's clock begins: none from before they were the
    person of the case.
    """
    may_record_notice(viewer, case, today)
    number = bounds.text(document_number, bounds.DECREE_NUMBER, "documentNumber")
    if received_on is not None and received_on > today:
        raise Refused(Code.NOTICE_AHEAD, "receivedOn", today=today)
    named_at = case.person_named_at or case.filed_at
    assert named_at is not None
    on = bounds.day(received_on, "receivedOn", earliest=local_day(named_at, calendar))
    told_at, days = start_of_day(on, calendar), case.person_reply_days or PERSON_REPLY_DAYS
    clock = working_clock(ClockKind.PERSON_REPLY, told_at, days, Office(calendar))
    return {
        "person_notice_number": number,
        "person_notice_on": on,
        "person_told_at": told_at,
        "person_reply_days": days,
        "person_reply_due_at": clock.due_at,
    }


def record_reply(
    viewer: Viewer, case: EscalationFacts, reply: str | None, calendar: Calendar, today: date, now: datetime
) -> EscalationChange:
    """What the person answered on paper; it is theirs, and the event says who kept it."""
    may_record_reply(viewer, case, today)
    judged = person_reply_judged(case, calendar, now)
    return {"person_reply": bounds.text(reply, bounds.TEXT, "reply"), "person_replied_at": now, **judged}
