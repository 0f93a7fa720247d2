"""Tasks, as the API says them. The verbs are in task_verbs.py."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from server.live.watch import watch
from server.query.declare.fields import (
    Counted,
    column,
    computed,
    json_list,
    many_to_many,
    root_list,
    root_one,
    table,
    to_many,
    to_one,
)
from server.rules import due_clocks
from server.rules.aggregates import offered_on
from server.rules.comment import COMMENT, CommentFacts
from server.rules.task import TASK, Priority, TaskFacts, TaskStatus
from server.schema.allowed_action import AllowedAction, offered
from server.schema.change import Change
from server.schema.clock import Clock, clock_of
from server.schema.connection import Connection
from server.schema.keys import OrganisationKey
from server.schema.node import Node, Subject, called_by
from server.schema.owner import KEEPER_OF_TASK, OwnerHealth, owner_health, owner_person
from server.schema.summary import IS_OVERDUE, IS_SUPPORT_WANTED

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.collaboration import Request
    from server.schema.organisation import Organisation
    from server.schema.programme import Programme
    from server.schema.target import Target
    from server.schema.work_plan import WorkPlan


@strawberry.type(description="One item of a task's checklist.")
class ChecklistItem:
    id: strawberry.ID = strawberry.field(
        description="Its id, unique across all types; no node's: an item is found in `Task.checklist`."
    )
    text: str = strawberry.field(description="What is to be done.")
    is_done: bool = strawberry.field(description="Whether it is ticked.")


@strawberry.type(description="A link that shows that something was done (bukti dukung).")
class Evidence:
    url: str = strawberry.field(description="An http or https address.")
    title: str | None = strawberry.field(description="What it shows; null when nothing was said.")


@table(
    TASK,
    search=True,
    archived="archived_at",
    order=["due_on"],
    counted=Counted("task_count", frozenset({"organisation_id", "work_plan_id", "target_id", "status", "draft_of_id"})),
    description="A piece of work (pekerjaan) of one organisation, normally in its plan.",
)
class Task(Subject):
    label: str = called_by("title")
    organisation: Organisation = to_one("organisation_id", "Whose task it is.", order=["name", "code"])
    work_plan: WorkPlan | None = to_one("work_plan_id", "The plan in which it stands; null when in none, or hidden.")
    target: Target | None = to_one("target_id", "The target that it serves; null when none, or hidden.")
    programme: Programme | None = to_one(
        "{target.programme_id}", "The programme that its target serves; null when none, or when the target is hidden."
    )
    title: str = column("What is to be done, at most 300 characters.", order=True)
    description: str | None = column(
        "More about it; null when nothing was said.", filter=False, why="long text: use search"
    )
    status: TaskStatus = column("Where it stands.", order=True, ranks=[each.name for each in TaskStatus])
    status_reason: str | None = column(
        "Why it is blocked, was cancelled or was reopened; null otherwise.", filter=False, why="long text"
    )
    priority: Priority = column("How urgent it is.", order=True, ranks=[each.name for each in Priority], scale=True)
    progress: int = column("Percent done, 0 to 100. Being at 100 does not complete it.", order=True)
    starts_on: dt.date | None = column("The day on which it should begin; null when none was set.", order=True)
    due_on: dt.date | None = column("The day by which it should be done; null when none was set.", order=True)
    is_overdue: bool = computed(IS_OVERDUE, "True while it is open and its due date lies before today.")
    due_clock: Clock | None = clock_of(
        due_clocks.TaskClockFacts, due_clocks.task_clock, "On which it is done; null without a due date."
    )
    completed_at: dt.datetime | None = column("When it was completed; null unless it is DONE.", order=True)
    assignee: Account | None = to_one("assignee_id", "Who does it; null while nobody was named.")
    owner_person: Account | None = owner_person(
        KEEPER_OF_TASK,
        "Who keeps it: `assignee`, else whoever heads the organisation today; null while nobody does.",
    )
    owner_health: OwnerHealth = owner_health(KEEPER_OF_TASK)
    kelurahan: Organisation | None = to_one("kelurahan_id", "Where it is done; null when it has no one place.")
    is_ordered: bool = column("True when the mayor's office ordered it (disposisi).")
    needs_evidence: bool = column("True when its order asks for evidence at completion; its plan may ask as well.")
    support_asked_at: dt.datetime | None = column(
        "When help was last asked of the mayor's office, also once that was answered; null where it was not, and once "
        "the task goes on or is cancelled."
    )
    is_support_wanted: bool = computed(
        IS_SUPPORT_WANTED, "True while help is asked of the mayor's office and was not answered: help is wanted."
    )
    support_note: str | None = column("What help is wanted.", filter=False, why="long text")
    support_answer: str | None = column(
        "What the mayor's office answered to that; null until it has.", filter=False, why="long text"
    )
    waits_for: list[Task] = many_to_many(
        "task_dependency",
        "task_id",
        "waits_for_id",
        "The tasks that it waits for, at most 50, as far as the viewer sees them.",
        order=["due_on"],
    )
    blocks: list[Task] = many_to_many(
        "task_dependency", "waits_for_id", "task_id", "The tasks that wait for it, at most 100.", order=["due_on"]
    )
    checklist: list[ChecklistItem] = json_list("checklist", "Its checklist, at most 100 items, in order.")
    evidence: list[Evidence] = json_list("evidence", "What shows that it was done, at most 50 links.")
    comments: Connection[Comment] = to_many("task_id", "What was said of it, the oldest first.", order=["created_at"])
    request: Request | None = to_one(
        "(SELECT x.id FROM {table:collaboration_request} x WHERE x.commitment_id = {t}.id)",
        "The request whose promise made this task; null when none did.",
    )
    requests_about: Connection[Request] = to_many(
        "task_id", "The requests about it, the oldest first.", order=["created_at"], search=True
    )
    external_id: str | None = column("Its id in another system, unique within the organisation; null when it has none.")
    archived_at: dt.datetime | None = column("When it was archived; null otherwise.")
    allowed_actions: list[AllowedAction] = offered((TaskFacts, offered_on("Task")))


@table(
    COMMENT,
    order=["created_at"],
    description="What somebody said of a task; seen with it.",
)
class Comment(Node):
    id: strawberry.ID = column("Its id, for `editComment` and `removeComment`.")
    task: Task | None = to_one("task_id", "Of what it was said.")
    author: Account = to_one("author_id", "Who said it.")
    text: str = column("What was said; empty once it was removed.", filter=False, why="long text")
    created_at: dt.datetime = column("When it was said.", order=True)
    edited_at: dt.datetime | None = column("When its author last changed it; null if never.")
    removed_at: dt.datetime | None = column("When its author removed it; null otherwise.")
    allowed_actions: list[AllowedAction] = offered((CommentFacts, offered_on("Comment")))


@strawberry.input(description="What another system calls a task of an organisation.")
class OrganisationExternalId:
    organisation: OrganisationKey = strawberry.field(description="The organisation.")
    external_id: str = strawberry.field(description="The task's `externalId`, unique within the organisation.")


@strawberry.input(one_of=True, description="A task's id, or its organisation and its id in another system.")
class TaskKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    organisation_external_id: OrganisationExternalId | None = strawberry.field(
        default=strawberry.UNSET, description="Its organisation, and its id in another system."
    )


queries = [
    root_one(
        "task",
        Task,
        "One task, archived or not; null when unknown or hidden.",
        by=TaskKey,
        keys={
            "id": "id",
            "organisationExternalId": {"organisation": "organisation", "externalId": "externalId"},
        },
        archived=["organisationExternalId"],
    ),
    root_list(
        "comments",
        Connection[Comment],
        "What was said of all tasks that the viewer may see, the latest first.",
        order=["-created_at"],
        search=False,
    ),
    root_list("tasks", Connection[Task], "All tasks that the viewer may see."),
]
subscriptions = [watch("taskChanged", Task, Change[Task], "Each change of a task that matches.")]
