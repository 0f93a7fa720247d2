"""How a task goes from planned to done: what each move changes. Who may make it, and in which state, is in task.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.task import (
    TASK,
    TaskChange,
    TaskFacts,
    TaskStatus,
    may_archive,
    may_complete,
    may_reopen,
    may_restore,
)
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus

NO_SUPPORT: Final[TaskChange] = {"support_asked_at": None, "support_note": None, "support_answer": None}


def start_task(viewer: Viewer, task: TaskFacts, today: date) -> TaskChange:
    TASK.ask("startTask", viewer, task, today)
    return {"status": TaskStatus.IN_PROGRESS}


def report_progress(viewer: Viewer, task: TaskFacts, progress: int, today: date) -> TaskChange:
    """`progress` in percent, 0 to 100, up or down. The first report above 0 starts a task; 100 does not end it."""
    TASK.ask("reportProgress", viewer, task, today)
    bounds.progress(progress, "progress")
    change: TaskChange = {"progress": progress}
    if progress > 0:
        status = lifecycle.move(lifecycle.TASK, task.status, "reportProgress")
        if status is not task.status:
            change["status"] = status
    return change


def block_task(viewer: Viewer, task: TaskFacts, reason: str | None, today: date) -> TaskChange:
    TASK.ask("blockTask", viewer, task, today)
    return {"status": TaskStatus.BLOCKED, "status_reason": bounds.text(reason, bounds.TEXT, "reason")}


def unblock_task(viewer: Viewer, task: TaskFacts, today: date) -> TaskChange:
    TASK.ask("unblockTask", viewer, task, today)
    return {"status": TaskStatus.IN_PROGRESS, "status_reason": None, **NO_SUPPORT}


def complete_task(viewer: Viewer, task: TaskFacts, today: date, now: datetime) -> TaskChange:
    may_complete(viewer, task, today)
    return {"status": TaskStatus.DONE, "status_reason": None, "completed_at": now}


def cancel_task(viewer: Viewer, task: TaskFacts, reason: str | None, today: date) -> TaskChange:
    TASK.ask("cancelTask", viewer, task, today)
    return cancelled(bounds.text(reason, bounds.TEXT, "reason"))


def cancelled(reason: str) -> TaskChange:
    """What cancelling changes, by whoever may: also a plan that closes does it."""
    return {"status": TaskStatus.CANCELLED, "status_reason": reason, **NO_SUPPORT}


def reopen_task(
    viewer: Viewer, task: TaskFacts, reason: str | None, next_plan_id: UUID | None, today: date
) -> TaskChange:
    """Back to work. From a closed plan into `next_plan_id`, the organisation's next approved plan, or into none."""
    may_reopen(viewer, task, today)
    return reopened(task, bounds.text(reason, bounds.TEXT, "reason"), next_plan_id)


def reopened(task: TaskFacts, reason: str, next_plan_id: UUID | None) -> TaskChange:
    """What reopening changes, by whoever may: also a delivery that is taken up again does it."""
    change: TaskChange = {"status": TaskStatus.IN_PROGRESS, "status_reason": reason, "completed_at": None}
    if task.plan_status is WorkPlanStatus.CLOSED:
        change |= carry_over(next_plan_id)
    return change


def carry_over(next_plan_id: UUID | None) -> TaskChange:
    """Out of a plan that closes: a target belongs to its plan's year and stays behind."""
    return {"work_plan_id": next_plan_id, "target_id": None}


def passed_on(draft_of_id: UUID | None, successor_id: UUID) -> TaskChange:
    """To the organisation that follows the one that ended; what was an inner draft is now the successor's."""
    return {"organisation_id": successor_id, "draft_of_id": None if draft_of_id is None else successor_id}


def archive_task(viewer: Viewer, task: TaskFacts, today: date, now: datetime) -> TaskChange:
    may_archive(viewer, task, today)
    return {"archived_at": now}


def restore_task(viewer: Viewer, task: TaskFacts, today: date) -> TaskChange:
    may_restore(viewer, task, today)
    return {"archived_at": None}
