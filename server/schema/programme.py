"""Programmes, as the API says them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from server.query.declare.fields import column, root_list, root_one, table, to_many, to_one
from server.rules.aggregates import offered_on
from server.rules.programme import PROGRAMME, ProgrammeFacts
from server.schema.allowed_action import AllowedAction, offered
from server.schema.connection import Connection
from server.schema.keys import ProgrammeKey
from server.schema.node import Subject, called_by
from server.schema.summary import OF_PROGRAMME, OF_YEAR_AS_COUNTED, StatusSummary, summary

if TYPE_CHECKING:
    from server.schema.organisation import Organisation
    from server.schema.target import Target

CARRIES = (
    "EXISTS (SELECT 1 FROM {table:target} x WHERE x.programme_id = {parent} AND x.owner_id = {t}.id"
    " AND x.draft_of_id IS NULL AND x.archived_at IS NULL)"
)


@table(
    PROGRAMME,
    is_small=True,
    search=True,
    order=["code"],
    description="What the city wants: a programme that targets serve.",
)
class Programme(Subject):
    label: str = called_by("name")
    code: str = column("Its code, such as KEBERSIHAN.", order=True)
    name: str = column("Its name.", order=True)
    lead: Organisation = to_one("lead_id", "The organisation that leads it.")
    valid_from: dt.date = column("Its first day.")
    valid_to: dt.date | None = column("Its last day; null while no end is set.")
    carriers: Connection[Organisation] = to_many(
        CARRIES, "The organisations with public targets for it.", order=["code"], order_by=False, search=True
    )
    targets: Connection[Target] = to_many(
        "programme_id",
        "The targets of a year that serve it.",
        order=["due_on"],
        search=True,
        arguments={"year": OF_YEAR_AS_COUNTED},
    )
    summary: StatusSummary = summary(
        "What is done and not done: its targets, the tasks for them, and the plans that these stand in.",
        OF_PROGRAMME,
    )

    allowed_actions: list[AllowedAction] = offered((ProgrammeFacts, offered_on("Programme")))


queries = [
    root_one(
        "programme", Programme, "One programme; null when unknown.", by=ProgrammeKey, keys={"id": "id", "code": "code"}
    ),
    root_list("programmes", Connection[Programme], "All programmes, by code."),
]
