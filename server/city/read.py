"""Reads a city's folder of data files and proves them whole before anything is loaded."""

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from server.rules.city import CityFacts, grade_scale
from server.rules.legal_basis import LegalBasis, legal_bases
from server.rules.workdays import Calendar

FOLDER = Path(__file__).parent
KINDS = ("MAYORS_OFFICE", "OPD", "CITY_COMPANY", "KECAMATAN", "KELURAHAN")
KIND_WORDS = {"KECAMATAN": "Kecamatan", "KELURAHAN": "Kelurahan"}
CODE = re.compile(r"[A-Z0-9]+([.-][A-Z0-9]+)*")


class UnreadableCity(Exception):
    """The city's data files are missing or contradict themselves; the message names the file and the code."""


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
    active_from: date
    active_to: date | None


@dataclass(frozen=True, slots=True)
class ListedCity:
    """Everything the server is told about a city; organisations come parents first, in the order of the files."""

    code: str
    name: str
    time_zone: str
    country: str
    term_starts_on: date
    term_ends_on: date
    report_working_days: int
    grade_scale: tuple[tuple[str, int], ...]  # the grade from this whole percent upwards, highest first
    legal_bases: tuple[LegalBasis, ...]  # beside those that every city knows
    referral_bodies: tuple[str, ...]  # codes
    organisations: tuple[ListedOrganisation, ...]
    programmes: tuple[ListedProgramme, ...]

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
            calendar=Calendar.of(self.time_zone, country=self.country),
            report_working_days=self.report_working_days,
            grade_scale=grade_scale(self.stored_scale()),
            term_starts_on=self.term_starts_on,
            term_ends_on=self.term_ends_on,
            legal_bases=legal_bases(self.stored_bases()),
            referral_bodies=self.referral_bodies,
        )

    def stored_bases(self) -> list[dict[str, str | None]]:
        """The city's own laws as its row holds them."""
        return [
            {
                "code": each.code,
                "title": each.title,
                "from": each.valid_from.isoformat(),
                "to": None if each.valid_to is None else each.valid_to.isoformat(),
            }
            for each in self.legal_bases
        ]

    def stored_scale(self) -> list[dict[str, Any]]:
        """The grade scale as the city's row holds it."""
        return [{"grade": grade, "from": percent} for grade, percent in self.grade_scale]

    def checksum(self) -> str:
        """SHA-256 (hexadecimal) over every organisation and programme, whatever the files' order and quoting."""
        lines = sorted(repr(row) for row in (*self.organisations, *self.programmes))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def city_names() -> list[str]:
    """The cities whose data the server carries, by folder name."""
    return sorted(path.parent.name for path in FOLDER.glob("*/city.toml"))


def read_city(name: str) -> ListedCity:
    """The facts of the city in folder `name`; UnreadableCity when they are missing or contradict themselves."""
    folder = FOLDER / name
    if name not in city_names():
        raise UnreadableCity(f"no city named {name!r}; there are: {', '.join(city_names())}")
    facts = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
    lists, since = facts["lists"], facts["valid_from"]
    organisations = {office.code: office for office in (_mayors_office(facts["mayors_office"], since),)}
    for office in _offices(folder / lists["organisations"], since):
        _add(organisations, office)
    for change in lists.get("changes", []):
        _lay_over(organisations, folder / change["file"], change["in_force_from"])
    for place in _places(folder / lists["territory"], facts["code"], since):
        _add(organisations, place)
    city = ListedCity(
        code=facts["code"],
        name=facts["name"],
        time_zone=facts["time_zone"],
        country=facts["country"],
        term_starts_on=facts["term"]["starts_on"],
        term_ends_on=facts["term"]["ends_on"],
        report_working_days=facts["report_working_days"],
        grade_scale=tuple((step["grade"], step["from_percent"]) for step in facts["grades"]),
        legal_bases=tuple(
            LegalBasis(law["code"], law["title"], law["from"], law.get("to")) for law in facts.get("legal_bases", [])
        ),
        referral_bodies=tuple(facts.get("referral_bodies", [])),
        organisations=tuple(organisations.values()),
        programmes=tuple(_programmes(folder / lists["programmes"])),
    )
    _prove_whole(city)
    return city


def slug(name: str) -> str:
    """A name as it stands in a login: `Medan Johor` → `medan-johor`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _mayors_office(facts: Mapping[str, str], since: date) -> ListedOrganisation:
    name = facts["name"]
    return ListedOrganisation(facts["code"], "MAYORS_OFFICE", name, facts["short_name"], name, None, since)


def _offices(file: Path, since: date) -> Iterator[ListedOrganisation]:
    for row in _rows(file):
        yield ListedOrganisation(
            code=row["code"],
            kind=row["kind"],
            name=row["name"],
            short_name=row["short_name"],
            official_name=row["name"],
            parent=row["parent"] or None,
            valid_from=since,
            is_confirmed=row["confirmed"] == "yes",
        )


def _places(file: Path, city_code: str, since: date) -> Iterator[ListedOrganisation]:
    """Kecamatan stand below the city, which is no organisation; kelurahan below their kecamatan."""
    for row in _rows(file):
        kind = "KECAMATAN" if row["parent"] == city_code else "KELURAHAN"
        if not row["code"].startswith(row["parent"] + "."):
            raise UnreadableCity(f"{file.name}: {row['code']} does not lie in {row['parent']}")
        yield ListedOrganisation(
            code=row["code"],
            kind=kind,
            name=f"{KIND_WORDS[kind]} {row['name']}",
            short_name=row["name"],
            official_name=row["official_name"] or row["name"],
            parent=None if kind == "KECAMATAN" else row["parent"],
            valid_from=since,
        )


def _lay_over(organisations: dict[str, ListedOrganisation], file: Path, in_force_from: date) -> None:
    """Ends and begins organisations on one day, as a by-law does; what it does not name goes on."""
    ended: list[str] = []
    for row in _rows(file):
        code = row["code"]
        if row["change"] == "ENDS":
            if code not in organisations or organisations[code].valid_to is not None:
                raise UnreadableCity(f"{file.name}: {code} cannot end, it is not there")
            organisations[code] = replace(
                organisations[code], valid_to=in_force_from - timedelta(days=1), successor=row["successor"] or None
            )
            ended.append(code)
        elif row["change"] == "BEGINS":
            name = row["name"]
            _add(organisations, ListedOrganisation(code, "OPD", name, row["short_name"], name, None, in_force_from))
        else:
            raise UnreadableCity(f"{file.name}: {code} neither ENDS nor BEGINS but {row['change']!r}")
    for code in ended:
        successor = organisations[code].successor
        if successor is not None and not (
            successor in organisations and organisations[successor].is_valid_on(in_force_from)
        ):
            raise UnreadableCity(f"{file.name}: {successor}, successor of {code}, is not there on {in_force_from}")


def _programmes(file: Path) -> Iterator[ListedProgramme]:
    for row in _rows(file):
        ends = date.fromisoformat(row["active_to"]) if row["active_to"] else None
        yield ListedProgramme(row["code"], row["name"], row["lead"], date.fromisoformat(row["active_from"]), ends)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows: list[dict[str, Any]] = list(csv.DictReader(lines))
    except OSError as fault:
        raise UnreadableCity(f"{file.name}: {fault.strerror}") from None
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UnreadableCity(f"{file.name}: line {number} has not as many columns as the heading")
        yield {key: value.strip() for key, value in row.items()}


def _add(organisations: dict[str, ListedOrganisation], organisation: ListedOrganisation) -> None:
    if organisation.code in organisations:
        raise UnreadableCity(f"code {organisation.code} stands twice: a code is never used again")
    organisations[organisation.code] = organisation


def _prove_whole(city: ListedCity) -> None:
    known: set[str] = set()
    for organisation in city.organisations:
        code = organisation.code
        if organisation.kind not in KINDS or not CODE.fullmatch(code):
            raise UnreadableCity(f"{code!r} of kind {organisation.kind!r} is no organisation")
        if not (organisation.name and organisation.short_name):
            raise UnreadableCity(f"{code} has no name")
        if organisation.parent is not None and organisation.parent not in known:
            raise UnreadableCity(f"{code} stands below {organisation.parent}, which is not there before it")
        known.add(code)
    for programme in city.programmes:
        if programme.lead not in known or not city.organisation(programme.lead).is_valid_on(programme.active_from):
            raise UnreadableCity(f"programme {programme.code} is led by {programme.lead}, which is not there")
    if len({programme.code for programme in city.programmes}) != len(city.programmes):
        raise UnreadableCity("a programme's code stands twice")
    if missing := [code for code in city.referral_bodies if code not in known]:
        raise UnreadableCity(f"a case cannot be referred to {missing[0]}, which is not there")
    if late := [law.code for law in city.legal_bases if law.valid_to is not None and law.valid_to < law.valid_from]:
        raise UnreadableCity(f"{late[0]} ends before it begins")
    steps = [percent for _, percent in city.grade_scale]
    if steps != sorted(steps, reverse=True) or steps[-1:] != [0]:
        raise UnreadableCity("the grade scale must fall to 0")
