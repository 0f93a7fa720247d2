"""Verbs on accounts. Signing in and out is in sign_in.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from server.actions.case_access import lose_case_access
from server.actions.facts import Key, organisation_facts, read_facts, receiving_organisation, told_of
from server.actions.sign_in import end_links, end_sign_ins
from server.actions.token import revoke_tokens_of
from server.actions.transaction import Transaction
from server.auth.tokens import KeptToken, fresh
from server.events.log import Recorded
from server.models import Account, Organisation, PasswordLink
from server.rules import account as rules
from server.rules import bounds
from server.rules.account import AccountInFull, AccountPatch
from server.rules.event import EventType
from server.rules.viewer import Role

LINK_LIFETIME = timedelta(days=3)


async def take(tx: Transaction, account_id: UUID, if_version: int | None) -> tuple[Account, AccountInFull]:
    """The account, locked, with what its rules need. Refuses NOT_FOUND and STALE_VERSION."""
    account = await tx.lock(Account, account_id, "accountId", if_version=if_version)
    return account, await read_facts(tx, AccountInFull, account)


async def create_account(
    tx: Transaction, organisation: Key, login: str, name: str, role: Role, title: str | None = None
) -> Recorded:
    facts = await organisation_facts(tx, await receiving_organisation(tx, organisation, "organisation"))
    rules.may_create_account(tx.viewer, facts, tx.today)
    is_taken = await _is_taken(tx, login)
    columns = rules.create_account(tx.viewer, facts, login, name, title, role, is_taken, tx.today)
    return await tx.create(Account(id=tx.new_id(), **cast(dict[str, Any], columns)), EventType.ACCOUNT_CREATED)


async def create_first_account(
    tx: Transaction, organisation: Key, login: str, name: str, role: Role, title: str | None
) -> KeptToken:
    """From the command line, where whoever has the machine has the city: no permission is asked. Gives its link."""
    token, _ = await _make_link(tx, await _made_by_operator(tx, organisation, login, name, role, title), None)
    return token


async def create_service_account(tx: Transaction, organisation: Key, login: str, name: str) -> None:
    """From the command line as well, unless there is one of this login already; it needs no link."""
    if await tx.find(Account, login=bounds.as_login(login)) is None:
        await _made_by_operator(tx, organisation, login, name, Role.INTEGRATION, None)


async def _made_by_operator(
    tx: Transaction, organisation: Key, login: str, name: str, role: Role, title: str | None
) -> Account:
    facts = await organisation_facts(tx, await receiving_organisation(tx, organisation, "organisation"))
    columns = rules.new_account(facts, login, name, title, role, await _is_taken(tx, login))
    account = Account(id=tx.new_id(), **cast(dict[str, Any], columns))
    await tx.create(account, EventType.ACCOUNT_CREATED)
    return account


async def update_account(tx: Transaction, account_id: UUID, if_version: int | None = None, **patch: Any) -> Recorded:
    """`patch`: name, title, organisation, role, login; what is absent stays, None clears."""
    if "role" in patch:
        await _one_administrator_at_a_time(tx)
    account, facts = await take(tx, account_id, if_version)
    rules.may_update_account(tx.viewer, facts, tx.today)
    organisation: Organisation | None = None
    if "organisation" in patch:
        organisation = await receiving_organisation(tx, patch.pop("organisation"), "organisation")
        patch["organisation_id"] = organisation.id
    login = patch.get("login")
    change = rules.update_account(
        tx.viewer,
        facts,
        cast(AccountPatch, patch),
        None if organisation is None else await organisation_facts(tx, organisation),
        login is not None and bounds.as_login(login) != account.login and await _is_taken(tx, login),
        tx.today,
    )
    event = await tx.change(account, change, EventType.ACCOUNT_UPDATED)
    if "login" in change:  # what was opened by the former one, or sent to whom it was told, ends with it
        await _end_ways_in(tx, account, because="LOGIN_CHANGED")
    if not change.keys().isdisjoint({"role", "organisation_id"}):
        await lose_case_access(tx, account, tx.viewer.account_id)
        await revoke_tokens_of(tx, account)  # made for what it was: for another organisation there are others
    return event


async def disable_account(tx: Transaction, account_id: UUID, if_version: int | None = None) -> Recorded:
    """Ends every sign-in, link and token of the account as well, for good."""
    await _one_administrator_at_a_time(tx)
    account, facts = await take(tx, account_id, if_version)
    change = rules.disable_account(tx.viewer, facts, tx.today)
    event = await tx.change(account, change, EventType.ACCOUNT_DISABLED)
    await _end_ways_in(tx, account, because="DISABLED")
    await revoke_tokens_of(tx, account)
    return event


async def enable_account(tx: Transaction, account_id: UUID, if_version: int | None = None) -> Recorded:
    account, facts = await take(tx, account_id, if_version)
    return await tx.change(account, rules.enable_account(tx.viewer, facts, tx.today), EventType.ACCOUNT_ENABLED)


async def make_password_link(
    tx: Transaction, account_id: UUID, if_version: int | None = None
) -> tuple[Recorded, dict[str, object]]:
    """The token of a one-time link with which the person sets a password; only its hash is kept: show it this once.

    The links before it end.
    """
    account, facts = await take(tx, account_id, if_version)
    rules.may_make_password_link(tx.viewer, facts, tx.today)
    token, event = await _make_link(tx, account, tx.viewer.account_id)
    return event, {"token": token}


async def sign_out_everywhere(tx: Transaction, account_id: UUID, if_version: int | None = None) -> Recorded:
    account, facts = await take(tx, account_id, if_version)
    rules.may_sign_out_everywhere(tx.viewer, facts, tx.today)
    return await end_sign_ins(tx, account)


async def pass_on_account(tx: Transaction, account_id: UUID, successor_id: UUID) -> Recorded:
    """In the wake of an organisation's end, by the system: the person works for the successor."""
    account = await tx.lock(Account, account_id)
    event = await tx.change(account, {"organisation_id": successor_id}, EventType.ACCOUNT_PASSED_ON)
    await lose_case_access(tx, account, None)
    return event


async def _one_administrator_at_a_time(tx: Transaction) -> None:
    """Two administrators who disable or demote each other at once would leave none."""
    await tx.serialise("administrators")


async def _is_taken(tx: Transaction, login: str) -> bool:
    return tx.is_taken_by(await tx.find(Account, login=bounds.as_login(login)))


async def _end_ways_in(tx: Transaction, account: Account, *, because: str) -> None:
    await end_links(tx, account)
    await end_sign_ins(tx, account, because=because)


async def _make_link(tx: Transaction, account: Account, by: UUID | None) -> tuple[KeptToken, Recorded]:
    await end_links(tx, account)
    token = fresh(tx.new_id())
    expires_at = tx.machine_now + LINK_LIFETIME
    link = PasswordLink(
        id=token.id, account_id=account.id, made_by_id=by, secret_hash=token.secret_hash, expires_at=expires_at
    )
    return token, await tx.create(link, EventType.PASSWORD_LINK_MADE, **told_of(account))
