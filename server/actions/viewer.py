"""An account as a viewer: its role, the offices that it holds today, delegations to it, and whether cases are for it.

An organisation that has ended has no head, and a delegation counts while whoever gave it is the mayor.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from server.database import Connection
from server.rules.refusal import Code, Refused
from server.rules.viewer import Capacity, Role, Viewer

# Of an active account `a`, for a statement that has the city's day as its parameter `{today}`.
COLUMNS: Final = """a.id AS account_id, a.organisation_id, a.role, coalesce(h.headed, '{{}}') AS headed,
    coalesce(h.capacities, '{{}}') AS capacities, h.mayors_office_id,
    EXISTS (
        SELECT FROM delegation d WHERE d.account_id = a.id AND d.valid_from <= {today} AND d.valid_to >= {today}
        AND EXISTS (
            SELECT FROM appointment p JOIN organisation o ON o.id = p.organisation_id
            WHERE p.account_id = d.delegated_by_id AND o.kind = 'MAYORS_OFFICE' AND p.capacity = 'DEFINITIVE'
            AND p.valid_from <= {today} AND (p.valid_to IS NULL OR p.valid_to >= {today})
        )
    ) AS is_delegate,
    EXISTS (
        SELECT FROM case_access c WHERE c.account_id = a.id AND c.confirmed_at IS NOT NULL AND c.escalation_id IS NULL
    ) AS has_case_access,
    ARRAY(
        SELECT c.escalation_id FROM case_access c
        WHERE c.account_id = a.id AND c.confirmed_at IS NOT NULL AND c.escalation_id IS NOT NULL
    ) AS admitted"""
OFFICES: Final = """LEFT JOIN LATERAL (
    SELECT array_agg(p.organisation_id) AS headed, array_agg(p.capacity) AS capacities,
        (array_agg(o.id) FILTER (WHERE o.kind = 'MAYORS_OFFICE'))[1] AS mayors_office_id
    FROM appointment p JOIN organisation o ON o.id = p.organisation_id
    WHERE p.account_id = a.id AND p.valid_from <= {today} AND (p.valid_to IS NULL OR p.valid_to >= {today})
    AND (o.valid_to IS NULL OR o.valid_to > {today})
) h ON true"""
_OF_ACCOUNT: Final = f"SELECT {COLUMNS} FROM account a {OFFICES} WHERE a.id = $1 AND a.is_active".format(today="$2")
_WITH_CASE_ACCESS: Final = (
    f"SELECT {COLUMNS} FROM account a {OFFICES} WHERE a.is_active"
    " AND a.id IN (SELECT c.account_id FROM case_access c WHERE c.confirmed_at IS NOT NULL AND c.escalation_id IS NULL)"
).format(today="$1")


def read_viewer(record: Any) -> Viewer:
    """From a record with `COLUMNS`."""
    heads: list[tuple[Any, str]] = list(zip(record["headed"], record["capacities"], strict=True))
    return Viewer(
        account_id=standard(record["account_id"]),
        organisation_id=standard(record["organisation_id"]),
        role=Role(record["role"]),
        heads=frozenset((standard(organisation), Capacity(capacity)) for organisation, capacity in heads),
        is_delegate=record["is_delegate"],
        has_case_access=record["has_case_access"],
        admitted=frozenset(map(standard, record["admitted"])),
        mayors_office_id=None if (office := record["mayors_office_id"]) is None else standard(office),
    )


async def viewer_of(connection: Connection, account_id: UUID, today: date) -> Viewer:
    """The account as it may act today. Refuses NOT_FOUND where it is unknown or disabled."""
    record = await connection.fetchrow(_OF_ACCOUNT, account_id, today)
    if record is None:
        raise Refused(Code.NOT_FOUND)
    return read_viewer(record)


async def viewers_with_case_access(connection: Connection, today: date) -> list[Viewer]:
    """All accounts with case access as they may act today, whatever they may do with it."""
    return [read_viewer(record) for record in await connection.fetch(_WITH_CASE_ACCESS, today)]


def standard(value: UUID) -> UUID:
    """asyncpg's own UUID class as the standard one: equal, but faster to hash and known to every serialiser."""
    return value if type(value) is UUID else UUID(int=value.int)
