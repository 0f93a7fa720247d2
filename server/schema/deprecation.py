"""Who uses what of the API is to go, as administrators read it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from server.query.declare.fields import column, root_list, table, to_one
from server.rules.deprecation import DEPRECATED_USE
from server.schema.connection import Connection
from server.schema.node import Node

if TYPE_CHECKING:
    from server.schema.account import Account


@table(
    DEPRECATED_USE,
    order=["-last_used_at"],
    description="That an account uses something of the API which is deprecated; kept for 400 days after the last time.",
)
class DeprecatedUse(Node):
    account: Account = to_one("account_id", "Who uses it.")
    coordinate: str = column(
        "What it uses, as GraphQL names a place of its schema: `Task.progress`, `Query.tasks(first:)`.",
        filter=False,
        why="few are deprecated at a time",
    )
    last_used_at: dt.datetime = column("When it last did, to the minute.", order=True)


queries = [
    root_list(
        "deprecatedUses",
        Connection[DeprecatedUse],
        "Who uses what of the API is to go, the latest first; for administrators, empty for all others.",
        search=False,
    )
]
