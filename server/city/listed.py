"""What a city's folder says, as plain values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from server.city.files import CITY, Place
from server.rules.city import CityFacts, grade_scale
from server.rules.holiday import StoredDay
from server.rules.legal_basis import LegalBasis, legal_bases
from server.rules.organisation import OrganisationKind
from server.rules.target import Formula
from server.rules.workdays import Calendar


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """One organisation: `name` in full, `short_name` for screens; days inclusive; parent and successor are codes."""

    code: str
    kind: str
    name: str
    short_name: str
    official_name: str
    parent: str | None
    valid_from: date
    valid_to: date | None = None
    successor: str | None = None
    is_confirmed: bool = True

    def is_valid_on(self, day: date) -> bool:
        """Whether the organisation exists on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ListedProgramme:
    """What the city wants: led by the organisation with code `lead`, active on these days (both inclusive)."""

    code: str
    name: str
    lead: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day of the city's own: off, or worked although its weekday or the nation makes it none."""

    on: date
    name: str
    is_workday: bool


@dataclass(frozen=True, slots=True)
class ListedTile:
    """Where a kecamatan stands on the city's map of tiles; from 0, in the north-west."""

    code: str
    column: int
    row: int
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class ListedCity:
    """Everything the server is told about a city; organisations come parents first, in the order of the files."""

    code: str
    name: str
    time_zone: str
    term_starts_on: date
    term_ends_on: date
    report_working_days: int
    achievement_cap: int  # percent
    target_formula: str  # with which a new target begins
    grade_scale: tuple[tuple[str, int], ...]  # the grade from this whole percent upwards, highest first
    legal_bases: tuple[LegalBasis, ...]  # beside those that every city knows
    referral_bodies: tuple[str, ...]  # codes
    inspectorate: str | None  # of them
    person_reply_working_days: int
    reprimand_kinds: tuple[str, ...]
    ruling_working_days: int
    acting_months: int  # after which an acting appointment is overdue
    organisations: tuple[ListedOrganisation, ...]
    programmes: tuple[ListedProgramme, ...]
    days: tuple[ListedDay, ...] = ()
    map: tuple[ListedTile, ...] = ()
    # Where it was read, by table, code and column: for what is refused on loading again.
    places: Mapping[tuple[str, ...], Place] = field(default_factory=dict, compare=False, repr=False)

    def place(self, *path: str) -> Place:
        """Where this stands, or else its line, or its file."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (CITY, 1, 1))

    def organisation(self, code: str) -> ListedOrganisation:
        """The organisation with this code; KeyError when there is none."""
        for organisation in self.organisations:
            if organisation.code == code:
                return organisation
        raise KeyError(code)

    def facts(self) -> CityFacts:
        """What the rules need of it."""
        return CityFacts(
            code=self.code,
            name=self.name,
            calendar=Calendar.of(self.time_zone, map(stored_day, self.days)),
            report_working_days=self.report_working_days,
            grade_scale=grade_scale(self.stored_scale()),
            term_starts_on=self.term_starts_on,
            term_ends_on=self.term_ends_on,
            legal_bases=legal_bases(self.stored_bases()),
            referral_bodies=self.referral_bodies,
            target_formula=Formula(self.target_formula),
            inspectorate=self.inspectorate,
            person_reply_working_days=self.person_reply_working_days,
            reprimand_kinds=tuple(map(OrganisationKind, self.reprimand_kinds)),
            ruling_working_days=self.ruling_working_days,
        )

    def stored_bases(self) -> list[dict[str, str | bool | None]]:
        """The city's own laws as its row holds them."""
        return [
            {
                "code": each.code,
                "title": each.title,
                "from": each.valid_from.isoformat(),
                "to": None if each.valid_to is None else each.valid_to.isoformat(),
                "discipline": each.is_disciplinary,
            }
            for each in self.legal_bases
        ]

    def stored_scale(self) -> list[dict[str, Any]]:
        """The grade scale as the city's row holds it."""
        return [{"grade": grade, "from": percent} for grade, percent in self.grade_scale]

    def stored_map(self) -> list[dict[str, Any]]:
        """The map as the city's row holds it."""
        return [asdict(tile) for tile in self.map]

    def checksum(self) -> str:
        """SHA-256 (hexadecimal) over every organisation and programme, whatever the files' order and quoting."""
        lines = sorted(repr(row) for row in (*self.organisations, *self.programmes))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def stored_day(day: ListedDay) -> StoredDay:
    """A day as the city's row holds it."""
    return {"date": day.on.isoformat(), "name": day.name, "isWorkday": day.is_workday}


def slug(name: str) -> str:
    """A name as it stands in a login: `Medan Johor` → `medan-johor`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
