"""Handing over: all that a person keeps in an organisation goes to another there at once, with a receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, get_with, organisation_facts, receiving_organisation
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Account, HandedOverMatter, HandOverReceipt, Organisation, Target, Task, WorkPlan
from server.rules import bounds
from server.rules import hand_over_receipt as rules
from server.rules.account import AccountInFull
from server.rules.event import EventType
from server.rules.hand_over_receipt import LeavingFacts
from server.rules.refusal import Code, Refused
from server.rules.task import OPEN
from server.rules.work_plan import WorkPlanStatus

GOING_ON = [status for status in WorkPlanStatus if status is not WorkPlanStatus.CLOSED]


async def hand_over_matters(
    tx: Transaction, from_account_id: UUID, to_account_id: UUID, organisation: Key | None = None
) -> Recorded:
    """`organisation`: in which organisation; the one where the person who leaves works, where it is left out."""
    person, leaving = await get_with(tx, Account, LeavingFacts, from_account_id, "fromAccountId")
    if organisation is not None:
        place = await receiving_organisation(tx, organisation, "organisation")
        leaving = replace(leaving, organisation_id=place.id, organisation=await organisation_facts(tx, place))
    else:
        place = await tx.hold(Organisation, leaving.organisation_id, "fromAccountId")
    rules.may_hand_over_matters(tx.viewer, leaving, tx.today)
    to, colleague = await get_with(tx, Account, AccountInFull, to_account_id, "toAccountId")
    columns = rules.hand_over_matters(tx.viewer, leaving, colleague, place.name, tx.today)
    targets, tasks = await _targets(tx, leaving), await _tasks(tx, leaving)
    # Told of what the viewer sees alone: how many drafts there are is in no refusal.
    if sum(map(tx.sees, (*targets, *tasks))) > bounds.HANDED_OVER:
        raise Refused(Code.LIMIT_REACHED, limit=bounds.HANDED_OVER)
    receipt = HandOverReceipt(id=tx.new_id(), **cast(dict[str, Any], columns))
    matters = [
        *(HandedOverMatter(id=tx.new_id(), receipt_id=receipt.id, target_id=each.id) for each in targets),
        *(HandedOverMatter(id=tx.new_id(), receipt_id=receipt.id, task_id=each.id) for each in tasks),
    ]
    event = await tx.create(
        receipt,
        EventType.MATTERS_HANDED_OVER,
        parts=matters,
        label=f"{person.name} – {to.name}",
        leaving=person.name,
        successor=to.name,
        organisation=place.name,
    )
    for target in targets:
        await tx.change(target, {"responsible_id": to.id}, EventType.TARGET_UPDATED)
    for task in tasks:
        await tx.change(task, {"assignee_id": to.id}, EventType.TASK_ASSIGNED, assignee=to.name)
    return event


async def _targets(tx: Transaction, leaving: LeavingFacts) -> list[Target]:
    """Those for which the person is responsible and whose plan is not closed, locked; also while it is under review:
    who keeps a target is not what is reviewed."""
    wanted: dict[str, Any] = {
        "responsible_id": leaving.id,
        "owner_id": leaving.organisation_id,
        "archived_at": None,
    }
    one_of = {each.work_plan_id: each.id for each in await tx.select(Target, **wanted)}
    for plan_id in sorted(one_of):
        await tx.turn_in_plan(Target, one_of[plan_id])
    plans = await tx.select(WorkPlan, id=list(one_of), status=GOING_ON)
    return await tx.select(Target, ("id",), None, True, work_plan_id=[plan.id for plan in plans], **wanted)


async def _tasks(tx: Transaction, leaving: LeavingFacts) -> list[Task]:
    """The open ones that are assigned to the person, locked."""
    wanted: dict[str, Any] = {"assignee_id": leaving.id, "organisation_id": leaving.organisation_id}
    return await tx.select(Task, ("id",), None, True, status=list(OPEN), archived_at=None, **wanted)
