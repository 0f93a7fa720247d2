"""Verbs on cases, up to the decision: filing, the reply, mediation, withdrawal, and remarks of the mayor's office.

The decision is in decision.py, what follows from it in follow_up.py. Every look-up of a case goes through `tx`, which
hides it from whoever may not know of it; nothing public is changed by any of this, not even a version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from server.actions.facts import lock_with, office, read_facts
from server.actions.person import person_on_record
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Escalation, Organisation, Remark, Request
from server.rules import escalation as rules
from server.rules.case_term import TermFacts, heads_without_access
from server.rules.event import EventType
from server.rules.filing import RecordFacts, filing, passed_on_in_full
from server.rules.reply_clock import ReplyClockFacts
from server.rules.workdays import local_day


async def take(tx: Transaction, escalation_id: UUID, if_version: int | None) -> tuple[Escalation, ReplyClockFacts]:
    """The case, locked, with what its rules need. Refuses NOT_FOUND (unknown or hidden) and STALE_VERSION."""
    return await lock_with(tx, Escalation, ReplyClockFacts, escalation_id, "escalationId", if_version=if_version)


async def file_escalation(tx: Transaction, request_id: UUID, statement: str, if_version: int | None = None) -> Recorded:
    """The request is locked, and stays as it is: of two that file at once the second sees the first one's case.

    Who may not file hears so before anything is looked at that not everybody sees.
    """
    request = await tx.lock(Request, request_id, "requestId", if_version=if_version)
    rules.must_file_for(tx.viewer, request.asker_id, request.giver_id)
    facts = await read_facts(tx, RecordFacts, request)
    columns = rules.file_escalation(
        tx.viewer,
        filing(facts, tx.now, await person_on_record(tx, facts)),
        statement,
        facts.giver,
        tx.today,
        tx.now,
        pauses=heads_without_access(facts.giver_terms, tx.now, tx.city.calendar),
        person_reply_days=tx.city.person_reply_working_days,
    )
    return await tx.create(Escalation(id=tx.new_id(), **cast(dict[str, Any], columns)), EventType.ESCALATION_FILED)


async def reply_to_escalation(
    tx: Transaction, escalation_id: UUID, reply: str, if_version: int | None = None
) -> Recorded:
    case, facts = await take(tx, escalation_id, if_version)
    change = rules.reply_to_escalation(tx.viewer, facts, reply, tx.today, tx.now)
    return await tx.change(case, change, EventType.ESCALATION_REPLIED)


async def propose_mediation(
    tx: Transaction, escalation_id: UUID, meeting_at: datetime, place: str | None = None, if_version: int | None = None
) -> Recorded:
    case, facts = await take(tx, escalation_id, if_version)
    change = rules.propose_mediation(tx.viewer, facts, meeting_at, place, tx.today, tx.now)
    return await tx.change(
        case,
        change,
        EventType.ESCALATION_MEDIATION_PROPOSED,
        meetingOn=local_day(meeting_at, tx.city.calendar),
        place=change["meeting_place"],
    )


async def conclude_mediation(
    tx: Transaction, escalation_id: UUID, outcome: str, is_settled: bool, if_version: int | None = None
) -> Recorded:
    case, facts = await take(tx, escalation_id, if_version)
    change = rules.conclude_mediation(tx.viewer, facts, outcome, is_settled, tx.today, tx.now)
    return await tx.change(case, change, EventType.ESCALATION_MEDIATION_CONCLUDED, outcome=change["mediation_outcome"])


async def withdraw_escalation(tx: Transaction, escalation_id: UUID, if_version: int | None = None) -> Recorded:
    case, facts = await take(tx, escalation_id, if_version)
    change = rules.withdraw_escalation(tx.viewer, facts, tx.today, tx.now)
    return await tx.change(case, change, EventType.ESCALATION_WITHDRAWN)


async def remark_on_escalation(
    tx: Transaction, escalation_id: UUID, text: str, if_version: int | None = None
) -> Recorded:
    """The case itself stays as it is, its version too: its parties see nothing of a remark."""
    case, facts = await take(tx, escalation_id, if_version)
    remark = Remark(
        id=tx.new_id(),
        escalation_id=case.id,
        author_id=tx.viewer.account_id,
        text=rules.remark_on_escalation(tx.viewer, facts, text, tx.today),
    )
    told: dict[str, Any] = {
        "escalationId": encode(Escalation.prefix, case.id),
        "remarkId": encode(Remark.prefix, remark.id),
    }
    return await tx.create(remark, EventType.ESCALATION_REMARKED, label=case.label(), **told)


# ---- of itself, by the system (background/react.py, background/sweep.py) --------------------------------------------


async def pass_on_escalation(tx: Transaction, escalation_id: UUID, ended_id: UUID, successor_id: UUID) -> None:
    """To what follows a party, or the body referred to, that ended; a case whose parties become one ends."""
    case = await tx.lock(Escalation, escalation_id)
    facts, successor = await read_facts(tx, ReplyClockFacts, case), await tx.get(Organisation, successor_id)
    terms = (await read_facts(tx, TermFacts, successor)).terms
    change = passed_on_in_full(facts, ended_id, successor_id, await office(tx, successor_id), terms, tx.now)
    if change:
        is_over = "status" in change
        await tx.change(case, change, EventType.ESCALATION_WITHDRAWN if is_over else EventType.ESCALATION_PASSED_ON)
