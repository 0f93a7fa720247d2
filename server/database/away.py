"""Whether a fault says that the database is away: decided here, for every request, stream and loop.

asyncpg says it in many ways. A connection that was cut raises what PostgreSQL sent last, or that it does not exist any
more, or, in between, what elsewhere would be a mistake in calling it; these two kinds are told apart by their words.
"""

from __future__ import annotations

import asyncpg

from server.database.connection import DatabaseUnavailable

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


def is_away(fault: BaseException | None) -> bool:
    """Whether this fault, or one behind it, says that the database does not answer and may answer again later.

    What lies behind: the cause, what was being handled when it arose, and what GraphQL's errors wrap. A statement that
    PostgreSQL stopped because it took too long counts as well; who knows better asks for that first.
    """
    waiting, seen = [fault], set[int]()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        if _says_so(each):
            return True
        seen.add(id(each))
        context = None if each.__suppress_context__ else each.__context__
        waiting += [getattr(each, "original_error", None), each.__cause__, context]
    return False


def _says_so(fault: BaseException) -> bool:
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
        case OSError():
            return fault.filename is None  # else it is a file that is missing, not a connection
        case _:
            return False
