"""What administrators may do with the city's programmes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Aggregate, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import rows_of
from server.rules.organisation import OrganisationFacts, OrganisationKind, must_not_have_ended
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.visibility import EVERYONE


@rows_of("programme")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """What the rules need to know of a programme; `valid_to` is its last active day."""

    valid_from: date
    valid_to: date | None


@rows_of("programme")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeInFull(ProgrammeFacts):
    """With the columns that a verb compares with its input."""

    name: str
    lead_id: UUID


class ProgrammeChange(TypedDict, total=False):
    """The columns that a verb changes."""

    code: str
    name: str
    lead_id: UUID
    valid_from: date
    valid_to: date | None


class ProgrammePatch(TypedDict, total=False):
    """What `updateProgramme` may change: absent means unchanged. A code is for good."""

    name: str | None
    lead_id: UUID
    valid_from: date


def may_create_programme(viewer: Viewer, today: date) -> None:
    must_be_admin(viewer)


def may_change_programme(viewer: Viewer, programme: ProgrammeFacts, today: date) -> None:
    must_be_admin(viewer)
    if programme.valid_to is not None and programme.valid_to < today:
        raise Refused(Code.ALREADY_ENDED, ended_on=programme.valid_to)


PROGRAMME: Final = Aggregate[ProgrammeFacts](
    name="Programme",
    table="programme",
    prefix="prog",
    visibility=EVERYONE,
    verbs={
        "updateProgramme": Verb(may_change_programme, EventType.PROGRAMME_UPDATED),
        "endProgramme": Verb(may_change_programme, EventType.PROGRAMME_ENDED),
    },
    offered={"Viewer": {"createProgramme": Verb(may_create_programme, EventType.PROGRAMME_CREATED)}},
    exempt={
        "watched": "programmes change once in years; the status board tells what is done for them",
    },
)


def create_programme(
    viewer: Viewer,
    code: str | None,
    name: str | None,
    lead: OrganisationFacts,
    valid_from: date,
    valid_to: date | None,
    is_code_taken: bool,
    today: date,
) -> ProgrammeChange:
    may_create_programme(viewer, today)
    checked_code = bounds.code(code, "code")
    if is_code_taken:
        raise Refused(Code.ALREADY_EXISTS, "code")
    return {
        "code": checked_code,
        "name": bounds.text(name, bounds.NAME, "name"),
        "lead_id": _leading(lead, today),
        "valid_from": bounds.day(valid_from, "validFrom"),
        "valid_to": bounds.optional_day(valid_to, "validTo", earliest=valid_from),
    }


def update_programme(
    viewer: Viewer, programme: ProgrammeInFull, patch: ProgrammePatch, lead: OrganisationFacts | None, today: date
) -> ProgrammeChange:
    """`lead` stands behind the patch's `lead_id`."""
    may_change_programme(viewer, programme, today)
    columns = cast(ProgrammeChange, dict(patch))
    if "name" in patch:
        columns["name"] = bounds.text(patch["name"], bounds.NAME, "name")
    if lead is not None and lead.id != programme.lead_id:
        columns["lead_id"] = _leading(lead, today)
    if "valid_from" in patch:
        bounds.day(patch["valid_from"], "validFrom", latest=programme.valid_to or bounds.LATEST)
    return cast(ProgrammeChange, changed(programme, columns))


def end_programme(viewer: Viewer, programme: ProgrammeFacts, valid_to: date, today: date) -> ProgrammeChange:
    """`valid_to` is its last active day."""
    may_change_programme(viewer, programme, today)
    bounds.day(valid_to, "validTo", earliest=programme.valid_from)
    return cast(ProgrammeChange, changed(programme, {"valid_to": valid_to}))


def _leading(lead: OrganisationFacts, today: date) -> UUID:
    if lead.kind is not OrganisationKind.OPD:
        raise Refused(Code.WRONG_KIND, "lead", expected=OrganisationKind.OPD)
    must_not_have_ended(lead, today, "lead")
    return lead.id
