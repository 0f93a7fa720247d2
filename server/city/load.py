"""Loads a city's facts into the tables, with their events; loading again adds and ends, and changes nothing else.

What people have changed since (a name, a parent) stays theirs: the files only bring organisations, programmes and days
that are not there, and the end of those that they say have ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from tortoise import Tortoise

from server.actions.transaction import Moment, Transaction
from server.city.again import Present, must_only_add_and_end, newly_ended, present
from server.city.listed import ListedCity, ListedDay, ListedOrganisation, ListedProgramme, stored_day
from server.database import Connection, connect
from server.models import City, Organisation, Programme
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.workdays import local_day
from server.settings import Settings


async def load(settings: Settings, listed: ListedCity) -> None:
    """Load the city into the installation's database. Raises RefusedCity."""
    connection = await connect(settings.database_url or "", statement_timeout="0")
    try:
        async with connection.transaction():
            count = await lay(connection, listed, datetime.now(UTC))
    finally:
        await connection.close()
    print(f"{listed.name}: {count} new or ended organisations, programmes and days.")


async def lay(connection: Connection, listed: ListedCity, now: datetime, *, is_demo: bool = False) -> int:
    """Bring the city into the connection's open transaction as of `now`; returns how many events that made.

    `is_demo`: what follows are accounts with known passwords, which are served in demo mode only. Raises RefusedCity.
    """
    know_tables()
    facts = listed.facts()
    tx = Transaction(connection, None, Moment(now, local_day(now, facts.calendar), facts))
    await tx.serialise("city")
    there = await present(tx)
    if there is not None:
        await must_only_add_and_end(tx, listed, there)
    await _city(tx, listed, there)
    if is_demo:
        await tx.keep("UPDATE city SET is_demo = true WHERE code = $1", listed.code)
    rows = {} if there is None else {**there.organisations}
    count = 0
    for organisation in listed.organisations:
        if organisation.code not in rows:
            rows[organisation.code] = await _create(tx, organisation, rows)
            count += 1
    for organisation in newly_ended(listed, rows):
        await _end(tx, organisation, rows)
        count += 1
    known = {} if there is None else there.programmes
    for programme in listed.programmes:
        count += await _programme(tx, programme, known.get(programme.code), rows)
    for day in listed.days if there is None else there.new_days(listed):
        await _day(tx, day)
        count += 1
    return count


def know_tables() -> None:
    """Resolves the relations of Tortoise's models, so that their tables know all of their columns; once is enough."""
    if "lead_id" not in Programme._meta.fields_map:
        Tortoise.init_models(["server.models"], "models")


async def _city(tx: Transaction, listed: ListedCity, there: Present | None) -> None:
    """The city's one row; of it only the days have events. To whom cases are referred may have passed on meanwhile."""
    bodies, inspectorate = list(listed.referral_bodies), listed.inspectorate
    if there is not None:
        ended = {code for code, row in there.organisations.items() if row.valid_to is not None}
        new = [body for body in bodies if body not in there.city.referral_bodies and body not in ended]
        bodies = [*there.city.referral_bodies, *new]
        if inspectorate not in bodies:  # it has ended meanwhile; its work passed on
            inspectorate = there.city.inspectorate
    values = {
        "code": listed.code,
        "name": listed.name,
        "time_zone": listed.time_zone,
        "term_starts_on": listed.term_starts_on,
        "term_ends_on": listed.term_ends_on,
        "report_working_days": listed.report_working_days,
        "achievement_cap": listed.achievement_cap,
        "target_formula": listed.target_formula,
        "grade_scale": listed.stored_scale(),
        "legal_bases": listed.stored_bases(),
        "referral_bodies": bodies,
        "inspectorate": inspectorate,
        "person_reply_working_days": listed.person_reply_working_days,
        "reprimand_kinds": list(listed.reprimand_kinds),
        "ruling_working_days": listed.ruling_working_days,
        "acting_months": listed.acting_months,
        "map": listed.stored_map(),
    }
    if there is None:
        places = ", ".join(f"${number}" for number in range(3, len(values) + 3))
        await tx.keep(
            f"INSERT INTO city (id, version, created_at, updated_at, holidays, is_demo, {', '.join(values)})"
            f" VALUES ($1, 1, $2, $2, '[]', false, {places})",
            *(tx.new_id(), tx.now, *values.values()),
        )
    elif any(getattr(there.city, name) != value for name, value in values.items()):
        changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
        await tx.keep(f"UPDATE city SET {changes} WHERE id = $1", there.city.id, *values.values())


async def _create(tx: Transaction, listed: ListedOrganisation, rows: Mapping[str, Organisation]) -> Organisation:
    row = Organisation(
        id=tx.new_id(),
        kind=OrganisationKind(listed.kind),
        code=listed.code,
        name=listed.name,
        short_name=listed.short_name,
        parent_id=None if listed.parent is None else rows[listed.parent].id,
        valid_from=listed.valid_from,
    )
    await tx.create(row, EventType.ORGANISATION_CREATED)
    return row


async def _end(tx: Transaction, listed: ListedOrganisation, rows: Mapping[str, Organisation]) -> None:
    row = await tx.lock(Organisation, rows[listed.code].id)
    successor = None if listed.successor is None else rows[listed.successor]
    await tx.change(
        row,
        {"valid_to": listed.valid_to, "successor_id": None if successor is None else successor.id},
        EventType.ORGANISATION_ENDED,
        on=listed.valid_to,
        successor=None if successor is None else successor.name,
    )


async def _programme(
    tx: Transaction, listed: ListedProgramme, present: Programme | None, rows: Mapping[str, Organisation]
) -> int:
    """One that is new, or that ends; returns how many events that made."""
    if present is None:
        row = Programme(
            id=tx.new_id(),
            code=listed.code,
            name=listed.name,
            lead_id=rows[listed.lead].id,
            valid_from=listed.valid_from,
            valid_to=listed.valid_to,
        )
        await tx.create(row, EventType.PROGRAMME_CREATED)
        return 1
    if listed.valid_to is None or present.valid_to is not None:
        return 0
    row = await tx.lock(Programme, present.id)
    await tx.change(row, {"valid_to": listed.valid_to}, EventType.PROGRAMME_ENDED, on=listed.valid_to)
    return 1


async def _day(tx: Transaction, day: ListedDay) -> None:
    """As an administrator declares it: every process hears of it by the log."""
    found = await tx.find(City)
    assert found is not None
    city = await tx.lock(City, found.id)
    days = sorted([*cast(Any, city.holidays), stored_day(day)], key=lambda each: each["date"])
    told: dict[str, Any] = {"workOn" if day.is_workday else "offOn": day.on}
    await tx.change(city, {"holidays": days}, EventType.CITY_HOLIDAY_ADDED, name=day.name, **told)
