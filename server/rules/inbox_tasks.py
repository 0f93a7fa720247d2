"""Of tasks what waits for whoever does them, and for the mayor's office; as inbox.py says it of all else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from server.rules.inbox import InboxKind, Waiting
from server.rules.refusal import refused
from server.rules.task import OPEN, TASK, TaskFacts, TaskStatus, counts_as_overdue, may_answer_support
from server.rules.task_content import TaskInFull
from server.rules.viewer import Viewer
from server.rules.workdays import Calendar, end_of_day

# A task comes into the inbox so many days before it is due.
TASK_AHEAD = timedelta(7)


class WaitingTask(Protocol):
    """As much of a task as says for whom it waits."""

    @property
    def id(self) -> UUID: ...
    @property
    def organisation_id(self) -> UUID: ...
    @property
    def assignee_id(self) -> UUID | None: ...
    @property
    def status(self) -> TaskStatus: ...
    @property
    def progress(self) -> int: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def archived_at(self) -> datetime | None: ...


def of_task(
    viewer: Viewer, task: WaitingTask, calendar: Calendar, today: date, has_left: bool = False
) -> Iterator[Waiting]:
    """A task that is due within a week, or overdue, waits for its assignee; for the head where there is none.

    `has_left`: whoever is assigned may not do it any more, and might as well not be named.
    """
    if task.status not in OPEN or task.archived_at is not None or task.due_on is None:
        return
    if task.assignee_id is None or has_left:
        is_own = viewer.is_head_of(task.organisation_id)
    else:
        is_own = task.assignee_id == viewer.account_id and viewer.works_for(task.organisation_id)
    if is_own and task.due_on <= today + TASK_AHEAD:
        yield Waiting(
            kind=InboxKind.TASK_DUE,
            subject_id=task.id,
            verb="completeTask" if task.progress == 100 else "reportProgress",
            due_at=end_of_day(task.due_on, calendar),
        )


def of_help_wanted(viewer: Viewer, task: TaskFacts, today: date) -> Iterator[Waiting]:
    """A blocked task that asks for support waits for the mayor's office to answer."""
    if refused(may_answer_support, viewer, task, today) is None:
        yield Waiting(kind=InboxKind.HELP_WANTED, subject_id=task.id, verb="answerSupport")


def of_order(viewer: Viewer, task: TaskInFull, calendar: Calendar, today: date) -> Iterator[Waiting]:
    """What the mayor's office ordered and is overdue: it gives another day, or cancels it, till it is done."""
    if not task.is_ordered or not counts_as_overdue(task.status, task.due_on, today) or not viewer.acts_for_mayor:
        return
    assert task.due_on is not None
    if refused(TASK.rules["updateTask"], viewer, task, today) is None:
        due_at = end_of_day(task.due_on, calendar)
        yield Waiting(kind=InboxKind.ORDER_OVERDUE, subject_id=task.id, verb="updateTask", due_at=due_at)
