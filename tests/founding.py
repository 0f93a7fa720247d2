"""How the small Medan is founded: its organisations, its people, and everybody signed in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from server.actions.facts import told_of
from server.actions.transaction import Moment, transaction
from server.auth.passwords import hash_password
from server.city import read_city
from server.city.load import lay
from server.database import connect
from server.installation import Installation
from server.models import Account, Appointment, CaseAccess, Organisation
from server.rules.case_access import confirmed
from server.rules.event import EventType
from server.rules.viewer import Capacity, Role
from tests.process import Site, app_on, deadline

BEGIN = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)  # a Monday, 9 o'clock in Medan
PASSWORD = "gotong-royong-2026"
JOHOR, JOHOR_LURAH, KOTA = "12.71.11", "12.71.11.1002", "12.71.01"
ORGANISATIONS = ("WALIKOTA", "SETDA", "ITKO", "BAPPEDA", "DLH", "DINKES", "DISKOMINFO", JOHOR, JOHOR_LURAH, KOTA)
# attribute of City: organisation, role, whether it heads the organisation
People: TypeAlias = Mapping[str, tuple[str, Role, bool]]
PEOPLE: People = {
    "mayor": ("WALIKOTA", Role.MAYOR, True),
    "sekda": ("SETDA", Role.OFFICE, True),
    "bappeda": ("BAPPEDA", Role.REVIEWER, False),
    "admin": ("DISKOMINFO", Role.ADMIN, False),
    "camat": (JOHOR, Role.HEAD, True),
    "camat_staff": (JOHOR, Role.STAFF, False),
    "lurah": (JOHOR_LURAH, Role.HEAD, True),
    "dlh": ("DLH", Role.HEAD, True),
    "dlh_staff": ("DLH", Role.STAFF, False),
    "neighbour": (KOTA, Role.HEAD, True),
    "outsider": ("ITKO", Role.OBSERVER, False),
}


async def build(url: str) -> str:
    """Found the city in a migrated database and sign everybody in; what `living` needs to know of it, as JSON."""
    listed = read_city("medan")
    kept = tuple(replace(each, successor=None) for each in listed.organisations if each.code in ORGANISATIONS)
    programmes = tuple(each for each in listed.programmes if each.lead in ORGANISATIONS)
    connection = await connect(url)
    async with connection.transaction():
        await lay(connection, replace(listed, organisations=kept, programmes=programmes), BEGIN - timedelta(days=90))
    await connection.close()
    return await hire(url, PEOPLE)


async def hire(url: str, people: People) -> str:
    """Everybody's accounts and offices in a city that is laid down, and their sign-ins; as `build` tells them."""
    app = app_on(url, lambda: BEGIN)
    signed_in = {}
    async with app.router.lifespan_context(app):
        await app.state.installation.reader.started()
        await _hire(app.state.installation, people)
        async with Site(app).client() as client:
            for name in people:
                login = {"login": name.replace("_", "-"), "password": PASSWORD}
                signed_in[name] = (await client.post("/auth/sign-in", json=login)).json()
        pool = app.state.installation.pool
        async with pool.connection() as look, deadline("reactions have a place") as again:
            while not await look.fetchval("SELECT count(*) FROM reader_position"):
                await again()
    return json.dumps(signed_in)


async def _hire(installation: Installation, people: People) -> None:
    moment = installation.clock.moment()
    clock = Moment(moment.now - timedelta(days=60), moment.today - timedelta(days=60), moment.city)
    password = hash_password(PASSWORD)
    async with transaction(installation.pool, None, clock, None) as tx:
        for name, (code, role, is_head) in people.items():
            organisation = await tx.find(Organisation, code=code)
            assert organisation is not None, code
            account = Account(
                id=tx.new_id(), name=name.replace("_", " ").title(), organisation_id=organisation.id, role=role,
                login=name.replace("_", "-"), password_hash=password, is_active=True,
            )  # fmt: skip
            await tx.create(account, EventType.ACCOUNT_CREATED)
            access = CaseAccess(id=tx.new_id(), account_id=account.id, **confirmed([], tx.now))
            await tx.create(access, EventType.CASE_ACCESS_CONFIRMED, **told_of(account))
            if is_head:
                appointment = Appointment(
                    id=tx.new_id(), organisation_id=organisation.id, account_id=account.id,
                    capacity=Capacity.DEFINITIVE, valid_from=date(2025, 3, 1),
                )  # fmt: skip
                await tx.create(appointment, EventType.APPOINTMENT_MADE)
