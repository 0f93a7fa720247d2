"""The verbs on tasks: inputs, payload, mutations. What they do is in actions/task.py and actions/task_content.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from server.actions import task as actions
from server.actions import task_content as content
from server.query.declare.fields import by_id
from server.rules.task import Priority
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, field, part_id, verb
from server.schema.task import ChecklistItem

if TYPE_CHECKING:
    from server.schema.task import Comment, Task


@strawberry.type(description="A task after a verb on it.")
class TaskPayload(Payload):
    object = "task"
    task_id: strawberry.Private[UUID | None] = None
    task: Task | None = by_id("The task as it is now; null when the verb was refused.")


@strawberry.type(description="A task after a verb on one of its comments.")
class CommentPayload(TaskPayload):
    comment_id: strawberry.Private[UUID | None] = None
    comment: Comment | None = by_id("The comment as it is now; null when the verb was refused.")

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"comment_id": part_id(facts, "commentId")}


@strawberry.type(description="A task after an item was added to its checklist.")
class ChecklistItemPayload(TaskPayload):
    checklist_item: ChecklistItem | None = strawberry.field(
        description="The item as it was added; null when the verb was refused.", default=None
    )

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        if "itemId" not in facts:  # of an older version's event, or of none
            return {}
        return {"checklist_item": ChecklistItem(id=facts["itemId"], text=facts["item"], is_done=False)}


TASK = "The task."
WAITS_FOR = (
    "The tasks that it waits for, at most 50; none of them may wait for it. A task that everybody sees waits for such"
    " tasks only."
)
NOTE = "What to add for the record; at most 10,000 characters."


@strawberry.input(description="A new task of an organisation.")
class CreateTasksRow:
    organisation: OrganisationKey = field("Whose task it is: an organisation that the caller works for.")
    work_plan_id: strawberry.ID | None = field(
        "The plan in which it stands; left out, the target's plan, or none.", default=None
    )
    target_id: strawberry.ID | None = field("The target that it serves.", default=None)
    title: str = field("What is to be done, 1 to 300 characters.")
    description: str | None = field("More about it, at most 10,000 characters.", default=None)
    priority: Priority = field("How urgent it is.", default=Priority.NORMAL)
    starts_on: dt.date | None = field("The day on which it should begin.", default=None)
    due_on: dt.date | None = field("The day by which it should be done; not before `startsOn`.", default=None)
    assignee_id: strawberry.ID | None = field("Who does it: an active account of the organisation.", default=None)
    kelurahan: OrganisationKey | None = field("Where it is done: a kelurahan.", default=None)
    waits_for_ids: list[strawberry.ID] | None = field(WAITS_FOR, default=None)
    checklist: list[str] | None = field("Its checklist, at most 100 items of at most 300 characters.", default=None)
    external_id: str | None = field("Its id in another system, unique within the organisation.", default=None)


@command("A new task of an organisation.", versioned=False)
class CreateTaskInput(CreateTasksRow):
    pass


@command("A task that the mayor's office orders of an organisation (disposisi).", versioned=False)
class OrderTaskInput:
    organisation: OrganisationKey = field("Who is to do it.")
    title: str = field("What is to be done, 1 to 300 characters.")
    due_on: dt.date = field("The day by which it is to be done, today or later.")
    description: str | None = field("More about it, at most 10,000 characters.", default=None)
    priority: Priority = field("How urgent it is.", default=Priority.HIGH)
    kelurahan: OrganisationKey | None = field("Where it is done: a kelurahan.", default=None)
    needs_evidence: bool = field("Whether it is completed with evidence only.", default=True)
    checklist: list[str] | None = field("Its checklist, at most 100 items of at most 300 characters.", default=None)
    external_id: str | None = field("Its id in another system, unique within the organisation.", default=None)


@command("What to change of a task. What is left out stays as it is; null clears.")
class UpdateTaskInput:
    task_id: strawberry.ID = field(TASK)
    title: str | None = field("What is to be done, 1 to 300 characters; cannot be cleared.", default=strawberry.UNSET)
    description: str | None = field("More about it, at most 10,000 characters.", default=strawberry.UNSET)
    priority: Priority | None = field("How urgent it is; cannot be cleared.", default=strawberry.UNSET)
    needs_evidence: bool | None = field(
        "Of an order, by the mayor's office: whether it is completed with evidence only; cannot be cleared.",
        default=strawberry.UNSET,
    )
    starts_on: dt.date | None = field("The day on which it should begin.", default=strawberry.UNSET)
    due_on: dt.date | None = field("The day by which it should be done.", default=strawberry.UNSET)
    kelurahan: OrganisationKey | None = field("Where it is done: a kelurahan.", default=strawberry.UNSET)
    external_id: str | None = field("Its id in another system.", default=strawberry.UNSET)


@command("A task, and nothing else.")
class TaskOnly:
    task_id: strawberry.ID = field(TASK)


@command("A blocked task with which it goes on.")
class UnblockTaskInput:
    task_id: strawberry.ID = field(TASK)
    note: str | None = field(NOTE, default=None)


@command("How far a task is.")
class ReportProgressInput:
    task_id: strawberry.ID = field(TASK)
    progress: int = field("Percent done, 0 to 100; it may go down.")
    note: str | None = field(NOTE, default=None)


@command("Who does a task.")
class AssignTaskInput:
    task_id: strawberry.ID = field(TASK)
    assignee_id: strawberry.ID | None = field(
        "An active account of the task's organisation; null for nobody.", default=None
    )


@command("What stops a task.")
class BlockTaskInput:
    task_id: strawberry.ID = field(TASK)
    reason: str = field("What stops it, 1 to 10,000 characters.")


@command("Help wanted of the mayor's office for a blocked task.")
class AskForSupportInput:
    task_id: strawberry.ID = field(TASK)
    note: str = field("What help is wanted, 1 to 10,000 characters.")


@command("What the mayor's office answers to a call for support.")
class AnswerSupportInput:
    task_id: strawberry.ID = field(TASK)
    answer: str = field("What it does about it, 1 to 10,000 characters.")


@command("A task that is completed.")
class CompleteTaskInput:
    task_id: strawberry.ID = field("The task; at 100 %, and with evidence where its plan or order asks for it.")
    note: str | None = field(NOTE, default=None)


@command("A task that is given up.")
class CancelTaskInput:
    task_id: strawberry.ID = field(TASK)
    reason: str = field("Why, 1 to 10,000 characters.")


@command("A finished task that is taken up again.")
class ReopenTaskInput:
    task_id: strawberry.ID = field(TASK)
    reason: str = field("Why, 1 to 10,000 characters.")


@command("Where a task stands from now on. With neither plan nor target it stands in no plan.")
class MoveTaskInput:
    task_id: strawberry.ID = field(TASK)
    work_plan_id: strawberry.ID | None = field("The plan; left out, the target's plan.", default=None)
    target_id: strawberry.ID | None = field("The target that it serves.", default=None)


@command("What a task waits for: the whole list, which replaces the present one.")
class SetTaskDependenciesInput:
    task_id: strawberry.ID = field(TASK)
    waits_for_ids: list[strawberry.ID] = field(WAITS_FOR)


@command("One more item of a task's checklist.")
class AddChecklistItemInput:
    task_id: strawberry.ID = field(TASK)
    text: str = field("What is to be done, 1 to 300 characters.")


@command("An item of a task's checklist, ticked or not.")
class TickChecklistItemInput:
    task_id: strawberry.ID = field(TASK)
    item_id: strawberry.ID = field("The item.")
    is_done: bool = field("True to tick it, false to untick it.", default=True)


@command("An item that a task's checklist no longer needs.")
class RemoveChecklistItemInput:
    task_id: strawberry.ID = field(TASK)
    item_id: strawberry.ID = field("The item.")


@command("A link that shows that something was done.")
class AddEvidenceInput:
    task_id: strawberry.ID = field(TASK)
    url: str = field("An http or https address, at most 2,000 characters.")
    title: str | None = field("What it shows, at most 300 characters.", default=None)


@command("Something said of a task.")
class CommentOnTaskInput:
    task_id: strawberry.ID = field(TASK)
    text: str = field("What is said, 1 to 10,000 characters.")


@command("A comment in other words.")
class EditCommentInput:
    comment_id: strawberry.ID = field("One of the caller's own comments.")
    text: str = field("What is said instead, 1 to 10,000 characters.")


@command("A comment that is taken back.")
class RemoveCommentInput:
    comment_id: strawberry.ID = field("One of the caller's own comments.")


mutations = [
    verb(content.create_task, CreateTaskInput, TaskPayload, "Make a task. Head and staff, for their organisation."),
    verb(content.order_task, OrderTaskInput, TaskPayload, "Order a task of any organisation. The mayor's office."),
    verb(content.update_task, UpdateTaskInput, TaskPayload, "Change what an open task says."),
    verb(content.assign_task, AssignTaskInput, TaskPayload, "Say who does an open task."),
    verb(actions.start_task, TaskOnly, TaskPayload, "Begin a planned task: PLANNED → IN_PROGRESS.", at_once=True),
    verb(
        actions.report_progress,
        ReportProgressInput,
        TaskPayload,
        "Report how far a task is. The first report above 0 starts it; 100 does not complete it.",
        at_once=True,
    ),
    verb(
        actions.block_task,
        BlockTaskInput,
        TaskPayload,
        "Say what stops a task: PLANNED or IN_PROGRESS → BLOCKED.",
        at_once=True,
    ),
    verb(
        actions.unblock_task,
        UnblockTaskInput,
        TaskPayload,
        "Go on with a blocked task: BLOCKED → IN_PROGRESS.",
        at_once=True,
    ),
    verb(
        actions.ask_for_support,
        AskForSupportInput,
        TaskPayload,
        "Ask the mayor's office for help with a blocked task.",
        at_once=True,
    ),
    verb(
        actions.answer_support,
        AnswerSupportInput,
        TaskPayload,
        "Answer a call for support. The mayor's office; the task stays BLOCKED until its organisation goes on.",
    ),
    verb(actions.complete_task, CompleteTaskInput, TaskPayload, "Complete a task: IN_PROGRESS → DONE."),
    verb(
        actions.reopen_task,
        ReopenTaskInput,
        TaskPayload,
        "Take up a finished task again: DONE or CANCELLED → IN_PROGRESS.",
    ),
    verb(
        actions.cancel_task,
        CancelTaskInput,
        TaskPayload,
        "Give up an open task: → CANCELLED. An ordered task only by the mayor's office.",
    ),
    verb(
        content.move_task,
        MoveTaskInput,
        TaskPayload,
        "Move an open task to another plan or target of its organisation.",
    ),
    verb(content.set_task_dependencies, SetTaskDependenciesInput, TaskPayload, "Say what an open task waits for."),
    verb(
        content.add_checklist_item,
        AddChecklistItemInput,
        ChecklistItemPayload,
        "Add an item to an open task's checklist.",
    ),
    verb(
        content.tick_checklist_item,
        TickChecklistItemInput,
        TaskPayload,
        "Tick or untick an item of an open task's checklist.",
        at_once=True,
    ),
    verb(
        content.remove_checklist_item,
        RemoveChecklistItemInput,
        TaskPayload,
        "Remove an item from an open task's checklist.",
    ),
    verb(content.add_evidence, AddEvidenceInput, TaskPayload, "Add a link that shows that something was done."),
    verb(
        content.comment_on_task,
        CommentOnTaskInput,
        CommentPayload,
        "Say something of a task. Anybody who is signed in.",
    ),
    verb(content.edit_comment, EditCommentInput, CommentPayload, "Change one of one's own comments."),
    verb(
        content.remove_comment,
        RemoveCommentInput,
        CommentPayload,
        "Take back one of one's own comments; its place stays.",
    ),
    verb(actions.archive_task, TaskOnly, TaskPayload, "Put a task aside: left out of lists, still found by its id."),
    verb(actions.restore_task, TaskOnly, TaskPayload, "Bring an archived task back."),
]
