"""An administrator's work on an installation's database, without a server: what the command line does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tortoise import Tortoise

from server.actions import account
from server.actions.case_access import confirm_case_access_by_operator
from server.actions.check import check
from server.actions.city import CityClock
from server.actions.recount import recount_old
from server.actions.texts import keep_old_texts
from server.actions.transaction import transaction
from server.actions.viewer import viewer_of
from server.auth.tokens import TokenKind, Tokens
from server.background.past_days import keep_past_days
from server.database import Pool, migrate
from server.installation import Installation
from server.models import Account
from server.query.run.explain import Explanation
from server.query.run.result import Result
from server.rules import account as rules
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role
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
    Tortoise.init_models(["server.models"], "models")
    pool = Pool(settings.database_url or "", size=2, timeout=settings.pool_timeout)
    clock = CityClock()
    try:
        await clock.load(pool)
        async with transaction(pool, None, clock.moment(), None) as tx:
            token = await account.create_first_account(tx, organisation, login, name, Role(role), title)
    finally:
        await pool.close()
    return "/auth/password#" + Tokens(settings.secret).kept(TokenKind.PASSWORD_LINK, token)


async def confirm_case_access(settings: Settings, login: str) -> None:
    """From the command line, where nobody of the mayor's office is left who could. Raises Refused."""
    Tortoise.init_models(["server.models"], "models")
    pool = Pool(settings.database_url or "", size=2, timeout=settings.pool_timeout)
    clock = CityClock()
    try:
        await clock.load(pool)
        async with transaction(pool, None, clock.moment(), None) as tx:
            await confirm_case_access_by_operator(tx, login)
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
