"""Verbs on what a task says: its text and place, assignee, what it waits for, checklist, evidence, comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, get_with, organisation_by, organisation_facts, receiving_organisation
from server.actions.hand import Hand
from server.actions.task import has_external_id, take
from server.actions.transaction import Transaction
from server.actions.waiting import close_no_circle, edges_from, hidden_among, one_at_a_time, waits_of
from server.events.log import Recorded
from server.ids import encode
from server.models import Account, Comment, Organisation, Target, Task, TaskDependency, WorkPlan
from server.rules import bounds
from server.rules import comment as comment_rules
from server.rules import task_content as rules
from server.rules.account import AccountInFull
from server.rules.comment import CommentFacts
from server.rules.event import EventType
from server.rules.task import TASK, Priority, may_create_task
from server.rules.task_content import NewTask, PlanPlace, TargetPlace, TaskPatch
from server.rules.work_plan import WorkPlanStatus


def new_item_id(tx: Transaction) -> str:
    return encode("item", tx.new_id())


async def create_task(
    tx: Transaction,
    organisation: Key,
    title: str,
    work_plan_id: UUID | None = None,
    target_id: UUID | None = None,
    description: str | None = None,
    priority: Priority = Priority.NORMAL,
    starts_on: date | None = None,
    due_on: date | None = None,
    assignee_id: UUID | None = None,
    kelurahan: Key | None = None,
    waits_for_ids: Sequence[UUID] | None = None,
    checklist: Sequence[str] | None = None,
    external_id: str | None = None,
) -> Recorded:
    owner = await receiving_organisation(tx, organisation, "organisation")
    facts = await organisation_facts(tx, owner)
    may_create_task(tx.viewer, facts, tx.today)
    plan, target = await _place(tx, work_plan_id, target_id)
    new = NewTask(
        title=title,
        description=description,
        priority=priority,
        starts_on=starts_on,
        due_on=due_on,
        external_id=external_id,
        checklist=checklist or (),
    )
    columns = rules.create_task(
        tx.viewer,
        facts,
        new,
        tx.today,
        plan=plan,
        target=target,
        assignee=await _assignee(tx, assignee_id),
        kelurahan=await _kelurahan(tx, kelurahan),
        is_external_id_taken=await _is_taken(tx, owner.id, external_id),
        new_item_id=partial(new_item_id, tx),
    )
    task = Task(id=tx.new_id(), **cast(dict[str, Any], columns))
    parts = await _dependencies(tx, task, waits_for_ids or ())
    waited = [encode("task", part.waits_for_id) for part in parts]
    told: dict[str, Any] = {"waitsForIds": waited} if waited else {}
    return await tx.create(task, EventType.TASK_CREATED, parts=parts, **told)


async def order_task(
    tx: Transaction,
    organisation: Key,
    title: str,
    due_on: date,
    description: str | None = None,
    priority: Priority = Priority.HIGH,
    kelurahan: Key | None = None,
    needs_evidence: bool = True,
    checklist: Sequence[str] | None = None,
    external_id: str | None = None,
) -> Recorded:
    task = await ordered_of(
        tx,
        await receiving_organisation(tx, organisation, "organisation"),
        NewTask(
            title=title,
            description=description,
            priority=priority,
            due_on=due_on,
            external_id=external_id,
            checklist=checklist or (),
        ),
        kelurahan,
        needs_evidence,
    )
    return await tx.create(task, EventType.TASK_ORDERED)


async def ordered_of(
    tx: Transaction, organisation: Organisation, new: NewTask, kelurahan: Key | None, needs_evidence: bool
) -> Task:
    """The task that is ordered of the organisation, not yet written. Refuses what `orderTask` refuses."""
    plan = None
    if new.due_on is not None:
        approved = {"year": new.due_on.year, "status": WorkPlanStatus.APPROVED, "archived_at": None}
        plan = await tx.find(WorkPlan, organisation_id=organisation.id, **approved)
    columns = rules.order_task(
        tx.viewer,
        await organisation_facts(tx, organisation),
        new,
        needs_evidence,
        tx.today,
        plan=None if plan is None else plan_place(plan),
        kelurahan=await _kelurahan(tx, kelurahan),
        is_external_id_taken=await _is_taken(tx, organisation.id, new.external_id),
        new_item_id=partial(new_item_id, tx),
    )
    return Task(id=tx.new_id(), **cast(dict[str, Any], columns))


async def update_task(tx: Transaction, task_id: UUID, if_version: int | None = None, **patch: Any) -> Recorded:
    """`patch`: what is absent stays, None clears; `kelurahan` names the kelurahan."""
    task, facts = await take(tx, task_id, if_version)
    kelurahan = None
    if "kelurahan" in patch:
        kelurahan = await _kelurahan(tx, patch.pop("kelurahan"))
        patch["kelurahan_id"] = None if kelurahan is None else kelurahan.id
    external_id = patch.get("external_id")
    is_taken = external_id != task.external_id and await _is_taken(tx, task.organisation_id, external_id)
    change = rules.update_task(
        tx.viewer, facts, cast(TaskPatch, patch), tx.today, kelurahan=kelurahan, is_external_id_taken=is_taken
    )
    return await tx.change(task, change, EventType.TASK_UPDATED)


async def assign_task(
    tx: Transaction, task_id: UUID, assignee_id: UUID | None = None, if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    assignee = await _assignee(tx, assignee_id)
    change = rules.assign_task(tx.viewer, facts, assignee, tx.today)
    return await tx.change(task, change, EventType.TASK_ASSIGNED, assignee=None if assignee is None else assignee.name)


async def move_task(
    tx: Transaction,
    task_id: UUID,
    work_plan_id: UUID | None = None,
    target_id: UUID | None = None,
    if_version: int | None = None,
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    TASK.ask("moveTask", tx.viewer, facts, tx.today)
    plan, target = await _place(tx, work_plan_id, target_id)
    change = rules.move_task(tx.viewer, facts, plan, target, tx.today)
    event = await tx.change(task, change, EventType.TASK_MOVED)
    if facts.draft_of_id is not None and task.draft_of_id is None:
        await close_no_circle(tx, [task.id])
    return event


async def set_task_dependencies(
    tx: Transaction, task_id: UUID, waits_for_ids: Sequence[UUID], if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    TASK.ask("setTaskDependencies", tx.viewer, facts, tx.today)
    others = await _others(tx, waits_for_ids)
    await one_at_a_time(tx)
    present = await waits_of(tx, [task.id], task.draft_of_id)
    kept = {part.waits_for_id for part in present}
    wanted = rules.set_task_dependencies(
        tx.viewer,
        facts,
        waits_for_ids,
        current=kept,
        archived={other.id for other in others if other.archived_at is not None},
        hidden=hidden_among(others, task.draft_of_id),
        edges=await edges_from(tx, waits_for_ids, task.draft_of_id),
        today=tx.today,
    )
    return await tx.change(
        task,
        {},
        EventType.TASK_DEPENDENCIES_SET,
        parts=[
            TaskDependency(id=tx.new_id(), task_id=task.id, waits_for_id=other) for other in wanted if other not in kept
        ],
        removed=[part for part in present if part.waits_for_id not in wanted],
        waitsForIds=[encode("task", other) for other in wanted],
    )


async def add_checklist_item(tx: Transaction, task_id: UUID, text: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = rules.add_checklist_item(tx.viewer, facts, new_item_id(tx), text, tx.today)
    item = change["checklist"][-1]
    return await tx.change(task, change, EventType.TASK_CHECKLIST_ITEM_ADDED, item=item["text"], itemId=item["id"])


async def tick_checklist_item(
    tx: Hand, task_id: UUID, item_id: UUID, is_done: bool = True, if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    item = encode("item", item_id)
    change = rules.tick_checklist_item(tx.viewer, facts, item, is_done, tx.today)
    text = next(each["text"] for each in facts.checklist if each["id"] == item)
    return await tx.change(task, change, EventType.TASK_CHECKLIST_ITEM_TICKED, item=text, isDone=is_done)


async def remove_checklist_item(
    tx: Transaction, task_id: UUID, item_id: UUID, if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    item = encode("item", item_id)
    change = rules.remove_checklist_item(tx.viewer, facts, item, tx.today)
    text = next(each["text"] for each in facts.checklist if each["id"] == item)
    return await tx.change(task, change, EventType.TASK_CHECKLIST_ITEM_REMOVED, item=text)


async def add_evidence(
    tx: Transaction, task_id: UUID, url: str, title: str | None = None, if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = rules.add_evidence(tx.viewer, facts, url, title, tx.today)
    return await tx.change(task, change, EventType.TASK_EVIDENCE_ADDED, url=url)


async def comment_on_task(tx: Transaction, task_id: UUID, text: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    columns = comment_rules.comment_on_task(tx.viewer, facts, text, tx.today)
    comment = Comment(
        id=tx.new_id(), task_id=task.id, author_id=tx.viewer.account_id, text=columns["text"], created_at=tx.now
    )
    return await tx.change(task, {}, EventType.TASK_COMMENTED, parts=[comment], commentId=encode("comment", comment.id))


async def edit_comment(tx: Transaction, comment_id: UUID, text: str, if_version: int | None = None) -> Recorded:
    task, comment, facts = await _comment(tx, comment_id, if_version)
    edit = comment_rules.edit_comment(tx.viewer, facts, text, tx.today, tx.now)
    return await _change_comment(tx, task, comment, dict(edit), EventType.TASK_COMMENT_EDITED)


async def remove_comment(tx: Transaction, comment_id: UUID, if_version: int | None = None) -> Recorded:
    task, comment, facts = await _comment(tx, comment_id, if_version)
    edit = comment_rules.remove_comment(tx.viewer, facts, tx.today, tx.now)
    return await _change_comment(tx, task, comment, dict(edit), EventType.TASK_COMMENT_REMOVED)


# ---- how ------------------------------------------------------------------------------------------------------------


def plan_place(plan: WorkPlan) -> PlanPlace:
    return PlanPlace(
        id=plan.id,
        organisation_id=plan.organisation_id,
        status=plan.status,
        draft_of_id=plan.draft_of_id,
        archived_at=plan.archived_at,
    )


async def _place(
    tx: Transaction, work_plan_id: UUID | None, target_id: UUID | None
) -> tuple[PlanPlace | None, TargetPlace | None]:
    """The plan and target that an input names; the target's plan when only a target is named.

    The plan is held: were it submitted meanwhile, the task would stay a draft in a plan that is none.
    """
    target = None if target_id is None else await tx.get(Target, target_id, "targetId")
    plan_id = work_plan_id or (target.work_plan_id if target else None)
    plan = None if plan_id is None else await tx.hold(WorkPlan, plan_id, "workPlanId")
    return (
        None if plan is None else plan_place(plan),
        None
        if target is None
        else TargetPlace(
            id=target.id,
            work_plan_id=target.work_plan_id,
            owner_id=target.owner_id,
            archived_at=target.archived_at,
            draft_of_id=target.draft_of_id,
        ),
    )


async def _assignee(tx: Transaction, account_id: UUID | None) -> AccountInFull | None:
    return None if account_id is None else (await get_with(tx, Account, AccountInFull, account_id, "assigneeId"))[1]


async def _kelurahan(tx: Transaction, key: Key | None) -> Any:
    return None if key is None else await organisation_facts(tx, await organisation_by(tx, key, "kelurahan"))


async def _is_taken(tx: Transaction, organisation_id: UUID, external_id: str | None) -> bool:
    return external_id is not None and await has_external_id(tx, organisation_id, external_id.strip())


async def _dependencies(tx: Transaction, task: Task, ids: Sequence[UUID]) -> list[TaskDependency]:
    """A new task's: nothing can wait for it yet, so no circle can arise."""
    others = await _others(tx, ids)
    if not others:
        return []
    hidden = hidden_among(others, task.draft_of_id)
    wanted = rules.dependencies(task.id, ids, current=(), archived=(), hidden=hidden, edges={})
    return [TaskDependency(id=tx.new_id(), task_id=task.id, waits_for_id=other) for other in wanted]


async def _others(tx: Transaction, ids: Sequence[UUID]) -> list[Task]:
    """The tasks that an input's `waitsForIds` name: counted before they are looked up."""
    bounds.count(ids, bounds.DEPENDENCIES, "waitsForIds")
    return [await tx.get(Task, other, "waitsForIds", str(n)) for n, other in enumerate(ids)]


async def _comment(tx: Transaction, comment_id: UUID, if_version: int | None) -> tuple[Task, Comment, CommentFacts]:
    """The comment and its task, locked; NOT_FOUND where the task may not be seen."""
    comment = await tx.get(Comment, comment_id, "commentId")
    task = await tx.lock(Task, comment.task_id, "commentId", if_version=if_version)
    return task, *(await get_with(tx, Comment, CommentFacts, comment_id, "commentId"))


async def _change_comment(
    tx: Transaction, task: Task, comment: Comment, edit: dict[str, object], event: EventType
) -> Recorded:
    comment_id = encode("comment", comment.id)
    return await tx.change(task, {}, event, edited=[(comment, edit)], commentId=comment_id)
