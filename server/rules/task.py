"""What may be done with a task (pekerjaan), and how it goes from planned to done.

What a task says (title, target, checklist, comments …) is in task_content.py; here is who may do what in which state.
`may_…` refuses whatever the input's values; the verb's own function asks it first and returns the columns that change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.event import EventType
from server.rules.evidence import Evidence as Evidence
from server.rules.fact import at, rows_of
from server.rules.organisation import OrganisationEnd, OrganisationFacts, must_not_have_ended
from server.rules.permission import must_act_for_mayor, must_be_in_scope, must_work_for
from server.rules.refusal import Code, Refused
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import DRAFTS
from server.rules.work_plan import IS_COMMITMENT, WorkPlanStatus


class TaskStatus(StrEnum):
    """Where a task stands."""

    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    BLOCKED = "BLOCKED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class Priority(StrEnum):
    """How urgent a task is; ordered LOW, NORMAL, HIGH, URGENT."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


OPEN = frozenset({TaskStatus.PLANNED, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED})


def counts_as_overdue(status: TaskStatus, due_on: date | None, today: date) -> bool:
    """Whether it is late on this day; recorded on the task, because what is counted cannot follow the clock."""
    return status in OPEN and due_on is not None and due_on < today


class ChecklistItem(TypedDict):
    """One line of the checklist, as stored."""

    id: str
    text: str
    isDone: bool


@rows_of("task")
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What the rules need to know of a task: its columns, its plan's (None without a plan) and its organisation's end.

    `is_commitment`: a collaboration request became this task and was not withdrawn (its status, whatever else it is).
    """

    id: UUID
    organisation_id: UUID
    status: TaskStatus
    progress: int
    is_ordered: bool
    needs_evidence: bool
    support_asked_at: datetime | None
    support_answer: str | None = None
    draft_of_id: UUID | None = None
    archived_at: datetime | None
    checklist: Sequence[ChecklistItem]
    evidence: Sequence[Evidence]
    plan_status: WorkPlanStatus | None = field(metadata=at("work_plan.status"))
    plan_needs_evidence: bool = field(metadata=at("work_plan.needs_evidence"))
    plan_archived_at: datetime | None = field(default=None, metadata=at("work_plan.archived_at"))
    organisation: OrganisationEnd = field(metadata=at("organisation"))
    is_commitment: bool = field(default=False, metadata=at(IS_COMMITMENT))

    @property
    def is_support_wanted(self) -> bool:
        return self.support_asked_at is not None and self.support_answer is None


class TaskChange(TypedDict, total=False):
    """The columns that a verb changes, or for a new task those that differ from the table's defaults."""

    organisation_id: UUID
    work_plan_id: UUID | None
    target_id: UUID | None
    title: str
    description: str | None
    status: TaskStatus
    status_reason: str | None
    priority: Priority
    progress: int
    starts_on: date | None
    due_on: date | None
    completed_at: datetime | None
    assignee_id: UUID | None
    kelurahan_id: UUID | None
    is_ordered: bool
    needs_evidence: bool
    support_asked_at: datetime | None
    support_note: str | None
    support_answer: str | None
    checklist: list[ChecklistItem]
    evidence: list[Evidence]
    external_id: str | None
    draft_of_id: UUID | None
    archived_at: datetime | None


# ---- who may do what, and when --------------------------------------------------------------------------------------


def may_create_task(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    """Head and staff, for their own organisation, as long as it exists."""
    must_work_for(viewer, organisation.id)
    must_not_have_ended(organisation, today)


def may_order_task(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    """The mayor's office, in any organisation (disposisi)."""
    must_act_for_mayor(viewer)
    must_not_have_ended(organisation, today)


def may_work(verb: str, viewer: Viewer, task: TaskFacts, today: date) -> None:
    """Head and staff of the task's organisation, in the states that the lifecycle names, until the plan is closed."""
    _must_work_on(viewer, task)
    _must_be_workable(verb, task)


def may_steer(verb: str, viewer: Viewer, task: TaskFacts, today: date) -> None:
    """As `may_work`; and of an ordered task the mayor's office too, which ordered it."""
    if not (task.is_ordered and viewer.acts_for_mayor):
        _must_work_on(viewer, task)
    _must_be_workable(verb, task)


def may_dispose(verb: str, viewer: Viewer, task: TaskFacts, today: date) -> None:
    """As `may_work`; but of an ordered task only the mayor's office: an order is not laid aside by whoever got it. A
    commitment is laid aside by nobody: what was promised to another changes through its request.
    """
    _must_dispose(viewer, task)
    _must_be_workable(verb, task)


def may_complete(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """At 100 %, and with evidence where the plan or an order asks for it."""
    may_work("completeTask", viewer, task, today)
    if task.progress < 100:
        raise Refused(Code.NOT_COMPLETE, progress=task.progress)
    if (task.needs_evidence or task.plan_needs_evidence) and not task.evidence:
        raise Refused(Code.EVIDENCE_NEEDED)


def may_reopen(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """In a closed plan too: the task is then carried over at once. Not in an organisation that has ended.

    An order by the mayor's office alone. A commitment reopens through its request, when the delivery is taken up again.
    """
    _must_dispose(viewer, task)
    _must_not_be_archived(task)
    must_not_have_ended(task.organisation, today)
    lifecycle.move(lifecycle.TASK, task.status, "reopenTask")


def may_add_checklist_item(viewer: Viewer, task: TaskFacts, today: date) -> None:
    may_work("addChecklistItem", viewer, task, today)
    if len(task.checklist) >= bounds.CHECKLIST:
        raise Refused(Code.LIMIT_REACHED, limit=bounds.CHECKLIST)


def may_change_checklist(verb: str, viewer: Viewer, task: TaskFacts, today: date) -> None:
    """Ticking and removing need an item."""
    may_work(verb, viewer, task, today)
    if not task.checklist:
        raise Refused(Code.NOT_FOUND, "itemId")


def may_add_evidence(viewer: Viewer, task: TaskFacts, today: date) -> None:
    may_work("addEvidence", viewer, task, today)
    if len(task.evidence) >= bounds.EVIDENCE:
        raise Refused(Code.LIMIT_REACHED, limit=bounds.EVIDENCE)


def may_ask_for_support(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """Raised to the mayor's office while BLOCKED, again once it has answered; shown as help wanted, never as a case."""
    _must_work_on(viewer, task)
    _must_be_in_open_plan(task)
    if task.status is not TaskStatus.BLOCKED:
        raise Refused(Code.NOT_BLOCKED, status=task.status)
    if task.is_support_wanted:
        raise Refused(Code.ALREADY_ASKED)


def may_answer_support(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """The mayor's office, once for each time that its support was asked for."""
    must_act_for_mayor(viewer)
    _must_be_workable("answerSupport", task)
    if not task.is_support_wanted:
        raise Refused(Code.SUPPORT_NOT_ASKED)


def may_comment(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """Anybody who is signed in, in every state, also once the plan is closed."""
    _must_not_be_archived(task)


def may_archive(viewer: Viewer, task: TaskFacts, today: date) -> None:
    """What others have seen leaves their lists only once it is done or cancelled."""
    _must_dispose(viewer, task)
    _must_be_in_open_plan(task)
    if task.draft_of_id is None and task.status in OPEN:
        raise Refused(Code.TASK_OPEN, status=task.status)


def may_restore(viewer: Viewer, task: TaskFacts, today: date) -> None:
    _must_dispose(viewer, task)
    if task.archived_at is None:
        raise Refused(Code.NOT_ARCHIVED)
    must_not_have_ended(task.organisation, today)
    _must_have_open_plan(task)


UPSERTING: Final = (
    *(EventType.TASK_CREATED, EventType.TASK_UPDATED, EventType.TASK_MOVED, EventType.TASK_ASSIGNED),
    EventType.TASK_PROGRESS_REPORTED,
)
_TASKS = (TokenScope.TASKS_WRITE,)
_TASKS_OR_COMMITMENTS = (TokenScope.TASKS_WRITE, TokenScope.REQUESTS_WRITE)
TASK: Final = Aggregate[TaskFacts](
    name="Task",
    table="task",
    prefix="task",
    visibility=DRAFTS,
    called=("commitment", "waits_for", "about"),
    states=TaskStatus,
    moves=lifecycle.TASK,
    verbs={
        "updateTask": Verb(may_steer, EventType.TASK_UPDATED, scopes=_TASKS),
        "assignTask": Verb(may_work, EventType.TASK_ASSIGNED, scopes=_TASKS),
        "startTask": Verb(may_work, EventType.TASK_STARTED, scopes=_TASKS),
        "reportProgress": Verb(may_work, EventType.TASK_PROGRESS_REPORTED, scopes=_TASKS_OR_COMMITMENTS),
        "blockTask": Verb(may_work, EventType.TASK_BLOCKED, scopes=_TASKS),
        "unblockTask": Verb(may_work, EventType.TASK_UNBLOCKED, scopes=_TASKS),
        "askForSupport": Verb(may_ask_for_support, EventType.TASK_SUPPORT_ASKED),
        "answerSupport": Verb(may_answer_support, EventType.TASK_SUPPORT_ANSWERED),
        "completeTask": Verb(may_complete, EventType.TASK_COMPLETED, scopes=_TASKS),
        "reopenTask": Verb(may_reopen, EventType.TASK_REOPENED, scopes=_TASKS),
        "cancelTask": Verb(may_dispose, EventType.TASK_CANCELLED, scopes=_TASKS),
        "moveTask": Verb(may_dispose, EventType.TASK_MOVED, scopes=_TASKS),
        "setTaskDependencies": Verb(may_work, EventType.TASK_DEPENDENCIES_SET, scopes=_TASKS),
        "addChecklistItem": Verb(may_add_checklist_item, EventType.TASK_CHECKLIST_ITEM_ADDED, scopes=_TASKS),
        "tickChecklistItem": Verb(may_change_checklist, EventType.TASK_CHECKLIST_ITEM_TICKED, scopes=_TASKS),
        "removeChecklistItem": Verb(may_change_checklist, EventType.TASK_CHECKLIST_ITEM_REMOVED, scopes=_TASKS),
        "addEvidence": Verb(may_add_evidence, EventType.TASK_EVIDENCE_ADDED, scopes=_TASKS_OR_COMMITMENTS),
        "commentOnTask": Verb(may_comment, EventType.TASK_COMMENTED, scopes=_TASKS),
        "archiveTask": Verb(may_archive, EventType.TASK_ARCHIVED, scopes=_TASKS),
        "restoreTask": Verb(may_restore, EventType.TASK_RESTORED, scopes=_TASKS),
    },
    offered={
        "Organisation": {
            "createTask": Verb(may_create_task, EventType.TASK_CREATED, scopes=_TASKS),
            "orderTask": Verb(may_order_task, EventType.TASK_ORDERED),
        },
    },
    many={
        "createTasks": Verb(may_create_task, EventType.TASK_CREATED, UPSERTING[:1], scopes=_TASKS),
        "upsertTasks": Verb(may_create_task, EventType.TASK_CREATED, UPSERTING, scopes=_TASKS),
    },
    of_itself=(EventType.TASK_CARRIED_OVER, EventType.TASK_PASSED_ON, EventType.TASK_OVERDUE, EventType.TASK_REMINDED),
)
CHECKLIST_ITEM: Final = Part[None](name="ChecklistItem", prefix="item", called=("item",))


def _must_work_on(viewer: Viewer, task: TaskFacts) -> None:
    """The organisation's head or its staff; a token of theirs that is for tasks, or of a commitment for requests."""
    must_work_for(viewer, task.organisation_id)
    must_be_in_scope(viewer, (TokenScope.REQUESTS_WRITE if task.is_commitment else TokenScope.TASKS_WRITE,))


def _must_dispose(viewer: Viewer, task: TaskFacts) -> None:
    if not task.is_ordered:
        _must_work_on(viewer, task)
    elif not viewer.acts_for_mayor:
        _must_work_on(viewer, task)
        raise Refused(Code.ORDERED_TASK)
    if task.is_commitment:
        raise Refused(Code.COMMITMENT)


def _must_be_workable(verb: str, task: TaskFacts) -> None:
    _must_be_in_open_plan(task)
    lifecycle.move(lifecycle.TASK, task.status, verb)


def _must_be_in_open_plan(task: TaskFacts) -> None:
    _must_not_be_archived(task)
    _must_have_open_plan(task)


def _must_not_be_archived(task: TaskFacts) -> None:
    if task.archived_at is not None:
        raise Refused(Code.ARCHIVED)


def _must_have_open_plan(task: TaskFacts) -> None:
    if task.plan_archived_at is not None:
        raise Refused(Code.ARCHIVED)
    if task.plan_status is WorkPlanStatus.CLOSED:
        raise Refused(Code.PLAN_NOT_OPEN)
