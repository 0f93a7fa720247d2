"""Loads a city's facts into the tables, with their events; loading again adds what is new and changes nothing else.

What people have changed since (a name, a parent) stays theirs: the files only bring organisations and programmes that
are not there, and the end of those that they say have ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from tortoise import Tortoise

from server.actions.transaction import Moment, Transaction
from server.city.read import ListedCity, ListedOrganisation, read_city
from server.database import Connection, connect
from server.models import City, Organisation, Programme
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.workdays import local_day
from server.settings import Settings


async def load(settings: Settings, name: str) -> None:
    """Load the city into the installation's database. Raises UnreadableCity."""
    listed = read_city(name)
    connection = await connect(settings.database_url or "", statement_timeout="0")
    try:
        async with connection.transaction():
            count = await lay(connection, listed, datetime.now(UTC))
    finally:
        await connection.close()
    print(f"{listed.name}: {count} new or ended organisations and programmes.")


async def lay(connection: Connection, listed: ListedCity, now: datetime, *, is_demo: bool = False) -> int:
    """Bring the city into the connection's open transaction as of `now`; returns how many events that made.

    `is_demo`: what follows are accounts with known passwords, which are served in demo mode only.
    """
    know_tables()
    facts = listed.facts()
    tx = Transaction(connection, None, Moment(now, local_day(now, facts.calendar), facts))
    await tx.serialise("city")
    await _city(tx, listed)
    if is_demo:
        await tx.keep("UPDATE city SET is_demo = true WHERE code = $1", listed.code)
    rows = {row.code: row for row in await tx.select(Organisation)}
    count = 0
    for organisation in listed.organisations:
        if organisation.code not in rows:
            rows[organisation.code] = await _create(tx, organisation, rows)
            count += 1
    for organisation in listed.organisations:
        if organisation.valid_to is not None and rows[organisation.code].valid_to is None:
            await _end(tx, organisation, rows)
            count += 1
    known = {row.code for row in await tx.select(Programme)}
    for programme in listed.programmes:
        if programme.code not in known:
            row = Programme(
                id=tx.new_id(),
                code=programme.code,
                name=programme.name,
                lead_id=rows[programme.lead].id,
                active_from=programme.active_from,
                active_to=programme.active_to,
            )
            await tx.create(row, EventType.PROGRAMME_CREATED)
            count += 1
    return count


def know_tables() -> None:
    """Resolves the relations of Tortoise's models, so that their tables know all of their columns; once is enough."""
    if "lead_id" not in Programme._meta.fields_map:
        Tortoise.init_models(["server.models"], "models")


async def _city(tx: Transaction, listed: ListedCity) -> None:
    """The city's one row; it has no verbs yet and so no events. Days that were added here stay."""
    present = await tx.find(City, code=listed.code)
    values = (
        listed.name,
        listed.time_zone,
        listed.term_starts_on,
        listed.term_ends_on,
        listed.report_working_days,
        listed.stored_scale(),
        listed.stored_bases(),
        list(listed.referral_bodies),
    )
    if present is None:
        await tx.keep(
            "INSERT INTO city (id, version, created_at, updated_at, code, name, time_zone, term_starts_on,"
            " term_ends_on, report_working_days, grade_scale, legal_bases, referral_bodies, holidays, is_demo)"
            " VALUES ($1, 1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '[]', false)",
            *(tx.new_id(), tx.now, listed.code, *values),
        )
    elif not present.referral_bodies:  # loaded before there were cases
        await tx.keep(
            "UPDATE city SET legal_bases = $2, referral_bodies = $3 WHERE code = $1",
            *(listed.code, listed.stored_bases(), list(listed.referral_bodies)),
        )


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
    """As the files say, unless somebody has ended it meanwhile."""
    row = await tx.lock(Organisation, rows[listed.code].id)
    if row.valid_to is None:
        successor = None if listed.successor is None else rows[listed.successor]
        await tx.change(
            row,
            {"valid_to": listed.valid_to, "successor_id": None if successor is None else successor.id},
            EventType.ORGANISATION_ENDED,
            on=listed.valid_to,
            successor=None if successor is None else successor.name,
        )
