"""Loading a city again adds and ends: what would change a promise or orphan a row is refused by name.

People's changes stay theirs: what administrators made, renamed, ended, declared or took back is no fault of the files.
What the files themselves brought is known by its event, which has no actor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from server.actions import sweep_kinds as kinds
from server.actions.city import read_facts
from server.actions.sweep import moved
from server.actions.transaction import Moment, Transaction
from server.city.files import Fault, Place
from server.city.listed import ListedCity, ListedDay, ListedOrganisation, stored_day
from server.ids import encode
from server.models import City, Organisation, Programme
from server.models.fields import Subject
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.sweep import told_on
from server.rules.workdays import Calendar

MOST_NAMED = 3  # clocks that one day would move


class RefusedCity(Exception):
    """The city cannot be loaded over what is there; the message has a line for each reason, and what would be right."""


@dataclass(frozen=True, slots=True)
class Present:
    """What is there: the city's row, organisations and programmes by code, and what of all that files brought."""

    city: City
    organisations: Mapping[str, Organisation]
    programmes: Mapping[str, Programme]
    brought: Collection[object]  # ids
    brought_days: Collection[date]
    has_work: bool  # a plan, a task or a request: something was promised

    def new_days(self, listed: ListedCity) -> list[ListedDay]:
        """The listed days that neither files nor people have declared, or taken back, before."""
        known = {date.fromisoformat(each["date"]) for each in self.city.holidays} | {*self.brought_days}
        return [each for each in listed.days if each.on not in known]


async def present(tx: Transaction) -> Present | None:
    """What is there; None where no city is loaded."""
    city = await tx.find(City)
    if city is None:
        return None
    brought = await tx.connection.fetch(
        "SELECT subject_id, type, coalesce(facts->>'offOn', facts->>'workOn') AS day FROM event"
        " WHERE actor_id IS NULL AND type = ANY($1)",
        [EventType.ORGANISATION_CREATED, EventType.PROGRAMME_CREATED, EventType.CITY_HOLIDAY_ADDED],
    )
    has_work = await tx.connection.fetchval(
        "SELECT EXISTS (SELECT FROM work_plan) OR EXISTS (SELECT FROM task)"
        " OR EXISTS (SELECT FROM collaboration_request)"
    )
    return Present(
        city=city,
        organisations={row.code: row for row in await tx.select(Organisation)},
        programmes={row.code: row for row in await tx.select(Programme)},
        brought={row["subject_id"] for row in brought},
        brought_days={date.fromisoformat(row["day"]) for row in brought if row["day"] is not None},
        has_work=has_work,
    )


async def must_only_add_and_end(tx: Transaction, listed: ListedCity, there: Present) -> None:
    """Raises RefusedCity."""
    if there.city.code != listed.code:
        told = (
            f"this database holds {there.city.name} ({there.city.code}), not {listed.name} ({listed.code}): one"
            " database is of one city; give the other one a database of its own"
        )
        raise RefusedCity(str(Fault(*listed.place("city", "code"), told)))
    reasons = [*_facts(listed, there), *_left_out(listed, there), *await _ends(tx, listed, there)]
    reasons += [*_rest_on_what_ended(listed, there)]
    if there.city.time_zone == listed.time_zone:
        reasons += await _days(tx, listed, there)
    if reasons:
        raise RefusedCity("\n".join(str(each) for each in sorted(reasons)))


def _facts(listed: ListedCity, there: Present) -> Iterator[Fault]:
    """What every deadline and grade so far was told by."""

    def fault(key: str, text: str) -> Fault:
        return Fault(*listed.place("city", key), text)

    told = "was told by it; a plan, a task or a request is there already, so it stays"
    if there.has_work:
        if there.city.time_zone != listed.time_zone:
            here = there.city.time_zone
            yield fault("time_zone", f"time_zone is {here} here, not {listed.time_zone}: every deadline {told}")
        if there.city.report_working_days != listed.report_working_days:
            changed = f"{there.city.report_working_days} here, not {listed.report_working_days}"
            yield fault("report_working_days", f"report_working_days is {changed}: when a report is due {told}")
        if there.city.grade_scale != listed.stored_scale():
            scale = ", ".join(f"{each['grade']} from {each['from']}" for each in there.city.grade_scale)
            yield fault("grades", f"grades are {scale} here, not those of the file: every grade {told}")
    laws = {law["code"]: law for law in listed.stored_bases()}
    for law in there.city.legal_bases:
        listed_law = laws.get(law["code"])
        if listed_law is None:
            lacks = f"legal_bases lacks {law['code']}, which decisions may cite: keep it; of a law that ended, give to"
            yield fault("legal_bases", lacks)
            continue
        for key in ("from", "discipline"):
            if listed_law[key] != law[key]:
                held, said = (str(each[key]).lower() for each in (law, listed_law))
                what = f"{key} of {law['code']} in legal_bases"
                stays = f"{what} is {held} here, not {said}: a law stays as decisions cite it"
                yield Fault(*listed.place("legal_bases", law["code"], key), stays)


# Of what is missing there is no line: the file tells where it would be.
_FILES = {OrganisationKind.KECAMATAN: "territory", OrganisationKind.KELURAHAN: "territory"}


def _left_out(listed: ListedCity, there: Present) -> Iterator[Fault]:
    """What files brought before, is still there, and is missing now."""
    organisations = {each.code: each for each in listed.organisations}
    for code, row in sorted(there.organisations.items()):
        if code not in organisations:
            if row.id in there.brought and row.valid_to is None:
                yield Fault(
                    *listed.place(_FILES.get(row.kind, "organisations")),
                    f"{code} ({row.name}) was loaded before and is missing: keep its line; to end it, write ENDS with"
                    " its successor into a file of changes",
                )
        elif organisations[code].kind != row.kind.value:
            kinds = f"{row.kind.value} here, not {organisations[code].kind}"
            yield Fault(*_line(listed, code, "kind"), f"{code} ({row.name}) is of kind {kinds}: a kind stays")
    programmes = {each.code for each in listed.programmes}
    for code, programme in sorted(there.programmes.items()):
        if code not in programmes and programme.id in there.brought and programme.valid_to is None:
            missing = f"programme {code} was loaded before and is missing: keep its line; to end it, give valid_to"
            yield Fault(*listed.place("programmes"), missing)


def _line(listed: ListedCity, code: str, column: str) -> Place:
    """Where an organisation is said to be, whichever file says so."""
    tables = ("organisations", "territory", "file")  # `file`: of changes
    found = [(table, code, column) for table in tables if (table, code, "code") in listed.places]
    return listed.place(*found[0]) if found else listed.place("city")


async def _ends(tx: Transaction, listed: ListedCity, there: Present) -> list[Fault]:
    """An organisation may end without a successor only where nothing would be left without an owner."""
    reasons = []
    for each in newly_ended(listed, there.organisations):
        row = there.organisations.get(each.code)
        if each.successor is None and row is not None and (held := await _held(tx, row)):
            holds = f"{each.code} ({row.name}) ends and holds {held}: name the successor to whom it passes"
            reasons.append(Fault(*listed.place("file", each.code, "successor"), holds))
    return reasons


def _rest_on_what_ended(listed: ListedCity, there: Present) -> Iterator[Fault]:
    """What is new rests on nothing that has ended here, which the files need not know."""
    over = {code: row for code, row in there.organisations.items() if row.valid_to is not None}
    for each in newly_ended(listed, there.organisations):
        if each.code in there.organisations and each.successor in over:
            into = f"{each.code} ends into {_ended(over[each.successor])}: name a successor that has not ended"
            yield Fault(*listed.place("file", each.code, "successor"), into)
    for each in listed.organisations:
        if each.code not in there.organisations and each.valid_to is None and each.parent in over:
            parent = _ended(over[each.parent])
            below = f"{each.code} ({each.name}) is new below {parent}: name a parent that has not ended"
            yield Fault(*_line(listed, each.code, "parent"), below)
    for programme in listed.programmes:
        if programme.code not in there.programmes and programme.valid_to is None and programme.lead in over:
            lead = _ended(over[programme.lead])
            led = f"programme {programme.code} is new and led by {lead}: name a lead that has not ended"
            yield Fault(*listed.place("programmes", programme.code, "lead"), led)


def _ended(row: Organisation) -> str:
    return f"{row.code} ({row.name}), which ended here on {row.valid_to}"


def newly_ended(listed: ListedCity, rows: Mapping[str, Organisation]) -> list[ListedOrganisation]:
    """What the files end and is not ended here."""
    return [
        each
        for each in listed.organisations
        if each.valid_to is not None and (each.code not in rows or rows[each.code].valid_to is None)
    ]


async def _held(tx: Transaction, row: Organisation) -> str:
    found = await tx.connection.fetchrow(
        "SELECT (SELECT count(*) FROM work_plan WHERE organisation_id = $1 AND status <> 'CLOSED'"
        " AND archived_at IS NULL) AS plans,"
        " (SELECT count(*) FROM target t JOIN work_plan w ON w.id = t.work_plan_id WHERE t.owner_id = $1"
        " AND w.status <> 'CLOSED' AND t.archived_at IS NULL) AS targets,"
        " (SELECT count(*) FROM task WHERE organisation_id = $1 AND status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
        " AND archived_at IS NULL) AS tasks,"
        " (SELECT count(*) FROM collaboration_request WHERE $1 IN (asker_id, giver_id)"
        " AND status NOT IN ('DECLINED', 'CONFIRMED', 'WITHDRAWN')) AS requests,"
        " (SELECT count(*) FROM programme WHERE lead_id = $1 AND valid_to IS NULL) AS programmes,"
        " (SELECT count(*) FROM account WHERE organisation_id = $1 AND is_active) AS accounts",
        row.id,
    )
    assert found is not None
    return ", ".join(f"{name} ({count})" for name, count in found.items() if count)


async def _days(tx: Transaction, listed: ListedCity, there: Present) -> list[Fault]:
    """A day off may be added where no running clock would be due later by it, and none that is to come is left out."""
    reasons = []
    listed_days = {each.on for each in listed.days}
    for each in there.city.holidays:
        on = date.fromisoformat(each["date"])
        if on in there.brought_days and on not in listed_days and on >= tx.today:
            missing = (
                f"{on} ({each['name']}) was loaded before and is missing: keep its line; an administrator takes it"
                " back with removeHoliday"
            )
            reasons.append(Fault(*listed.place("holidays"), missing))
    new = there.new_days(listed)
    reasons += [
        Fault(
            *listed.place("holidays", str(day.on), "on"),
            f"{day.on} ({day.name}) has passed: deadlines were counted through it, so leave it out",
        )
        for day in new
        if day.on < tx.today and there.has_work
    ]
    coming = [day for day in new if day.on >= tx.today]
    if await _moved_by(tx, there, coming):
        for day in coming:
            if clocks := await _moved_by(tx, there, [day]):
                more = f" and of {len(clocks) - MOST_NAMED} more" if len(clocks) > MOST_NAMED else ""
                moves = (
                    f"{day.on} ({day.name}) would move the deadline of {', '.join(clocks[:MOST_NAMED])}{more}: leave it"
                    " out; an administrator declares it with addHoliday, by which deadlines move and are told"
                )
                reasons.append(Fault(*listed.place("holidays", str(day.on), "on"), moves))
    return reasons


async def _moved_by(tx: Transaction, there: Present, days: Sequence[ListedDay]) -> list[str]:
    """The clocks that would be due later by these days, with the day to which they would move."""
    facts = await read_facts(tx.connection)
    assert facts is not None
    own = cast(Any, there.city.holidays)
    found: list[dict[object, tuple[Subject, date]]] = []
    for calendar in (facts.calendar, Calendar.of(there.city.time_zone, [*own, *map(stored_day, days)])):
        then = Transaction(tx.connection, None, Moment(tx.now, tx.today, replace(facts, calendar=calendar)))
        steps = moved(then, kinds.REQUESTS, kinds.CASES, kinds.TARGETS)
        found.append({row.id: (row, told_on(step, calendar)) async for row, step in steps})
    before, after = found
    return [
        f"{encode(row.prefix, row.id)} (“{row.label()}”, to {on})"
        for id_, (row, on) in after.items()
        if id_ not in before or before[id_][1] != on
    ]
