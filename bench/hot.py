"""The questions that are asked all day, and the proof that PostgreSQL answers none of them by reading a big table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bench.limit import EXECUTED
from server.database import Connection

BIG = ("task", "event", "measurement")
_ROW = "id title status priority progress dueOn organisation { id code name shortName } target { id indicator unit }"
_OPEN = "status: { in: [PLANNED, IN_PROGRESS, BLOCKED] }"
_PAGE = "orderBy: [{ dueOn: ASC }] first: 50"


def _listed(variable: str, condition: str) -> str:
    return (
        f"query List(${variable}: ID!) {{ tasks(filter: {{ {condition}, {_OPEN} }} {_PAGE}) {{ nodes {{ {_ROW} }} }} }}"
    )


R2_UNCOUNTED = _listed("organisationId", "organisation: { id: { eq: $organisationId } }")
BY_TARGET = _listed("targetId", "target: { id: { eq: $targetId } }")
BY_ASSIGNEE = _listed("accountId", "assignee: { id: { eq: $accountId } }")
ALL_OF_TARGET = (
    "query All($targetId: ID!) { tasks(filter: { target: { id: { eq: $targetId } } } first: 50)"
    " { totalCount nodes { id title status } } }"
)
SEARCH = (
    "query Search($words: String!) { tasks(search: $words first: 20)"
    " { totalCount nodes { id title organisation { id } } } }"
)
GROUPS = (
    "query Groups($organisationId: ID!) { taskGroups(by: [STATUS, DUE_MONTH] filter: { organisation: { id:"
    " { eq: $organisationId } } }) { status dueMonth totalCount openTaskCount overdueTaskCount dueSoonTaskCount } }"
)
EVENTS_AFTER = (
    "query Events($cursor: Cursor) { events(after: $cursor first: 50)"
    " { nodes { id type subjectVersion happenedAt } pageInfo { endCursor hasNextPage } } }"
)


@dataclass(frozen=True)
class Scan:
    """One look into a table within a plan."""

    node: str
    table: str
    text: str  # the statement

    def __str__(self) -> str:
        return f"{self.node} of {self.table} in: {self.text}"


def spoken(log: str) -> list[str]:
    """The statements in PostgreSQL's log as they were prepared, each once."""
    found = (match["sql"].strip().rstrip(";") for match in EXECUTED.finditer(log))
    return [*dict.fromkeys(text for text in found if re.match(r"(SELECT|WITH|INSERT|UPDATE|DELETE)\b", text))]


async def read_whole(connection: Connection, statements: Iterable[str]) -> list[Scan]:
    """Where a big table is read from end to end when these are planned for whatever arguments."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    found = []
    for text in statements:
        count = max(map(int, re.findall(r"\$(\d+)", text)), default=0)
        await connection.execute(f"PREPARE hot AS {text}")
        asked = f"EXECUTE hot({', '.join(['NULL'] * count)})" if count else "EXECUTE hot"
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {asked}")
        await connection.execute("DEALLOCATE hot")
        for node, table in _scans(plan[0]["Plan"]):
            if node == "Seq Scan" and table in BIG:
                found.append(Scan(node, table, text))
    await connection.execute("RESET plan_cache_mode")
    return found


def _scans(plan: dict[str, Any]) -> list[tuple[str, str]]:
    own = [(plan["Node Type"], plan["Relation Name"])] if "Relation Name" in plan else []
    return own + [each for part in plan.get("Plans", ()) for each in _scans(part)]
