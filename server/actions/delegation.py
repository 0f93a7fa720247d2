"""The mayor's delegation of decisions: to whom, from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.case_access import confirm_with_delegation
from server.actions.facts import facts_alone, read_facts
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Account, Appointment, Delegation, Organisation
from server.rules import delegation as rules
from server.rules.account import AccountFacts
from server.rules.appointment import is_held_on
from server.rules.delegation import DelegationChange, DelegationFacts
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.viewer import Capacity


async def delegate_decisions(
    tx: Transaction, account_id: UUID, valid_from: date, valid_to: date, decree_number: str | None = None
) -> Recorded:
    """The account is locked: of two delegations to it at once, the second sees the first."""
    rules.may_delegate_decisions(tx.viewer, tx.today)
    account = await tx.lock(Account, account_id, "accountId")
    others = await tx.select(Delegation, account_id=account.id)
    columns = rules.delegate_decisions(
        tx.viewer,
        await read_facts(tx, AccountFacts, account),
        valid_from,
        valid_to,
        decree_number,
        [facts_alone(tx, DelegationFacts, other) for other in others],
        tx.today,
        mayor_until=await _mayor_until(tx),
    )
    event = await tx.create(
        Delegation(id=tx.new_id(), **cast(dict[str, Any], columns)),
        EventType.DECISIONS_DELEGATED,
        account=account.name,
        validOn=valid_from,
        untilOn=valid_to,
    )
    await confirm_with_delegation(tx, account)
    return event


async def end_delegation(
    tx: Transaction, delegation_id: UUID, valid_to: date, if_version: int | None = None
) -> Recorded:
    delegation = await tx.lock(Delegation, delegation_id, "delegationId", if_version=if_version)
    change = rules.end_delegation(tx.viewer, facts_alone(tx, DelegationFacts, delegation), valid_to, tx.today)
    return await _end(tx, delegation, change, valid_to)


async def end_delegations_of(tx: Transaction, appointment: Appointment) -> None:
    """The mayor's appointment ends: what was delegated by it ends with it at the latest."""
    office = await tx.find(Organisation, id=appointment.organisation_id)
    assert office is not None
    is_mayors = office.kind is OrganisationKind.MAYORS_OFFICE and appointment.capacity is Capacity.DEFINITIVE
    if not is_mayors or appointment.valid_to is None:
        return
    for each in await tx.select(Delegation, delegated_by_id=appointment.account_id):
        delegation = await tx.lock(Delegation, each.id)
        change = rules.ended_with_office(facts_alone(tx, DelegationFacts, delegation), appointment.valid_to)
        if change:
            await _end(tx, delegation, change, appointment.valid_to)


async def _end(tx: Transaction, delegation: Delegation, change: DelegationChange, valid_to: date) -> Recorded:
    account = await tx.find(Account, id=delegation.account_id)
    assert account is not None
    return await tx.change(
        delegation,
        change,
        EventType.DELEGATION_ENDED,
        account=account.name,
        accountId=encode(Account.prefix, account.id),
        on=valid_to,
    )


async def _mayor_until(tx: Transaction) -> date | None:
    """The last day of the viewer's appointment as mayor; None for the time being."""
    assert tx.viewer is not None
    held = await tx.select(
        Appointment,
        organisation_id=tx.viewer.mayors_office_id,
        account_id=tx.viewer.account_id,
        capacity=Capacity.DEFINITIVE,
    )
    return next((each.valid_to for each in held if is_held_on(each, tx.today)), None)
