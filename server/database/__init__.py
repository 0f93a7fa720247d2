"""The database: the embedded PostgreSQL or a given one, a pool of connections, and migrations."""

from server.database.away import AWAY_SECONDS, is_away
from server.database.connection import DatabaseProblem, DatabaseUnavailable, connect
from server.database.gathered import Gathered
from server.database.migrate import create_database, migrate, pending
from server.database.pool import Connection, Pool, PoolClosed, PoolTimeout

__all__ = [
    "AWAY_SECONDS",
    "Connection",
    "DatabaseProblem",
    "DatabaseUnavailable",
    "Gathered",
    "Pool",
    "PoolClosed",
    "PoolTimeout",
    "connect",
    "create_database",
    "is_away",
    "migrate",
    "pending",
]
