"""The verbs on work plans: inputs, payload, mutations. What they do is in actions/work_plan.py."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import work_plan as actions
from server.query.declare.fields import by_id
from server.rules.work_plan import Settlement
from server.schema.enums import described
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, field, verb

if TYPE_CHECKING:
    from server.schema.work_plan import WorkPlan

described(
    Settlement,
    "What becomes of an open task when its plan closes. What was ordered or promised is always carried over.",
    CARRY_OVER="It goes on in next year's plan, or in none until that is approved.",
    CANCEL="It is cancelled, with a reason.",
)


@strawberry.type(description="A work plan after a verb on it.")
class WorkPlanPayload(Payload):
    object = "work_plan"
    work_plan_id: strawberry.Private[UUID | None] = None
    work_plan: WorkPlan | None = by_id("The plan as it is now; null when the verb was refused.")


PLAN = "The plan."


@command("A new work plan of an organisation.", versioned=False)
class CreateWorkPlanInput:
    organisation: OrganisationKey = field("Whose plan it is: an agency or kecamatan that the caller works for.")
    year: int = field("The year: last year, this one or one of the next two.")
    title: str = field("Its title, 1 to 300 characters.")
    needs_evidence: bool = field("Whether its tasks are completed with evidence only.", default=False)


@command("What to change of a draft. What is left out stays as it is.")
class UpdateWorkPlanInput:
    work_plan_id: strawberry.ID = field(PLAN)
    title: str | None = field("Its title, 1 to 300 characters.", default=strawberry.UNSET)
    needs_evidence: bool | None = field("Whether its tasks are completed with evidence only.", default=strawberry.UNSET)


@command("A work plan, and nothing else.")
class WorkPlanOnly:
    work_plan_id: strawberry.ID = field(PLAN)


@command("Why a plan is returned.")
class ReturnWorkPlanInput:
    work_plan_id: strawberry.ID = field(PLAN)
    note: str = field("What is to be changed, 1 to 10,000 characters.")


@strawberry.input(description="An open task of which something else becomes than of the others.")
class OpenTaskInput:
    task_id: strawberry.ID = field("The task.")
    settlement: Settlement = field("What becomes of it.")


@command("A plan whose year is done.")
class CloseWorkPlanInput:
    work_plan_id: strawberry.ID = field(PLAN)
    remaining: Settlement | None = field(
        "What becomes of all that is still open; what was ordered or promised is always carried over.",
        default=Settlement.CARRY_OVER,
    )
    exceptions: list[OpenTaskInput] | None = field(
        "The open tasks for which that does not hold, each once; at most 5,000.", default=None
    )
    reason: str | None = field("Why; needed where a task is cancelled. It stands in the record of each.", default=None)


@command("A closed plan that is opened again.")
class ReopenWorkPlanInput:
    work_plan_id: strawberry.ID = field(PLAN)
    reason: str = field("Why, 1 to 10,000 characters.")


mutations = [
    verb(
        actions.create_work_plan, CreateWorkPlanInput, WorkPlanPayload, "Begin a work plan as a draft. Head and staff."
    ),
    verb(
        actions.update_work_plan,
        UpdateWorkPlanInput,
        WorkPlanPayload,
        "Change a draft or returned plan. Head and staff.",
    ),
    verb(
        actions.submit_work_plan,
        WorkPlanOnly,
        WorkPlanPayload,
        "Submit a plan for review: DRAFT or RETURNED → SUBMITTED. The head; with at least one target.",
    ),
    verb(
        actions.take_back_work_plan,
        WorkPlanOnly,
        WorkPlanPayload,
        "Take a plan back: SUBMITTED → DRAFT. The head.",
    ),
    verb(
        actions.return_work_plan,
        ReturnWorkPlanInput,
        WorkPlanPayload,
        "Return a plan with a note: SUBMITTED → RETURNED. A reviewer of another organisation.",
    ),
    verb(
        actions.approve_work_plan,
        WorkPlanOnly,
        WorkPlanPayload,
        "Approve a plan: SUBMITTED → APPROVED. A reviewer of another organisation who is no acting head.",
    ),
    verb(
        actions.close_work_plan,
        CloseWorkPlanInput,
        WorkPlanPayload,
        "Close a plan once the last report is due: APPROVED → CLOSED. A reviewer of another organisation.",
    ),
    verb(
        actions.reopen_work_plan,
        ReopenWorkPlanInput,
        WorkPlanPayload,
        "Open a closed plan again: CLOSED → APPROVED. A reviewer of another organisation.",
    ),
    verb(
        actions.archive_work_plan,
        WorkPlanOnly,
        WorkPlanPayload,
        "Put aside a draft that was never submitted; its year is free again.",
    ),
    verb(actions.restore_work_plan, WorkPlanOnly, WorkPlanPayload, "Bring an archived draft back."),
]
