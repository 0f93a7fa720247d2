"""A command's database: the one that is given, or the embedded PostgreSQL, started beside the command's own start."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

from server.settings import BadSetting, Settings

# Everything heavy is imported inside, while PostgreSQL starts.


@contextlib.contextmanager
def database(chosen: Settings) -> Iterator[Future[Settings]]:
    """Start the embedded PostgreSQL in a thread, unless a database is given; at the end it is left or stopped.

    The future's result is the settings with `database_url`, once the database answers.
    """
    opened: Future[Settings] = Future()
    if chosen.database_url:
        opened.set_result(chosen)
        yield opened
        return
    from server.database import embedded

    running: list[embedded.EmbeddedPostgres] = []

    def start() -> None:
        try:
            running.append(embedded.start(chosen.database_dir))
            opened.set_result(chosen.with_database(running[0].url))
        except BaseException as problem:
            opened.set_exception(problem)

    thread = threading.Thread(target=start, name="postgres")
    thread.start()
    try:
        yield opened
    finally:
        thread.join()
        for database in running:
            database.stop()


def with_database(
    chosen: Settings, work: Callable[[Settings], Coroutine[Any, Any, int]], *, only_reads: bool = False
) -> int:
    """Run some work on a database that is up to date; what `only_reads` changes nothing, and brings none up to date."""

    async def run(settings: Settings) -> int:
        from server.administration import upgrade
        from server.database import pending
        from server.rules.refusal import Refused
        from server.text import sentence

        if not only_reads:
            await upgrade(settings)
        elif await pending(settings.database_url or ""):
            raise BadSetting("this database is older than the program; `kolaborasi migrate` brings it up to date")
        try:
            return await work(settings)
        except Refused as refused:
            told = sentence("en", "refusal", refused.code.name, **refused.facts)
            print(f"{'.'.join(refused.path) or 'account'}: {told}", file=sys.stderr)
            return 1

    with database(chosen) as opened:
        return asyncio.run(run(opened.result()))
