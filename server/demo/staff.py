"""Who works in the demo: accounts named by office, with their appointments, and the viewers that rules ask about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from server.city import ListedCity, ListedOrganisation, slug
from server.demo.ledger import Ledger
from server.demo.office_hours import OfficeHours
from server.demo.people import People
from server.ids import encode
from server.models import Account, Appointment, CaseAccess
from server.rules.account import AccountInFull
from server.rules.case_access import confirmed
from server.rules.event import EventType
from server.rules.organisation import OrganisationInFull, OrganisationKind
from server.rules.viewer import Capacity, Role, Viewer

STAFF_PER_OFFICE = 3
# Offices whose holder has left and which somebody leads as acting head (Plt.), and those led in an absence (Plh.).
VACANT = ("DISPUSIP", "BRIDA", "12.71.18")
ABSENT = ("DISHUB", "12.71.05")
TITLES = {
    "SETDA": "Sekretaris Daerah",
    "SETWAN": "Sekretaris DPRD",
    "ITKO": "Inspektur Kota",
    "RSUDP": "Direktur RSUD Dr. Pirngadi",
}
TITLES_BY_KIND = {"KECAMATAN": "Camat", "KELURAHAN": "Lurah", "CITY_COMPANY": "Direktur Utama", "OPD": "Kepala"}
STAFF_TITLES = ("Kepala Subbagian Program", "Analis Kebijakan", "Penata Laksana Pelayanan", "Pengelola Data")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account, as rules know them."""

    viewer: Viewer
    facts: AccountInFull
    name: str

    @property
    def id(self) -> UUID:
        return self.viewer.account_id


@dataclass(frozen=True, slots=True)
class Crew:
    """An organisation with its head and staff; a lurah works alone."""

    listed: ListedOrganisation
    facts: OrganisationInFull
    head: Member
    staff: tuple[Member, ...]
    stand_in: Member | None = None  # leads it as Plh. from the day `absent_since` on
    absent_since: date | None = None

    def acting(self, day: date) -> Viewer:
        """Who acts as its head on that day."""
        is_absent = self.absent_since is not None and self.absent_since <= day
        return (self.stand_in if is_absent and self.stand_in is not None else self.head).viewer

    @property
    def id(self) -> UUID:
        return self.facts.id

    @property
    def everyone(self) -> tuple[Member, ...]:
        return (self.head, *self.staff)


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody: crews by organisation code, and the offices of the city's leadership."""

    crews: Mapping[str, Crew]
    mayor: Member
    secretary: Member
    reviewer: Member


class Hiring:
    """Makes the accounts and appointments of a city's organisations, and remembers the crews."""

    def __init__(
        self,
        city: ListedCity,
        ids: Mapping[str, UUID],
        ledger: Ledger,
        hours: OfficeHours,
        at: datetime,
        today: date,
        draw: Random,
        password_hash: str,
    ) -> None:
        """`ids`: organisations by code; `at`: when the accounts are made; `today`: who is current."""
        self._city, self._ids, self._ledger, self._hours, self._draw = city, ids, ledger, hours, draw
        self._at, self._today, self._password_hash = at, today, password_hash
        self._people = People(draw)
        self._admin: Viewer | None = None  # the first account is made by the system

    def hire(self) -> Staff:
        """Everybody of today's organisations."""
        listed = self._city.organisation
        administrator = self._account(listed("DISKOMINFO"), "admin", Role.ADMIN, "Administrator Sistem", is_head=False)
        self._admin = administrator.viewer
        mayor = self._account(listed("WALIKOTA"), "walikota", Role.MAYOR, "Wali Kota Medan", is_head=True)
        reviewer = self._account(
            listed("BAPPEDA"), "bappeda", Role.REVIEWER, "Kepala Bidang Perencanaan", is_head=False
        )
        self._account(listed("WALIKOTA"), "pengamat", Role.OBSERVER, "Pengamat", is_head=False)
        crews = {}
        for organisation in self._city.organisations:
            if organisation.kind != "MAYORS_OFFICE" and organisation.is_valid_on(self._today):
                crews[organisation.code] = self._crew(organisation)
        self._service_account("DLH", "integrasi-dlh", "Sinkronisasi data persampahan")
        return Staff(crews, mayor, crews["SETDA"].head, reviewer)

    def _crew(self, organisation: ListedOrganisation) -> Crew:
        facts = OrganisationInFull(
            id=self._ids[organisation.code],
            kind=OrganisationKind(organisation.kind),
            valid_from=organisation.valid_from,
            valid_to=organisation.valid_to,
            name=organisation.name,
            short_name=organisation.short_name,
        )
        place = organisation.short_name.replace("Bag. ", "Bagian ")
        title = TITLES.get(organisation.code, f"{TITLES_BY_KIND[organisation.kind]} {place}")
        role = Role.OFFICE if organisation.code == "SETDA" else Role.HEAD
        head = self._account(organisation, head_login(self._city, organisation), role, title, is_head=True)
        staff = []
        stand_in, absent_since = None, None
        if organisation.kind != "KELURAHAN":
            name = slug(organisation.short_name if organisation.kind == "KECAMATAN" else organisation.code)
            for number in range(1, STAFF_PER_OFFICE + 1):
                login = f"staf-{name}" if number == 1 else f"staf-{name}-{number}"
                title = STAFF_TITLES[(number - 1) % len(STAFF_TITLES)]
                since = None
                if number == STAFF_PER_OFFICE and organisation.code in ABSENT:
                    since = self._today - timedelta(days=self._draw.randint(2, 6))
                member = self._account(organisation, login, Role.STAFF, title, is_head=False, stands_in_since=since)
                if since is None:
                    staff.append(member)
                else:  # what they do is done as Plh.
                    stand_in, absent_since = member, since
        return Crew(organisation, facts, head, tuple(staff), stand_in, absent_since)

    def _account(
        self,
        organisation: ListedOrganisation,
        login: str,
        role: Role,
        title: str,
        *,
        is_head: bool,
        stands_in_since: date | None = None,
    ) -> Member:
        organisation_id = self._ids[organisation.code]
        name = self._people.head() if is_head else self._people.officer()
        self._at += timedelta(seconds=self._draw.randint(20, 90))
        row = self._ledger.create(
            Account,
            EventType.ACCOUNT_CREATED,
            self._admin,
            self._at,
            {
                "name": name,
                "title": title,
                "organisation_id": organisation_id,
                "role": role,
                "login": login,
                "password_hash": self._password_hash,
            },
        )
        at = self._at
        heads: frozenset[tuple[UUID, Capacity]] = frozenset()
        if is_head:
            capacity = Capacity.PLT if organisation.code in VACANT else Capacity.DEFINITIVE
            since = self._hours.days[0] - timedelta(days=self._draw.randint(20, 200))
            at = self._appoint(organisation, row["id"], name, capacity, since, None)
            heads = frozenset({(organisation_id, capacity)})
        if stands_in_since is not None:
            until = stands_in_since + timedelta(days=13)
            at = self._appoint(organisation, row["id"], name, Capacity.PLH, stands_in_since, until)
            heads = frozenset({(organisation_id, Capacity.PLH)})
        access = {"account_id": row["id"], **confirmed([], at)}
        told = {"label": name, "accountId": encode(Account.prefix, row["id"])}
        self._ledger.create(CaseAccess, EventType.CASE_ACCESS_CONFIRMED, None, at, access, told)
        facts = AccountInFull(
            id=row["id"],
            organisation_id=organisation_id,
            role=role,
            is_active=True,
            name=name,
            title=title,
            login=login,
            heads=frozenset(headed for headed, _ in heads),
            is_last_administrator=False,
        )
        office = organisation_id if role is Role.MAYOR else None
        viewer = Viewer(row["id"], organisation_id, role, heads, mayors_office_id=office, has_case_access=True)
        return Member(viewer, facts, name)

    def _service_account(self, organisation: str, login: str, name: str) -> None:
        """What a program asks and acts as; its tokens are made by whoever tries one."""
        columns = {"name": name, "organisation_id": self._ids[organisation], "role": Role.INTEGRATION, "login": login}
        self._ledger.create(
            Account,
            EventType.ACCOUNT_CREATED,
            self._admin,
            self._at + timedelta(seconds=15),
            {**columns, "password_hash": self._password_hash},
        )

    def _appoint(
        self,
        organisation: ListedOrganisation,
        account_id: UUID,
        name: str,
        capacity: Capacity,
        since: date,
        until: date | None,
    ) -> datetime:
        at = self._at + timedelta(seconds=10)
        if until is not None:  # an absence is known shortly before
            at = self._hours.on(since - timedelta(days=2))
        number = f"800.1.3.3/{self._draw.randint(100, 2999)}/{since.year}"
        columns = {
            "organisation_id": self._ids[organisation.code],
            "account_id": account_id,
            "capacity": capacity,
            "valid_from": since,
            "valid_to": until,
            "decree_number": number,
        }
        told = {"account": name, "organisation": organisation.name, "capacity": capacity, "since": since}
        self._ledger.create(Appointment, EventType.APPOINTMENT_MADE, self._admin, at, columns, told)
        if capacity is Capacity.DEFINITIVE:
            self._ledger.holders[self._ids[organisation.code]] = account_id
        return at


def head_login(city: ListedCity, organisation: ListedOrganisation) -> str:
    """`camat-medan-johor`, `lurah-medan-johor-titi-kuning`, `kepala-dlh`; the secretary's is `sekda`."""
    if organisation.code == "SETDA":
        return "sekda"
    if organisation.kind == "KECAMATAN":
        return f"camat-{slug(organisation.short_name)}"
    if organisation.kind == "KELURAHAN" and organisation.parent is not None:
        return f"lurah-{slug(city.organisation(organisation.parent).short_name)}-{slug(organisation.short_name)}"
    return f"kepala-{slug(organisation.code)}"
