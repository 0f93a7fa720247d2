"""Requests and cases as the facts that their rules take, and the offices whose days their clocks count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from server.actions.transaction import Transaction
from server.models import CollaborationRequest, Escalation, Organisation, Task
from server.rules.clock import Office
from server.rules.collaboration import RequestFacts
from server.rules.escalation import EscalationFacts
from server.rules.organisation import OrganisationKind


async def office(tx: Transaction, organisation_id: UUID) -> Office:
    """The days on which somebody held the organisation's office, in whatever capacity, by the city's calendar."""
    return (await offices(tx, [organisation_id]))[organisation_id]


async def offices(tx: Transaction, organisation_ids: Iterable[UUID]) -> dict[UUID, Office]:
    """The same of several, in one statement. An organisation that ended hands its days on to the one that follows."""
    found: dict[UUID, list[tuple[date, date | None]]] = {each: [] for each in organisation_ids}
    for row in await tx.connection.fetch(_HELD, [*found]):
        found[row["of"]].append((row["valid_from"], row["valid_to"]))
    return {each: Office(tx.city.calendar, held) for each, held in found.items()}


# `until`: the last day of one that ended; an appointment there may have been left open.
_HELD = """
WITH RECURSIVE line AS (
    SELECT id AS of, id, NULL::date AS until, 1 AS depth FROM organisation WHERE id = ANY($1)
    UNION ALL
    SELECT l.of, o.id, o.valid_to, l.depth + 1 FROM line l JOIN organisation o ON o.successor_id = l.id
    WHERE o.valid_to IS NOT NULL AND l.depth < 10
)
SELECT l.of, p.valid_from, least(p.valid_to, l.until) AS valid_to
FROM line l JOIN appointment p ON p.organisation_id = l.id
WHERE l.until IS NULL OR p.valid_from <= l.until
ORDER BY p.valid_from, p.id
"""


# The columns whose names the facts share.
_COLUMNS = tuple(field.name for field in fields(RequestFacts) if field.name not in ("made_at", "commitment_status"))


async def request_facts(tx: Transaction, row: CollaborationRequest) -> RequestFacts:
    """Of a request that is in hand, with the state of its commitment."""
    return facts_of_request(row, None if row.commitment_id is None else await tx.find(Task, id=row.commitment_id))


def facts_of_request(row: CollaborationRequest, commitment: Task | None) -> RequestFacts:
    """`commitment`: the task that it became."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    return RequestFacts(
        **columns, made_at=row.created_at, commitment_status=None if commitment is None else commitment.status
    )


_CASE_COLUMNS = tuple(
    field.name for field in fields(EscalationFacts) if field.name not in ("mayors_office_id", "respondent_kind")
)


async def escalation_facts(tx: Transaction, row: Escalation) -> EscalationFacts:
    """Of a case that is in hand, with its respondent's kind."""
    respondent = await tx.find(Organisation, id=row.respondent_id)
    assert respondent is not None
    columns: dict[str, Any] = {name: getattr(row, name) for name in _CASE_COLUMNS}
    return EscalationFacts(**columns, mayors_office_id=await mayors_office_id(tx), respondent_kind=respondent.kind)


async def mayors_office_id(tx: Transaction) -> UUID:
    """Where no city is loaded there is no mayor either: nobody's id then."""
    found = await tx.find(Organisation, kind=OrganisationKind.MAYORS_OFFICE)
    return UUID(int=0) if found is None else found.id
