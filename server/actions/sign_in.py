"""Signing in and out: passwords against tokens, the rotation of tokens, and who a token's bearer is.

A sign-in is a row: a family of refresh tokens, each good for one exchange, or a page's sliding session. Whoever
presents a refresh token that was exchanged before has copied it, or was copied: the whole family ends. Only who
repeats an exchange under its own key (`retry_key`: the answer was lost) is given the same answer once more.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final
from uuid import UUID

from server.actions.transaction import Clock, Transaction, transaction
from server.actions.viewer import COLUMNS, OFFICES, read_viewer
from server.auth import passwords
from server.auth.passwords import Passwords
from server.auth.tokens import BadToken, KeptToken, Kind, Tokens, fresh
from server.database import Pool
from server.events.log import Recorded
from server.events.wake import Wake
from server.ids import encode, uuid7
from server.models import Account, Organisation, PasswordLink, SignIn, SignInAttempt
from server.rules import account as rules
from server.rules.event import EventType
from server.rules.viewer import Viewer

# How many failures are borne, and for how long they count. Whole offices share one address.
LOGIN_FAILURES: Final = 10
LOGIN_WINDOW: Final = timedelta(minutes=15)
ADDRESS_FAILURES: Final = 100
ADDRESS_WINDOW: Final = timedelta(minutes=5)


class NotSignedIn(Exception):
    """No valid credentials; `key` names the sentence that says what was wrong, and no more than may be known."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class TooManyAttempts(Exception):
    """Too many wrong passwords for this login or from this address; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs of the installation."""

    pool: Pool
    moment: Callable[[], Clock]
    wake: Wake | None
    passwords: Passwords
    tokens: Tokens
    access_token_lifetime: timedelta = timedelta(minutes=15)
    refresh_token_lifetime: timedelta = timedelta(days=30)
    page_session_lifetime: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a successful sign-in or refresh hands out: a session's token alone, or an access and a refresh token."""

    account: Account
    organisation: Organisation
    sign_in_id: UUID
    session_token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """Who asks, by which sign-in, and until when that sign-in counts unless it is used again or revoked."""

    viewer: Viewer
    sign_in_id: UUID
    account_id: UUID
    expires_at: datetime
    used_at: datetime
    is_session: bool
    secret_hash: bytes


async def sign_in(door: Door, login: str, password: str, *, session: bool, address: str) -> SignedIn:
    """Check a password and open a sign-in. Raises `NotSignedIn`, `TooManyAttempts`, `passwords.Busy`.

    An unknown login, a disabled account and a wrong password look and last the same.
    """
    clock = door.moment()
    login = login.strip().lower()
    buckets = {f"login:{login}": (LOGIN_FAILURES, LOGIN_WINDOW)}
    buckets[f"address:{_network(address)}"] = (ADDRESS_FAILURES, ADDRESS_WINDOW)
    async with door.passwords.turn():
        async with transaction(door.pool, None, clock, None) as tx:
            await _refuse_after_too_many(tx, buckets)
            account = await tx.find(Account, login=login)
        known_hash = account.password_hash if account and account.is_active else None
        if not await door.passwords.verify(known_hash, password) or account is None:
            async with transaction(door.pool, None, clock, None) as tx:
                await _count_failure(tx, buckets)
            raise NotSignedIn("wrong_password")
        renewed = known_hash and passwords.is_outdated(known_hash) and await door.passwords.hash(password)

    async with transaction(door.pool, None, clock, None) as tx:
        # While the password was being checked it may have been set anew, or the account disabled: then this is no
        # sign-in, and had it been written down it would outlive the end of all the others.
        account = await tx.lock(Account, account.id)
        if account.password_hash != known_hash or not account.is_active:
            raise NotSignedIn("wrong_password")
        await tx.keep("DELETE FROM sign_in_attempt WHERE bucket = $1", f"login:{login}")
        await tx.keep("UPDATE account SET last_sign_in_at = $2 WHERE id = $1", account.id, tx.now)
        if renewed:
            await tx.keep("UPDATE account SET password_hash = $2 WHERE id = $1", account.id, renewed)
        organisation = await tx.get(Organisation, account.organisation_id)
        token = fresh(uuid7())
        lifetime = door.page_session_lifetime if session else door.refresh_token_lifetime
        await tx.keep(
            "INSERT INTO sign_in (id, account_id, is_session, secret_hash, created_at, used_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $5, $6)",
            *(token.id, account.id, session, token.secret_hash, tx.now, tx.now + lifetime),
        )
    if session:
        return SignedIn(account, organisation, token.id, session_token=door.tokens.kept(Kind.SESSION, token))
    return _with_tokens(door, account, organisation, token, clock.now)


async def refresh(door: Door, text: str, retry_key: str = "") -> SignedIn:
    """Exchange a refresh token for the next one and an access token. Raises `NotSignedIn`.

    An exchange repeated with the same `retry_key` (any text that is not empty) gives the same token again, as long as
    that one was not exchanged itself; any other use of an exchanged token ends the family.
    """
    token = _kept(door, Kind.REFRESH, text)
    following = door.tokens.successor(token, retry_key)
    clock = door.moment()
    async with transaction(door.pool, None, clock, door.wake) as tx:
        account = await _account_of(tx, token)
        [family] = await tx.select(SignIn, lock=True, id=token.id)
        if family.revoked_at is not None or family.expires_at <= tx.now or not account.is_active:
            raise NotSignedIn("signed_out")
        is_newest = hmac.compare_digest(family.secret_hash, token.secret_hash)
        is_repeated = bool(retry_key) and hmac.compare_digest(family.secret_hash, following.secret_hash)
        if is_newest:
            await tx.keep(
                "UPDATE sign_in SET secret_hash = $2, used_at = $3, expires_at = $4 WHERE id = $1",
                *(family.id, following.secret_hash, tx.now, tx.now + door.refresh_token_lifetime),
            )
        elif not is_repeated:
            await end_sign_ins(tx, account, family.id, because="REFRESH_TOKEN_REPLAYED")
        organisation = await tx.get(Organisation, account.organisation_id)
    if not (is_newest or is_repeated):
        raise NotSignedIn("replayed")
    return _with_tokens(door, account, organisation, following, clock.now)


async def sign_out(door: Door, identified: Identified, *, everywhere: bool) -> None:
    """End this sign-in, or all of the account's."""
    async with transaction(door.pool, identified.viewer, door.moment(), door.wake) as tx:
        account = await tx.lock(Account, identified.account_id)
        await end_sign_ins(tx, account, None if everywhere else identified.sign_in_id)


async def end_sign_ins(
    tx: Transaction, account: Account, sign_in_id: UUID | None, *, because: str = "SIGN_OUT"
) -> Recorded:
    """Revoke one sign-in of a locked account, or all (None), and say so in the log, so that every process hears it."""
    await tx.keep(
        "UPDATE sign_in SET revoked_at = $3"
        " WHERE account_id = $1 AND ($2::uuid IS NULL OR id = $2) AND revoked_at IS NULL",
        *(account.id, sign_in_id, tx.now),
    )
    if sign_in_id is None:
        return await tx.change(account, {}, EventType.SIGNED_OUT_EVERYWHERE, because=because)
    known_as = encode(SignIn.prefix, sign_in_id)
    return await tx.change(account, {}, EventType.SIGNED_OUT, signInId=known_as, because=because)


async def set_password(door: Door, link: str, password: str) -> Account:
    """Set a password by a one-time link, which ends every sign-in of the account. Raises `NotSignedIn`, `Refused`."""
    token = _kept(door, Kind.PASSWORD_LINK, link)
    async with door.passwords.turn():
        async with transaction(door.pool, None, door.moment(), None) as tx:
            account = await _account_by_link(tx, token)
        accepted = rules.password(password, account.login, "password")
        password_hash = await door.passwords.hash(accepted)
    async with transaction(door.pool, None, door.moment(), door.wake) as tx:
        account = await _account_by_link(tx, token)
        await tx.keep("UPDATE password_link SET used_at = $2 WHERE id = $1", token.id, tx.now)
        await tx.change(account, {"password_hash": password_hash}, EventType.PASSWORD_SET)
        await end_sign_ins(tx, account, None, because="PASSWORD_SET")
    return account


async def identify(pool: Pool, sign_in_id: UUID, now: datetime, today: date) -> Identified | None:
    """Whose sign-in this is and what that account heads today; None when it ended or the account is disabled."""
    async with pool.connection() as connection:
        found = await connection.fetchrow(_IDENTIFY, sign_in_id, now, today)
    if found is None:
        return None
    viewer = read_viewer(found)
    return Identified(
        viewer=viewer,
        sign_in_id=sign_in_id,
        account_id=viewer.account_id,
        expires_at=found["expires_at"],
        used_at=found["used_at"],
        is_session=found["is_session"],
        secret_hash=found["secret_hash"],
    )


async def keep_session(door: Door, identified: Identified) -> None:
    """Let a page's session slide: it counts from now."""
    clock = door.moment()
    async with transaction(door.pool, None, clock, None) as tx:
        await tx.keep(
            "UPDATE sign_in SET used_at = $2, expires_at = $3 WHERE id = $1 AND is_session AND revoked_at IS NULL",
            *(identified.sign_in_id, clock.now, clock.now + door.page_session_lifetime),
        )


# One statement for what three look-ups would tell: it stands before every request that is not answered from memory.
_IDENTIFY: Final = f"""
SELECT {COLUMNS}, s.is_session, s.secret_hash, s.used_at, s.expires_at
FROM sign_in s
JOIN account a ON a.id = s.account_id AND a.is_active
{OFFICES}
WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
""".format(today="$3")


async def _account_of(tx: Transaction, token: KeptToken) -> Account:
    """The account of a sign-in, locked: it is the subject of what may follow, so it comes before any other write."""
    family = await tx.find(SignIn, id=token.id)
    if family is None:
        raise NotSignedIn("signed_out")
    return await tx.lock(Account, family.account_id)


async def _account_by_link(tx: Transaction, token: KeptToken) -> Account:
    """The account that this one-time link opens, locked with it."""
    found = await tx.find(PasswordLink, id=token.id)
    if found is None:
        raise NotSignedIn("bad_link")
    account = await tx.lock(Account, found.account_id)
    [row] = await tx.select(PasswordLink, lock=True, id=token.id)
    is_open = row.used_at is None and row.expires_at > tx.now and account.is_active
    if not is_open or not hmac.compare_digest(row.secret_hash, token.secret_hash):
        raise NotSignedIn("bad_link")
    return account


async def _refuse_after_too_many(tx: Transaction, buckets: dict[str, tuple[int, timedelta]]) -> None:
    for found in await tx.select(SignInAttempt, bucket=list(buckets)):
        limit, window = buckets[found.bucket]
        left = found.window_starts_at + window - tx.now
        if found.failures >= limit and left > timedelta():
            raise TooManyAttempts(int(left.total_seconds()) + 1)


async def _count_failure(tx: Transaction, buckets: dict[str, tuple[int, timedelta]]) -> None:
    for bucket, (_, window) in sorted(buckets.items()):  # in one order everywhere, so that no two wait for each other
        await tx.keep(
            "INSERT INTO sign_in_attempt AS a (id, bucket, failures, window_starts_at) VALUES ($1, $2, 1, $3)"
            " ON CONFLICT (bucket) DO UPDATE SET"
            " failures = CASE WHEN a.window_starts_at > $4 THEN a.failures + 1 ELSE 1 END,"
            " window_starts_at = CASE WHEN a.window_starts_at > $4 THEN a.window_starts_at ELSE $3 END",
            *(uuid7(), bucket, tx.now, tx.now - window),
        )


def _with_tokens(door: Door, account: Account, organisation: Organisation, token: KeptToken, now: datetime) -> SignedIn:
    access_token = door.tokens.access(account.id, token.id, now + door.access_token_lifetime)
    refresh_token = door.tokens.kept(Kind.REFRESH, token)
    return SignedIn(account, organisation, token.id, access_token=access_token, refresh_token=refresh_token)


def _kept(door: Door, kind: Kind, text: str) -> KeptToken:
    try:
        return door.tokens.read_kept(kind, text)
    except BadToken:
        raise NotSignedIn("bad_link" if kind is Kind.PASSWORD_LINK else "bad_token") from None


def _network(address: str) -> str:
    """What one caller can easily have all of: an IPv4 address, or an IPv6 /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:100]
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
