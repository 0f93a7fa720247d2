"""Tokens of service accounts: making and revoking them, and who a token's bearer is."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from server.actions.facts import facts_alone, read_facts, told_of
from server.actions.sign_in import Door, Identified, NotSignedIn
from server.actions.transaction import Transaction, transaction
from server.actions.viewer import standard
from server.auth.tokens import KeptToken, fresh
from server.events.log import Recorded
from server.models import Account, Token
from server.rules import token as rules
from server.rules.account import known_login
from server.rules.event import EventType
from server.rules.organisation import has_ended
from server.rules.refusal import Code, Refused
from server.rules.token import ServiceAccount, TokenChange, TokenFacts
from server.rules.viewer import Role, TokenScope, Viewer
from server.rules.viewer import Token as ViewersToken


async def create_token(
    tx: Transaction,
    account_id: UUID,
    name: str,
    scopes: Sequence[TokenScope],
    lifetime_days: int,
    is_city_wide: bool = False,
    networks: Sequence[str] | None = None,
    locks_network: bool = False,
) -> tuple[Recorded, dict[str, object]]:
    """A new token of a service account; only its hash is kept: show it this once."""
    account = await tx.lock(Account, account_id, "accountId")
    columns = rules.create_token(
        tx.viewer,
        await read_facts(tx, ServiceAccount, account),
        name,
        scopes,
        lifetime_days,
        is_city_wide=is_city_wide,
        networks=networks,
        locks_network=locks_network,
        today=tx.today,
        now=tx.machine_now,
    )
    row, kept = _fresh(tx, columns, tx.viewer.account_id)
    return await tx.create(row, EventType.TOKEN_CREATED, **_told(row, account)), {"token": kept}


async def revoke_token(tx: Transaction, token_id: UUID, if_version: int | None = None) -> Recorded:
    """It ends at once, everywhere, and what it follows live as well."""
    row = await tx.lock(Token, token_id, "tokenId", if_version=if_version)
    change = rules.revoke_token(tx.viewer, facts_alone(tx, TokenFacts, row), tx.today, tx.machine_now)
    account = await tx.get(Account, row.account_id)
    return await tx.change(row, change, EventType.TOKEN_REVOKED, **_told(row, account))


async def create_token_by_operator(
    tx: Transaction,
    login: str,
    name: str,
    scopes: Sequence[TokenScope],
    lifetime_days: int,
    *,
    is_city_wide: bool = False,
    networks: Sequence[str] | None = None,
) -> tuple[Token, KeptToken]:
    """From the command line, where whoever has the machine has the city: no permission is asked."""
    found = await tx.find(Account, login=known_login(login))
    if found is None:
        raise Refused(Code.NOT_FOUND, "login")
    account = await tx.lock(Account, found.id, "login")
    columns = rules.new_token(
        await read_facts(tx, ServiceAccount, account),
        name,
        scopes,
        lifetime_days,
        is_city_wide=is_city_wide,
        networks=networks,
        today=tx.today,
        now=tx.machine_now,
    )
    row, kept = _fresh(tx, columns, None)
    await tx.create(row, EventType.TOKEN_CREATED, **_told(row, account))
    return row, kept


async def revoke_token_by_operator(tx: Transaction, token_id: UUID) -> Token:
    """The same of its end. Refuses NOT_FOUND and ALREADY_ENDED."""
    row = await tx.lock(Token, token_id, "tokenId")
    change = rules.revoked(facts_alone(tx, TokenFacts, row), tx.machine_now)
    await tx.change(row, change, EventType.TOKEN_REVOKED, **_told(row, await tx.get(Account, row.account_id)))
    return row


async def tokens_with_accounts(tx: Transaction) -> list[tuple[Token, Account]]:
    """All tokens, the last to end last, each with whose it is."""
    rows = await tx.select(Token, ("expires_at", "id"))
    accounts = {each.id: each for each in await tx.select(Account, id=[*{row.account_id for row in rows}])}
    return [(row, accounts[row.account_id]) for row in rows]


async def revoke_tokens_of(tx: Transaction, account: Account) -> None:
    """All that are not revoked, in the wake of what is done with the account."""
    for row in await tx.select(Token, ("id",), None, True, account_id=account.id, revoked_at=None):
        await tx.change(row, {"revoked_at": tx.machine_now}, EventType.TOKEN_REVOKED, **_told(row, account))


def _fresh(tx: Transaction, columns: TokenChange, made_by_id: UUID | None) -> tuple[Token, KeptToken]:
    kept = fresh(tx.new_id())
    row = Token(id=kept.id, made_by_id=made_by_id, secret_hash=kept.secret_hash, **cast(dict[str, Any], columns))
    return row, kept


def _told(row: Token, account: Account) -> dict[str, Any]:
    return {**told_of(account), "label": row.label(), "owner": account.name}


async def identify_token(door: Door, token: KeptToken, address: str) -> Identified:
    """Who asks by this token, and what that opens. Raises `NotSignedIn`.

    Why it does not count is told to whoever brings the right secret; of any other it is only wrong. One that is to be
    locked to a network is locked to this address's.
    """
    found = await _find(door, token.id)
    if found is None or not hmac.compare_digest(found["secret_hash"], token.secret_hash):
        raise NotSignedIn("bad_token")
    identified = _identified(door, found)
    if found["locks_network"] and not identified.networks and (network := rules.network_of(address)) is not None:
        async with transaction(door.pool, None, door.moment(), None) as tx:
            await tx.keep(_LOCK, token.id, [network])
        return await identify_token(door, token, address)  # somebody else may have been faster
    return identified


async def still_counts(door: Door, token_id: UUID) -> Identified | None:
    """The same token as it is now, for what it follows live; None when it does not count any more."""
    found = await _find(door, token_id)
    try:
        return None if found is None else _identified(door, found)
    except NotSignedIn:
        return None


async def keep_token_uses(tx: Transaction, uses: Mapping[UUID, datetime]) -> None:
    """When each token was used last: bookkeeping, without an event."""
    ids = sorted(uses)
    await tx.keep(_KEEP_USES, ids, [uses[each] for each in ids])


_FIND: Final = """
SELECT t.id, t.name, t.scopes, t.is_city_wide, t.networks, t.locks_network, t.secret_hash, t.created_at, t.expires_at,
    t.revoked_at, a.id AS account_id, a.organisation_id, a.role, a.is_active, o.valid_to, o.successor_id
FROM token t JOIN account a ON a.id = t.account_id JOIN organisation o ON o.id = a.organisation_id WHERE t.id = $1
"""
_LOCK: Final = "UPDATE token SET networks = $2 WHERE id = $1 AND locks_network AND networks = '[]'"
# In one order, lest two processes wait for each other.
_KEEP_USES: Final = """
UPDATE token SET last_used_at = greatest(token.last_used_at, used.at) FROM (
    SELECT t.id, u.at FROM unnest($1::uuid[], $2::timestamptz[]) u (id, at) JOIN token t ON t.id = u.id
    ORDER BY t.id FOR NO KEY UPDATE OF t
) used WHERE token.id = used.id
"""


async def _find(door: Door, token_id: UUID) -> Any:
    async with door.pool.connection() as connection:
        return await connection.fetchrow(_FIND, token_id)


def _identified(door: Door, found: Any) -> Identified:
    """Raises `NotSignedIn` where it does not count any more."""
    clock = door.moment()
    if found["revoked_at"] is not None:
        raise NotSignedIn("token_revoked")
    if found["expires_at"] <= clock.now:
        raise NotSignedIn("token_expired")
    # With its organisation's end the account passes to the successor, a moment later.
    is_left = found["successor_id"] is None and has_ended(found["valid_to"], clock.today)
    if not found["is_active"] or found["role"] != Role.INTEGRATION or is_left:
        raise NotSignedIn("token_account")
    token_id, account_id = standard(found["id"]), standard(found["account_id"])
    scopes = frozenset(map(TokenScope, found["scopes"]))
    return Identified(
        viewer=Viewer(
            account_id=account_id,
            organisation_id=standard(found["organisation_id"]),
            role=Role.INTEGRATION,
            token=ViewersToken(token_id, found["name"], scopes, found["is_city_wide"]),
        ),
        sign_in_id=token_id,
        account_id=account_id,
        expires_at=found["expires_at"],
        began_at=found["created_at"],
        ends_at=found["expires_at"],
        used_at=clock.now,
        is_session=False,
        secret_hash=found["secret_hash"],
        networks=tuple(found["networks"]),
    )
