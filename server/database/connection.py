"""One connection to PostgreSQL, set up as every part of the server expects it."""

from __future__ import annotations

import errno
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson

OLDEST_VERSION = 15

# Bounds what a forgotten or stuck transaction can hold: the event log's readers wait for the oldest one.
SESSION = {
    "application_name": "kolaborasi",
    "timezone": "UTC",
    "jit": "off",  # compiling a statement costs more than the short ones here can win
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
# What this machine itself has run out of. It is raised as it is, a fault that is logged with its place: whoever is told
# that the database cannot be reached looks in the wrong place.
_OUT_OF = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENOSPC})


class DatabaseProblem(Exception):
    """The database cannot be used as it is; the message says what is wrong and what would be right."""


class DatabaseUnavailable(Exception):
    """The database does not answer now and may answer again later."""


async def connect(url: str, *, timeout: float = 10.0, **session: str) -> asyncpg.Connection[asyncpg.Record]:
    """A connection in UTC with JSON as Python values; `session` overrides server settings.

    Raises `DatabaseProblem` (wrong password, no such database, too old) or `DatabaseUnavailable`; an OSError only where
    this machine has no files or memory left. Every other one is of the network, of the name that finds no host, or of
    the socket's file, and all these may be there a moment later: a database starts after the server, or moves.
    """
    place = describe(url)
    try:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            url,
            timeout=timeout,
            statement_cache_size=200,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=64 * 1024,
            server_settings=SESSION | session,
        )
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as problem:
        raise DatabaseProblem(f"{place} refuses the user or the password in DATABASE_URL: {problem}") from problem
    except asyncpg.InvalidCatalogNameError as problem:
        raise DatabaseProblem(f"{place}: {problem}; make it with `createdb`.") from problem
    except (asyncpg.ClientConfigurationError, ValueError) as problem:
        raise DatabaseProblem(
            f"DATABASE_URL is not understood ({problem}); it looks like postgresql://user:password@host:5432/name."
        ) from problem
    except (TimeoutError, OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as problem:
        if isinstance(problem, OSError) and problem.errno in _OUT_OF:
            raise
        reason = str(problem) or f"no answer within {timeout:g} seconds"
        raise DatabaseUnavailable(f"{place} cannot be reached: {reason}") from problem
    except (asyncpg.TooManyConnectionsError, asyncpg.OperatorInterventionError) as problem:
        raise DatabaseUnavailable(f"{place}: {problem}") from problem
    try:
        if connection.get_server_version().major < OLDEST_VERSION:
            version = connection.get_settings().server_version
            raise DatabaseProblem(f"{place} is PostgreSQL {version}; version {OLDEST_VERSION} or newer is needed.")
        await _speak_json(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


def describe(url: str) -> str:
    """The database's place without its password, for messages."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
        return f"The database {parts.path.lstrip('/') or 'postgres'} at {host}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "The database"


async def _speak_json(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_encode_jsonb, decoder=_decode_jsonb
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=_encode_json, decoder=orjson.loads
    )


def _encode_json(value: Any) -> bytes:
    return orjson.dumps(value, default=_text)


def _text(value: Any) -> str:
    """For parameters, which PostgreSQL reads from their text: amounts, and asyncpg's own UUIDs."""
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _encode_jsonb(value: Any) -> bytes:
    return b"\x01" + orjson.dumps(value)  # jsonb on the wire: a version byte, then the text


def _decode_jsonb(data: bytes) -> Any:
    return orjson.loads(data[1:])
