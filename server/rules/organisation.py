"""What administrators may do with organisations; who may hold their offices is in appointment.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Aggregate, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.visibility import EVERYONE


class OrganisationKind(StrEnum):
    """What an organisation is. OPD and KECAMATAN own work plans."""

    MAYORS_OFFICE = "MAYORS_OFFICE"
    OPD = "OPD"
    KECAMATAN = "KECAMATAN"
    KELURAHAN = "KELURAHAN"
    CITY_COMPANY = "CITY_COMPANY"


MAYORS_OFFICE_CODE = "WALIKOTA"
# Where the id of the mayor's office is read (`id_or_nobodys`: null where no city is loaded).
MAYORS_OFFICE = "(SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')"
PLAN_OWNERS = frozenset({OrganisationKind.OPD, OrganisationKind.KECAMATAN})


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationEnd:
    """An organisation's last day, and who does its work then, where that is known."""

    valid_to: date | None = None
    successor_name: str | None = field(default=None, metadata=at("successor.name"))


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts(OrganisationEnd):
    """What the rules need to know of an organisation."""

    id: UUID
    kind: OrganisationKind
    valid_from: date


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationInFull(OrganisationFacts):
    """With the columns that a verb compares with its input."""

    name: str
    short_name: str
    parent_id: UUID | None = None


def has_ended(valid_to: date | None, today: date) -> bool:
    """Whether an organisation takes no new work: from its last day on, when its open work has passed on."""
    return valid_to is not None and valid_to <= today


def id_or_nobodys(found: UUID | None, _: object = None) -> UUID:
    """The id of the mayor's office, as a fact: where no city is loaded there is no mayor either, so nobody's."""
    return UUID(int=0) if found is None else found


def must_not_have_ended(organisation: OrganisationEnd, today: date, *path: str) -> None:
    if has_ended(organisation.valid_to, today):
        raise organisation_ended(organisation, *path)


def organisation_ended(organisation: OrganisationEnd, *path: str) -> Refused:
    """The refusal of what an organisation would do after its last day, with who does it now where that is known."""
    return Refused(
        Code.ORGANISATION_ENDED, *path, ended_on=organisation.valid_to, successor=organisation.successor_name
    )


class OrganisationChange(TypedDict, total=False):
    """The columns that a verb changes."""

    kind: OrganisationKind
    code: str
    name: str
    short_name: str
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None
    successor_id: UUID | None


class OrganisationPatch(TypedDict, total=False):
    """What `updateOrganisation` may change: absent means unchanged. A code is for good."""

    name: str | None
    short_name: str | None
    parent_id: UUID | None


def may_create_organisation(viewer: Viewer, today: date) -> None:
    must_be_admin(viewer)


def may_update_organisation(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    must_be_admin(viewer)
    must_not_have_ended(organisation, today)


def may_end_organisation(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    """Any but the mayor's office; an end that is still to come may be set anew."""
    must_be_admin(viewer)
    if organisation.kind is OrganisationKind.MAYORS_OFFICE:
        raise Refused(Code.MAYORS_OFFICE_STAYS)
    must_not_have_ended(organisation, today)


ORGANISATION: Final = Aggregate[OrganisationFacts](
    name="Organisation",
    table="organisation",
    prefix="org",
    visibility=EVERYONE,
    called=(
        "parent",
        "successor",
        "owner",
        "lead",
        "kelurahan",
        "asker",
        "receiver",
        "giver",
        "redirected_from",
        "ruling_proposed",
        "filer",
        "respondent",
        "referred_to",
        "from",
        "to",
    ),
    verbs={
        "updateOrganisation": Verb(may_update_organisation, EventType.ORGANISATION_UPDATED),
        "endOrganisation": Verb(may_end_organisation, EventType.ORGANISATION_ENDED),
    },
    offered={"Viewer": {"createOrganisation": Verb(may_create_organisation, EventType.ORGANISATION_CREATED)}},
    of_itself=(EventType.ORGANISATION_LAPSED,),
    exempt={
        "watched": "the city changes its organisations once in years; a board reads them anew when it opens",
    },
)


def create_organisation(
    viewer: Viewer,
    kind: OrganisationKind,
    code: str | None,
    name: str | None,
    short_name: str | None,
    parent: OrganisationFacts | None,
    valid_from: date,
    is_code_taken: bool,
    today: date,
) -> OrganisationChange:
    """A kelurahan belongs to a kecamatan; nothing else has a parent. There is one mayor's office."""
    may_create_organisation(viewer, today)
    checked_code = bounds.code(code, "code")
    if (kind is OrganisationKind.MAYORS_OFFICE) != (checked_code == MAYORS_OFFICE_CODE):
        raise Refused(Code.MALFORMED, "code", constraint="mayors_office_code")
    if is_code_taken:
        raise Refused(Code.ALREADY_EXISTS, "code")
    return {
        "kind": kind,
        "code": checked_code,
        "name": bounds.text(name, bounds.NAME, "name"),
        "short_name": bounds.text(short_name, bounds.SHORT_NAME, "shortName"),
        "parent_id": _parent(kind, parent, today),
        "valid_from": bounds.day(valid_from, "validFrom"),
    }


def update_organisation(
    viewer: Viewer,
    organisation: OrganisationInFull,
    patch: OrganisationPatch,
    parent: OrganisationFacts | None,
    today: date,
) -> OrganisationChange:
    """`parent` stands behind the patch's `parent_id`."""
    may_update_organisation(viewer, organisation, today)
    columns = cast(OrganisationChange, dict(patch))
    if "name" in patch:
        columns["name"] = bounds.text(patch["name"], bounds.NAME, "name")
    if "short_name" in patch:
        columns["short_name"] = bounds.text(patch["short_name"], bounds.SHORT_NAME, "shortName")
    if patch.get("parent_id", organisation.parent_id) != organisation.parent_id:
        columns["parent_id"] = _parent(organisation.kind, parent, today)
    return cast(OrganisationChange, changed(organisation, columns))


def end_organisation(
    viewer: Viewer, organisation: OrganisationFacts, valid_to: date, successor: OrganisationFacts | None, today: date
) -> OrganisationChange:
    """`valid_to` is its last day. With today or earlier its open work passes on in the verb's wake (`has_ended`)."""
    may_end_organisation(viewer, organisation, today)
    bounds.day(valid_to, "validTo", earliest=organisation.valid_from)
    if successor is not None:
        if successor.id == organisation.id:
            raise Refused(Code.WRONG_ORGANISATION, "successor")
        if successor.kind is not organisation.kind:
            raise Refused(Code.WRONG_KIND, "successor", expected=organisation.kind)
        if successor.valid_to is not None and successor.valid_to <= max(valid_to, today):
            raise organisation_ended(successor, "successor")
    return {"valid_to": valid_to, "successor_id": None if successor is None else successor.id}


def _parent(kind: OrganisationKind, parent: OrganisationFacts | None, today: date) -> UUID | None:
    if kind is not OrganisationKind.KELURAHAN:
        if parent is not None:
            raise Refused(Code.WRONG_KIND, "parent", expected=OrganisationKind.KELURAHAN)
        return None
    if parent is None:
        raise Refused(Code.REQUIRED, "parent", constraint="kecamatan")
    if parent.kind is not OrganisationKind.KECAMATAN:
        raise Refused(Code.WRONG_KIND, "parent", expected=OrganisationKind.KECAMATAN)
    must_not_have_ended(parent, today, "parent")
    return parent.id
