"""The verbs on many tasks at once. What they do is in actions/task_bulk.py."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import task_bulk as actions
from server.query.declare.fields import by_id
from server.rules.bulk import BulkMode
from server.rules.task import Priority
from server.schema.bulk import MODE, ROWS, BulkPayload, RowResult
from server.schema.keys import OrganisationKey
from server.schema.mutation import command, field, verb
from server.schema.task_verbs import CreateTasksRow

if TYPE_CHECKING:
    from server.schema.task import Task


@strawberry.type(description="What became of a row that is about a task.")
class TaskRow(RowResult):
    task_id: strawberry.Private[UUID | None] = None
    task: Task | None = by_id("The task as it is now; null when the row was refused.", in_list=True)


@strawberry.type(description="Tasks after a verb on many of them.")
class TaskRowsPayload(BulkPayload):
    object = "task"
    row = TaskRow
    task_id: strawberry.Private[UUID | None] = None
    results: list[TaskRow] | None = field(
        "What became of each row, in the order of the input; null when the call was refused as a whole.", default=None
    )


@strawberry.input(description="A task as another system knows it. What is left out stays as it is; null clears.")
class UpsertTasksRow:
    organisation: OrganisationKey = field("Whose task it is: an organisation that the caller works for.")
    external_id: str = field("Its id in another system, by which it is found; 1 to 200 characters.")
    title: str = field("What is to be done, 1 to 300 characters.")
    description: str | None = field("More about it, at most 10,000 characters.", default=strawberry.UNSET)
    priority: Priority | None = field(
        "How urgent it is; NORMAL for a new one; cannot be cleared.", default=strawberry.UNSET
    )
    starts_on: dt.date | None = field("The day on which it should begin.", default=strawberry.UNSET)
    due_on: dt.date | None = field("The day by which it should be done.", default=strawberry.UNSET)
    kelurahan: OrganisationKey | None = field("Where it is done: a kelurahan.", default=strawberry.UNSET)
    assignee_id: strawberry.ID | None = field(
        "Who does it: an active account of the organisation.", default=strawberry.UNSET
    )
    work_plan_id: strawberry.ID | None = field(
        "The plan in which it stands. It is one place with `targetId`, as in `moveTask`: whoever names one of them and "
        "leaves out the other means none there, or the target's plan.",
        default=strawberry.UNSET,
    )
    target_id: strawberry.ID | None = field("The target that it serves.", default=strawberry.UNSET)
    progress: int | None = field(
        "Percent done, 0 to 100; it may go down, and 100 does not complete it; 0 for a new one; cannot be cleared.",
        default=strawberry.UNSET,
    )


@command("New tasks.", versioned=False)
class CreateTasksInput:
    rows: list[CreateTasksRow] = field(ROWS)
    mode: BulkMode = MODE


@command("Tasks as another system knows them.", versioned=False)
class UpsertTasksInput:
    rows: list[UpsertTasksRow] = field(ROWS)
    mode: BulkMode = MODE


mutations = [
    verb(actions.create_tasks, CreateTasksInput, TaskRowsPayload, "Make many tasks, each as by `createTask`."),
    verb(
        actions.upsert_tasks,
        UpsertTasksInput,
        TaskRowsPayload,
        "Make or change many tasks by their `externalId`: as by `createTask`, `updateTask`, `moveTask`, "
        "`assignTask` and `reportProgress`. A row that says what is so already changes nothing, in whatever state "
        "the task is.",
    ),
]
