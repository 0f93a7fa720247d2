"""Requests and cases as the facts that their rules take, and the offices whose days their clocks count."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from server.actions.transaction import Transaction
from server.models import Appointment, CollaborationRequest, Escalation, Organisation, Task
from server.rules.clock import Office, held_periods
from server.rules.collaboration import RequestFacts
from server.rules.escalation import EscalationFacts
from server.rules.organisation import OrganisationKind


async def office(tx: Transaction, organisation_id: UUID) -> Office:
    """The days on which somebody held the organisation's office, in whatever capacity, by the city's calendar.

    Those of the organisations that it follows belong to it, as far as they lasted: their clocks are its clocks now.
    """
    ends: dict[UUID, date | None] = {organisation_id: None}
    frontier = [organisation_id]
    while frontier:
        found = await tx.select(Organisation, successor_id=frontier)
        frontier = [each.id for each in found if each.id not in ends]
        ends |= {each.id: each.valid_to for each in found if each.id not in ends}
    held = await tx.select(Appointment, ("valid_from",), organisation_id=[*ends])
    return Office(
        tx.city.calendar, held_periods((row.valid_from, row.valid_to, ends[row.organisation_id]) for row in held)
    )


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
    """Raises where no city is loaded: then there is no mayor either."""
    found = await tx.find(Organisation, kind=OrganisationKind.MAYORS_OFFICE)
    assert found is not None
    return found.id
