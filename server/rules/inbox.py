"""What waits for whom: of each thing the entries that it puts into a viewer's inbox, each with verb and deadline.

An entry is there exactly as long as its verb is the viewer's to do, so it is gone with the act that settles it. Why it
is the viewer's is the entry's sentence, in server/text under `inbox`. What is settled on one page by one verb is one
entry, with a count (`grouped`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from server.rules import collaboration_clock as clocks
from server.rules.account import WARNED_BEFORE
from server.rules.amendment import AMENDMENT, AmendmentFacts
from server.rules.appointment import ActingFacts, acting_clock, may_end_appointment
from server.rules.case_access import CaseAccessFacts, may_confirm_case_access
from server.rules.clock import Clock
from server.rules.collaboration import COLLABORATION_REQUEST
from server.rules.collaboration_clock_facts import RequestClockFacts
from server.rules.collaboration_facts import RUNNING, RequestStatus
from server.rules.collaboration_lapse import as_it_stands_on
from server.rules.collaboration_sides import lacking
from server.rules.decision import may_decide_escalation
from server.rules.escalation import may_conclude_mediation, may_reply_to_escalation, replies_for
from server.rules.escalation_facts import EscalationStatus
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.follow_up import (
    ObjectionClockFacts,
    is_of_body,
    may_close_follow_up,
    may_object_to_follow_up,
    own_objection_clock,
)
from server.rules.organisation import has_ended
from server.rules.person import may_record_notice
from server.rules.refusal import refused
from server.rules.reply_clock import ReplyClockFacts, own_reply_clock, person_clock, stands
from server.rules.target import AmendmentKind, AmendmentStatus
from server.rules.task import TaskStatus, may_order_task
from server.rules.viewer import Viewer
from server.rules.work_plan import (
    PlanState,
    WorkPlanFacts,
    WorkPlanStatus,
    may_approve_work_plan,
    may_return_work_plan,
    may_submit_work_plan,
    may_update_work_plan,
)
from server.rules.workdays import Calendar


class InboxKind(StrEnum):
    """What waits."""

    REQUEST_TO_ANSWER = "REQUEST_TO_ANSWER"
    QUESTION_TO_ANSWER = "QUESTION_TO_ANSWER"
    COUNTER_TO_ANSWER = "COUNTER_TO_ANSWER"
    RULING_DUE = "RULING_DUE"
    ANSWERER_TO_NAME = "ANSWERER_TO_NAME"
    REDIRECT_TOLD = "REDIRECT_TOLD"
    COMMITMENT_DUE = "COMMITMENT_DUE"
    DELIVERY_DUE = "DELIVERY_DUE"
    NEW_DATE_TO_ANSWER = "NEW_DATE_TO_ANSWER"
    DELIVERY_TO_CONFIRM = "DELIVERY_TO_CONFIRM"
    DISPUTE_TO_SETTLE = "DISPUTE_TO_SETTLE"
    REPLY_DUE = "REPLY_DUE"
    PERSON_REPLY_DUE = "PERSON_REPLY_DUE"
    NOTICE_TO_GIVE = "NOTICE_TO_GIVE"
    MEDIATION_TO_CONCLUDE = "MEDIATION_TO_CONCLUDE"
    DECISION_DUE = "DECISION_DUE"
    FOLLOW_UP_TO_CHECK = "FOLLOW_UP_TO_CHECK"
    FOLLOW_UP_TO_SETTLE = "FOLLOW_UP_TO_SETTLE"
    REFERRAL_TO_SETTLE = "REFERRAL_TO_SETTLE"
    PLAN_TO_REVIEW = "PLAN_TO_REVIEW"
    PLAN_TO_MEND = "PLAN_TO_MEND"
    AMENDMENTS_TO_SIGN = "AMENDMENTS_TO_SIGN"
    HAND_OVER_TO_ANSWER = "HAND_OVER_TO_ANSWER"
    AMENDMENTS_TO_REVIEW = "AMENDMENTS_TO_REVIEW"
    MEASUREMENT_DUE = "MEASUREMENT_DUE"
    TASK_DUE = "TASK_DUE"
    HELP_WANTED = "HELP_WANTED"
    ORDER_OVERDUE = "ORDER_OVERDUE"
    ACTING_TOO_LONG = "ACTING_TOO_LONG"
    CASE_ACCESS_TO_CONFIRM = "CASE_ACCESS_TO_CONFIRM"
    TOKEN_EXPIRES = "TOKEN_EXPIRES"  # noqa: S105 (no password)
    TOKEN_EXPIRES_SOON = "TOKEN_EXPIRES_SOON"  # noqa: S105
    SIGN_IN_ENDS = "SIGN_IN_ENDS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One entry: on what which verb is to be done, and until when; None: no deadline.

    `clock`: the subject's own, which says so; `count`: of how many things it tells.
    """

    kind: InboxKind
    subject_id: UUID
    verb: str
    due_at: datetime | None = None
    clock: Clock | None = field(default=None, compare=False)
    count: int = 1


class SignInFacts(Protocol):
    """By which sign-in the viewer asks, and when that ends however often it is used."""

    @property
    def sign_in_id(self) -> UUID: ...
    @property
    def began_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFacts:
    """A target of an approved plan whose quarter has ended and was not reported."""

    target_id: UUID = field(metadata=at("id"))
    owner_id: UUID
    responsible_id: UUID | None


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAmendment(AmendmentFacts):
    """A target's open amendment, with where it stands."""

    target_id: UUID = field(metadata=at("id"))
    work_plan_id: UUID


# What happens to amendments; they wait for others than whom the target concerns.
OF_AMENDMENTS = frozenset(
    {
        *(EventType.TARGET_AMENDMENT_PREPARED, EventType.TARGET_AMENDMENT_PROPOSED),
        *(EventType.TARGET_AMENDMENT_APPROVED, EventType.TARGET_AMENDMENT_RETURNED),
        *(EventType.TARGET_AMENDMENT_WITHDRAWN, EventType.TARGET_HAND_OVER_PROPOSED),
        *(EventType.TARGET_HAND_OVER_ACCEPTED, EventType.TARGET_HAND_OVER_REFUSED),
    }
)


def may_change(
    viewer: Viewer,
    type_: str,
    subject_type: str,
    organisation_ids: Iterable[UUID],
    named_ids: Iterable[str],
) -> bool:
    """Whether an event may have altered a viewer's inbox; `named_ids`: ids, as texts, that its row lost or got.

    Says yes rather too often: what is then read anew and found the same is told to nobody.
    """
    own = viewer.organisation_ids
    if not own.isdisjoint(organisation_ids) or any(str(each) in named_ids for each in (viewer.account_id, *own)):
        return True
    # The calendar; whoever stands in for a head has a line of another organisation's.
    if subject_type in ("City", "Appointment") or (viewer.is_admin and subject_type in ("Token", "Account")):
        return True
    if viewer.is_reviewer and subject_type == "WorkPlan":
        return True
    if type_ in OF_AMENDMENTS and (viewer.is_reviewer or viewer.headed_ids):
        return True
    if subject_type == "Escalation" and viewer.may_be_person:  # its person may hold no office any more
        return True
    of_office = ("Request", "Escalation", "Task", "Account", "Appointment", "CaseAccess", "Delegation")
    return viewer.acts_for_mayor and subject_type in of_office


def grouped(entries: Iterable[Waiting]) -> Iterator[Waiting]:
    """What is settled by one verb on one thing is one entry: due with the first of them, with its clock."""
    found: dict[tuple[InboxKind, UUID, str], list[Waiting]] = {}
    for each in entries:
        found.setdefault((each.kind, each.subject_id, each.verb), []).append(each)
    for alike in found.values():
        yield replace(in_order(alike)[0], count=sum(each.count for each in alike))


def in_order(entries: Iterable[Waiting]) -> list[Waiting]:
    """By deadline, what has none last, then by subject and kind."""
    return sorted(
        entries,
        key=lambda each: (
            each.due_at is None,
            0.0 if each.due_at is None else each.due_at.timestamp(),
            each.subject_id,
            each.kind,
        ),
    )


def of_request(viewer: Viewer, request: RequestClockFacts, today: date) -> Iterator[Waiting]:
    """What a request asks of its two sides' heads, or of the mayor's office."""
    calendar, request = request.giver.calendar, as_it_stands_on(request, today)
    starter, answerer = clocks.starter_and_answerer(request, request.asker, request.giver)

    def may(verb: str) -> bool:
        return refused(COLLABORATION_REQUEST.rules[verb], viewer, request, today) is None

    def entry(kind: InboxKind, verb: str, clock: Clock | None) -> Waiting:
        return _timed(Waiting(kind=kind, subject_id=request.id, verb=verb), clock)

    if may("objectToRedirect"):  # told till it is answered, or ruled on
        yield entry(InboxKind.REDIRECT_TOLD, "objectToRedirect", clocks.answer_clock(request, answerer))
    lacks = lacking(request)
    if lacks is not None and lacks.stand_in is None and request.status in RUNNING and may("assignAnswerer"):
        yield Waiting(kind=InboxKind.ANSWERER_TO_NAME, subject_id=request.id, verb="assignAnswerer")
    match request.status:
        case RequestStatus.OPEN if request.ruling_asked_at is not None:
            if may("assignRequest"):
                yield entry(InboxKind.RULING_DUE, "assignRequest", clocks.ruling_clock(request, calendar))
        case RequestStatus.OPEN if request.question_asked_at is not None:
            if may("answerQuestion"):
                yield entry(InboxKind.QUESTION_TO_ANSWER, "answerQuestion", clocks.question_clock(request, starter))
        case RequestStatus.OPEN:
            if may("acceptRequest"):
                yield entry(InboxKind.REQUEST_TO_ANSWER, "acceptRequest", clocks.answer_clock(request, answerer))
        case RequestStatus.COUNTERED:
            if may("acceptCounter"):
                yield entry(InboxKind.COUNTER_TO_ANSWER, "acceptCounter", clocks.counter_clock(request, starter))
        case RequestStatus.ACCEPTED:
            promised = clocks.commitment_clock(request, calendar)
            if may("deliverRequest") and request.commitment_status is TaskStatus.DONE:
                clock = clocks.delivery_clock(request, calendar) or promised
                yield entry(InboxKind.DELIVERY_DUE, "deliverRequest", clock)
            elif may("proposeNewDate"):  # the giver's, also while the commitment is not done yet
                verb = "deliverRequest" if may("deliverRequest") else "proposeNewDate"
                yield entry(InboxKind.COMMITMENT_DUE, verb, promised)
            if may("agreeNewDate"):
                yield entry(InboxKind.NEW_DATE_TO_ANSWER, "agreeNewDate", promised)
        case RequestStatus.DELIVERED:
            if may("confirmDelivery"):
                clock = clocks.confirmation_clock(request, request.asker)
                yield entry(InboxKind.DELIVERY_TO_CONFIRM, "confirmDelivery", clock)
        case RequestStatus.DISPUTED:
            if may("resumeDelivery"):
                yield entry(InboxKind.DISPUTE_TO_SETTLE, "resumeDelivery", clocks.dispute_clock(request, request.giver))


def _timed(waiting: Waiting, clock: Clock | None) -> Waiting:
    """The same, till its clock runs out."""
    return waiting if clock is None else replace(waiting, due_at=clock.due_at, clock=clock)


def of_escalation(
    viewer: Viewer, case: ReplyClockFacts, today: date, mediation: Clock | None = None
) -> Iterator[Waiting]:
    """A reply waits for the respondent's head and for the person, a decision for those who decide.

    Who replies for both has one entry. Who cannot sign in waits for a notice by the mayor's office. `mediation`: the
    clock of one that goes on.
    """
    if refused(may_reply_to_escalation, viewer, case, today) is None:
        is_for_respondent, _ = replies_for(viewer, case)
        kind = InboxKind.REPLY_DUE if is_for_respondent else InboxKind.PERSON_REPLY_DUE
        reply = Waiting(kind=kind, subject_id=case.id, verb="replyToEscalation")
        if is_for_respondent:
            yield _timed(reply, own_reply_clock(case))
        else:
            yield _timed(reply, person_clock(case, case.respondent.calendar))
    # Whose time was over before the account was disabled is not told once more.
    if person_clock(case, case.respondent.calendar) is None and refused(may_record_notice, viewer, case, today) is None:
        yield Waiting(kind=InboxKind.NOTICE_TO_GIVE, subject_id=case.id, verb="recordNotice")
    if refused(may_conclude_mediation, viewer, case, today) is None:
        kind, verb = InboxKind.MEDIATION_TO_CONCLUDE, "concludeMediation"
        yield _timed(Waiting(kind=kind, subject_id=case.id, verb=verb), mediation)
    ripe = stands(case, today) in (EscalationStatus.REPLIED, EscalationStatus.REPLY_LAPSED)
    if ripe and refused(may_decide_escalation, viewer, case, today) is None:
        yield Waiting(kind=InboxKind.DECISION_DUE, subject_id=case.id, verb="decideEscalation")


def of_follow_up(viewer: Viewer, follow_up: ObjectionClockFacts, today: date) -> Iterator[Waiting]:
    """The filer looks whether what was ordered was done; the mayor's office settles an objection, or closes by hand.

    A referral waits for the head of the body that it went to.
    """
    if refused(may_object_to_follow_up, viewer, follow_up, today) is None:
        check = Waiting(kind=InboxKind.FOLLOW_UP_TO_CHECK, subject_id=follow_up.case.id, verb="objectToFollowUp")
        yield _timed(check, own_objection_clock(follow_up))
    if is_of_body(viewer, follow_up):
        if refused(may_close_follow_up, viewer, follow_up, today) is None:
            yield Waiting(kind=InboxKind.REFERRAL_TO_SETTLE, subject_id=follow_up.case.id, verb="closeFollowUp")
        return
    objected = follow_up.objected_at is not None or (
        follow_up.task_id is None and (has_ended(follow_up.body_ends_on, today) or not follow_up.is_referral)
    )
    if objected and refused(may_close_follow_up, viewer, follow_up, today) is None:
        yield Waiting(kind=InboxKind.FOLLOW_UP_TO_SETTLE, subject_id=follow_up.case.id, verb="closeFollowUp")


def of_plan(viewer: Viewer, plan: PlanState, today: date) -> Iterator[Waiting]:
    """A submitted plan waits for the reviewers of other organisations; an acting head can only return it."""
    if plan.status is not WorkPlanStatus.SUBMITTED:
        return
    verbs = {"approveWorkPlan": may_approve_work_plan, "returnWorkPlan": may_return_work_plan}
    yield from _first_allowed(InboxKind.PLAN_TO_REVIEW, plan.id, verbs, viewer, plan, today)


def of_returned_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> Iterator[Waiting]:
    """It waits for the head, who submits it again, and for the staff, who mend it."""
    if plan.status is not WorkPlanStatus.RETURNED:
        return
    verbs = {"submitWorkPlan": may_submit_work_plan, "updateWorkPlan": may_update_work_plan}
    yield from _first_allowed(InboxKind.PLAN_TO_MEND, plan.id, verbs, viewer, plan, today)


def _first_allowed(
    kind: InboxKind, subject_id: UUID, verbs: Mapping[str, Callable[..., object]], *asked: object
) -> Iterator[Waiting]:
    """One entry, with the first of these verbs that is the viewer's to do; none where none is."""
    for verb, may in verbs.items():
        if refused(may, *asked) is None:
            yield Waiting(kind=kind, subject_id=subject_id, verb=verb)
            return


def of_amendment(viewer: Viewer, amendment: WaitingAmendment, today: date) -> Iterator[Waiting]:
    """What is prepared waits for who signs it, a hand-over for whom it is given, and then each for the reviewers.

    What one signature or one approval settles is one entry: all of a plan's.
    """
    match amendment.status:
        case AmendmentStatus.PREPARED:
            kind, verb = InboxKind.AMENDMENTS_TO_SIGN, "signAmendments"
        case AmendmentStatus.PROPOSED if amendment.kind is AmendmentKind.HAND_OVER:
            kind, verb = InboxKind.HAND_OVER_TO_ANSWER, "acceptHandOver"
        case _:
            kind, verb = InboxKind.AMENDMENTS_TO_REVIEW, "approveAmendments"
    subject_id = amendment.target_id if kind is InboxKind.HAND_OVER_TO_ANSWER else amendment.work_plan_id
    if refused(AMENDMENT.rules[verb], viewer, amendment, today) is None:
        yield Waiting(kind=kind, subject_id=subject_id, verb=verb)


def of_reading(viewer: Viewer, reading: ReadingFacts, clock: Clock) -> Iterator[Waiting]:
    """For whoever is responsible for the target, and the head of its owner; for the staff where nobody is named.

    Whoever left the owner keeps its target no more. `clock`: the report's.
    """
    is_named = reading.responsible_id is not None
    is_own = not is_named or reading.responsible_id == viewer.account_id
    if viewer.is_head_of(reading.owner_id) or (is_own and viewer.works_for(reading.owner_id)):
        kind, verb = InboxKind.MEASUREMENT_DUE, "recordMeasurement"
        yield _timed(Waiting(kind=kind, subject_id=reading.target_id, verb=verb), clock)


def confirmable(viewer: Viewer, accounts: Iterable[CaseAccessFacts], today: date) -> int:
    """To how many of these accounts the viewer may give case access."""
    return sum(refused(may_confirm_case_access, viewer, each, today) is None for each in accounts)


def of_case_access(viewer: Viewer, accounts: Iterable[CaseAccessFacts], today: date) -> Iterator[Waiting]:
    """One entry for all these accounts, which wait for case access and which the viewer may confirm (`confirmable`)."""
    if count := confirmable(viewer, accounts, today):
        kind, verb = InboxKind.CASE_ACCESS_TO_CONFIRM, "confirmCaseAccess"
        yield Waiting(kind=kind, subject_id=viewer.account_id, verb=verb, count=count)


def of_appointment(
    viewer: Viewer, acting: ActingFacts, calendar: Calendar, today: date, now: datetime
) -> Iterator[Waiting]:
    """Who has acted for too long waits for the administrators to end it, once another is appointed.

    And for the mayor's office, which has no power over appointments, to order that. An end of today is one.
    """
    clock = acting_clock(acting, calendar, now)
    is_ending = acting.valid_to is not None and acting.valid_to <= today
    if clock is None or not clock.has_run_out(now) or is_ending:
        return
    if refused(may_end_appointment, viewer, acting, today) is None:
        verb = "endAppointment"
    elif refused(may_order_task, viewer, acting.organisation, today) is None:
        verb = "orderTask"
    else:
        return
    yield _timed(Waiting(kind=InboxKind.ACTING_TOO_LONG, subject_id=acting.id, verb=verb), clock)


def of_sign_in(sign_in: SignInFacts, now: datetime) -> Iterator[Waiting]:
    """Whoever is signed in is told before that ends. `now`: by the machine's clock, by which sign-ins live.

    Of a sign-in that lasts a few days at most, its last tenth: to sign in again settles it.
    """
    if sign_in.ends_at - min(WARNED_BEFORE, (sign_in.ends_at - sign_in.began_at) / 10) <= now:
        yield Waiting(kind=InboxKind.SIGN_IN_ENDS, subject_id=sign_in.sign_in_id, verb="signIn", due_at=sign_in.ends_at)
