"""Verbs on work plans. What they mean for the plan's tasks is recorded in the event and done in its wake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, organisation_facts, plan_of, read_all_facts, read_facts, receiving_organisation
from server.actions.figures import count_plan
from server.actions.transaction import Transaction
from server.actions.waiting import close_no_circle
from server.events.log import Recorded
from server.ids import encode
from server.models import Target, Task, WorkPlan
from server.models.fields import Row
from server.rules import work_plan as rules
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.task import OPEN
from server.rules.work_plan import OpenTask, Remaining, Settlement, WorkPlanInFull, WorkPlanPatch


async def take(
    tx: Transaction, work_plan_id: UUID, if_version: int | None, *changing: type[Row]
) -> tuple[WorkPlan, WorkPlanInFull]:
    """The plan, locked, with what its rules need. Refuses NOT_FOUND and STALE_VERSION.

    `changing`: what the verb changes of what stands in it, in this order (see transaction.py).
    """
    await tx.turn_of_plan(work_plan_id, *changing)
    plan = await tx.lock(WorkPlan, work_plan_id, "workPlanId", if_version=if_version)
    return plan, await read_facts(tx, WorkPlanInFull, plan)


async def create_work_plan(
    tx: Transaction, organisation: Key, year: int, title: str, needs_evidence: bool = False
) -> Recorded:
    owner = await receiving_organisation(tx, organisation, "organisation")
    is_taken = 0 < year < 10_000 and tx.is_taken_by(await plan_of(tx, owner.id, year))
    facts = await organisation_facts(tx, owner)
    columns = rules.create_work_plan(tx.viewer, facts, year, title, needs_evidence, is_taken, tx.today)
    plan = WorkPlan(id=tx.new_id(), **cast(dict[str, Any], columns))
    return await tx.create(plan, EventType.WORK_PLAN_CREATED, organisation=owner.short_name, year=year)


async def update_work_plan(
    tx: Transaction, work_plan_id: UUID, if_version: int | None = None, **patch: Any
) -> Recorded:
    """`patch`: title, needs_evidence; what is absent stays."""
    plan, facts = await take(tx, work_plan_id, if_version)
    change = rules.update_work_plan(tx.viewer, facts, cast(WorkPlanPatch, patch), tx.today)
    return await tx.change(plan, change, EventType.WORK_PLAN_UPDATED)


async def submit_work_plan(tx: Transaction, work_plan_id: UUID, if_version: int | None = None) -> Recorded:
    """The first time, its targets and tasks come into everybody's sight with it."""
    plan, facts = await take(tx, work_plan_id, if_version, Target, Task)
    is_first = plan.draft_of_id is not None
    change = rules.submit_work_plan(tx.viewer, facts, tx.today, tx.now)
    event = await tx.change(plan, change, EventType.WORK_PLAN_SUBMITTED)
    if is_first:
        public = {"draft_of_id": None}
        draft_of_id = facts.draft_of_id
        await tx.change_all(Target, public, EventType.TARGET_PUBLISHED, work_plan_id=plan.id, draft_of_id=draft_of_id)
        in_it: dict[str, Any] = {"work_plan_id": plan.id, "draft_of_id": draft_of_id}
        await close_no_circle(tx, await tx.change_all(Task, public, EventType.TASK_PUBLISHED, **in_it))
    return event


async def take_back_work_plan(tx: Transaction, work_plan_id: UUID, if_version: int | None = None) -> Recorded:
    plan, facts = await take(tx, work_plan_id, if_version)
    change = rules.take_back_work_plan(tx.viewer, facts, tx.today)
    return await tx.change(plan, change, EventType.WORK_PLAN_TAKEN_BACK)


async def return_work_plan(tx: Transaction, work_plan_id: UUID, note: str, if_version: int | None = None) -> Recorded:
    plan, facts = await take(tx, work_plan_id, if_version)
    change = rules.return_work_plan(tx.viewer, facts, note, tx.today)
    return await tx.change(plan, change, EventType.WORK_PLAN_RETURNED, note=change["return_note"])


async def approve_work_plan(tx: Transaction, work_plan_id: UUID, if_version: int | None = None) -> Recorded:
    plan, facts = await take(tx, work_plan_id, if_version, Target)
    change = rules.approve_work_plan(tx.viewer, facts, tx.today, tx.now)
    event = await tx.change(plan, change, EventType.WORK_PLAN_APPROVED)
    await count_plan(tx, plan, counts_from=tx.today)
    return event


async def close_work_plan(
    tx: Transaction,
    work_plan_id: UUID,
    remaining: Settlement = Settlement.CARRY_OVER,
    exceptions: Sequence[Mapping[str, Any]] | None = None,
    reason: str | None = None,
    if_version: int | None = None,
) -> Recorded:
    """`exceptions`: {task_id, settlement} of those for which `remaining` does not hold; react.py carries out both."""
    plan, facts = await take(tx, work_plan_id, if_version, Target)
    rules.WORK_PLAN.ask("closeWorkPlan", tx.viewer, facts, tx.today)
    found = await tx.select(Task, work_plan_id=plan.id, status=list(OPEN), archived_at=None)
    open_ = await read_all_facts(tx, OpenTask, found)
    settlements = _settlements(exceptions or ())
    said = Remaining(settlement=remaining, exceptions=settlements, reason=reason)
    change, why = rules.close_work_plan(tx.viewer, facts, [*open_.values()], said, tx.today, tx.now)
    event = await tx.change(
        plan,
        change,
        EventType.WORK_PLAN_CLOSED,
        remaining=remaining,
        settlements={encode("task", task_id): settlement for task_id, settlement in settlements.items()},
        reason=why,
    )
    await count_plan(tx, plan)
    return event


async def reopen_work_plan(tx: Transaction, work_plan_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    plan, facts = await take(tx, work_plan_id, if_version, Target)
    change = rules.reopen_work_plan(tx.viewer, facts, reason, tx.today)
    event = await tx.change(plan, change, EventType.WORK_PLAN_REOPENED, reason=reason.strip())
    await count_plan(tx, plan)
    return event


async def archive_work_plan(tx: Transaction, work_plan_id: UUID, if_version: int | None = None) -> Recorded:
    """Its targets and tasks are put aside with it, at the same moment, by which they come back with it."""
    plan, facts = await take(tx, work_plan_id, if_version, Target, Task)
    change = rules.archive_work_plan(tx.viewer, facts, tx.today, tx.now)
    event = await tx.change(plan, change, EventType.WORK_PLAN_ARCHIVED)
    await _put_aside(tx, plan)
    return event


async def restore_work_plan(tx: Transaction, work_plan_id: UUID, if_version: int | None = None) -> Recorded:
    plan, facts = await take(tx, work_plan_id, if_version, Target, Task)
    change = rules.restore_work_plan(tx.viewer, facts, tx.today)
    with_it: dict[str, Any] = {"work_plan_id": plan.id, "archived_at": plan.archived_at}
    event = await tx.change(plan, change, EventType.WORK_PLAN_RESTORED)
    await tx.change_all(Target, change, EventType.TARGET_RESTORED, **with_it)
    await tx.change_all(Task, change, EventType.TASK_RESTORED, **with_it)
    return event


async def pass_on_work_plan(tx: Transaction, work_plan_id: UUID, successor_id: UUID) -> Recorded | None:
    """In the wake of an organisation's end, by the system: a plan that nobody has approved yet, if it goes over."""
    await tx.turn_of_plan(work_plan_id, Target, Task)
    plan = await tx.lock(WorkPlan, work_plan_id)
    is_taken = await plan_of(tx, successor_id, plan.year) is not None
    change = rules.passed_on(await read_facts(tx, WorkPlanInFull, plan), successor_id, is_taken, tx.now)
    if change is None:
        return None
    event = await tx.change(plan, change, EventType.WORK_PLAN_PASSED_ON)
    if "archived_at" in change:
        await _put_aside(tx, plan)
    return event


async def _put_aside(tx: Transaction, plan: WorkPlan) -> None:
    """What stands in a plan that has just been archived, at the same moment."""
    in_it: dict[str, Any] = {"work_plan_id": plan.id, "archived_at": None}
    # An order is not laid aside with the plan of whoever got it: it goes on in no plan.
    out = {"work_plan_id": None, "target_id": None, "draft_of_id": None}
    await tx.change_all(Task, out, EventType.TASK_MOVED, is_ordered=True, **in_it)
    aside = {"archived_at": plan.archived_at}
    await tx.change_all(Target, aside, EventType.TARGET_ARCHIVED, **in_it)
    await tx.change_all(Task, aside, EventType.TASK_ARCHIVED, **in_it)


def _settlements(exceptions: Sequence[Mapping[str, Any]]) -> dict[UUID, Settlement]:
    settlements: dict[UUID, Settlement] = {}
    for n, each in enumerate(exceptions):
        if each["task_id"] in settlements:
            raise Refused(Code.ALREADY_EXISTS, "exceptions", str(n), "taskId")
        settlements[each["task_id"]] = each["settlement"]
    return settlements
