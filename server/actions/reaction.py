"""What is done in the wake of an event, by the system: each reaction calls the verbs of the aggregates that it moves.

background/react.py lists which event has which.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from server.actions.account import pass_on_account
from server.actions.amendment import end_amendment
from server.actions.collaboration_delivery import give_up_request, pass_on_request
from server.actions.facts import read_all_facts
from server.actions.target import pass_on_target
from server.actions.task import cancel_with_plan, carry_over_task, join_plan, pass_on_task
from server.actions.transaction import Transaction
from server.actions.work_plan import pass_on_work_plan
from server.events.log import Recorded
from server.ids import decode
from server.models import Account, Amendment, Event, Organisation, Request, Target, Task, WorkPlan
from server.rules.collaboration_delivery import commitment_joins
from server.rules.collaboration_facts import FINISHED, RequestStatus
from server.rules.event import EventType
from server.rules.organisation import has_ended
from server.rules.target import OPEN_AMENDMENTS
from server.rules.task import OPEN
from server.rules.task_content import TaskInFull
from server.rules.work_plan import OpenTask, Settlement, WorkPlanStatus, settled
from server.rules.workdays import ONE_DAY


async def settle_open_tasks(tx: Transaction, event: Recorded) -> None:
    """A plan was closed: its open tasks are carried over or cancelled, as whoever closed it said, and in their name."""
    named: Mapping[str, str] = event.facts.get("settlements") or {}
    exceptions = {decode(task_id)[1]: Settlement(settlement) for task_id, settlement in named.items()}
    remaining = Settlement(event.facts.get("remaining") or Settlement.CARRY_OVER)
    for task in (await read_all_facts(tx, OpenTask, await _open_tasks(tx, work_plan_id=event.subject_id))).values():
        if settled(task, remaining, exceptions) is Settlement.CANCEL:
            await cancel_with_plan(tx, task.id, event)
        else:
            await carry_over_task(tx, task.id, event)


async def end_amendments_of_plan(tx: Transaction, event: Recorded) -> None:
    """A plan was closed: what was not decided by then is withdrawn, in the name of whoever closed it."""
    for target in await tx.select(Target, work_plan_id=event.subject_id):
        await end_amendment(tx, target.id, event)


async def end_amendments_of_organisation(tx: Transaction, event: Recorded) -> None:
    """An organisation ended: what it had prepared or proposed is withdrawn, and what it was to be given."""
    organisation = await tx.find(Organisation, id=event.subject_id)
    if organisation is None or not has_ended(organisation.valid_to, tx.today):
        return
    given = await tx.select(Amendment, receiver_id=organisation.id, status=list(OPEN_AMENDMENTS))
    own = await tx.select(Target, owner_id=organisation.id)
    for target_id in sorted({*(target.id for target in own), *(each.target_id for each in given)}):
        await end_amendment(tx, target_id)


async def take_in_waiting_tasks(tx: Transaction, event: Recorded) -> None:
    """A plan was approved: what stood in no plan joins it, if ordered, carried over, or promised for its year."""
    plan = await tx.find(WorkPlan, id=event.subject_id)
    if plan is None or plan.status is not WorkPlanStatus.APPROVED:
        return
    waiting = await _open_tasks(tx, organisation_id=plan.organisation_id, work_plan_id=None)
    known = await read_all_facts(tx, TaskInFull, waiting)
    for task in waiting:
        is_late = task.due_on is not None and task.due_on.year > plan.year
        is_waiting = not is_late and (task.is_ordered or await _was_carried_over(tx, task.id))
        if is_waiting or commitment_joins(known[task.id], plan.year):
            await join_plan(tx, task.id, plan)


async def pass_on(tx: Transaction, event: Recorded) -> None:
    """An organisation ended: what it has to do, and who works there, go to its successor.

    That is its unapproved plans, open targets and tasks, requests that are not finished, active accounts. Without a
    successor its requests end; the rest stays where it is.
    """
    organisation = await tx.find(Organisation, id=event.subject_id)
    if organisation is None or not has_ended(organisation.valid_to, tx.today):
        return
    if organisation.successor_id is None:
        for request in await _unfinished(tx, organisation):
            await give_up_request(tx, request.id)
        return
    successor = await tx.find(Organisation, id=organisation.successor_id)
    assert successor is not None
    assert organisation.valid_to is not None
    closed = {
        plan.id for plan in await tx.select(WorkPlan, organisation_id=organisation.id, status=WorkPlanStatus.CLOSED)
    }
    since = organisation.valid_to + ONE_DAY
    for plan in await tx.select(WorkPlan, organisation_id=organisation.id):
        await pass_on_work_plan(tx, plan.id, successor.id)
    for target in await tx.select(Target, owner_id=organisation.id, archived_at=None, draft_of_id=None):
        if target.work_plan_id not in closed:
            await pass_on_target(tx, target.id, successor, since)
    for task in await _open_tasks(tx, organisation_id=organisation.id, draft_of_id=None):
        await pass_on_task(tx, task.id, successor.id)
    # What nobody else ever saw goes whole, put aside or not: those who saw it work for the successor now.
    for target in await tx.select(Target, draft_of_id=organisation.id):
        await pass_on_target(tx, target.id, successor, since)
    for task in await tx.select(Task, draft_of_id=organisation.id):
        await pass_on_task(tx, task.id, successor.id)
    for request in await _unfinished(tx, organisation):
        await pass_on_request(tx, request.id, organisation.id, successor.id)
    for account in await tx.select(Account, organisation_id=organisation.id, is_active=True):
        await pass_on_account(tx, account.id, successor.id)


async def _unfinished(tx: Transaction, organisation: Organisation) -> list[Request]:
    """The requests to which it is a party."""
    statuses = [status for status in RequestStatus if status not in FINISHED]
    asked = await tx.select(Request, asker_id=organisation.id, status=statuses)
    return [*asked, *await tx.select(Request, giver_id=organisation.id, status=statuses)]


async def _open_tasks(tx: Transaction, **equals: object) -> list[Task]:
    """Locked: whoever completes one meanwhile comes before, and it is not among them, or after."""
    return await tx.select(Task, ("id",), None, True, status=list(OPEN), archived_at=None, **equals)


async def _was_carried_over(tx: Transaction, task_id: UUID) -> bool:
    return await tx.find(Event, subject_id=task_id, type=EventType.TASK_CARRIED_OVER) is not None
