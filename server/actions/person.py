"""The person of a case: found from the record, named by the mayor's office, told and heard on paper."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server.actions.facts import lock_with, read_facts
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Account, Escalation, Organisation, Request
from server.rules import person as rules
from server.rules.case_term import PassedFacts, TermFacts, responsible
from server.rules.escalation_facts import EscalationFacts, Named
from server.rules.event import EventType
from server.rules.filing import RecordFacts, person_shown_by
from server.rules.person import PersonFacts


async def person_on_record(tx: Transaction, request: RecordFacts) -> Named | None:
    """Whom a case that is filed now may strike; None where the record shows nobody."""
    account_id = person_shown_by(request, tx.now, tx.city.calendar)
    return None if account_id is None else await _named(tx, account_id)


async def name_person(
    tx: Transaction, escalation_id: UUID, account_id: UUID, if_version: int | None = None
) -> Recorded:
    case, facts = await _take(tx, escalation_id, if_version)
    rules.may_name_person(tx.viewer, facts, tx.today)
    request = await tx.get(Request, case.request_id)
    respondent = await tx.get(Organisation, case.respondent_id)
    held, had = (await read_facts(tx, TermFacts, respondent)).terms, await read_facts(tx, PassedFacts, request)
    change = rules.name_person(
        tx.viewer,
        facts,
        await _named(tx, account_id),
        responsible(held, request.giver_id, had.passed),
        request.created_at,
        tx.city.calendar,
        tx.today,
        tx.now,
        tx.city.person_reply_working_days,
        had.overlaps,
    )
    return await tx.change(case, change, EventType.ESCALATION_PERSON_NAMED)


async def record_notice(
    tx: Transaction, escalation_id: UUID, document_number: str, received_on: date, if_version: int | None = None
) -> Recorded:
    case, facts = await _take(tx, escalation_id, if_version)
    change = rules.record_notice(tx.viewer, facts, document_number, received_on, tx.city.calendar, tx.today)
    return await tx.change(case, change, EventType.ESCALATION_NOTICE_RECORDED)


async def record_reply(tx: Transaction, escalation_id: UUID, reply: str, if_version: int | None = None) -> Recorded:
    case, facts = await _take(tx, escalation_id, if_version)
    change = rules.record_reply(tx.viewer, facts, reply, tx.city.calendar, tx.today, tx.now)
    return await tx.change(case, change, EventType.ESCALATION_REPLY_RECORDED)


async def _named(tx: Transaction, account_id: UUID) -> Named:
    account = await tx.get(Account, account_id, "accountId")
    return (await read_facts(tx, PersonFacts, account)).named


async def _take(tx: Transaction, escalation_id: UUID, if_version: int | None) -> tuple[Escalation, EscalationFacts]:
    return await lock_with(tx, Escalation, EscalationFacts, escalation_id, "escalationId", if_version=if_version)
