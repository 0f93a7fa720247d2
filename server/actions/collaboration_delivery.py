"""Verbs on a promise that a request became: another date, delivered, confirmed or disputed, withdrawn; what is said.

The request is locked first, then its commitment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from server.actions.facts import lock_with, office, read_facts
from server.actions.task import complete_task, next_approved_plan, pass_on_task
from server.actions.task_content import plan_place
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Message, Request, Task, WorkPlan
from server.rules import collaboration_delivery as rules
from server.rules.collaboration import COLLABORATION_REQUEST
from server.rules.collaboration_facts import RequestFacts, RequestStatus
from server.rules.collaboration_sides import own_side
from server.rules.event import EventType
from server.rules.task import TaskStatus
from server.rules.task_content import PlanPlace, TaskInFull
from server.rules.work_plan import WorkPlanStatus


async def take(tx: Transaction, request_id: UUID, if_version: int | None) -> tuple[Request, RequestFacts]:
    """The request, locked, with what its rules need. Refuses NOT_FOUND and STALE_VERSION."""
    return await lock_with(tx, Request, RequestFacts, request_id, "requestId", if_version=if_version)


async def plans_of(tx: Transaction, organisation_id: UUID, year: int) -> Mapping[int, PlanPlace]:
    """The organisation's plan of that year by the year, held: whoever approves or closes it comes before or after.

    A draft is nothing that the other side may know of, so it is not looked for.
    """
    plan = await tx.find(WorkPlan, organisation_id=organisation_id, year=year, archived_at=None, draft_of_id=None)
    return {} if plan is None else {year: plan_place(await tx.hold(WorkPlan, plan.id))}


# ---- another date ---------------------------------------------------------------------------------------------------


async def propose_new_date(
    tx: Transaction, request_id: UUID, new_due_on: date, reason: str, if_version: int | None = None
) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    change = rules.propose_new_date(tx.viewer, facts, new_due_on, reason, tx.today, tx.now)
    return await tx.change(
        request,
        change,
        EventType.REQUEST_NEW_DATE_PROPOSED,
        acting_for=facts.giver_id,
        newDateOn=new_due_on,
        reason=change["new_due_reason"],
    )


async def agree_new_date(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    """The commitment is due then, and stands in the plan of that year."""
    request, facts = await take(tx, request_id, if_version)
    COLLABORATION_REQUEST.ask("agreeNewDate", tx.viewer, facts, tx.today)
    new_due_on = facts.new_due_on
    assert new_due_on is not None  # or it was refused
    task = await _commitment(tx, request)
    plans = await plans_of(tx, task.organisation_id, new_due_on.year)
    change, moved = rules.agree_new_date(
        tx.viewer, facts, await read_facts(tx, TaskInFull, task), plans, tx.city.calendar, tx.today
    )
    await tx.change(task, moved, EventType.TASK_UPDATED)
    return await tx.change(
        request, change, EventType.REQUEST_NEW_DATE_AGREED, acting_for=facts.asker_id, newDateOn=new_due_on
    )


async def refuse_new_date(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    change = rules.refuse_new_date(tx.viewer, facts, tx.today)
    return await tx.change(request, change, EventType.REQUEST_NEW_DATE_REFUSED, acting_for=facts.asker_id)


# ---- delivered ------------------------------------------------------------------------------------------------------


async def deliver_request(
    tx: Transaction, request_id: UUID, completes_task: bool = False, if_version: int | None = None
) -> Recorded:
    """`completes_task`: a commitment that stands at 100 % is completed with it."""
    request = await tx.lock(Request, request_id, "requestId", if_version=if_version)
    if request.commitment_id is not None:
        await _commitment(tx, request)  # what is delivered is done, and stays so meanwhile
    facts = await read_facts(tx, RequestFacts, request)
    COLLABORATION_REQUEST.ask("deliverRequest", tx.viewer, facts, tx.today)
    if completes_task and facts.commitment_id is not None and facts.commitment_status is not TaskStatus.DONE:
        await complete_task(tx, facts.commitment_id)
        facts = await read_facts(tx, RequestFacts, request)
    change = rules.deliver_request(tx.viewer, facts, await office(tx, facts.asker_id), tx.today, tx.now)
    return await tx.change(request, change, EventType.REQUEST_DELIVERED, acting_for=facts.giver_id)


async def confirm_delivery(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    change = rules.confirm_delivery(tx.viewer, facts, await office(tx, facts.asker_id), tx.today, tx.now)
    return await tx.change(request, change, EventType.REQUEST_CONFIRMED, acting_for=facts.asker_id)


async def dispute_delivery(tx: Transaction, request_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    change = rules.dispute_delivery(tx.viewer, facts, reason, await office(tx, facts.giver_id), tx.today, tx.now)
    return await tx.change(
        request, change, EventType.REQUEST_DISPUTED, acting_for=facts.asker_id, reason=change["dispute_reason"]
    )


async def resume_delivery(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    """The commitment reopens with it; out of a plan that is closed it is carried over."""
    request, facts = await take(tx, request_id, if_version)
    COLLABORATION_REQUEST.ask("resumeDelivery", tx.viewer, facts, tx.today)
    task = await _commitment(tx, request)
    if task.work_plan_id is not None:
        await tx.hold(WorkPlan, task.work_plan_id)
    known = await read_facts(tx, TaskInFull, task)
    next_plan_id = await next_approved_plan(tx, task) if known.plan_status is WorkPlanStatus.CLOSED else None
    calendar = tx.city.calendar
    plans = await plans_of(tx, task.organisation_id, rules.resumed_for(facts, calendar, tx.today).year)
    change, reopened = rules.resume_delivery(tx.viewer, facts, known, plans, next_plan_id, calendar, tx.today, tx.now)
    await tx.change(task, reopened, EventType.TASK_REOPENED, reason=reopened["status_reason"])
    return await tx.change(request, change, EventType.REQUEST_DELIVERY_RESUMED, acting_for=facts.giver_id)


# ---- withdrawn, talked of, passed on --------------------------------------------------------------------------------


async def withdraw_request(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    """Its commitment, if there is one, is an ordinary task of the giver from now on."""
    request, facts = await take(tx, request_id, if_version)
    change = rules.withdraw_request(tx.viewer, facts, await office(tx, facts.answerer_id), tx.today, tx.now)
    return await tx.change(request, change, EventType.REQUEST_WITHDRAWN, acting_for=facts.starter_id)


async def post_message(tx: Transaction, request_id: UUID, text: str, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    said = rules.post_message(tx.viewer, facts, text, tx.today)
    message = Message(
        id=tx.new_id(), request_id=request.id, author_id=tx.viewer.account_id, text=said, created_at=tx.now
    )
    own = own_side(tx.viewer, facts.asker_id, facts.giver_id)
    sides = (facts.asker_id, facts.giver_id, *facts.chain) if own is None else (own,)
    headed = (each for each in sides if tx.viewer.is_head_of(each))
    return await tx.change(
        request,
        {},
        EventType.REQUEST_MESSAGE_POSTED,
        parts=[message],
        acting_for=next(headed, None),
        body=said,
        messageId=encode("msg", message.id),
    )


async def pass_on_request(tx: Transaction, request_id: UUID, ended_id: UUID, successor_id: UUID) -> Recorded | None:
    """In the wake of an organisation's end, by the system: to its successor, with what it had promised."""
    request, facts = await take(tx, request_id, None)
    if ended_id not in (request.asker_id, request.giver_id):
        return None  # redirected meanwhile
    answerer, successor = await office(tx, facts.answerer_id), await office(tx, successor_id)
    change = rules.passed_on(facts, ended_id, successor_id, answerer, successor, tx.now)
    if not change:
        return None
    task = None if request.commitment_id is None else await _commitment(tx, request)
    if task is not None and task.organisation_id == ended_id and "giver_id" in change:
        await pass_on_task(tx, task.id, successor_id)  # an open one has gone over before; this one is done
    return await tx.change(request, change, EventType.REQUEST_PASSED_ON)


async def give_up_request(tx: Transaction, request_id: UUID) -> Recorded | None:
    """In the wake of an organisation's end without a successor, by the system."""
    request, facts = await take(tx, request_id, None)
    change = rules.given_up(facts, await office(tx, facts.answerer_id), tx.now)
    if not change:
        return None
    is_over = change["status"] is RequestStatus.CONFIRMED
    return await tx.change(request, change, EventType.REQUEST_CONFIRMED if is_over else EventType.REQUEST_WITHDRAWN)


async def _commitment(tx: Transaction, request: Request) -> Task:
    """The task that the request became, locked."""
    assert request.commitment_id is not None
    return await tx.lock(Task, request.commitment_id)
