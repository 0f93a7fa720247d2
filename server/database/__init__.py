"""The database: the embedded PostgreSQL or a given one, a pool of connections, and migrations."""

from server.database.connection import DatabaseProblem, DatabaseUnavailable, connect
from server.database.gathered import Gathered
from server.database.migrate import create_database, migrate, pending
from server.database.pool import Connection, Pool, PoolClosed, PoolTimeout

__all__ = [
    "Connection",
    "DatabaseProblem",
    "DatabaseUnavailable",
    "Gathered",
    "Pool",
    "PoolClosed",
    "PoolTimeout",
    "connect",
    "create_database",
    "migrate",
    "pending",
]
