"""Verbs on appointments: who holds an office from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.case_access import lose_case_access
from server.actions.facts import Key, facts_alone, organisation_by, organisation_facts, read_facts
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Account, Appointment, Organisation
from server.rules import appointment as rules
from server.rules.account import AccountFacts
from server.rules.appointment import AppointmentFacts
from server.rules.event import EventType
from server.rules.viewer import Capacity


async def appoint(
    tx: Transaction,
    organisation: Key,
    account_id: UUID,
    capacity: Capacity,
    valid_from: date,
    valid_to: date | None = None,
    decree_number: str | None = None,
) -> Recorded:
    """The organisation is locked: of two that appoint at once, the second sees what the first did.

    Whoever is appointed waits for the mayor's office to confirm that cases are for them.
    """
    named = await organisation_by(tx, organisation, "organisation")
    rules.may_appoint(tx.viewer, await organisation_facts(tx, named), tx.today)
    office = await tx.lock(Organisation, named.id, "organisation")
    account = await tx.lock(Account, account_id, "accountId")
    others = await tx.select(Appointment, organisation_id=office.id)
    columns = rules.appoint(
        tx.viewer,
        await organisation_facts(tx, office),
        await read_facts(tx, AccountFacts, account),
        AppointmentFacts(capacity=capacity, valid_from=valid_from, valid_to=valid_to),
        decree_number,
        [facts_alone(tx, AppointmentFacts, other) for other in others],
        tx.today,
    )
    event = await tx.create(
        Appointment(id=tx.new_id(), **cast(dict[str, Any], columns)),
        EventType.APPOINTMENT_MADE,
        account=account.name,
        organisation=office.name,
        capacity=capacity,
        since=valid_from,
    )
    await lose_case_access(tx, account, tx.viewer.account_id)
    return event


async def end_appointment(
    tx: Transaction, appointment_id: UUID, valid_to: date, if_version: int | None = None
) -> Recorded:
    appointment = await tx.lock(Appointment, appointment_id, "appointmentId", if_version=if_version)
    facts = facts_alone(tx, AppointmentFacts, appointment)
    rules.may_end_appointment(tx.viewer, facts, tx.today)
    organisation = await tx.lock(Organisation, appointment.organisation_id)
    others = await tx.select(Appointment, organisation_id=organisation.id)
    change = rules.end_appointment(
        tx.viewer,
        facts,
        valid_to,
        [facts_alone(tx, AppointmentFacts, other) for other in others if other.id != appointment.id],
        tx.today,
    )
    account = await tx.find(Account, id=appointment.account_id)
    assert account is not None
    return await tx.change(
        appointment,
        change,
        EventType.APPOINTMENT_ENDED,
        account=account.name,
        organisation=organisation.name,
        capacity=appointment.capacity,
        on=valid_to,
    )
