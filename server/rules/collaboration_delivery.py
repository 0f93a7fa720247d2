"""How a promise is kept: the commitment and its date, delivered, confirmed or disputed; withdrawn or passed on.

The commitment is a task of the giver. What becomes of it is returned as the task's own columns, for the same
transaction; alone it can be neither cancelled nor moved, and it reopens only here (rules/task.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from server.rules import bounds
from server.rules.clock import ClockKind, as_stored, due_if_resumed, pauses_of, working_clock
from server.rules.collaboration import COLLABORATION_REQUEST, may_post_message, must_be_done
from server.rules.collaboration_clock import (
    NO_PROPOSAL,
    answer_clock,
    answer_clock_stopped,
    confirmation_clock,
    counter_clock,
    delivered,
    dispute_clock,
    is_done_in_time,
    promised_for,
    question_clock,
)
from server.rules.collaboration_facts import (
    DISPUTE_DAYS,
    FINISHED,
    RESUMED_DAYS,
    RequestChange,
    RequestFacts,
    RequestStatus,
)
from server.rules.collaboration_lapse import as_it_stands, settled_by_silence
from server.rules.office import Office
from server.rules.refusal import Code, Refused
from server.rules.task import Priority, TaskChange, TaskStatus
from server.rules.task_content import PlanPlace, TaskInFull
from server.rules.task_moves import reopened
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import Calendar, add_working_days

# ---- the commitment -------------------------------------------------------------------------------------------------


def commitment(request: RequestFacts, agreed_due_on: date, plans: Mapping[int, PlanPlace]) -> TaskChange:
    """The task that an accepted request becomes. `plans`: the giver's, by year, as far as they are looked up."""
    return {
        "organisation_id": request.giver_id,
        "title": request.title,
        "description": request.description,
        "status": TaskStatus.PLANNED,
        "priority": Priority.NORMAL,
        "due_on": agreed_due_on,
        "work_plan_id": plan_of_commitment(agreed_due_on, plans),
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
    viewer: Viewer, request: RequestFacts, new_due_on: date | None, reason: str | None, today: date, now: datetime
) -> RequestChange:
    """The old date holds until the receiver agrees; a later proposal takes the place of an earlier one."""
    COLLABORATION_REQUEST.ask("proposeNewDate", viewer, request, today)
    day = bounds.day(new_due_on, "newDueOn", earliest=today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    if day in (request.agreed_due_on, request.new_due_on):
        raise Refused(Code.NOTHING_TO_CHANGE, "newDueOn")
    return {"new_due_on": day, "new_due_reason": why, "new_due_proposed_at": now}


def agree_new_date(
    viewer: Viewer,
    request: RequestFacts,
    task: TaskInFull,
    plans: Mapping[int, PlanPlace],
    calendar: Calendar,
    today: date,
) -> tuple[RequestChange, TaskChange]:
    """The request's columns, and the commitment's: its day, and in another year the plan of that one."""
    COLLABORATION_REQUEST.ask("agreeNewDate", viewer, request, today)
    new_due_on = request.new_due_on
    assert new_due_on is not None  # or it was refused
    return promised_for(new_due_on, calendar) | NO_PROPOSAL, _put_off(task, new_due_on, plans)


def _put_off(task: TaskInFull, due_on: date, plans: Mapping[int, PlanPlace]) -> TaskChange:
    change: TaskChange = {"due_on": due_on}
    if task.due_on is None or task.due_on.year != due_on.year:
        change |= {"work_plan_id": plan_of_commitment(due_on, plans), "target_id": None}
    return change


def refuse_new_date(viewer: Viewer, request: RequestFacts, today: date) -> RequestChange:
    COLLABORATION_REQUEST.ask("refuseNewDate", viewer, request, today)
    return {**NO_PROPOSAL}


# ---- delivered ------------------------------------------------------------------------------------------------------


def deliver_request(viewer: Viewer, request: RequestFacts, asker: Office, today: date, now: datetime) -> RequestChange:
    """From now on the receiver has ten working days to say that it did not come. How late it is stays on the record."""
    COLLABORATION_REQUEST.ask("deliverRequest", viewer, request, today)
    must_be_done(request, "completesTask")
    is_in_time = request.agreed_due_on is None or is_done_in_time(request, asker.calendar)
    days_late = 0 if is_in_time or request.agreed_due_on is None else (today - request.agreed_due_on).days
    return {"status": RequestStatus.DELIVERED, **delivered(request, asker, now, days_late)}


def confirm_delivery(viewer: Viewer, request: RequestFacts, asker: Office, today: date, now: datetime) -> RequestChange:
    """Whether it came in time is judged by the deadline as it is counted now, whoever had noticed that it moved."""
    COLLABORATION_REQUEST.ask("confirmDelivery", viewer, request, today)
    by_clock, request = settled_by_silence(request, now), as_it_stands(request, now)
    columns: RequestChange = {**by_clock, "status": RequestStatus.CONFIRMED, "confirmed_at": now}
    clock = confirmation_clock(request, asker)
    if clock is not None and (due_at := due_if_resumed(clock, now, asker.calendar)) != request.confirm_due_at:
        columns["confirm_due_at"] = due_at
    return columns


def dispute_delivery(
    viewer: Viewer, request: RequestFacts, reason: str | None, giver: Office, today: date, now: datetime
) -> RequestChange:
    """The giver has three working days to take it up again; after a second dispute there is a ground at once."""
    COLLABORATION_REQUEST.ask("disputeDelivery", viewer, request, today)
    return {
        **settled_by_silence(request, now),
        "dispute_count": request.dispute_count + 1,
        "dispute_due_at": working_clock(ClockKind.DISPUTE, now, DISPUTE_DAYS, giver).due_at,
        "status": RequestStatus.DISPUTED,
        "disputed_at": now,
        "dispute_reason": bounds.text(reason, bounds.TEXT, "reason"),
        "confirm_due_at": None,
    }


def resume_delivery(
    viewer: Viewer,
    request: RequestFacts,
    task: TaskInFull,
    plans: Mapping[int, PlanPlace],
    next_plan_id: UUID | None,
    calendar: Calendar,
    today: date,
    now: datetime,
) -> tuple[RequestChange, TaskChange]:
    """Taken up again: the commitment reopens below 100 % for the reason of the dispute.

    The first time the giver has until five working days from now, if the agreed date is not later; then it stays.
    """
    COLLABORATION_REQUEST.ask("resumeDelivery", viewer, request, today)
    change: RequestChange = {
        "status": RequestStatus.ACCEPTED,
        "accepted_at": now,
        "delivered_at": None,
        "dispute_due_at": None,
    }
    task_change = reopened(task, request.dispute_reason or "", next_plan_id)
    task_change |= {"progress": min(task.progress, 99)}
    agreed = resumed_for(request, calendar, today)
    if agreed != request.agreed_due_on:
        change |= promised_for(agreed, calendar)
        task_change |= _put_off(task, agreed, plans)
    return change, task_change


def resumed_for(request: RequestFacts, calendar: Calendar, today: date) -> date:
    """The day for which a disputed delivery is promised when it is taken up again."""
    assert request.agreed_due_on is not None
    if request.dispute_count > 1:
        return request.agreed_due_on
    return max(request.agreed_due_on, add_working_days(today, RESUMED_DAYS, calendar))


# ---- withdrawn, passed on, talked of --------------------------------------------------------------------------------


def withdraw_request(
    viewer: Viewer, request: RequestFacts, answerer: Office, today: date, now: datetime
) -> RequestChange:
    """By whoever began it; a commitment is an ordinary task of the giver from then on."""
    COLLABORATION_REQUEST.ask("withdrawRequest", viewer, request, today)
    return _withdrawn(request, answerer, now)


def _withdrawn(request: RequestFacts, answerer: Office, now: datetime) -> RequestChange:
    columns: RequestChange = {"status": RequestStatus.WITHDRAWN, "withdrawn_at": now}
    if request.status is RequestStatus.OPEN:
        columns |= answer_clock_stopped(request, now, answerer)
    if request.new_due_on is not None:
        columns |= NO_PROPOSAL
    return columns


def passed_on(
    request: RequestFacts, ended_id: UUID, successor_id: UUID, answerer: Office, successor: Office, now: datetime
) -> RequestChange:
    """To the organisation that follows the one that ended, with a full clock for what it had still to do.

    Nothing of what is finished passes. `answerer` and `successor`: the offices of the one that answers now, and of the
    one that follows.
    Where asker and giver become one organisation nothing is left to ask for: what was delivered is confirmed, the rest
    is withdrawn.
    """
    if request.status in FINISHED:
        return {}
    side = "asker_id" if request.asker_id == ended_id else "giver_id"
    other = request.giver_id if side == "asker_id" else request.asker_id
    if other == successor_id:
        return given_up(request, answerer, now)
    party: RequestChange = {"asker_id": successor_id} if side == "asker_id" else {"giver_id": successor_id}
    return party | _full_clocks(request, ended_id, successor, now)


def _full_clocks(request: RequestFacts, ended_id: UUID, office: Office, now: datetime) -> RequestChange:
    """All the time again for what waits for the side that ended; what has run out stays so.

    No deadline becomes earlier. The agreed date is a promise and not a clock that starts anew: it stays.
    """
    columns: dict[str, object] = {}
    is_answering = request.status is RequestStatus.OPEN and request.answerer_id == ended_id
    if is_answering and not answer_clock(request, office, at=now).has_run_out(now):
        # The pauses that are over belong to the days that no longer count.
        pauses = [pause for pause in pauses_of(request.answer_pauses) if pause.to is None]
        begun = replace(request, answer_started_at=now, answer_pauses=as_stored(pauses))
        columns |= {
            "answer_started_at": now,
            "answer_pauses": begun.answer_pauses,
            "answer_due_at": answer_clock(begun, office).due_at,
        }
    begun = replace(request, clock_restarted_at=now)
    for column, whose, clock_of in (
        ("question_due_at", request.starter_id, question_clock),
        ("counter_due_at", request.starter_id, counter_clock),
        ("confirm_due_at", request.asker_id, confirmation_clock),
        ("dispute_due_at", request.giver_id, dispute_clock),
    ):
        clock, anew = clock_of(request, office), clock_of(begun, office)
        if whose == ended_id and clock is not None and anew is not None and not clock.has_run_out(now):
            columns |= {"clock_restarted_at": now, column: anew.due_at}
    return cast(RequestChange, columns)


def given_up(request: RequestFacts, answerer: Office, now: datetime) -> RequestChange:
    """What was delivered is confirmed, the rest is withdrawn: nobody is left to ask or to give, and nobody's fault."""
    by_clock, request = settled_by_silence(request, now), as_it_stands(request, now)
    if request.status in FINISHED:
        return {}
    if request.status is RequestStatus.DELIVERED:
        return {**by_clock, "status": RequestStatus.CONFIRMED, "confirmed_at": now}
    return {**by_clock, **_withdrawn(request, answerer, now)}


def post_message(viewer: Viewer, request: RequestFacts, text: str | None, today: date) -> str:
    """The message's text."""
    may_post_message(viewer, request, today)
    return bounds.text(text, bounds.TEXT, "text")
