"""The mayor's delegation of decisions: to whom, from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.facts import facts_alone, read_facts
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Account, Delegation
from server.rules import delegation as rules
from server.rules.account import AccountFacts
from server.rules.delegation import DelegationFacts
from server.rules.event import EventType


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
    )
    return await tx.create(
        Delegation(id=tx.new_id(), **cast(dict[str, Any], columns)),
        EventType.DECISIONS_DELEGATED,
        account=account.name,
        validOn=valid_from,
        untilOn=valid_to,
    )


async def end_delegation(
    tx: Transaction, delegation_id: UUID, ends_on: date, if_version: int | None = None
) -> Recorded:
    delegation = await tx.lock(Delegation, delegation_id, "delegationId", if_version=if_version)
    change = rules.end_delegation(tx.viewer, facts_alone(tx, DelegationFacts, delegation), ends_on, tx.today)
    account = await tx.find(Account, id=delegation.account_id)
    assert account is not None
    return await tx.change(
        delegation,
        change,
        EventType.DELEGATION_ENDED,
        account=account.name,
        accountId=encode(Account.prefix, account.id),
        on=ends_on,
    )
