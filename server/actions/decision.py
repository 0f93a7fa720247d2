"""What the mayor decides on a case, and what is appended to a decision afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from server.actions.escalation import take
from server.actions.facts import Key, mayors_office_id, organisation_by, organisation_facts
from server.actions.follow_up import close_if_nothing_is_open, told, told_to_order
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Appendix, Appointment, City, Escalation, FollowUp, Organisation
from server.rules import decision as rules
from server.rules import follow_up as follow_up_rules
from server.rules.appointment import is_held_on
from server.rules.decision import AppendixKind, Instruction, Law, NewDecision
from server.rules.escalation_facts import DecisionKind
from server.rules.event import EventType
from server.rules.viewer import Capacity


async def decide_escalation(
    tx: Transaction,
    escalation_id: UUID,
    kind: DecisionKind,
    facts: str,
    legal_basis: str | None = None,
    signed_by: str | None = None,
    signed_by_office: str | None = None,
    document_number: str | None = None,
    hearing_on: date | None = None,
    hearing_number: str | None = None,
    is_about_person: bool = False,
    instruction: dict[str, Any] | None = None,
    referred_to: Key | None = None,
    if_version: int | None = None,
) -> Recorded:
    """`instruction`: what an INSTRUCT says of its task (rules.Instruction). The decision's event tells it, and the task
    is ordered in its wake (escalation_reaction.py), in a transaction like any other order's.

    A decision from which nothing follows closes the case at once.
    """
    case, case_facts = await take(tx, escalation_id, if_version)
    rules.may_decide_escalation(tx.viewer, case_facts, tx.today)
    body = None if referred_to is None else await organisation_by(tx, referred_to, "referredTo")
    decision = NewDecision(
        kind=kind,
        facts=facts,
        legal_basis=legal_basis,
        signed_by=signed_by,
        signed_by_office=signed_by_office,
        document_number=document_number,
        hearing_on=hearing_on,
        hearing_number=hearing_number,
        is_about_person=is_about_person,
        instruction=None if instruction is None else Instruction(**instruction),
        referred_to=None if body is None else await organisation_facts(tx, body),
    )
    change = rules.decide_escalation(
        tx.viewer, case_facts, decision, await _law(tx), tx.today, tx.now, mayor_id=await _mayor_id(tx)
    )
    parts, more = [], {}
    if kind is DecisionKind.INSTRUCT:
        assert decision.instruction is not None
        more = await told_to_order(tx, case, decision.instruction)
        parts = [_instructed(tx, case, decision.instruction)]
        more |= told(parts[0])
    elif kind is DecisionKind.REFER:
        assert body is not None
        columns: Any = follow_up_rules.referred(case.id, body.name)
        parts = [FollowUp(id=tx.new_id(), **columns, added_by_id=tx.viewer.account_id, created_at=tx.now)]
        more = told(parts[0])
    done = await tx.change(
        case,
        change,
        EventType.ESCALATION_DECIDED,
        parts=parts,
        on_behalf_of_id=change["on_behalf_of_id"],
        decision=kind,
        **more,
    )
    await close_if_nothing_is_open(tx, case)
    return done


async def append_to_decision(
    tx: Transaction, escalation_id: UUID, kind: AppendixKind, text: str, if_version: int | None = None
) -> Recorded:
    case, facts = await take(tx, escalation_id, if_version)
    kind, text = rules.append_to_decision(tx.viewer, facts, kind, text, tx.today)
    appendix = Appendix(
        id=tx.new_id(), escalation_id=case.id, kind=kind, text=text, author_id=tx.viewer.account_id, created_at=tx.now
    )
    told: dict[str, Any] = {"kind": kind, "text": text, "appendixId": encode(Appendix.prefix, appendix.id)}
    return await tx.change(case, {}, EventType.ESCALATION_DECISION_APPENDED, parts=[appendix], **told)


async def pass_on_referrals(tx: Transaction, ended: Organisation) -> None:
    """By the system: where the city's cases could be referred to the one that ended, they can be to what follows it."""
    city = await tx.find(City)
    if city is None or ended.code not in city.referral_bodies or ended.successor_id is None:
        return
    city, successor = await tx.lock(City, city.id), await tx.get(Organisation, ended.successor_id)
    codes = [successor.code if code == ended.code else code for code in city.referral_bodies]
    change: dict[str, Any] = {"referral_bodies": [*dict.fromkeys(codes)]}
    if city.inspectorate == ended.code:
        change["inspectorate"] = successor.code
    event = EventType.CITY_REFERRAL_BODY_PASSED_ON
    await tx.change(city, change, event, organisation=ended.name, successor=successor.name)


def _instructed(tx: Transaction, case: Escalation, instruction: Instruction) -> FollowUp:
    """The task that is to be ordered of the respondent is the decision's first follow-up."""
    new = rules.ordered(instruction, tx.today)
    assert new.title is not None
    columns: Any = follow_up_rules.followed_up(case.id, new.title, new.due_on, None)
    return FollowUp(id=tx.new_id(), **columns, added_by_id=tx.viewer.account_id, created_at=tx.now)


async def _law(tx: Transaction) -> Law:
    bodies = await tx.select(Organisation, code=list(tx.city.referral_bodies)) if tx.city.referral_bodies else []
    return Law(
        tx.city.calendar,
        tx.city.legal_bases,
        frozenset(body.id for body in bodies),
        next((body.id for body in bodies if body.code == tx.city.inspectorate), None),
        tx.city.reprimand_kinds,
    )


async def _mayor_id(tx: Transaction) -> UUID | None:
    """On whose behalf a delegate or an acting mayor decides: whoever holds the mayor's office; None in a vacancy."""
    held = await tx.select(Appointment, organisation_id=await mayors_office_id(tx), capacity=Capacity.DEFINITIVE)
    return next((each.account_id for each in held if is_held_on(each, tx.today)), None)
