"""Signing in and out: passwords against tokens, the rotation of tokens, and who a token's bearer is.

A sign-in is a row: a family of refresh tokens, each good for one exchange, or a page's sliding session. It ends a set
time after it began, however often it is used. A refresh token that is presented a second time has been copied, so the
whole family ends. There are two exceptions for honest clients, who lost an answer or have two tabs open: for a minute
the last token but one is answered with the newest again, and with the exchange's own key (`retry_key`) at any time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.actions.case_access import lose_case_access
from server.actions.facts import told_of
from server.actions.sign_in_attempts import Attempt, TooManyAttempts
from server.actions.transaction import Moment, Transaction, transaction
from server.actions.viewer import COLUMNS, OFFICES, read_viewer
from server.auth import passwords
from server.auth.passwords import Passwords
from server.auth.tokens import BadToken, KeptToken, TokenKind, Tokens, fresh
from server.database import Pool
from server.events.log import Recorded
from server.events.wake import Wake
from server.ids import encode, uuid7
from server.models import Account, Organisation, PasswordLink, SignIn
from server.rules import account as rules
from server.rules.event import EventType
from server.rules.viewer import Viewer


class NotSignedIn(Exception):
    """No valid credentials; `key` names the sentence that says what was wrong, and no more than may be known."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs of the installation."""

    pool: Pool
    moment: Callable[[], Moment]
    wake: Wake | None
    passwords: Passwords
    tokens: Tokens
    access_token_lifetime: timedelta = timedelta(minutes=15)
    refresh_token_lifetime: timedelta = timedelta(days=30)
    page_session_lifetime: timedelta = timedelta(hours=12)
    sign_in_lifetime: timedelta = rules.LONGEST_SIGN_IN

    def expiry(self, now: datetime, began_at: datetime, *, is_session: bool) -> datetime:
        """Until when a sign-in that is used now counts, if it is not used again."""
        unused = self.page_session_lifetime if is_session else self.refresh_token_lifetime
        return min(now + unused, began_at + self.sign_in_lifetime)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a successful sign-in or refresh hands out: a session's token alone, or an access and a refresh token.

    `lasts`: how long the session counts unless it is used, or the access token. `device_token`: by which the device
    is known from now on; of a sign-in only.
    """

    account: Account
    organisation: Organisation
    lasts: timedelta
    device_token: str | None = None
    session_token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """Who asks, by which sign-in, and until when that sign-in counts unless it is used again or revoked.

    `ends_at`: when it ends however often it is used, counted from `began_at`. Of a token (`viewer.token`) it is
    the token, and `networks` are those from which alone it counts; none: from all.
    """

    viewer: Viewer
    sign_in_id: UUID
    account_id: UUID
    expires_at: datetime
    began_at: datetime
    ends_at: datetime
    used_at: datetime
    is_session: bool
    secret_hash: bytes
    networks: tuple[str, ...] = ()


async def sign_in(
    door: Door, login: str, password: str, *, session: bool, address: str, device: str | None = None
) -> SignedIn:
    """Check a password and open a sign-in. `device`: the text by which the caller's was to be known again.

    Raises `NotSignedIn`, `TooManyAttempts`, `passwords.Busy`. An unknown login, a disabled account and a wrong
    password look and last the same. The attempt is counted before the password is looked at, so that a fault in
    counting refuses.
    """
    clock = door.moment()
    attempt, known = Attempt(door.tokens, login, address), rules.known_login(login)
    async with door.passwords.turn():
        async with transaction(door.pool, None, clock, None) as tx:
            await attempt.count_address(tx)
        try:
            async with transaction(door.pool, None, clock, None) as tx:
                account = None if known is None else await tx.find(Account, login=known)
                device_id = None if account is None else _known_device(door, device, account)
                await attempt.count_login(tx, device_id)
        except TooManyAttempts:
            async with transaction(door.pool, None, clock, None) as tx:
                await attempt.forgive_address(tx)
            raise
        known_hash = account.password_hash if account and account.is_active else None
        if not await door.passwords.verify(known_hash, password) or account is None:
            raise NotSignedIn("wrong_password")
        renewed = known_hash and passwords.is_outdated(known_hash) and await door.passwords.hash(password)

    async with transaction(door.pool, None, clock, None) as tx:
        # While the password was being checked it may have been set anew, or the account disabled: then this is no
        # sign-in, and had it been written down it would outlive the end of all the others.
        account = await tx.lock(Account, account.id)
        if account.password_hash != known_hash or not account.is_active:
            raise NotSignedIn("wrong_password")
        await attempt.forgive(tx)
        await tx.keep("UPDATE account SET last_sign_in_at = $2 WHERE id = $1", account.id, tx.now)
        if renewed:
            await tx.keep("UPDATE account SET password_hash = $2 WHERE id = $1", account.id, renewed)
        organisation = await tx.get(Organisation, account.organisation_id)
        token = fresh(tx.new_id())
        expires_at = door.expiry(tx.now, tx.now, is_session=session)
        await tx.keep(
            "INSERT INTO sign_in (id, version, created_at, updated_at, account_id, is_session, secret_hash, used_at,"
            " expires_at) VALUES ($1, 0, $2, $2, $3, $4, $5, $2, $6)",
            *(token.id, tx.now, account.id, session, token.secret_hash, expires_at),
        )
    device_token = door.tokens.device(account.id, device_id or uuid7())
    if session:
        text = door.tokens.kept(TokenKind.SESSION, token)
        return SignedIn(account, organisation, expires_at - clock.now, device_token, session_token=text)
    return _with_tokens(door, account, organisation, token, clock.now, expires_at, device_token)


async def refresh(door: Door, text: str, retry_key: str = "") -> SignedIn:
    """Exchange a refresh token for the next one and an access token. Raises `NotSignedIn`.

    An exchange that is repeated within a minute, or with the same `retry_key` (any text that is not empty), gives the
    same token again, as long as that one was not exchanged itself; any other use of an exchanged token ends the family.
    """
    token = _kept(door, TokenKind.REFRESH, text)
    following = door.tokens.successor(token)
    retry_hash = hashlib.sha256(retry_key.encode()).digest() if retry_key else None
    clock = door.moment()
    async with transaction(door.pool, None, clock, door.wake) as tx:
        account = await _account_of(tx, token)
        family = await tx.lock(SignIn, token.id)
        if family.revoked_at is not None or not account.is_active:
            raise NotSignedIn("signed_out")
        if min(family.expires_at, family.created_at + door.sign_in_lifetime) <= tx.now:
            raise NotSignedIn("expired")
        is_newest = hmac.compare_digest(family.secret_hash, token.secret_hash)
        is_before_it = hmac.compare_digest(family.secret_hash, following.secret_hash)
        is_same_key = retry_hash is not None and retry_hash == family.retry_hash
        is_repeated = is_before_it and rules.may_repeat_refresh(family.used_at, tx.now, is_same_key=is_same_key)
        if is_newest:
            family.expires_at = door.expiry(tx.now, family.created_at, is_session=False)
            await tx.keep(
                "UPDATE sign_in SET secret_hash = $2, retry_hash = $3, used_at = $4, expires_at = $5 WHERE id = $1",
                *(family.id, following.secret_hash, retry_hash, tx.now, family.expires_at),
            )
        elif not is_repeated:
            await _end(tx, account, family, because="REFRESH_TOKEN_REPLAYED")
        organisation = await tx.get(Organisation, account.organisation_id)
    if not (is_newest or is_repeated):
        raise NotSignedIn("replayed")
    return _with_tokens(door, account, organisation, following, clock.now, family.expires_at)


async def sign_out(door: Door, identified: Identified, *, everywhere: bool) -> None:
    """End this sign-in, or all of the account's."""
    async with transaction(door.pool, identified.viewer, door.moment(), door.wake) as tx:
        account = await tx.lock(Account, identified.account_id)
        if everywhere:
            await end_sign_ins(tx, account)
        else:
            await _end(tx, account, await tx.lock(SignIn, identified.sign_in_id), because="SIGN_OUT")


async def _end(tx: Transaction, account: Account, sign_in: SignIn, *, because: str) -> None:
    """Revoke one sign-in of a locked account, itself locked, and say so in the log, so that every process hears it."""
    if sign_in.revoked_at is None:
        known_as = encode(SignIn.prefix, sign_in.id)
        change = {"revoked_at": tx.machine_now}
        await tx.change(sign_in, change, EventType.SIGNED_OUT, **told_of(account), signInId=known_as, because=because)


async def end_sign_ins(tx: Transaction, account: Account, *, because: str = "SIGN_OUT") -> Recorded:
    """The same with all sign-ins of a locked account. One event tells of it, however many there are: the newest's.

    Where there is none, one that never counted stands for them: that it was asked for is told in any case.
    """
    told: dict[str, Any] = {**told_of(account), "because": because}
    open_ones: dict[str, Any] = {"account_id": account.id, "revoked_at": None}
    newest = await tx.select(SignIn, ("created_at DESC", "id DESC"), 1, True, **open_ones)
    if not newest:
        now = tx.machine_now
        over = {"used_at": now, "expires_at": now, "revoked_at": now}
        ended = SignIn(id=tx.new_id(), account_id=account.id, secret_hash=b"", **over)
        return await tx.create(ended, EventType.SIGNED_OUT_EVERYWHERE, **told)
    event = await tx.change(newest[0], {"revoked_at": tx.machine_now}, EventType.SIGNED_OUT_EVERYWHERE, **told)
    await tx.keep(
        "UPDATE sign_in SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL", account.id, tx.machine_now
    )
    return event


async def end_links(tx: Transaction, account: Account) -> None:
    """No password link of this locked account that was made before is good any more."""
    await tx.keep(
        "UPDATE password_link SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL", account.id, tx.machine_now
    )


async def set_password(door: Door, link: str, password: str) -> Account:
    """Set a password by a one-time link, which ends every other link and every sign-in of the account.

    Whoever made the link might use it as well: case access ends with its use. Raises `NotSignedIn`, `Refused`.
    """
    token = _kept(door, TokenKind.PASSWORD_LINK, link)
    async with door.passwords.turn():
        async with transaction(door.pool, None, door.moment(), None) as tx:
            account, _ = await _by_link(tx, token)
        accepted = rules.password(password, account.login, "password")
        password_hash = await door.passwords.hash(accepted)
    async with transaction(door.pool, None, door.moment(), door.wake) as tx:
        account, row = await _by_link(tx, token)
        await tx.change(row, {"used_at": tx.machine_now}, EventType.PASSWORD_SET, **told_of(account))
        await tx.keep("UPDATE account SET password_hash = $2 WHERE id = $1", account.id, password_hash)
        await end_links(tx, account)
        await end_sign_ins(tx, account, because="PASSWORD_SET")
        if row.made_by_id != account.id:
            await lose_case_access(tx, account, row.made_by_id)
    return account


async def identify(door: Door, sign_in_id: UUID, today: date) -> Identified | None:
    """Whose sign-in this is and what that account heads today; None when it was revoked or the account is disabled.

    Whether it has run out is the caller's to ask (`expires_at`): a client is told that in other words.
    """
    async with door.pool.connection() as connection:
        found = await connection.fetchrow(_IDENTIFY, sign_in_id, today)
    if found is None:
        return None
    viewer = read_viewer(found)
    began_at, ends_at = found["created_at"], found["created_at"] + door.sign_in_lifetime
    return Identified(
        viewer=viewer,
        sign_in_id=sign_in_id,
        account_id=viewer.account_id,
        expires_at=min(found["expires_at"], ends_at),  # the lifetime may have been shortened since
        began_at=began_at,
        ends_at=ends_at,
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
            *(identified.sign_in_id, clock.now, min(clock.now + door.page_session_lifetime, identified.ends_at)),
        )


# One statement for what three look-ups would tell: it stands before every request that is not answered from memory.
_IDENTIFY: Final = f"""
SELECT {COLUMNS}, s.is_session, s.secret_hash, s.created_at, s.used_at, s.expires_at
FROM sign_in s
JOIN account a ON a.id = s.account_id AND a.is_active
{OFFICES}
WHERE s.id = $1 AND s.revoked_at IS NULL
""".format(today="$2")


async def _account_of(tx: Transaction, token: KeptToken) -> Account:
    """The account of a sign-in, locked: it is the subject of what may follow, so it comes before any other write."""
    family = await tx.find(SignIn, id=token.id)
    if family is None:
        raise NotSignedIn("signed_out")
    return await tx.lock(Account, family.account_id)


async def _by_link(tx: Transaction, token: KeptToken) -> tuple[Account, PasswordLink]:
    """The account that this one-time link opens, and the link, both locked."""
    found = await tx.find(PasswordLink, id=token.id)
    if found is None:
        raise NotSignedIn("bad_link")
    account = await tx.lock(Account, found.account_id)
    row = await tx.lock(PasswordLink, token.id)
    is_open = row.used_at is None and row.expires_at > tx.now and account.is_active
    if not is_open or not hmac.compare_digest(row.secret_hash, token.secret_hash):
        raise NotSignedIn("bad_link")
    return account, row


def _known_device(door: Door, text: str | None, account: Account) -> UUID | None:
    """The device by which this text says that the account is known, if it is this account."""
    try:
        account_id, device = door.tokens.read_device(text or "")
    except BadToken:
        return None
    return device if account_id == account.id else None


def _with_tokens(
    door: Door,
    account: Account,
    organisation: Organisation,
    token: KeptToken,
    now: datetime,
    expires_at: datetime,
    device_token: str | None = None,
) -> SignedIn:
    lasts = min(door.access_token_lifetime, expires_at - now)
    access_token = door.tokens.access(account.id, token.id, now + lasts)
    refresh_token = door.tokens.kept(TokenKind.REFRESH, token)
    return SignedIn(account, organisation, lasts, device_token, access_token=access_token, refresh_token=refresh_token)


def _kept(door: Door, kind: TokenKind, text: str) -> KeptToken:
    try:
        return door.tokens.read_kept(kind, text)
    except BadToken:
        raise NotSignedIn("bad_link" if kind is TokenKind.PASSWORD_LINK else "bad_token") from None
