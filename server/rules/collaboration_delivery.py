"""How a promise is kept: the commitment and its date, delivered, confirmed or disputed; withdrawn or passed on.

The commitment is a task of the giver. What becomes of it is returned as the task's own columns, for the same
transaction; alone it can be neither cancelled nor moved, and it reopens only here (rules/task.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from server.rules import bounds
from server.rules.clock import ClockKind, Office, working_clock
from server.rules.collaboration import COLLABORATION_REQUEST, may_post_message
from server.rules.collaboration_clock import answer_clock_stopped
from server.rules.collaboration_facts import (
    CONFIRMATION_DAYS,
    FINISHED,
    CollaborationStatus,
    RequestChange,
    RequestFacts,
)
from server.rules.refusal import Code, Refused
from server.rules.task import Priority, TaskChange, TaskFacts, TaskStatus, reopened
from server.rules.task_content import PlanPlace, TaskInFull
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus

# ---- the commitment -------------------------------------------------------------------------------------------------


def commitment(request: RequestFacts, agreed_date: date, plans: Mapping[int, PlanPlace]) -> TaskChange:
    """The task that an accepted request becomes. `plans`: the giver's, by year, as far as they are looked up."""
    return {
        "organisation_id": request.giver_id,
        "title": request.subject,
        "description": request.detail,
        "status": TaskStatus.PLANNED,
        "priority": Priority.NORMAL,
        "due_on": agreed_date,
        "work_plan_id": plan_of_commitment(agreed_date, plans),
    }


def plan_of_commitment(due_on: date, plans: Mapping[int, PlanPlace]) -> UUID | None:
    """The approved plan of the year in which it is due, or none until that is approved."""
    plan = plans.get(due_on.year)
    if plan is None or plan.status is not WorkPlanStatus.APPROVED or plan.archived_at is not None:
        return None
    return plan.id


def commitment_joins(task: TaskInFull, year: int) -> bool:
    """Whether a commitment that stands in no plan joins its giver's plan of that year, now that it is approved."""
    return task.is_commitment and task.work_plan_id is None and task.due_on is not None and task.due_on.year == year


# ---- another date ---------------------------------------------------------------------------------------------------


def propose_new_date(
    viewer: Viewer, request: RequestFacts, new_date: date | None, reason: str | None, today: date, now: datetime
) -> RequestChange:
    """The old date holds until the receiver agrees; a later proposal takes the place of an earlier one."""
    COLLABORATION_REQUEST.ask("proposeNewDate", viewer, request, today)
    day = bounds.day(new_date, "newDate", earliest=today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    if day in (request.agreed_date, request.proposed_date):
        raise Refused(Code.NOTHING_TO_CHANGE, "newDate")
    return {"proposed_date": day, "proposed_date_reason": why, "proposed_date_at": now}


def agree_new_date(
    viewer: Viewer, request: RequestFacts, task: TaskInFull, plans: Mapping[int, PlanPlace], today: date
) -> tuple[RequestChange, TaskChange]:
    """The request's columns, and the commitment's: its day, and in another year the plan of that one."""
    COLLABORATION_REQUEST.ask("agreeNewDate", viewer, request, today)
    new_date = request.proposed_date
    assert new_date is not None  # or it was refused
    change: TaskChange = {"due_on": new_date}
    if task.due_on is None or task.due_on.year != new_date.year:
        change |= {"work_plan_id": plan_of_commitment(new_date, plans), "target_id": None}
    return {"agreed_date": new_date, **_NO_PROPOSAL}, change


def refuse_new_date(viewer: Viewer, request: RequestFacts, today: date) -> RequestChange:
    COLLABORATION_REQUEST.ask("refuseNewDate", viewer, request, today)
    return {**_NO_PROPOSAL}


_NO_PROPOSAL: RequestChange = {"proposed_date": None, "proposed_date_reason": None, "proposed_date_at": None}


# ---- delivered ------------------------------------------------------------------------------------------------------


def deliver_request(viewer: Viewer, request: RequestFacts, asker: Office, today: date, now: datetime) -> RequestChange:
    """From now on the receiver has ten working days to say that it did not come."""
    COLLABORATION_REQUEST.ask("deliverRequest", viewer, request, today)
    return {
        "status": CollaborationStatus.DELIVERED,
        "delivered_at": now,
        "confirm_due_at": working_clock(ClockKind.CONFIRMATION, now, CONFIRMATION_DAYS, asker).due_at,
        **(_NO_PROPOSAL if request.proposed_date is not None else {}),
    }


def confirm_delivery(viewer: Viewer, request: RequestFacts, today: date, now: datetime) -> RequestChange:
    COLLABORATION_REQUEST.ask("confirmDelivery", viewer, request, today)
    return {"status": CollaborationStatus.CONFIRMED, "confirmed_at": now}


def dispute_delivery(
    viewer: Viewer, request: RequestFacts, reason: str | None, today: date, now: datetime
) -> RequestChange:
    COLLABORATION_REQUEST.ask("disputeDelivery", viewer, request, today)
    return {
        "status": CollaborationStatus.DISPUTED,
        "disputed_at": now,
        "dispute_reason": bounds.text(reason, bounds.TEXT, "reason"),
        "confirm_due_at": None,
    }


def resume_delivery(
    viewer: Viewer, request: RequestFacts, task: TaskFacts, next_plan_id: UUID | None, today: date, now: datetime
) -> tuple[RequestChange, TaskChange]:
    """Taken up again: the commitment reopens for the reason of the dispute. The agreed date stays as it was."""
    COLLABORATION_REQUEST.ask("resumeDelivery", viewer, request, today)
    change: RequestChange = {"status": CollaborationStatus.ACCEPTED, "accepted_at": now, "delivered_at": None}
    return change, reopened(task, request.dispute_reason or "", next_plan_id)


# ---- withdrawn, passed on, talked of --------------------------------------------------------------------------------


def withdraw_request(
    viewer: Viewer, request: RequestFacts, answerer: Office, today: date, now: datetime
) -> RequestChange:
    """By whoever began it; a commitment is an ordinary task of the giver from then on."""
    COLLABORATION_REQUEST.ask("withdrawRequest", viewer, request, today)
    return _withdrawn(request, answerer, now)


def _withdrawn(request: RequestFacts, answerer: Office, now: datetime) -> RequestChange:
    columns: RequestChange = {"status": CollaborationStatus.WITHDRAWN, "withdrawn_at": now}
    if request.status is CollaborationStatus.OPEN:
        columns |= answer_clock_stopped(request, now, answerer)
    if request.proposed_date is not None:
        columns |= _NO_PROPOSAL
    return columns


def passed_on(
    request: RequestFacts, ended_id: UUID, successor_id: UUID, answerer: Office, now: datetime
) -> RequestChange:
    """To the organisation that follows the one that ended, its clocks too; nothing of what is finished.

    Where asker and giver become one organisation nothing is left to ask for: what was delivered is confirmed, the rest
    is withdrawn.
    """
    if request.status in FINISHED:
        return {}
    side = "asker_id" if request.asker_id == ended_id else "giver_id"
    other = request.giver_id if side == "asker_id" else request.asker_id
    if other != successor_id:
        return {"asker_id": successor_id} if side == "asker_id" else {"giver_id": successor_id}
    if request.status is CollaborationStatus.DELIVERED:
        return {"status": CollaborationStatus.CONFIRMED, "confirmed_at": now}
    return _withdrawn(request, answerer, now)


def post_message(viewer: Viewer, request: RequestFacts, body: str | None, today: date) -> str:
    """The message's text."""
    may_post_message(viewer, request, today)
    return bounds.text(body, bounds.TEXT, "body")
