"""Case access: given by the mayor's office, or by the operator where it has nobody left; lost by what others change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from server.actions.facts import read_all_facts, read_facts, told_of
from server.actions.many import each_of
from server.actions.transaction import Transaction
from server.actions.viewer import viewers_with_case_access
from server.events.log import Recorded
from server.models import Account, CaseAccess
from server.rules import case_access as rules
from server.rules.account import known_login
from server.rules.case_access import CaseAccessChange, CaseAccessFacts
from server.rules.event import EventType
from server.rules.refusal import Code, Refused, refused

_TABLES = {name: name for name in rules.TABLES}
_WAITING: Final = "SELECT a.id FROM account a WHERE " + rules.WAITS.format(
    t="a", today="$1::date", handles_cases="$2::boolean", organisation_ids="$3::uuid[]", **_TABLES
)


async def confirm_case_access(tx: Transaction, account_ids: Sequence[UUID]) -> Recorded:
    """All of them or none; an event for each."""

    async def confirm(account_id: UUID, path: tuple[str, ...]) -> Recorded:
        account = await tx.lock(Account, account_id, *path)
        facts = await read_facts(tx, CaseAccessFacts, account)
        rules.may_confirm_case_access(tx.viewer, facts, tx.today)
        cases = rules.cases_by_which(tx.viewer, facts, tx.today)
        events = [await _confirm(tx, account, each.id) for each in cases if not each.is_admitted]
        return events[0] if events else await _confirm(tx, account)

    return await each_of(account_ids, rules.AT_ONCE, "accountIds", confirm)


async def confirm_case_access_by_operator(tx: Transaction, login: str) -> Recorded:
    """From the command line, where the mayor's office has nobody who could. Refuses CASE_ACCESS_BY_OFFICE."""
    found = await tx.find(Account, login=known_login(login))
    if found is None:
        raise Refused(Code.NOT_FOUND, "login")
    account = await tx.lock(Account, found.id, "login")
    facts = await read_facts(tx, CaseAccessFacts, account)
    rules.must_lack_it(facts)
    for viewer in await viewers_with_case_access(tx.connection, tx.today):
        if refused(rules.may_confirm_case_access, viewer, facts, tx.today) is None:
            raise Refused(Code.CASE_ACCESS_BY_OFFICE)
    return await _confirm(tx, account)


async def waiting_for_case_access(tx: Transaction) -> list[CaseAccessFacts]:
    """The accounts that the viewer finds with `awaitsCaseAccess`."""
    own = [*tx.viewer.organisation_ids]
    records = await tx.connection.fetch(_WAITING, tx.today, tx.viewer.handles_cases, own)
    rows = await tx.select(Account, id=[record["id"] for record in records]) if records else []
    return [*(await read_all_facts(tx, CaseAccessFacts, rows)).values()]


async def confirm_with_delegation(tx: Transaction, account: Account) -> None:
    """The mayor delegates to this locked account, and confirms it with that, as far as the mayor could by the verb."""
    facts = await read_facts(tx, CaseAccessFacts, account)
    if refused(rules.may_confirm_case_access, tx.viewer, facts, tx.today) is None:
        await _confirm(tx, account)


async def lose_case_access(tx: Transaction, account: Account, by: UUID | None) -> None:
    """Something of this locked account was changed, by another account or (None) by the system.

    Where it has no case access it is kept who changed something, for they will not be the ones to confirm it. What it
    has as the person of a case it loses as well, of which only that case tells.
    """
    for admitted in await tx.select(CaseAccess, account_id=account.id):
        if admitted.escalation_id is not None and admitted.confirmed_at is not None:
            of_person = rules.lost(admitted.held, (), by, tx.now)
            await tx.change(admitted, of_person, EventType.CASE_ACCESS_LOST, **told_of(account))
    access = await _of(tx, account)
    held, changers = (access.held, rules.ids(access.changed_by_ids)) if access else ([], frozenset())
    change = rules.lost(held, changers, by, tx.now)
    if access is None and by is None:
        return
    if access is None or any(getattr(access, name) != value for name, value in change.items()):
        await _write(tx, account, access, change, EventType.CASE_ACCESS_LOST)


async def _confirm(tx: Transaction, account: Account, case_id: UUID | None = None) -> Recorded:
    """`case_id`: by which it is confirmed as a person, and nothing else of the account changes."""
    access = await _of(tx, account, case_id)
    change = rules.confirmed(access.held if access else [], tx.now)
    if case_id is not None:
        change["escalation_id"] = case_id
    return await _write(tx, account, access, change, EventType.CASE_ACCESS_CONFIRMED)


async def _of(tx: Transaction, account: Account, case_id: UUID | None = None) -> CaseAccess | None:
    """The locked account's, which nobody else changes meanwhile; that as the person of a case, if one is given."""
    return await tx.find(CaseAccess, account_id=account.id, escalation_id=case_id)


async def _write(
    tx: Transaction, account: Account, access: CaseAccess | None, change: CaseAccessChange, event: EventType
) -> Recorded:
    if access is not None:
        return await tx.change(access, change, event, **told_of(account))
    access = CaseAccess(id=tx.new_id(), account_id=account.id, **cast(dict[str, Any], change))
    return await tx.create(access, event, **told_of(account))
