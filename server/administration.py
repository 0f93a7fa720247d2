"""An administrator's work on an installation's database, without a server: what the command line does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import Tortoise

from server.actions import account, token
from server.actions.case_access import confirm_case_access_by_operator
from server.actions.check import check
from server.actions.city import CityClock
from server.actions.recount import recount_old
from server.actions.texts import keep_old_texts
from server.actions.transaction import Transaction, transaction
from server.actions.viewer import viewer_of
from server.auth.tokens import TokenKind, Tokens
from server.background.past_days import keep_past_days
from server.database import Pool, migrate
from server.ids import encode
from server.installation import Installation
from server.models import Account, Token
from server.query.run.explain import Explanation
from server.query.run.result import Result
from server.rules import account as rules
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role, TokenScope
from server.settings import Settings


async def upgrade(settings: Settings) -> list[str]:
    """Bring a database up to this version of the program, with all that is kept; returns the migrations applied."""
    url = settings.database_url or ""
    applied = await migrate(url)
    Tortoise.init_models(["server.models"], "models")
    pool = Pool(url, size=2, timeout=settings.pool_timeout, statement_timeout="10min")
    try:
        await recount_old(pool)
        await keep_old_texts(pool)
    finally:
        await pool.close()
    return applied


async def create_first_account(
    settings: Settings, *, login: str, name: str, organisation: str, role: str, title: str | None
) -> str:
    """Make an account from the command line; returns the one-time link's path. Raises Refused."""
    async with _as_operator(settings) as tx:
        link = await account.create_first_account(tx, organisation, login, name, Role(role), title)
    return "/auth/password#" + Tokens(settings.secret).kept(TokenKind.PASSWORD_LINK, link)


async def confirm_case_access(settings: Settings, login: str) -> None:
    """From the command line, where nobody of the mayor's office is left who could. Raises Refused."""
    async with _as_operator(settings) as tx:
        await confirm_case_access_by_operator(tx, login)


async def create_token(
    settings: Settings,
    login: str,
    *,
    organisation: str | None,
    name: str,
    scopes: Sequence[str],
    days: int,
    is_city_wide: bool,
    networks: Sequence[str],
) -> tuple[TokenLine, str]:
    """A token of a service account, and its secret, which is kept nowhere. Raises Refused.

    `organisation`: whose the account is to be, where there is none of this login.
    """
    async with _as_operator(settings) as tx:
        if organisation is not None:
            await account.create_service_account(tx, organisation, login, name)
        opened = {TokenScope.READ, *map(TokenScope, scopes)}
        row, kept = await token.create_token_by_operator(
            tx, login, name, [*opened], days, is_city_wide=is_city_wide, networks=networks
        )
        line = _line(row, login, tx.machine_now)
    return line, Tokens(settings.secret).kept(TokenKind.PROGRAM, kept)


async def list_tokens(settings: Settings) -> list[TokenLine]:
    """All tokens, also those that count no more; the last to end last."""
    async with _as_operator(settings) as tx:
        return [_line(row, owner.login, tx.machine_now) for row, owner in await token.tokens_with_accounts(tx)]


async def revoke_token(settings: Settings, token_id: UUID) -> None:
    """End it at once, also at servers that run. Raises Refused."""
    async with _as_operator(settings) as tx:
        await token.revoke_token_by_operator(tx, token_id)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """What is told of a token on the command line."""

    id: str
    login: str
    name: str
    scopes: Sequence[str]
    is_city_wide: bool
    expires_at: datetime
    last_used_at: datetime | None
    state: str  # before the day of its end

    def text(self) -> str:
        """In one line."""
        where = "city-wide" if self.is_city_wide else "own organisation"
        used = "never used" if self.last_used_at is None else f"used {self.last_used_at:%Y-%m-%d %H:%M} UTC"
        scopes = ",".join(self.scopes)
        return (
            f"{self.id}  {self.login}  {self.name}  {scopes}  {where}  {self.state} {self.expires_at:%Y-%m-%d}, {used}"
        )


def _line(row: Token, login: str | None, now: datetime) -> TokenLine:
    state = "revoked, would have ended" if row.revoked_at else "ended" if row.expires_at <= now else "ends"
    return TokenLine(
        encode(row.prefix, row.id),
        login or "",
        row.name,
        row.scopes,
        row.is_city_wide,
        row.expires_at,
        row.last_used_at,
        state,
    )


@asynccontextmanager
async def _as_operator(settings: Settings) -> AsyncIterator[Transaction]:
    """A transaction of whoever has the machine. Running servers read of it in the log."""
    Tortoise.init_models(["server.models"], "models")
    pool = Pool(settings.database_url or "", size=2, timeout=settings.pool_timeout)
    clock = CityClock()
    try:
        await clock.load(pool)
        async with transaction(pool, None, clock.moment(), None) as tx:
            yield tx
    finally:
        await pool.close()


async def recount(settings: Settings) -> list[str]:
    """Every kept value that is not what its source gives, in words."""
    Tortoise.init_models(["server.models"], "models")
    pool = Pool(settings.database_url or "", size=2, timeout=settings.pool_timeout, statement_timeout="10min")
    try:
        return [str(difference) for difference in await check(pool)]
    finally:
        await pool.close()


async def keep_days(settings: Settings, first: date | None) -> int:
    """Keep from the log how past days ended that nobody kept, from this one on; returns how many."""
    installation = Installation(settings, CityClock())
    pool = Pool(settings.database_url or "", size=1, timeout=settings.pool_timeout, statement_timeout="10min")
    try:
        await installation.clock.load(installation.pool)
        async with transaction(pool, None, installation.clock.moment(), None, in_one_state=True) as tx:
            return await keep_past_days(tx, installation.days, first)
    finally:
        await pool.close()
        await installation.pool.close()


async def explain(
    settings: Settings,
    login: str,
    source: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    *,
    analyze: bool,
) -> Explanation | Result:
    """What an operation of this account's becomes (`Engine.explain`). Refuses NOT_FOUND for an unknown login."""
    installation = Installation(settings, CityClock())
    try:
        await installation.clock.load(installation.pool)
        moment = installation.clock.moment()
        async with transaction(installation.pool, None, moment, None) as tx:
            asker = await tx.find(Account, login=rules.known_login(login))
        if asker is None:
            raise Refused(Code.NOT_FOUND, "login")
        async with installation.pool.connection() as connection:
            viewer = await viewer_of(connection, asker.id, moment.today)
        context = installation.context_of(viewer, "en", "explain")
        return await installation.engine.explain(source, variables, operation_name, context, analyze=analyze)
    finally:
        await installation.pool.close()
