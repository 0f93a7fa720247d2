"""Organisations and appointments, as the API says them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from server.query.declare.fields import (
    Context,
    argument,
    column,
    computed,
    derived,
    embedded,
    first_of,
    root_list,
    root_one,
    table,
    to_many,
    to_one,
)
from server.rules.aggregates import offered_on
from server.rules.appointment import ACTS_UNTIL, APPOINTMENT, ActingFacts, AppointmentFacts, acting_clock
from server.rules.fact import FACTS, facts_of
from server.rules.organisation import ORGANISATION, OrganisationFacts, OrganisationKind
from server.rules.owner import head_of
from server.rules.viewer import Capacity
from server.schema.allowed_action import AllowedAction, offered
from server.schema.clock import NO_ACTORS, Clock, clock
from server.schema.connection import Connection
from server.schema.helpfulness import GIVEN_HELP, MADE_IN_YEAR, Helpfulness
from server.schema.keys import OrganisationKey
from server.schema.node import Subject, called, called_by
from server.schema.summary import OF_ORGANISATION, OF_YEAR_AS_COUNTED, StatusSummary, summary

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.collaboration import Request
    from server.schema.event import Event
    from server.schema.target import Target
    from server.schema.task import Task
    from server.schema.work_plan import WorkPlan

HEAD = head_of("{t}.id", "{t}.valid_to")
ACTS_TOO_LONG = (
    "({t}.capacity <> 'DEFINITIVE' AND ({t}.valid_to IS NULL OR {t}.valid_to >= {today})"
    f" AND {ACTS_UNTIL.replace('FROM city', 'FROM {table:city}')} < {{today}})"
)
OF_YEAR = argument(
    int,
    "{t}.year = coalesce({value}, extract(year FROM {today}::timestamp)::integer)",
    "The year; this year's plan when it is absent.",
    always=True,
)

# An order that no index has: PostgreSQL goes by whom an event concerns, not through the whole log from its end.
CONCERNED = "{t}.organisation_ids @> ARRAY[{parent}]::uuid[]"
LATEST = ["-({t}.epoch + 0)", "-xid", "-sequence"]

# A need is begun by who asks, an offer by who gives.
MADE = "({t}.kind = 'NEED' AND {t}.asker_id = {parent}) OR ({t}.kind = 'OFFER' AND {t}.giver_id = {parent})"
RECEIVED = "({t}.kind = 'NEED' AND {t}.giver_id = {parent}) OR ({t}.kind = 'OFFER' AND {t}.asker_id = {parent})"


def _acting_clock(values: Any, context: Context) -> Clock | None:
    found = acting_clock(facts_of(ActingFacts, values, context), context.city.calendar, context.now)
    return None if found is None else clock(found, context)


@table(
    ORGANISATION,
    is_small=True,
    search=True,
    order=["code"],
    description="The mayor's office, an agency (OPD), a kecamatan, a kelurahan or a city company.",
)
class Organisation(Subject):
    label: str = called_by("name")
    kind: OrganisationKind = column("What it is.")
    code: str = column(
        "Its Kemendagri code (12.71.11) or agency code (DLH); WALIKOTA is the mayor's office.", order=True
    )
    name: str = column("Its full name.", order=True)
    short_name: str = column("Its name on boards and in tables.", order=True)
    parent: Organisation | None = to_one("parent_id", "What it is a part of: a kelurahan's kecamatan.", order=["code"])
    children: Connection[Organisation] = to_many(
        "parent_id", "Its parts: a kecamatan's kelurahan.", order=["code"], search=True
    )
    head: Account | None = to_one(
        HEAD,
        "Whoever acts as its head today; null while the office is vacant, and once the organisation has ended.",
    )
    appointments: Connection[Appointment] = to_many(
        "organisation_id", "Who held its office when, the latest first.", order=["-valid_from"]
    )
    valid_from: dt.date = column("The first day on which it exists.")
    valid_to: dt.date | None = column("The last day on which it exists; null while no end is set.")
    successor: Organisation | None = to_one("successor_id", "What takes over when it ends.")
    work_plan: WorkPlan | None = first_of(
        "organisation_id",
        "Its work plan of a year; null when there is none to see.",
        order=["-created_at"],
        arguments={"year": OF_YEAR},
    )
    work_plans: Connection[WorkPlan] = to_many(
        "organisation_id", "Its work plans, the latest year first.", order=["-year"], search=True
    )
    targets: Connection[Target] = to_many(
        "owner_id",
        "The targets of a year that it answers for.",
        order=["due_on"],
        search=True,
        arguments={"year": OF_YEAR_AS_COUNTED},
    )
    tasks: Connection[Task] = to_many(
        "organisation_id",
        "Its tasks of a year.",
        order=["due_on"],
        search=True,
        arguments={"year": OF_YEAR_AS_COUNTED},
    )
    tasks_in_territory: Connection[Task] = to_many(
        "kelurahan_id", "Whoever's tasks in this kelurahan.", order=["due_on"], search=True
    )
    summary: StatusSummary = summary("What is done and not done.", OF_ORGANISATION, is_of_programmes=True)
    requests_made: Connection[Request] = to_many(
        MADE,
        "The requests for help and the offers that it began, the latest first.",
        order=["-created_at"],
        search=True,
    )
    requests_received: Connection[Request] = to_many(
        RECEIVED, "Those that others began and it answers, the latest first.", order=["-created_at"], search=True
    )
    activity: Connection[Event] = to_many(
        CONCERNED,
        "What happened to it, its offices, plans, targets, tasks and requests, whoever did it, and to its cases for"
        " whoever may see these; the latest first. What its people did elsewhere:"
        " `events(filter: {actor: {organisation}})`.",
        order=LATEST,
        order_by=False,
    )
    helpfulness: Helpfulness = embedded(
        {"collaboration_request": GIVEN_HELP},
        "How it helped others in a year. Shown as thanks: no list is ordered by it.",
        arguments={"year": MADE_IN_YEAR},
    )
    allowed_actions: list[AllowedAction] = offered((OrganisationFacts, offered_on("Organisation")), within=True)


@table(
    APPOINTMENT,
    is_small=True,
    order=["-valid_from"],
    description="Who holds an organisation's office, from when to when.",
)
class Appointment(Subject):
    label: str = called(
        {"account": "account.name", "organisation": "organisation.name"},
        lambda values: f"{values.account} ({values.organisation})",
    )
    organisation: Organisation = to_one("organisation_id", "Whose office it is.")
    account: Account = to_one("account_id", "Who holds it.")
    capacity: Capacity = column("In what capacity.")
    valid_from: dt.date = column("The first day.")
    valid_to: dt.date | None = column("The last day; null while no end is set.")
    is_overdue: bool = computed(
        ACTS_TOO_LONG, "True while an acting head is in office for more than the city's `actingMonths`."
    )
    acting_clock: Clock | None = derived(
        FACTS[ActingFacts].places,
        _acting_clock,
        "On which another is appointed for good; null of a definitive head.",
        rows=NO_ACTORS,
    )
    decree_number: str | None = column(
        "The number of the decree; null when none was given.", filter=False, why="shown only"
    )
    allowed_actions: list[AllowedAction] = offered((AppointmentFacts, offered_on("Appointment")))


queries = [
    root_one(
        "organisation",
        Organisation,
        "One organisation; null when unknown.",
        by=OrganisationKey,
        keys={"id": "id", "code": "code"},
    ),
    root_list("appointments", Connection[Appointment], "All appointments, the latest first.", search=False),
    root_list("organisations", Connection[Organisation], "All organisations, by code, those that have ended as well."),
]
