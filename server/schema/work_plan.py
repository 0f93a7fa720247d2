"""Work plans, as the API says them. The verbs are in work_plan_verbs.py."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from server.live.watch import watch
from server.query.declare.fields import column, root_list, root_one, table, to_many, to_one
from server.rules.aggregates import offered_on
from server.rules.work_plan import WORK_PLAN, WorkPlanFacts, WorkPlanStatus
from server.schema.allowed_action import AllowedAction, offered
from server.schema.change import Change
from server.schema.connection import Connection
from server.schema.keys import OrganisationKey
from server.schema.node import Subject, called_by
from server.schema.owner import KEEPER_OF_PLAN, OwnerHealth, owner_health, owner_person
from server.schema.summary import OF_PLAN, StatusSummary, summary

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.organisation import Organisation
    from server.schema.target import Target
    from server.schema.task import Task


@table(
    WORK_PLAN,
    search=True,
    archived="archived_at",
    order=["-year"],
    description="The work plan (rencana kerja) of one organisation for one year.",
)
class WorkPlan(Subject):
    label: str = called_by("title")
    organisation: Organisation = to_one("organisation_id", "Whose plan it is.", order=["name", "code"])
    owner_person: Account | None = owner_person(
        KEEPER_OF_PLAN, "Who keeps it: whoever heads the organisation today; null while nobody does."
    )
    owner_health: OwnerHealth = owner_health(KEEPER_OF_PLAN)
    year: int = column("The year, which is the fiscal and the calendar year.", order=True)
    title: str = column("Its title, at most 300 characters.", order=True)
    status: WorkPlanStatus = column("Where it stands.", order=True, ranks=[each.name for each in WorkPlanStatus])
    needs_evidence: bool = column("True when its tasks are completed with evidence only.")
    submitted_at: dt.datetime | None = column("When it was last submitted; null if never.")
    submitted_by: Account | None = to_one("submitted_by_id", "Who last submitted it; null if nobody did.")
    approved_at: dt.datetime | None = column("When it was approved; null until then.")
    approved_by: Account | None = to_one("approved_by_id", "Who approved it; null until then.")
    closed_at: dt.datetime | None = column("When it was closed; null until then.")
    return_note: str | None = column("Why it was returned; null unless it was.", filter=False, why="long text")
    archived_at: dt.datetime | None = column("When it was archived; null otherwise.")
    targets: Connection[Target] = to_many("work_plan_id", "Its targets.", order=["due_on"], search=True)
    tasks: Connection[Task] = to_many("work_plan_id", "The tasks that stand in it.", order=["due_on"], search=True)
    summary: StatusSummary = summary("Done and not done in its year, at a glance.", OF_PLAN, is_of_one_year=True)
    allowed_actions: list[AllowedAction] = offered((WorkPlanFacts, offered_on("WorkPlan")), within=True)


@strawberry.input(description="An organisation and a year.")
class OrganisationYear:
    organisation: OrganisationKey = strawberry.field(description="The organisation.")
    year: int = strawberry.field(description="The year.")


@strawberry.input(one_of=True, description="A work plan's id, or its organisation and year.")
class WorkPlanKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    organisation_year: OrganisationYear | None = strawberry.field(
        default=strawberry.UNSET, description="Its organisation and year."
    )


queries = [
    root_one(
        "workPlan",
        WorkPlan,
        "One work plan; null when unknown or hidden.",
        by=WorkPlanKey,
        keys={"id": "id", "organisationYear": {"organisation": "organisation", "year": "year"}},
    ),
    root_list("workPlans", Connection[WorkPlan], "All work plans that the viewer may see, the latest year first."),
]
subscriptions = [watch("workPlanChanged", WorkPlan, Change[WorkPlan], "Each change of a work plan that matches.")]
