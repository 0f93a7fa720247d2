"""The verbs on organisations, appointments and programmes: inputs, payloads, mutations. Administrators'."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import appointment, programme
from server.actions import organisation as actions
from server.query.declare.fields import by_id
from server.rules.organisation import OrganisationKind
from server.rules.viewer import Capacity
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, field, verb

if TYPE_CHECKING:
    from server.schema.organisation import Appointment, Organisation
    from server.schema.programme import Programme


@strawberry.type(description="An organisation after a verb on it.")
class OrganisationPayload(Payload):
    object = "organisation"
    organisation_id: strawberry.Private[UUID | None] = None
    organisation: Organisation | None = by_id("The organisation as it is now; null when the verb was refused.")


@strawberry.type(description="An appointment after a verb on it.")
class AppointmentPayload(Payload):
    object = "appointment"
    appointment_id: strawberry.Private[UUID | None] = None
    appointment: Appointment | None = by_id("The appointment as it is now; null when the verb was refused.")


@strawberry.type(description="A programme after a verb on it.")
class ProgrammePayload(Payload):
    object = "programme"
    programme_id: strawberry.Private[UUID | None] = None
    programme: Programme | None = by_id("The programme as it is now; null when the verb was refused.")


@command("A new organisation.", versioned=False)
class CreateOrganisationInput:
    kind: OrganisationKind = field("What it is.")
    code: str = field(
        "Its code, for good: capitals and digits, parted by single dots, hyphens or underscores. Never used again."
    )
    name: str = field("Its full name, 1 to 200 characters.")
    short_name: str = field("Its name on boards, 1 to 60 characters.")
    valid_from: dt.date = field("The first day on which it exists.")
    parent: OrganisationKey | None = field("A kelurahan's kecamatan; for no other kind.", default=None)


@command("What to change of an organisation. What is left out stays as it is.")
class UpdateOrganisationInput:
    organisation_id: strawberry.ID = field("The organisation.")
    name: str | None = field("Its full name.", default=strawberry.UNSET)
    short_name: str | None = field("Its name on boards.", default=strawberry.UNSET)
    parent: OrganisationKey | None = field("A kelurahan's kecamatan.", default=strawberry.UNSET)


@command("An organisation that ends.")
class EndOrganisationInput:
    organisation_id: strawberry.ID = field("The organisation; any but the mayor's office.")
    valid_to: dt.date = field("Its last day; with today or earlier, what is open passes to the successor at once.")
    successor: OrganisationKey | None = field(
        "What takes over, of the same kind; without it everything stays where it is.", default=None
    )


@command("Somebody who holds an office.", versioned=False)
class AppointInput:
    organisation: OrganisationKey = field("Whose office it is.")
    account_id: strawberry.ID = field("Who holds it.")
    capacity: Capacity = field("In what capacity; never two of one capacity at once.")
    valid_from: dt.date = field("The first day.")
    valid_to: dt.date | None = field("The last day; left out while no end is known.", default=None)
    decree_number: str | None = field("The number of the decree, at most 100 characters.", default=None)


@command("An appointment that ends.")
class EndAppointmentInput:
    appointment_id: strawberry.ID = field("The appointment.")
    valid_to: dt.date = field("Its last day.")


@command("A new programme.", versioned=False)
class CreateProgrammeInput:
    code: str = field("Its code, for good.")
    name: str = field("Its name, 1 to 200 characters.")
    lead: OrganisationKey = field("The agency that leads it.")
    valid_from: dt.date = field("Its first day.")
    valid_to: dt.date | None = field("Its last day; left out while no end is known.", default=None)


@command("What to change of a programme. What is left out stays as it is.")
class UpdateProgrammeInput:
    programme_id: strawberry.ID = field("The programme.")
    name: str | None = field("Its name.", default=strawberry.UNSET)
    lead: OrganisationKey | None = field("The agency that leads it.", default=strawberry.UNSET)
    valid_from: dt.date | None = field("Its first day.", default=strawberry.UNSET)


@command("A programme that ends.")
class EndProgrammeInput:
    programme_id: strawberry.ID = field("The programme.")
    valid_to: dt.date = field("Its last active day.")


mutations = [
    verb(
        actions.create_organisation,
        CreateOrganisationInput,
        OrganisationPayload,
        "Add an organisation. Administrators.",
    ),
    verb(
        actions.update_organisation,
        UpdateOrganisationInput,
        OrganisationPayload,
        "Change an organisation. Administrators.",
    ),
    verb(
        actions.end_organisation,
        EndOrganisationInput,
        OrganisationPayload,
        "Set an organisation's last day and its successor. Administrators.",
    ),
    verb(appointment.appoint, AppointInput, AppointmentPayload, "Record who holds an office. Administrators."),
    verb(
        appointment.end_appointment,
        EndAppointmentInput,
        AppointmentPayload,
        "Record the end of an appointment. Administrators.",
    ),
    verb(programme.create_programme, CreateProgrammeInput, ProgrammePayload, "Add a programme. Administrators."),
    verb(programme.update_programme, UpdateProgrammeInput, ProgrammePayload, "Change a programme. Administrators."),
    verb(programme.end_programme, EndProgrammeInput, ProgrammePayload, "Set a programme's last day. Administrators."),
]
