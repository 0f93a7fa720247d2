"""The command `kolaborasi`: starts the server and does an administrator's work."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import platform
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from server import settings as configuration
from server import shortcuts, token_commands
from server.opened import database, with_database
from server.settings import BadSetting, Settings

# Everything heavy is imported inside the command that needs it, while PostgreSQL starts beside.

ROLES = ("MAYOR", "OFFICE", "REVIEWER", "ADMIN", "HEAD", "STAFF", "OBSERVER")
DISTRIBUTION = "medan-kolaborasi"
LOCAL = ("127.0.0.1", "::1", "localhost")
Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused or failed with one clear sentence, 2 wrong usage."""
    options = usage().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)  # so that `finally` runs and the embedded PostgreSQL is stopped
    try:
        chosen = configuration.read(
            data_dir=options.data_dir,
            host=getattr(options, "host", None),
            port=getattr(options, "port", None),
            demo=True if getattr(options, "demo", False) else None,
            allow_demo_network=True if getattr(options, "allow_demo_network", False) else None,
        )
        shortcuts.are_taken = not chosen.plain
        logging.basicConfig(level=chosen.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        run: Command = options.run
        return run(chosen, options)
    except BadSetting as problem:
        return _say(problem)
    except KeyboardInterrupt:
        return 130
    except Exception as problem:
        from server.database import DatabaseProblem, DatabaseUnavailable

        if isinstance(problem, DatabaseProblem | DatabaseUnavailable):
            return _say(problem)
        raise


# ---------------------------------------------------------------------------------------------------- commands


def serve(chosen: Settings, options: argparse.Namespace) -> int:
    """Bring the database up to date and answer requests until SIGTERM or Ctrl-C."""
    return _serve(chosen, prepare=None)


def demo(chosen: Settings, options: argparse.Namespace) -> int:
    """Load Kota Medan and the demo year when absent, then serve with the demo accounts."""

    async def prepare(settings: Settings) -> None:
        from server.demo.load import load

        await load(settings)

    return _serve(chosen, prepare=prepare)


def migrate(chosen: Settings, options: argparse.Namespace) -> int:
    """Bring the database's tables up to this version of the program."""
    from server.administration import upgrade

    with database(chosen) as opened:
        for name in asyncio.run(upgrade(opened.result())):
            print(f"applied {name}")
    print("The database is up to date.")
    return 0


def check(chosen: Settings, options: argparse.Namespace) -> int:
    """Recount what is kept and report every difference."""

    async def work(settings: Settings) -> int:
        from server.administration import recount

        differences = await recount(settings)
        for difference in differences:
            print(difference)
        print(f"{len(differences)} differences." if differences else "Everything agrees.")
        return 1 if differences else 0

    return with_database(chosen, work, only_reads=True)


def keep_days(chosen: Settings, options: argparse.Namespace) -> int:
    """Keep from the log how past days ended that nobody kept."""

    async def work(settings: Settings) -> int:
        from server.administration import keep_days

        count = await keep_days(settings, options.since)
        print(f"{count} past days kept." if count else "Every past day is kept.")
        return 0

    return with_database(chosen, work)


def create_account(chosen: Settings, options: argparse.Namespace) -> int:
    """Make an account; for a new installation's first administrator."""

    async def work(settings: Settings) -> int:
        from server.administration import create_first_account

        named = ("login", "name", "organisation", "role", "title")
        path = await create_first_account(settings, **{each: getattr(options, each) for each in named})
        print(f"{options.login} is made. To set its password, open this within three days, on the server:\n{path}")
        return 0

    return with_database(chosen, work)


def confirm_case_access(chosen: Settings, options: argparse.Namespace) -> int:
    """Give an account case access, where the mayor's office has nobody left who could."""

    async def work(settings: Settings) -> int:
        from server.administration import confirm_case_access

        await confirm_case_access(settings, options.login)
        print(f"{options.login} has case access.")
        return 0

    return with_database(chosen, work)


def load_city(chosen: Settings, options: argparse.Namespace) -> int:
    """Load a city's organisations, programmes and calendar into an installation; again: what is new and what ended."""
    from server.city import UnreadableCity, read_city

    try:
        listed = read_city(options.city)
    except UnreadableCity as unreadable:
        return _say(unreadable)

    async def work(settings: Settings) -> int:
        from server.city.again import RefusedCity
        from server.city.load import load

        try:
            await load(settings, listed)
        except RefusedCity as refused:
            return _say(refused)
        return 0

    return with_database(chosen, work)


def export_schema(chosen: Settings, options: argparse.Namespace) -> int:
    """Print the GraphQL schema, or write it to a file."""
    from server.schema import printed

    if options.output:
        Path(options.output).write_text(printed(), encoding="utf-8")
    else:
        sys.stdout.write(printed())
    return 0


def check_documents(chosen: Settings, options: argparse.Namespace) -> int:
    """Say where a client's documents use what this version deprecates or lacks; no database is asked. 1: they do."""
    from server.query.documents.outdated import report
    from server.schema import graphql_schema

    return report(graphql_schema, options.file)


def explain(chosen: Settings, options: argparse.Namespace) -> int:
    """Print the statements that a document becomes for this account, each with PostgreSQL's plan."""
    try:
        source = sys.stdin.read() if options.document == "-" else Path(options.document).read_text(encoding="utf-8")
        variables = json.loads(options.variables)
        if not isinstance(variables, dict):
            raise ValueError('the variables\' values are an object, such as {"first": 10}')
    except (OSError, ValueError) as problem:
        raise BadSetting(f"{options.document}, --variables: {problem}") from problem

    async def work(settings: Settings) -> int:
        from server.administration import explain
        from server.query.run.result import Result
        from server.rules.refusal import Refused

        try:
            told = await explain(
                settings, options.login, source, variables, options.operation, analyze=options.analyze
            )  # fmt: skip
        except Refused:
            raise BadSetting(f"there is no active account {options.login!r}") from None
        if isinstance(told, Result):
            print("\n".join(error.message for error in told.errors), file=sys.stderr)
            return 1
        print(told.text())
        return 0

    return with_database(chosen, work, only_reads=True)


# ---------------------------------------------------------------------------------------------------- serving


def _serve(chosen: Settings, prepare: Callable[[Settings], Coroutine[Any, Any, None]] | None) -> int:
    if chosen.demo and chosen.host not in LOCAL and not chosen.allow_demo_network:
        raise BadSetting(
            f"Demo accounts have known passwords and would be reachable by others on {chosen.host}; "
            "--allow-demo-network allows that."
        )
    from server.web.listening import listen

    with listen(chosen) as listener, database(chosen) as opened:
        import uvicorn  # noqa: F401  # imported while PostgreSQL starts

        from server.administration import upgrade
        from server.app import create_app
        from server.city.demo_mode import refuse_without_demo_mode
        from server.web.serving import uvicorn_server

        settings = opened.result()

        async def make_ready() -> None:
            await upgrade(settings)
            await refuse_without_demo_mode(settings)
            if prepare is not None:
                await prepare(settings)

        asyncio.run(make_ready())
        server = uvicorn_server(create_app(settings), settings)
        try:
            server.run(sockets=[listener])
        except (SystemExit, KeyboardInterrupt):  # uvicorn raises the signal again once it has drained
            if not server.started:
                raise
        return 0 if server.started else 1


def _leave(*_: object) -> NoReturn:
    raise SystemExit(143)


def _say(problem: Exception) -> int:
    print(f"kolaborasi: {problem}", file=sys.stderr)
    return 1


# ---------------------------------------------------------------------------------------------------- usage


def usage() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kolaborasi",
        description="Kolaborasi: work plans, targets and tasks of a city, queried, changed and watched live.",
        epilog=configuration.HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is, and end")
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        help="where the embedded database and the secret are kept (default: $KOLABORASI_DATA_DIR or .data)",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    for name, run, help_text in (
        ("serve", serve, "answer requests until stopped"),
        ("demo", demo, "serve Kota Medan with a year of made-up work and demo accounts"),
    ):
        command = _command(commands, name, run, help_text)
        command.add_argument("--host", help="address to listen on (default: $KOLABORASI_HOST or 127.0.0.1)")
        command.add_argument(
            "--port", type=_port, help="port to listen on, 0 for any free one (default: $KOLABORASI_PORT or 8000)"
        )
        command.add_argument(
            "--allow-demo-network", action="store_true", help="let other machines reach the demo accounts"
        )
        if name == "serve":
            command.add_argument("--demo", action="store_true", help="let the demo accounts sign in")
        else:
            command.set_defaults(demo=True)

    _command(commands, "migrate", migrate, "bring the database's tables up to this version")
    _command(commands, "check", check, "recount what is kept and report every difference")

    past = _command(commands, "keep-past-days", keep_days, "keep from the log how past days ended, where nobody did")
    past.add_argument(
        "--from", dest="since", type=date.fromisoformat, metavar="DAY", help="the first (default: the log's)"
    )

    confirm = _command(commands, "confirm-case-access", confirm_case_access, "give case access where nobody else can")
    confirm.add_argument("login", metavar="LOGIN", help="whose account")

    account = commands.add_parser("account", help="accounts").add_subparsers(metavar="COMMAND", required=True)
    create = _command(account, "create", create_account, "make an account, and a one-time link to set its password")
    create.add_argument("login", help="the name to sign in with")
    create.add_argument("--name", required=True, help="the person's name")
    create.add_argument("--organisation", required=True, metavar="CODE", help="code of the person's organisation")
    create.add_argument("--role", default="ADMIN", choices=ROLES, help="role of the account (default: ADMIN)")
    create.add_argument("--title", help="position title")

    token_commands.add(commands, _command)

    city = commands.add_parser("city", help="a city's own data").add_subparsers(metavar="COMMAND", required=True)
    load = _command(city, "load", load_city, "load a city's organisations, programmes and calendar")
    load.add_argument("city", metavar="FOLDER", help="a folder as docs/city-data.md says, or medan")

    asked = _command(commands, "explain", explain, "print the statements of a document, and their plans")
    asked.add_argument("document", metavar="FILE", help="the GraphQL document; - reads it from the standard input")
    asked.add_argument("--as", dest="login", required=True, metavar="LOGIN", help="the account that asks")
    asked.add_argument("--variables", default="{}", metavar="JSON", help="the variables' values")
    asked.add_argument("--operation", metavar="NAME", help="which operation of the document")
    asked.add_argument("--analyze", action="store_true", help="run each statement again for its real rows and times")

    of_schema = commands.add_parser("schema", help="the API's schema").add_subparsers(metavar="COMMAND", required=True)
    outdated = _command(of_schema, "check", check_documents, "say what a client's documents use that is to go or gone")
    what = "a GraphQL document, a folder of *.graphql, or a manifest of persisted documents (*.json)"
    outdated.add_argument("file", nargs="+", type=Path, metavar="FILE", help=what)

    schema = _command(commands, "export-schema", export_schema, "print the GraphQL schema")
    schema.add_argument("--output", metavar="FILE", help="write it to this file instead")
    return parser


class _Version(argparse.Action):
    """As argparse's own, but the version is looked up only when somebody asks."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"kolaborasi {version(DISTRIBUTION)} on Python {platform.python_version()}")
        parser.exit()


def _command(commands: Any, name: str, run: Command, help_text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=run.__doc__)
    command.set_defaults(run=run)
    return command


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
