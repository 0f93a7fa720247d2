"""The verbs on the city's calendar: inputs, payload, mutations. Administrators'."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import holiday as actions
from server.query.declare.fields import by_id
from server.schema.mutation import Payload, command, verb

if TYPE_CHECKING:
    from server.schema.city import City


@strawberry.type(description="The city after a verb on it.")
class CityPayload(Payload):
    object = "city"
    city_id: strawberry.Private[UUID | None] = None
    city: City | None = by_id("The city as it is now; null when the verb was refused.")


@command("A day of the city's own.", versioned=False)
class AddHolidayInput:
    falls_on: dt.date = strawberry.field(description="The day; today or later.")
    name: str = strawberry.field(description="What it is called, 1 to 200 characters.")
    is_workday: bool = strawberry.field(
        description="True: a working day that would be none, not a day off.", default=False
    )


@command("A day of the city's own that is taken back.", versioned=False)
class RemoveHolidayInput:
    falls_on: dt.date = strawberry.field(description="The day; today or later. Deadlines that were promised stay.")


@command("A year whose days off are all known.", versioned=False)
class ConfirmCalendarInput:
    year: int = strawberry.field(description="The calendar year: this one, or one of the next two.")


mutations = [
    verb(actions.add_holiday, AddHolidayInput, CityPayload, "Declare a day off or a working day. Administrators."),
    verb(actions.remove_holiday, RemoveHolidayInput, CityPayload, "Take back a declared day. Administrators."),
    verb(
        actions.confirm_calendar,
        ConfirmCalendarInput,
        CityPayload,
        "Say that a year's days off are complete, though its collective leave is not decreed or not known here: its "
        "deadlines are told without reserve. Days may be declared later all the same. Administrators.",
    ),
]
