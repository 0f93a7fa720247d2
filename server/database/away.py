"""Whether a fault says that the database is away: decided here, for every request, stream and loop.

asyncpg says it in many ways. A connection that was cut raises what PostgreSQL sent last, or that it does not exist any
more, or, in between, what elsewhere would be a mistake in calling it; these two kinds are told apart by their words.
"""

from __future__ import annotations

import errno
import logging

import asyncpg

from server.database.connection import DatabaseProblem, DatabaseUnavailable

AWAY_SECONDS = 2  # after which whoever found the database away may try again
# What `InterfaceError` and `InternalClientError` say of a connection that is gone, or whose end has arrived but was not
# yet seen: after PostgreSQL's last word the next statement finds "another operation in progress", which nobody began.
# Two statements at once on one connection, a mistake of ours, say that an operation "cannot be performed".
_LOST = (
    "connection is closed",
    "connection was closed",
    "not connected",
    "cannot switch to state",
    'cannot switch to "idle" state',
)
# What a connection to a database can meet, beside what Python has exceptions for. A machine that has no files or room
# left is a fault of ours (connection.py).
_NETWORK = frozenset(
    {errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN}
)


def is_away(fault: BaseException | None) -> bool:
    """Whether this fault, or one behind it, says that the database does not answer and may answer again later.

    What lies behind: the cause, what GraphQL's errors wrap, and what was being handled when it arose. Of this last only
    the database's own word counts: a network's fault may be of another connection, as of a client that hung up. A
    statement that PostgreSQL stopped because it took too long counts as well; who knows better asks for that first.
    """
    waiting, seen = [(fault, True)], set[tuple[int, bool]]()
    while waiting:
        each, is_cause = waiting.pop()
        if each is None or (id(each), is_cause) in seen:
            continue
        if _database_says_so(each) or (is_cause and _network_says_so(each)):
            return True
        seen.add((id(each), is_cause))
        context = None if each.__suppress_context__ else each.__context__
        waiting += [(getattr(each, "original_error", None), is_cause), (each.__cause__, is_cause), (context, False)]
    return False


def log_fault(log: logging.Logger, what: str, fault: Exception) -> bool:
    """Log what went wrong: a warning when the database is away, else a fault of ours with its traceback.

    Returns whether it is away.
    """
    if is_away(fault):
        log.warning("%s; the database is away: %s: %s", what, type(fault).__name__, fault)
        return True
    # What a DatabaseProblem says is all there is to say, and it says it at each try.
    log.error("%s: %s", what, fault, exc_info=None if isinstance(fault, DatabaseProblem) else fault)
    return False


def _database_says_so(fault: BaseException) -> bool:
    match fault:
        case (
            DatabaseUnavailable()
            | asyncpg.PostgresConnectionError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.TooManyConnectionsError()
        ):
            return True
        case asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return any(words in str(fault) for words in _LOST)
        case _:
            return False


def _network_says_so(fault: BaseException) -> bool:
    match fault:
        case ConnectionError() | TimeoutError():
            return True
        case FileNotFoundError():
            return fault.filename is None  # of a socket; else it is a file that is missing
        case OSError():
            return fault.errno in _NETWORK
        case _:
            return False
