"""A schema over the real tables, small enough to read beside the tests of the engine that use it."""

from __future__ import annotations

import datetime as dt
import functools
import sys
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from server.query.declare.fields import (
    aggregate,
    argument,
    by_id,
    column,
    computed,
    derived,
    embedded,
    first_of,
    json_list,
    listed,
    many_to_many,
    polymorphic,
    root_list,
    root_node,
    root_one,
    table,
    to_many,
    to_one,
)
from server.query.values import Id
from server.rules.account import ACCOUNT
from server.rules.aggregates import EVENT
from server.rules.comment import COMMENT
from server.rules.event import EventType
from server.rules.organisation import ORGANISATION, OrganisationKind
from server.rules.target import TARGET
from server.rules.task import TASK, Priority, TaskStatus
from server.rules.viewer import Role
from server.rules.visibility import DRAFTS, EVENTS, EVERYONE, IsViewers, ViewerIs
from server.rules.work_plan import WORK_PLAN, WorkPlanStatus
from server.schema.connection import Connection
from server.schema.node import Node, link
from server.schema.scalars import SCALARS, Percent


@strawberry.interface(description="What changes.")
class Subject(Node):
    version: int = column("1 at its creation, one more with each change.")
    created_at: dt.datetime = column("When it was created.", order=True)
    updated_at: dt.datetime = column("When it last changed.", order=True)


@strawberry.type(description="What is done and not done.")
class Summary:
    task_count: int = aggregate("task", "count(*)", "Tasks.")
    done_count: int = aggregate("task", "count(*) FILTER (WHERE {t}.status = 'DONE')", "Tasks done.")
    overdue_count: int = aggregate("task", "count(*) FILTER (WHERE {t}.due_on < {today})", "Past their day.")
    target_count: int = aggregate("target", "count(*)", "Targets.")
    average_achievement: Percent | None = aggregate(
        "target", "avg(least({t}.achievement, 100)) FILTER (WHERE {t}.achievement IS NOT NULL)", "Mean capaian."
    )


OWN_OR_ADMIN = (IsViewers("id", "account_id"), ViewerIs("is_admin"))
BRIEF = {"task": "{t}.organisation_id = {parent} AND {t}.draft_of_id IS NULL AND {t}.archived_at IS NULL",
         "target": "{t}.owner_id = {parent} AND {t}.draft_of_id IS NULL AND {t}.archived_at IS NULL"}  # fmt: skip


@table(ORGANISATION, search=True, order=["code"], description="An organisation.")
class Organisation(Subject):
    kind: OrganisationKind = column("What it is.")
    code: str = column("Its code.", order=True)
    name: str = column("Its name.", order=True)
    parent: Organisation | None = to_one("parent_id", "Its kecamatan.", order=["name"])
    children: Connection[Organisation] = to_many("parent_id", "Its parts.", order=["code"])
    tasks: Connection[Task] = to_many("organisation_id", "Its work.", search=True)
    work_plans: Connection[WorkPlan] = to_many("organisation_id", "Its plans.", order=["-year"])
    work_plan: WorkPlan | None = first_of(
        "organisation_id",
        "Its plan of a year.",
        order=["-year"],
        arguments={
            "year": argument(
                int,
                "{t}.year = coalesce({value}, extract(year FROM {today})::integer)",
                "The year; this one if absent.",
                always=True,
            )
        },
    )
    summary: Summary = embedded(BRIEF, "At a glance.")
    carriers: Connection[Task] = to_many(
        "{t}.kelurahan_id = {parent} AND {t}.status <> 'CANCELLED'", "Work in this kelurahan.", order_by=False
    )


@table(ACCOUNT, search=True, order=["name"], description="A person.")
class Account(Subject):
    name: str = column("Name.", order=True)
    title: str | None = column("Position.")
    role: Role = column("Role.")
    login: str | None = column("What they sign in with.", mask=OWN_OR_ADMIN)
    is_active: bool = column("Whether they may sign in.")
    organisation: Organisation = to_one("organisation_id", "Where they work.", order=["name"])
    tasks: Connection[Task] = to_many("assignee_id", "What they do.")


@table(WORK_PLAN, search=True, archived="archived_at", order=["-year"],
       description="A plan.")  # fmt: skip
class WorkPlan(Subject):
    year: int = column("Its year.", order=True)
    title: str = column("Its title.", order=True)
    status: WorkPlanStatus = column("Where it stands.", order=True)
    organisation: Organisation = to_one("organisation_id", "Whose it is.", order=["name", "code"])
    submitted_at: dt.datetime | None = column("When it was submitted.")
    tasks: Connection[Task] = to_many("work_plan_id", "Its tasks.", order=["due_on"])


@strawberry.type(description="An item.")
class ChecklistItem:
    id: strawberry.ID = strawberry.field(description="Its id.")
    text: str = strawberry.field(description="What to do.")
    is_done: bool = strawberry.field(description="Whether it is done.")


@strawberry.interface(description="Why not.")
class Reason:
    code: str = strawberry.field(description="Code.")


@strawberry.type(description="No right.")
class NoRight(Reason):
    role: Role = strawberry.field(description="Role.")


@strawberry.type(description="Not now.")
class NotNow(Reason):
    until: dt.datetime | None = strawberry.field(description="Until.")


@strawberry.type(description="What may be done.")
class Action:
    verb: str = strawberry.field(description="Verb.")
    is_allowed: bool = strawberry.field(description="Whether.")
    reasons: list[Reason] = strawberry.field(description="Why not.")


def actions(values: Any, context: Any) -> list[Action]:
    """Two verbs, one of them refused in two ways."""
    reasons: list[Reason] = [NoRight(code="NO", role=context.viewer.role), NotNow(code="LATER", until=context.now)]
    allowed = values.plan_status == "APPROVED"
    return [
        Action(verb=f"report{values.progress}", is_allowed=True, reasons=[]),
        Action(verb="approve", is_allowed=allowed, reasons=[] if allowed else reasons),
    ]


@table(TASK, search=True, archived="archived_at", order=["due_on"],
       description="A piece of work.")  # fmt: skip
class Task(Subject):
    title: str = column("What is to be done.", order=True)
    description: str | None = column("More of it.", filter=False, why="long text: use search")
    status: TaskStatus = column("Where it stands.")
    priority: Priority = column("How urgent.")
    progress: int = column("0 to 100.", order=True)
    due_on: dt.date | None = column("The last day; null if none was set.", order=True)
    completed_at: dt.datetime | None = column("When it was done.")
    is_overdue: bool = computed(
        "coalesce({t}.due_on < {today} AND {t}.status NOT IN ('DONE', 'CANCELLED'), false)", "Past its day, not done."
    )
    status_label: str = derived({"status": "status"}, lambda v, c: f"{v.status} {c.language}", "In words.")
    allowed_actions: list[Action] = derived(
        {"progress": "progress", "plan_status": "work_plan.status"}, actions, "What the viewer may do."
    )
    organisation: Organisation = to_one("organisation_id", "Whose it is.", order=["name"])
    work_plan: WorkPlan | None = to_one("work_plan_id", "Its plan.", order=["year"])
    assignee: Account | None = to_one("assignee_id", "Who does it.", order=["name"])
    waits_for: list[Task] = many_to_many("task_dependency", "task_id", "waits_for_id", "What must come before.")
    blocks: list[Task] = many_to_many("task_dependency", "waits_for_id", "task_id", "What comes after.")
    checklist: list[ChecklistItem] = json_list("checklist", "Small steps.")
    comments: Connection[Comment] = to_many("task_id", "What was said.", order=["created_at"])
    history: Connection[Event] = to_many("subject_id", "What happened.", order=["-subject_version"], order_by=False)


@table(COMMENT, order=["created_at"], description="A comment.")
class Comment:
    id: strawberry.ID = column("Its id.")
    text: str = column("What was said.", filter=False, why="long text")
    created_at: dt.datetime = column("When.", order=True)
    author: Account = to_one("author_id", "Who said it.")
    task: Task | None = to_one("task_id", "Of what.")


@table(TARGET, search=True, archived="archived_at", order=["due_on"],
       description="A target.")  # fmt: skip
class Target(Subject):
    indicator: str = column("What is measured.", order=True)
    target_value: Decimal = column("The value to reach.")
    achievement: Percent | None = column("Capaian.", order=True)
    due_on: dt.date = column("By when.", order=True)
    is_not_reported: bool = computed(
        "coalesce({t}.report_due_on < {today}, false)", "A report is missing.", filter=False, why="see trackState"
    )
    owner: Organisation = to_one("owner_id", "Who answers for it.", order=["name"])
    work_plan: WorkPlan | None = to_one("work_plan_id", "Its plan.")


@table(EVENT, order=["-happened_at"], description="What happened.")
class Event(Node):
    type: EventType = column("What kind.")
    subject: Node | None = polymorphic("subject_type", "subject_id", "About what.", filter=True)
    organisations: list[Organisation] = listed("organisation_ids", "Whom it concerns.")
    actor: Account | None = to_one("actor_id", "Who did it.")
    happened_at: dt.datetime = column("When.", order=True)


@strawberry.type(description="What a verb answers.")
class TaskPayload:
    task_id: strawberry.Private[UUID | None] = None
    task: Task | None = by_id("The task.")


@strawberry.type(description="Who asks.")
class Me:
    account_id: strawberry.Private[UUID]
    account: Account | None = by_id("The account.")
    role: Role = strawberry.field(description="The role.")


@strawberry.input(one_of=True, description="A key.")
class WorkPlanKey:
    id: strawberry.ID | None = strawberry.field(description="Its id.", default=strawberry.UNSET)
    organisation_year: OrganisationYear | None = strawberry.field(description="Or this.", default=strawberry.UNSET)


@strawberry.input(description="One organisation's year.")
class OrganisationYear:
    organisation: OrganisationKey = strawberry.field(description="Whose.")
    year: int = strawberry.field(description="Year.")


@strawberry.input(one_of=True, description="A key.")
class OrganisationKey:
    id: strawberry.ID | None = strawberry.field(description="Its id.", default=strawberry.UNSET)
    code: str | None = strawberry.field(description="Its code.", default=strawberry.UNSET)


def _viewer(info: strawberry.Info) -> Me | None:
    return Me(account_id=info.context.viewer.account_id, role=info.context.viewer.role)


def _fault() -> str | None:
    raise RuntimeError("a secret of the machine")


async def _touch(info: strawberry.Info, task_id: strawberry.ID) -> TaskPayload | None:
    assert isinstance(task_id, Id)
    return TaskPayload(task_id=task_id.of(("task",), "taskId"))


@functools.cache
def _link() -> None:
    link(sys.modules[__name__])


def build(*more: type) -> strawberry.Schema:
    """A schema, of more row types perhaps; the module's types are linked once."""
    _link()
    of_year = "EXISTS (SELECT 1 FROM work_plan p WHERE p.id = {t}.work_plan_id AND p.year = {value})"
    year = {"year": argument(int, of_year, "Only this year's.")}
    queries = [
        root_node("node", Node, "Anything."),
        root_node("nodes", Node, "Many.", many=True),
        strawberry.field(resolver=_viewer, name="viewer", description="Who asks."),
        strawberry.field(resolver=_fault, name="fault", description="A fault of ours."),
        root_one("organisation", Organisation, "One.", by=OrganisationKey, keys={"id": "id", "code": "code"}),
        root_list("organisations", Connection[Organisation], "All."),
        root_one(
            "workPlan",
            WorkPlan,
            "One.",
            by=WorkPlanKey,
            keys={"id": "id", "organisationYear": {"organisation": "organisation", "year": "year"}},
        ),
        root_list("workPlans", Connection[WorkPlan], "All."),
        root_one("task", Task, "One.", by="id"),
        root_list("tasks", Connection[Task], "All."),
        root_list("accounts", Connection[Account], "All."),
        root_list("targets", Connection[Target], "All."),
        root_list("events", Connection[Event], "All.", order_by=False),
        root_list(
            "unrealisedTargets",
            Connection[Target],
            "Not at 100 %.",
            order=["-is_not_reported", "achievement"],
            order_by=False,
            search=False,
            where="({t}.achievement IS NULL OR {t}.achievement < 100)",
            arguments=year,
        ),
    ]
    return strawberry.Schema(
        query=create_type("Query", queries),
        mutation=create_type(
            "Mutation", [strawberry.mutation(resolver=_touch, name="touch", description="Says the task's id.")]
        ),
        types=[NoRight, NotNow, Comment, Event, *more],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


VISIBILITIES = {"DRAFTS": DRAFTS, "EVENTS": EVENTS, "EVERYONE": EVERYONE, "OWN_OR_ADMIN": OWN_OR_ADMIN}
