"""Requests and cases as the facts that their rules take, and the offices whose days their clocks count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from server.actions.transaction import Transaction
from server.models import Appointment, CollaborationRequest, Escalation, FollowUp, Organisation, Task
from server.rules.clock import Office, Periods, held_periods
from server.rules.collaboration import RequestFacts
from server.rules.escalation import EscalationFacts
from server.rules.follow_up import FollowUpFacts
from server.rules.organisation import OrganisationKind


async def office(tx: Transaction, organisation_id: UUID) -> Office:
    """The days on which somebody held the organisation's office, in whatever capacity, by the city's calendar."""
    return (await offices(tx, [organisation_id]))[organisation_id]


async def offices(tx: Transaction, organisation_ids: Iterable[UUID]) -> dict[UUID, Office]:
    """The same of several at once. An organisation that ended hands its days on to the one that follows."""
    wanted = [*dict.fromkeys(organisation_ids)]
    before: dict[UUID, list[Organisation]] = {}  # those that each one follows
    known, new = set(wanted), wanted
    while new:
        ended = await tx.select(Organisation, successor_id=new)
        for each in ended:
            assert each.successor_id is not None
            before.setdefault(each.successor_id, []).append(each)
        new = [each.id for each in ended if each.id not in known]
        known |= set(new)
    terms: dict[UUID, list[Appointment]] = {each: [] for each in known}
    for held in await tx.select(Appointment, ("valid_from", "id"), organisation_id=[*known]):
        terms[held.organisation_id].append(held)
    return {each: Office(tx.city.calendar, _held(each, before, terms)) for each in wanted}


def _held(
    organisation_id: UUID, before: Mapping[UUID, Sequence[Organisation]], terms: Mapping[UUID, Sequence[Appointment]]
) -> Periods:
    line: dict[UUID, date | None] = {organisation_id: None}  # with those it follows, until their last day
    left = [organisation_id]
    while left:
        for each in before.get(left.pop(), ()):
            if each.id not in line:
                line[each.id] = each.valid_to
                left.append(each.id)
    return held_periods((held.valid_from, held.valid_to, line[each]) for each in line for held in terms[each])


# The columns whose names the facts share.
_REQUEST = tuple(field.name for field in fields(RequestFacts) if field.name not in ("made_at", "commitment_status"))
_CASE = tuple(
    field.name for field in fields(EscalationFacts) if field.name not in ("mayors_office_id", "respondent_kind")
)
_FOLLOW_UP = tuple(field.name for field in fields(FollowUpFacts) if field.name not in ("case", "task_status"))


async def request_facts(tx: Transaction, row: CollaborationRequest) -> RequestFacts:
    """Of a request that is in hand, with the state of its commitment."""
    return facts_of_request(row, None if row.commitment_id is None else await tx.find(Task, id=row.commitment_id))


def facts_of_request(row: CollaborationRequest, commitment: Task | None) -> RequestFacts:
    """`commitment`: the task that it became."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in _REQUEST}
    return RequestFacts(
        **columns, made_at=row.created_at, commitment_status=None if commitment is None else commitment.status
    )


async def escalation_facts(tx: Transaction, row: Escalation) -> EscalationFacts:
    """Of a case that is in hand, with its respondent's kind."""
    return (await facts_of_cases(tx, [row]))[row.id]


async def facts_of_cases(tx: Transaction, rows: Sequence[Escalation]) -> dict[UUID, EscalationFacts]:
    """The same of several at once."""
    office_id = await mayors_office_id(tx)
    respondents = await tx.select(Organisation, id=[*{row.respondent_id for row in rows}])
    kinds = {each.id: each.kind for each in respondents}
    return {row.id: facts_of_case(row, office_id, kinds[row.respondent_id]) for row in rows}


def facts_of_case(
    row: Escalation, mayors_office_id: UUID, respondent_kind: OrganisationKind = OrganisationKind.OPD
) -> EscalationFacts:
    """`respondent_kind`: asked for where something is decided."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in _CASE}
    return EscalationFacts(**columns, mayors_office_id=mayors_office_id, respondent_kind=respondent_kind)


def facts_of_follow_up(row: FollowUp, case: EscalationFacts, task: Task | None) -> FollowUpFacts:
    """`task`: the one that was ordered for it, where its state is asked for."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in _FOLLOW_UP}
    return FollowUpFacts(**columns, case=case, task_status=None if task is None else task.status)


async def mayors_office_id(tx: Transaction) -> UUID:
    """Where no city is loaded there is no mayor either: nobody's id then."""
    found = await tx.find(Organisation, kind=OrganisationKind.MAYORS_OFFICE)
    return UUID(int=0) if found is None else found.id
