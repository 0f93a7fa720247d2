"""The database: the embedded PostgreSQL or a given one, a pool of connections, and migrations."""

from server.database.away import AWAY_SECONDS, is_away, log_fault
from server.database.connection import DatabaseProblem, DatabaseUnavailable, connect
from server.database.gathered import Gathered
from server.database.migrate import create_database, migrate, pending
from server.database.pool import Connection, Pool, PoolClosed, PoolTimeout
from server.database.reconnect import ReconnectingLoop

__all__ = [
    "AWAY_SECONDS",
    "Connection",
    "DatabaseProblem",
    "DatabaseUnavailable",
    "Gathered",
    "Pool",
    "PoolClosed",
    "PoolTimeout",
    "ReconnectingLoop",
    "connect",
    "create_database",
    "is_away",
    "log_fault",
    "migrate",
    "pending",
]
