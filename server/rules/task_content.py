"""What a task says: text, place in plan and target, assignee, order, what it waits for, checklist, evidence.

Input fields are named in refusals as the API names them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds
from server.rules.account import AccountInFull
from server.rules.change import changed
from server.rules.evidence import evidence as evidence
from server.rules.external_id import free
from server.rules.fact import rows_of
from server.rules.organisation import OrganisationFacts, OrganisationKind
from server.rules.refusal import Code, Refused
from server.rules.task import (
    TASK,
    ChecklistItem,
    Priority,
    TaskChange,
    TaskFacts,
    TaskStatus,
    may_create_task,
    may_order_task,
)
from server.rules.task_waits import chain
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus


@rows_of("task")
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInFull(TaskFacts):
    """With the columns that a verb compares with its input."""

    title: str
    description: str | None = None
    priority: Priority = Priority.NORMAL
    starts_on: date | None = None
    due_on: date | None = None
    external_id: str | None = None
    work_plan_id: UUID | None = None
    target_id: UUID | None = None
    assignee_id: UUID | None = None
    kelurahan_id: UUID | None = None


# What an order says, by column and input field: the mayor's office wrote it, whoever got it does the work.
ORDER: Final = {
    "title": "title",
    "description": "description",
    "due_on": "dueOn",
    "priority": "priority",
    "needs_evidence": "needsEvidence",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPlace:
    """A plan in which a task may stand."""

    id: UUID
    organisation_id: UUID
    status: WorkPlanStatus
    draft_of_id: UUID | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlace:
    """A target that a task may serve."""

    id: UUID
    work_plan_id: UUID
    owner_id: UUID
    archived_at: datetime | None = None
    draft_of_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What the caller says of a new task."""

    title: str | None
    description: str | None = None
    priority: Priority = Priority.NORMAL
    starts_on: date | None = None
    due_on: date | None = None
    external_id: str | None = None
    checklist: Sequence[str] = ()


class TaskPatch(TypedDict, total=False):
    """What `updateTask` may change: absent means unchanged, None means clear."""

    title: str | None
    description: str | None
    priority: Priority
    needs_evidence: bool
    starts_on: date | None
    due_on: date | None
    external_id: str | None
    kelurahan_id: UUID | None


def create_task(
    viewer: Viewer,
    organisation: OrganisationFacts,
    new: NewTask,
    today: date,
    *,
    plan: PlanPlace | None = None,
    target: TargetPlace | None = None,
    assignee: AccountInFull | None = None,
    kelurahan: OrganisationFacts | None = None,
    is_external_id_taken: bool = False,
    new_item_id: Callable[[], str],
) -> TaskChange:
    """A PLANNED task. `plan` is the one named, or the target's when only a target is."""
    may_create_task(viewer, organisation, today)
    columns = _written(organisation, new, kelurahan, is_external_id_taken, new_item_id)
    columns |= _placed(organisation.id, plan, target)
    if plan is not None:
        columns["draft_of_id"] = plan.draft_of_id
    if assignee is not None:
        assignee.must_work_for(organisation.id, "assigneeId")
        columns["assignee_id"] = assignee.id
    return columns


def order_task(
    viewer: Viewer,
    organisation: OrganisationFacts,
    new: NewTask,
    needs_evidence: bool,
    today: date,
    *,
    plan: PlanPlace | None = None,
    kelurahan: OrganisationFacts | None = None,
    is_external_id_taken: bool = False,
    new_item_id: Callable[[], str],
) -> TaskChange:
    """A task ordered by the mayor's office: due on a day, in the organisation's approved plan or in none."""
    may_order_task(viewer, organisation, today)
    bounds.day(new.due_on, "dueOn", earliest=today)
    columns = _written(organisation, new, kelurahan, is_external_id_taken, new_item_id)
    if plan is not None and plan.status is WorkPlanStatus.APPROVED:
        columns |= _placed(organisation.id, plan, None)
    return columns | {"is_ordered": True, "needs_evidence": needs_evidence}


def _written(
    organisation: OrganisationFacts,
    new: NewTask,
    kelurahan: OrganisationFacts | None,
    is_external_id_taken: bool,
    new_item_id: Callable[[], str],
) -> TaskChange:
    bounds.count(new.checklist, bounds.CHECKLIST, "checklist")
    texts = [bounds.text(text, bounds.TITLE, "checklist", str(n)) for n, text in enumerate(new.checklist)]
    columns: TaskChange = {
        "organisation_id": organisation.id,
        "title": bounds.text(new.title, bounds.TITLE, "title"),
        "description": bounds.optional_text(new.description, bounds.TEXT, "description"),
        "status": TaskStatus.PLANNED,
        "priority": new.priority,
        "starts_on": bounds.optional_day(new.starts_on, "startsOn"),
        "due_on": bounds.optional_day(new.due_on, "dueOn"),
        "external_id": free(new.external_id, is_external_id_taken),
        "checklist": [ChecklistItem(id=new_item_id(), text=text, isDone=False) for text in texts],
    }
    _must_end_after_start(new.starts_on, new.due_on)
    if kelurahan is not None:
        columns["kelurahan_id"] = _must_be_kelurahan(kelurahan)
    return columns


def update_task(
    viewer: Viewer,
    task: TaskInFull,
    patch: TaskPatch,
    today: date,
    *,
    kelurahan: OrganisationFacts | None = None,
    is_external_id_taken: bool = False,
) -> TaskChange:
    """`kelurahan` stands behind the patch's `kelurahan_id`; `is_external_id_taken`: by another task.

    A commitment's day is the agreed one: it changes when both sides agree on a new date. What an order says changes by
    the mayor's office alone.
    """
    TASK.ask("updateTask", viewer, task, today)
    columns = _spelled(patch)
    if "priority" in patch:
        bounds.given(patch["priority"], "priority")
    if "needs_evidence" in patch:
        asked = bounds.given(patch["needs_evidence"], "needsEvidence")
        if not task.is_ordered and asked is not task.needs_evidence:
            raise Refused(Code.NOT_ORDERED, "needsEvidence")
    if "external_id" in patch:
        columns["external_id"] = free(patch["external_id"], is_external_id_taken)
    bounds.optional_day(patch.get("starts_on"), "startsOn")
    bounds.optional_day(patch.get("due_on"), "dueOn")
    if task.is_commitment and patch.get("due_on", task.due_on) != task.due_on:
        raise Refused(Code.COMMITMENT, "dueOn")
    if task.is_ordered and patch.get("due_on", task.due_on) != task.due_on:
        bounds.day(patch["due_on"], "dueOn")
    if task.is_ordered and not viewer.acts_for_mayor:
        for column, field in ORDER.items():
            if columns.get(column, getattr(task, column)) != getattr(task, column):
                raise Refused(Code.ORDERED_TASK, field)
    _must_end_after_start(patch.get("starts_on", task.starts_on), patch.get("due_on", task.due_on))
    if kelurahan is not None:
        _must_be_kelurahan(kelurahan)
    return cast(TaskChange, changed(task, columns))


def says(task: Mapping[str, object], patch: TaskPatch) -> bool:
    """Whether the task (its columns) says all of this patch already. Refuses texts that none can say."""
    return all(task[name] == value for name, value in _spelled(patch).items())


def _spelled(patch: TaskPatch) -> TaskChange:
    """The patch with its texts as they are kept."""
    columns = cast(TaskChange, dict(patch))
    if "title" in patch:
        columns["title"] = bounds.text(patch["title"], bounds.TITLE, "title")
    if "description" in patch:
        columns["description"] = bounds.optional_text(patch["description"], bounds.TEXT, "description")
    return columns


def assign_task(viewer: Viewer, task: TaskInFull, assignee: AccountInFull | None, today: date) -> TaskChange:
    """To an active account of the task's organisation, or to nobody."""
    TASK.ask("assignTask", viewer, task, today)
    change = changed(task, {"assignee_id": None if assignee is None else assignee.id})
    if assignee is not None:
        assignee.must_work_for(task.organisation_id, "assigneeId")
    return cast(TaskChange, change)


def move_task(
    viewer: Viewer, task: TaskInFull, plan: PlanPlace | None, target: TargetPlace | None, today: date
) -> TaskChange:
    """To another target or plan of its organisation, or to none. In a draft it is seen like the draft.

    What has once stood outside a draft is not moved into one.
    """
    TASK.ask("moveTask", viewer, task, today)
    place = None if plan is None else plan.id, None if target is None else target.id
    if place == (task.work_plan_id, task.target_id):
        raise Refused(Code.NOTHING_TO_CHANGE)
    columns = _placed(task.organisation_id, plan, target)
    if task.draft_of_id is None and plan is not None and plan.draft_of_id is not None:
        raise Refused(Code.ALREADY_PUBLIC, "workPlanId" if target is None else "targetId")
    columns["draft_of_id"] = None if plan is None else plan.draft_of_id
    return cast(TaskChange, changed(task, columns))


def _placed(organisation_id: UUID, plan: PlanPlace | None, target: TargetPlace | None) -> TaskChange:
    if target is not None:
        if target.owner_id != organisation_id:
            raise Refused(Code.WRONG_ORGANISATION, "targetId")
        if target.archived_at is not None:
            raise Refused(Code.ARCHIVED, "targetId")
        if plan is None or plan.id != target.work_plan_id:
            raise Refused(Code.WRONG_PLAN, "targetId")
        if target.draft_of_id is not None and plan.draft_of_id is None:
            raise Refused(Code.TARGET_PROPOSED, "targetId")  # its task, which others see, would tell of it
    if plan is not None:
        field = "workPlanId" if target is None else "targetId"
        # A target that was handed over stays in its first owner's plan; the new owner's tasks for it stand there.
        if target is None and plan.organisation_id != organisation_id:
            raise Refused(Code.WRONG_ORGANISATION, field)
        if plan.archived_at is not None:
            raise Refused(Code.ARCHIVED, field)
        if plan.status is WorkPlanStatus.CLOSED:
            raise Refused(Code.PLAN_NOT_OPEN, field)
    return {
        "work_plan_id": None if plan is None else plan.id,
        "target_id": None if target is None else target.id,
    }


def _must_be_kelurahan(kelurahan: OrganisationFacts) -> UUID:
    if kelurahan.kind is not OrganisationKind.KELURAHAN:
        raise Refused(Code.WRONG_KIND, "kelurahan", expected=OrganisationKind.KELURAHAN)
    return kelurahan.id


def _must_end_after_start(starts_on: date | None, due_on: date | None) -> None:
    if starts_on is not None and due_on is not None and due_on < starts_on:
        raise Refused(Code.OUT_OF_RANGE, "dueOn", constraint=f"{starts_on}..{bounds.LATEST}")


# ---- what it waits for ----------------------------------------------------------------------------------------------


def set_task_dependencies(
    viewer: Viewer,
    task: TaskFacts,
    waits_for: Sequence[UUID],
    *,
    current: Collection[UUID],
    archived: Collection[UUID],
    hidden: Collection[UUID],
    edges: Mapping[UUID, Collection[UUID]],
    today: date,
) -> list[UUID]:
    """The whole new list, each task once. `edges`: what waits for what, at least whatever `waits_for` leads to.

    `hidden`: of the others those in a draft, unless the task stands in the same organisation's.
    """
    TASK.ask("setTaskDependencies", viewer, task, today)
    return dependencies(task.id, waits_for, current=current, archived=archived, hidden=hidden, edges=edges)


def dependencies(
    task_id: UUID,
    waits_for: Sequence[UUID],
    *,
    current: Collection[UUID],
    archived: Collection[UUID],
    hidden: Collection[UUID],
    edges: Mapping[UUID, Collection[UUID]],
) -> list[UUID]:
    """The same of a task that is only being made, by whoever may make it."""
    bounds.count(waits_for, bounds.DEPENDENCIES, "waitsForIds")
    for n, other in enumerate(waits_for):
        if other in archived and other not in current:
            raise Refused(Code.ARCHIVED, "waitsForIds", str(n))
        if other in hidden:
            raise Refused(Code.STILL_A_DRAFT, "waitsForIds", str(n))
        if task_id in chain([other], edges):
            raise Refused(Code.CIRCULAR_WAIT, "waitsForIds", str(n))
    wanted = [*dict.fromkeys(waits_for)]
    if set(wanted) == set(current):
        raise Refused(Code.NOTHING_TO_CHANGE)
    return wanted


# ---- checklist and evidence -----------------------------------------------------------------------------------------


def add_checklist_item(viewer: Viewer, task: TaskFacts, item_id: str, text: str | None, today: date) -> TaskChange:
    TASK.ask("addChecklistItem", viewer, task, today)
    item = ChecklistItem(id=item_id, text=bounds.text(text, bounds.TITLE, "text"), isDone=False)
    return {"checklist": [*task.checklist, item]}


def tick_checklist_item(viewer: Viewer, task: TaskFacts, item_id: str, is_done: bool, today: date) -> TaskChange:
    TASK.ask("tickChecklistItem", viewer, task, today)
    _must_have_item(task, item_id)
    ticked = [
        ChecklistItem(id=item["id"], text=item["text"], isDone=is_done if item["id"] == item_id else item["isDone"])
        for item in task.checklist
    ]
    if ticked == [*task.checklist]:
        raise Refused(Code.NOTHING_TO_CHANGE)
    return {"checklist": ticked}


def remove_checklist_item(viewer: Viewer, task: TaskFacts, item_id: str, today: date) -> TaskChange:
    TASK.ask("removeChecklistItem", viewer, task, today)
    _must_have_item(task, item_id)
    return {"checklist": [item for item in task.checklist if item["id"] != item_id]}


def _must_have_item(task: TaskFacts, item_id: str) -> None:
    if all(item["id"] != item_id for item in task.checklist):
        raise Refused(Code.NOT_FOUND, "itemId")


def add_evidence(viewer: Viewer, task: TaskFacts, url: str | None, title: str | None, today: date) -> TaskChange:
    """Bukti dukung: an http or https link."""
    TASK.ask("addEvidence", viewer, task, today)
    return {"evidence": [*task.evidence, evidence(url, title)]}
