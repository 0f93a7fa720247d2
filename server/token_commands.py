"""`kolaborasi token …`: tokens of service accounts, for whoever has the machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from server.opened import with_database
from server.settings import BadSetting, Settings

SCOPES = ("READ", "PLANS_WRITE", "TASKS_WRITE", "READINGS_WRITE", "REQUESTS_WRITE")
DAYS = 90


def create(chosen: Settings, options: argparse.Namespace) -> int:
    """Make a token for a program and print its secret, which is shown this once; it is all of the standard output."""

    async def work(settings: Settings) -> int:
        from server.administration import create_token

        line, secret = await create_token(
            settings,
            options.login,
            organisation=options.organisation,
            name=options.name or options.login,
            scopes=options.scopes,
            days=options.days,
            is_city_wide=options.city_wide,
            networks=options.network,
        )
        print(line.text(), file=sys.stderr)
        print(secret)
        return 0

    return with_database(chosen, work)


def list_all(chosen: Settings, options: argparse.Namespace) -> int:
    """Print all tokens, each on a line: its id, whose it is, its name, scopes, reach, end and last use."""

    async def work(settings: Settings) -> int:
        from server.administration import list_tokens

        for line in await list_tokens(settings):
            print(line.text())
        return 0

    return with_database(chosen, work, only_reads=True)


def revoke(chosen: Settings, options: argparse.Namespace) -> int:
    """End a token at once, with all that it follows live."""
    from server.ids import MalformedId, decode

    try:
        prefix, token_id = decode(options.token)
    except MalformedId:
        prefix = ""
    if prefix != "token":
        raise BadSetting(f"{options.token!r} is no token's id; `kolaborasi token list` shows them (token_…)")

    async def work(settings: Settings) -> int:
        from server.administration import revoke_token

        await revoke_token(settings, token_id)
        print(f"{options.token} is revoked.")
        return 0

    return with_database(chosen, work)


def add(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands of this module, below `kolaborasi token`."""
    below = commands.add_parser("token", help="tokens of programs").add_subparsers(metavar="COMMAND", required=True)
    made = command(below, "create", create, "make a token for a program, and print its secret")
    made.add_argument("login", help="the service account's login")
    made.add_argument("--organisation", metavar="CODE", help="make the account for this one, where it is not there yet")
    made.add_argument("--name", help="what the token is called (default: the login)")
    made.add_argument(
        "--scopes", nargs="+", default=[], choices=SCOPES, metavar="SCOPE", help=f"of {', '.join(SCOPES)}"
    )
    made.add_argument("--days", type=int, default=DAYS, help=f"after how many days it ends, 1 to 365 (default: {DAYS})")
    made.add_argument("--city-wide", action="store_true", help="for every organisation, not its account's alone")
    made.add_argument("--network", action="append", default=[], help="from which alone it counts; may be repeated")
    command(below, "list", list_all, "print all tokens")
    ended = command(below, "revoke", revoke, "end a token at once")
    ended.add_argument("token", metavar="ID", help="its id, as `kolaborasi token list` shows it")
