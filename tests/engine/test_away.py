"""What asyncpg says when the database is away is told from mistakes of ours, whatever it is wrapped in."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from asyncpg.exceptions import DataError as WrongArgument
from graphql import GraphQLError

from server.database import Connection, DatabaseProblem, DatabaseUnavailable, PoolClosed, PoolTimeout, connect, is_away

NETWORK = (
    ConnectionResetError("reset"),
    ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
    BrokenPipeError(),
    TimeoutError(),
    FileNotFoundError(errno.ENOENT, "No such file or directory"),  # of a socket: nothing is named
    OSError(errno.EHOSTUNREACH, "No route to host"),
    OSError(errno.ENETUNREACH, "Network is unreachable"),
)


@pytest.mark.parametrize(
    "fault",
    [
        DatabaseUnavailable("no"),
        PoolTimeout("no"),
        PoolClosed("no"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.ConnectionFailureError("no"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CrashShutdownError("no"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.InterfaceError("cannot call Transaction.rollback(): the underlying connection is closed"),
        asyncpg.InterfaceError("cannot perform operation: connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        asyncpg.InternalClientError('cannot switch to state 15; protocol is in the "failed" state'),
        asyncpg.InternalClientError('cannot switch to "idle" state; protocol is in the "failed" state'),
        asyncpg.InternalClientError("not connected"),
        *NETWORK,
    ],
    ids=repr,
)
def test_every_way_of_saying_that_the_database_is_away_is_heard(fault: Exception) -> None:
    assert is_away(fault)
    assert is_away(GraphQLError("wrapped", original_error=GraphQLError("twice", original_error=fault)))
    assert is_away(_raised(KeyError("caused"), fault))
    # What was being handled is the database's only where it says so: a client's connection may be cut as well.
    with pytest.raises(RuntimeError) as later:
        _raise_later(fault)
    assert is_away(later.value) is (fault not in NETWORK)
    with pytest.raises(RuntimeError) as much_later:
        _raise_later(later.value)
    assert is_away(much_later.value) is (fault not in NETWORK)
    with pytest.raises(RuntimeError) as later:
        _raise_later(_raised(KeyError("caused"), fault))
    assert is_away(later.value) is (fault not in NETWORK)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        KeyError("x"),
        DatabaseProblem("the database x has no tables"),
        WrongArgument("invalid input for query argument $1: 'x' ('str' object cannot be interpreted as an integer)"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
        asyncpg.InternalClientError("no binary format encoder for type x (OID 1)"),
        asyncpg.UndefinedColumnError("column t.search does not exist"),
        asyncpg.UniqueViolationError("duplicate key"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "server/text/id.toml"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENFILE, "Too many open files in system"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
        PermissionError(errno.EACCES, "Permission denied"),
        OSError("of no number"),
        GraphQLError("an error of the document"),
    ],
    ids=repr,
)
def test_a_mistake_of_ours_is_not_taken_for_an_absent_database(fault: Exception | None) -> None:
    assert not is_away(fault)


def test_what_was_put_aside_does_not_count() -> None:
    with pytest.raises(KeyError) as later:
        _raise_instead(ConnectionResetError())
    assert not is_away(later.value)


async def test_what_asyncpg_says_of_a_cut_connection_means_that_the_database_is_away(database_url: str) -> None:
    killer = await connect(database_url)
    for said in (in_a_statement, in_a_transaction, when_used_again):
        victim = await connect(database_url)
        fault = await said(victim, killer)
        assert is_away(fault), f"{said.__name__}: {fault!r}"
        assert not isinstance(fault, DatabaseUnavailable)
    await killer.close()


async def test_a_connection_whose_end_has_arrived_but_was_not_seen_yet_is_away_too(database_url: str) -> None:
    killer = await connect(database_url)
    async with keeping_open(database_url) as (url, is_cut):
        victim = await connect(url)
        await killer.execute("SELECT pg_terminate_backend($1)", victim.get_server_pid())
        await is_cut.wait()
        with pytest.raises(asyncpg.InternalClientError, match="cannot switch to state") as heard:
            await use_up(victim)
        assert is_away(heard.value)
        victim.terminate()
    await killer.close()


async def test_two_statements_at_once_on_one_connection_are_a_mistake_of_ours(database_url: str) -> None:
    connection = await connect(database_url)
    first = asyncio.create_task(connection.fetchval("SELECT pg_sleep(0.2)"))
    await asyncio.sleep(0)
    with pytest.raises(asyncpg.InterfaceError) as fault:
        await connection.fetchval("SELECT 1")
    assert not is_away(fault.value)
    await first
    await connection.close()


def _raise_later(fault: BaseException) -> None:
    try:
        raise fault
    finally:
        raise RuntimeError("while that was being handled")


def _raise_instead(fault: Exception) -> None:
    try:
        raise fault
    except type(fault):
        raise KeyError("of its own") from None


async def use_up(victim: Connection) -> None:
    while True:  # PostgreSQL's last word is on its way through the loop
        await victim.fetchval("SELECT 1")


async def in_a_statement(victim: Connection, killer: Connection) -> BaseException:
    sleeping = asyncio.create_task(victim.fetchval("SELECT pg_sleep(30)"))
    while not await killer.execute("SELECT pg_terminate_backend($1)", victim.get_server_pid()):
        await asyncio.sleep(0)
    return (await asyncio.gather(sleeping, return_exceptions=True))[0]


async def in_a_transaction(victim: Connection, killer: Connection) -> BaseException:
    try:
        async with victim.transaction():
            await victim.fetchval("SELECT 1")
            await killer.execute("SELECT pg_terminate_backend($1)", victim.get_server_pid())
            while not victim.is_closed():
                await asyncio.sleep(0.001)
            raise KeyError("something else")
    except Exception as fault:
        return fault


async def when_used_again(victim: Connection, killer: Connection) -> BaseException:
    await killer.execute("SELECT pg_terminate_backend($1)", victim.get_server_pid())
    while not victim.is_closed():
        await asyncio.sleep(0.001)
    return (await asyncio.gather(victim.fetchval("SELECT 1"), return_exceptions=True))[0]


@asynccontextmanager
async def keeping_open(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A way to the database that passes on what it says but not that it has hung up; the event: it has."""
    parts = urlsplit(url)
    (folder,) = parse_qs(parts.query)["host"]
    is_cut, leaving = asyncio.Event(), asyncio.Event()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            writer.write(piece)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        upwards = asyncio.create_task(pass_on(reader, outer))
        await pass_on(inner, writer)
        is_cut.set()
        await leaving.wait()
        upwards.cancel()
        for each in (writer, outer):
            each.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = parts.username or "postgres"
    yield f"postgresql://{user}@127.0.0.1:{port}{parts.path}?sslmode=disable", is_cut
    leaving.set()
    server.close()
    await server.wait_closed()


def _raised(fault: Exception, cause: Exception) -> Exception:
    fault.__cause__ = cause
    return fault
