"""What follows from a decision: each follow-up until it is closed, and with the last one the case.

The task of a follow-up knows nothing of it. When the task is done the filer has five working days to object; then it
closes by itself, or the mayor's office reopens the task or closes the follow-up: never the filer, whose name on the
public task would show the link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Part, Verb
from server.rules.case_term import Terms, heads_without_access, terms, terms_of
from server.rules.clock import Clock, ClockEnding, ClockKind, due_if_resumed, working_clock
from server.rules.escalation import must_be_party, must_handle
from server.rules.escalation_facts import EscalationChange, EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office
from server.rules.refusal import Code, Refused
from server.rules.task import TaskStatus
from server.rules.viewer import Viewer
from server.rules.visibility import PARTS_OF_CASES
from server.rules.workdays import start_of_day

# Working days.
OBJECTION_DAYS = 5
BODYS_END = (
    "(SELECT o.valid_to FROM escalation x JOIN organisation o ON o.id = x.referred_to_id"
    " WHERE x.id = {t}.escalation_id)"
)


@rows_of("follow_up")
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFacts:
    """What the rules need to know of a follow-up: its columns, its case, and the state of its task.

    `is_referral`: it is the work of the body to which the case was referred, which may have ended.

    `objectable_from`: when the task was done; `objection_due_at`: until when the filer may object to that.
    """

    id: UUID
    is_referral: bool = False
    task_id: UUID | None = None
    closed_at: datetime | None = None
    objectable_from: datetime | None = None
    objection_due_at: datetime | None = None
    objected_at: datetime | None = None
    body_ends_on: date | None = field(default=None, metadata=at(BODYS_END))
    task_status: TaskStatus | None = field(
        default=None, metadata=at("(SELECT x.status FROM task x WHERE x.id = {t}.task_id)")
    )
    case: EscalationFacts = field(metadata=at("escalation"))


@rows_of("follow_up")
@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionClockFacts(FollowUpFacts):
    """With the office that may object."""

    filer: Office = field(
        metadata=at(held("(SELECT x.filer_id FROM escalation x WHERE x.id = {t}.escalation_id)"), office)
    )
    filer_terms: Terms = field(
        default=(), metadata=at(terms("(SELECT x.filer_id FROM escalation x WHERE x.id = {t}.escalation_id)"), terms_of)
    )


class FollowUpChange(TypedDict, total=False):
    """The columns that a verb changes."""

    escalation_id: UUID
    text: str
    due_on: date | None
    is_referral: bool
    task_id: UUID | None
    added_by_id: UUID
    closed_at: datetime | None
    closed_by_id: UUID | None
    outcome: str | None
    objectable_from: datetime | None
    objection_due_at: datetime | None
    objected_at: datetime | None
    objection: str | None


def may_add_follow_up(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office; a closed case opens again with it."""
    must_handle(viewer, case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "addFollowUp")


def may_close_follow_up(viewer: Viewer, follow_up: ObjectionClockFacts, today: date) -> None:
    """The mayor's office: one without a task, or one whose task is done, once the filer has objected. Else it closes of
    itself when the filer's time is over.

    A referral by the head of the body that it went to, too.
    """
    if not is_of_body(viewer, follow_up):
        must_handle(viewer, follow_up.case, "followUpId")
    _must_be_open(follow_up)
    lifecycle.move(lifecycle.ESCALATION, follow_up.case.status, "closeFollowUp")
    if follow_up.task_id is None or follow_up.task_status is TaskStatus.CANCELLED:
        return
    if follow_up.task_status is not TaskStatus.DONE:
        raise Refused(Code.TASK_NOT_DONE, status=follow_up.task_status)
    if follow_up.objected_at is not None:
        return
    clock = own_objection_clock(follow_up)
    if _is_over(clock, follow_up.filer, today):
        raise Refused(Code.FOLLOW_UP_CLOSED)
    raise Refused(Code.OBJECTION_POSSIBLE, until_at=None if clock is None else clock.due_at)


def may_object_to_follow_up(viewer: Viewer, follow_up: ObjectionClockFacts, today: date) -> None:
    """The filer's head, once, within five working days of the task's end."""
    must_be_party(viewer, follow_up.case, follow_up.case.filer_id, path="followUpId")
    _must_be_open(follow_up)
    lifecycle.move(lifecycle.ESCALATION, follow_up.case.status, "objectToFollowUp")
    if follow_up.objected_at is not None:
        raise Refused(Code.ALREADY_OBJECTED)
    if follow_up.task_status is not TaskStatus.DONE:
        raise Refused(Code.TASK_NOT_DONE, status=follow_up.task_status)
    clock = own_objection_clock(follow_up)
    if clock is not None and _is_over(clock, follow_up.filer, today):
        raise Refused(Code.OBJECTION_TIME_OVER, ended_at=clock.due_at)


FOLLOW_UP: Final = Part[ObjectionClockFacts](
    name="FollowUp",
    table="follow_up",
    prefix="followup",
    visibility=PARTS_OF_CASES,
    verbs={
        "closeFollowUp": Verb(
            may_close_follow_up, EventType.ESCALATION_FOLLOW_UP_CLOSED, (EventType.ESCALATION_CLOSED,)
        ),
        "objectToFollowUp": Verb(may_object_to_follow_up, EventType.ESCALATION_FOLLOW_UP_OBJECTED),
    },
    offered={"Escalation": {"addFollowUp": Verb(may_add_follow_up, EventType.ESCALATION_FOLLOW_UP_ADDED)}},
    of_itself=(
        EventType.ESCALATION_FOLLOW_UP_ORDERED,
        EventType.ESCALATION_FOLLOW_UP_DONE,
        EventType.ESCALATION_FOLLOW_UP_REOPENED,
    ),
)


def is_of_body(viewer: Viewer, follow_up: FollowUpFacts) -> bool:
    """Whether this is a referral to an organisation that the viewer heads, who is no party to the case."""
    is_headed = follow_up.is_referral and follow_up.case.referred_to_id in viewer.case_headed_ids
    return is_headed and viewer.organisation_ids.isdisjoint(follow_up.case.party_ids)


def _must_be_open(follow_up: FollowUpFacts) -> None:
    if follow_up.closed_at is not None:
        raise Refused(Code.FOLLOW_UP_CLOSED)


def _is_over(clock: Clock | None, filer: Office, today: date) -> bool:
    """A deadline runs out with its day, so the day says it."""
    return clock is not None and clock.has_run_out(start_of_day(today, filer.calendar))


# ---- the verbs ------------------------------------------------------------------------------------------------------


def add_follow_up(
    viewer: Viewer,
    case: EscalationFacts,
    text: str | None,
    due_on: date | None,
    today: date,
    *,
    task_id: UUID | None = None,
) -> tuple[FollowUpChange, EscalationChange]:
    """The new follow-up's columns and the case's. `task_id`: a task ordered with it."""
    may_add_follow_up(viewer, case, today)
    new: FollowUpChange = {
        **followed_up(case.id, bounds.text(text, bounds.TITLE, "text"), due_on, task_id),
        "due_on": bounds.optional_day(due_on, "dueOn", earliest=today),
        "added_by_id": viewer.account_id,
    }
    return new, _opened_again(case)


def followed_up(case_id: UUID, text: str, due_on: date | None, task_id: UUID | None) -> FollowUpChange:
    """What a decision orders becomes its first follow-up."""
    return {"escalation_id": case_id, "text": text, "due_on": due_on, "task_id": task_id}


def referred(case_id: UUID, body: str) -> FollowUpChange:
    """What a REFER asks of the body, which is called so: it says what became of the case."""
    return {**followed_up(case_id, body, None, None), "is_referral": True}


def close_follow_up(
    viewer: Viewer, follow_up: ObjectionClockFacts, outcome: str | None, today: date, now: datetime
) -> FollowUpChange:
    """`outcome`: what became of it; of a referral it is needed."""
    may_close_follow_up(viewer, follow_up, today)
    told = bounds.text if follow_up.is_referral else bounds.optional_text
    return {"closed_at": now, "closed_by_id": viewer.account_id, "outcome": told(outcome, bounds.TEXT, "outcome")}


def object_to_follow_up(
    viewer: Viewer, follow_up: ObjectionClockFacts, reason: str | None, today: date, now: datetime
) -> FollowUpChange:
    """It then stays open until the mayor's office reopens the task or closes it."""
    may_object_to_follow_up(viewer, follow_up, today)
    columns: FollowUpChange = {"objected_at": now, "objection": bounds.text(reason, bounds.TEXT, "reason")}
    clock = own_objection_clock(follow_up)
    due_at = None if clock is None else due_if_resumed(clock, now, follow_up.filer.calendar)
    return columns if due_at == follow_up.objection_due_at else columns | {"objection_due_at": due_at}


# ---- of itself ------------------------------------------------------------------------------------------------------


def objection_clock(follow_up: FollowUpFacts, filer: Office, terms: Terms = ()) -> Clock | None:
    """On which the filer objects to a task that is said to be done; `terms`: of the filer's heads."""
    if follow_up.objectable_from is None:
        return None
    return working_clock(
        ClockKind.OBJECTION,
        follow_up.objectable_from,
        OBJECTION_DAYS,
        filer,
        pauses=heads_without_access(terms, follow_up.objectable_from, filer.calendar),
        promised=follow_up.objection_due_at,
        stopped_at=follow_up.objected_at or follow_up.closed_at,
        stopped_by=None if follow_up.objected_at else ClockEnding.SILENCE,
    )


def own_objection_clock(follow_up: ObjectionClockFacts) -> Clock | None:
    """The same, by what stands beside the follow-up."""
    return objection_clock(follow_up, follow_up.filer, follow_up.filer_terms)


def task_completed(done_at: datetime, filer: Office, terms: Terms = ()) -> FollowUpChange:
    """The task is done: the filer's time begins."""
    pauses = heads_without_access(terms, done_at, filer.calendar)
    due_at = working_clock(ClockKind.OBJECTION, done_at, OBJECTION_DAYS, filer, pauses=pauses).due_at
    return {"objectable_from": done_at, "objection_due_at": due_at, "objected_at": None, "objection": None}


def task_cancelled(now: datetime) -> FollowUpChange:
    """Cancelled by the mayor's office, which ordered it: the follow-up closes with it."""
    return {"closed_at": now}


def task_reopened(case: EscalationFacts) -> tuple[FollowUpChange, EscalationChange]:
    """Work goes on, so the follow-up does, and with it the case."""
    lifecycle.move(lifecycle.ESCALATION, case.status, "reopenFollowUp")
    reopened: FollowUpChange = {
        "closed_at": None,
        "closed_by_id": None,
        "outcome": None,
        "objectable_from": None,
        "objection_due_at": None,
        "objected_at": None,
        "objection": None,
    }
    return reopened, _opened_again(case)


def close_by_silence(follow_up: FollowUpFacts, filer: Office, now: datetime, terms: Terms = ()) -> FollowUpChange:
    """Done, and the filer did not object in time; no columns when there is still time, or there was an objection."""
    clock = objection_clock(follow_up, filer, terms)
    if clock is None or clock.stopped_at is not None or not clock.has_run_out(now):
        return {}
    return {"closed_at": clock.due_at}


def close_escalation(case: EscalationFacts, open_follow_ups: int, now: datetime) -> EscalationChange:
    """CLOSED with the last follow-up, or with a decision from which nothing follows; no columns while any is open."""
    status = lifecycle.move(lifecycle.ESCALATION, case.status, "closeEscalation")
    return {} if open_follow_ups else {"status": status, "closed_at": now}


def _opened_again(case: EscalationFacts) -> EscalationChange:
    if case.status is not EscalationStatus.CLOSED:
        return {}
    return {"status": EscalationStatus.DECIDED, "closed_at": None}
