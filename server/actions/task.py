"""Verbs on tasks: how one goes from planned to done. What it says is changed in task_content.py."""

from __future__ import annotations

from uuid import UUID

from server.actions.facts import lock_with, read_facts
from server.actions.hand import Hand
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Task, WorkPlan
from server.rules import bounds, task_support
from server.rules import task_moves as moves
from server.rules.event import EventType
from server.rules.task_content import TaskInFull
from server.rules.work_plan import WorkPlanStatus


async def take(tx: Hand, task_id: UUID, if_version: int | None) -> tuple[Task, TaskInFull]:
    """The task, locked, with what its rules need. Refuses NOT_FOUND and STALE_VERSION."""
    return await lock_with(tx, Task, TaskInFull, task_id, "taskId", if_version=if_version)


async def take_with_plan(tx: Transaction, task_id: UUID, if_version: int | None) -> tuple[Task, TaskInFull]:
    """As `take`, its plan held: whoever closes the plan comes before or after, and is seen.

    A row that stands beside a locked one is seen as it was before the wait; what may only be done in an open plan, or
    leaves one, must not rest on that.
    """
    await tx.turn_in_plan(Task, task_id)
    task = await tx.lock(Task, task_id, "taskId", if_version=if_version)
    if task.work_plan_id is not None:
        await tx.hold(WorkPlan, task.work_plan_id, "taskId")
    return task, await read_facts(tx, TaskInFull, task)


async def start_task(tx: Hand, task_id: UUID, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    return await tx.change(task, moves.start_task(tx.viewer, facts, tx.today), EventType.TASK_STARTED)


async def report_progress(
    tx: Hand, task_id: UUID, progress: int, note: str | None = None, if_version: int | None = None
) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = moves.report_progress(tx.viewer, facts, progress, tx.today)
    return await tx.change(task, change, EventType.TASK_PROGRESS_REPORTED, progress=progress, note=_note(note))


async def block_task(tx: Hand, task_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = moves.block_task(tx.viewer, facts, reason, tx.today)
    return await tx.change(task, change, EventType.TASK_BLOCKED, reason=change["status_reason"])


async def unblock_task(tx: Hand, task_id: UUID, note: str | None = None, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = moves.unblock_task(tx.viewer, facts, tx.today)
    return await tx.change(task, change, EventType.TASK_UNBLOCKED, note=_note(note))


async def ask_for_support(tx: Hand, task_id: UUID, note: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = task_support.ask_for_support(tx.viewer, facts, note, tx.today, tx.now)
    return await tx.change(task, change, EventType.TASK_SUPPORT_ASKED, note=change["support_note"])


async def answer_support(tx: Transaction, task_id: UUID, answer: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = task_support.answer_support(tx.viewer, facts, answer, tx.today)
    return await tx.change(task, change, EventType.TASK_SUPPORT_ANSWERED, note=change["support_answer"])


async def complete_task(
    tx: Transaction, task_id: UUID, note: str | None = None, if_version: int | None = None
) -> Recorded:
    task, facts = await take_with_plan(tx, task_id, if_version)
    change = moves.complete_task(tx.viewer, facts, tx.today, tx.now)
    return await tx.change(task, change, EventType.TASK_COMPLETED, note=_note(note))


async def cancel_task(tx: Transaction, task_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    change = moves.cancel_task(tx.viewer, facts, reason, tx.today)
    return await tx.change(task, change, EventType.TASK_CANCELLED, reason=change["status_reason"])


async def reopen_task(tx: Transaction, task_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    task, facts = await take_with_plan(tx, task_id, if_version)
    next_plan_id = await next_approved_plan(tx, task) if facts.plan_status is WorkPlanStatus.CLOSED else None
    change = moves.reopen_task(tx.viewer, facts, reason, next_plan_id, tx.today)
    return await tx.change(task, change, EventType.TASK_REOPENED, reason=change["status_reason"])


async def archive_task(tx: Transaction, task_id: UUID, if_version: int | None = None) -> Recorded:
    task, facts = await take(tx, task_id, if_version)
    return await tx.change(task, moves.archive_task(tx.viewer, facts, tx.today, tx.now), EventType.TASK_ARCHIVED)


async def restore_task(tx: Transaction, task_id: UUID, if_version: int | None = None) -> Recorded:
    task, facts = await take_with_plan(tx, task_id, if_version)
    return await tx.change(task, moves.restore_task(tx.viewer, facts, tx.today), EventType.TASK_RESTORED)


def _note(note: str | None) -> str | None:
    """What the caller adds to a verb; it stands in the event."""
    return bounds.optional_text(note, bounds.TEXT, "note")


# ---- in the wake of other verbs, by the system (background/react.py) ------------------------------------------------


async def carry_over_task(tx: Transaction, task_id: UUID, closing: Recorded) -> Recorded:
    """Out of a plan that was closed, into its organisation's next approved plan or none until that is approved."""
    task = await tx.lock(Task, task_id)
    change = moves.carry_over(await next_approved_plan(tx, task))
    reason = closing.facts.get("reason")
    return await tx.change(task, change, EventType.TASK_CARRIED_OVER, in_wake_of=closing, reason=reason)


async def join_plan(tx: Transaction, task_id: UUID, plan: WorkPlan) -> Recorded:
    """A task that stood in no plan because its plan was not approved yet joins it."""
    task = await tx.lock(Task, task_id)
    return await tx.change(task, {"work_plan_id": plan.id}, EventType.TASK_CARRIED_OVER)


async def cancel_with_plan(tx: Transaction, task_id: UUID, closing: Recorded) -> Recorded:
    """Cancelled as whoever closed its plan said."""
    task = await tx.lock(Task, task_id)
    reason = closing.facts.get("reason") or closing.facts["label"]
    change = moves.cancelled(reason)
    return await tx.change(task, change, EventType.TASK_CANCELLED, in_wake_of=closing, reason=reason)


async def pass_on_task(tx: Transaction, task_id: UUID, successor_id: UUID) -> Recorded:
    """To the organisation that takes over from one that ended; plan and assignee stay behind."""
    task = await tx.lock(Task, task_id)
    change = {**moves.passed_on(task.draft_of_id, successor_id), "assignee_id": None}
    if task.external_id is not None and await has_external_id(tx, successor_id, task.external_id):
        change["external_id"] = None  # the successor's own task keeps it; the event tells what it was
    return await tx.change(task, change, EventType.TASK_PASSED_ON)


async def has_external_id(tx: Transaction, organisation_id: UUID, external_id: str) -> bool:
    """Whether a task of this organisation bears that id of another system."""
    return tx.is_taken_by(await tx.find(Task, organisation_id=organisation_id, external_id=external_id))


async def next_approved_plan(tx: Transaction, task: Task) -> UUID | None:
    """The approved plan of the task's organisation for a year after that of its present plan, if there is one."""
    present = None if task.work_plan_id is None else await tx.find(WorkPlan, id=task.work_plan_id)
    plans = await tx.select(
        WorkPlan,
        organisation_id=task.organisation_id,
        status=WorkPlanStatus.APPROVED,
        archived_at=None,
        order_by=("year",),
    )
    later = (plan.id for plan in plans if present is None or plan.year > present.year)
    return next(later, None)
