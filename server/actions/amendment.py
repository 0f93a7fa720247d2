"""Verbs on amendments: the one open proposal of an approved plan's target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from server.actions.facts import read_facts
from server.actions.rows import unlogged
from server.actions.target import proposed, take, with_derived
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Amendment, Target, WorkPlan
from server.rules import amendment as rules
from server.rules.amendment import AmendmentChange, AmendmentFacts, AmendmentPatch
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.target import AmendmentStatus, TargetChange


async def amend_target(
    tx: Transaction, target_id: UUID, reason: str, if_version: int | None = None, **patch: Any
) -> Recorded:
    """`patch`: what is promised, milestones too; what is absent stays, None clears."""
    target, _, facts = await take(tx, target_id, if_version)
    if patch.get("milestones") is not None:
        patch["milestones"] = [(each["due_on"], each["value"]) for each in patch["milestones"]]
    elif "milestones" in patch:
        patch["milestones"] = []
    proposal = rules.amend_target(tx.viewer, facts, cast(AmendmentPatch, patch), reason, tx.today)
    amendment = proposed(tx, target, proposal)
    return await tx.change(
        target,
        {},
        EventType.TARGET_AMENDMENT_PROPOSED,
        parts=[amendment],
        amendmentId=encode("amend", amendment.id),
        reason=proposal.reason,
        proposal=proposal.changes,
    )


async def approve_amendment(
    tx: Transaction, target_id: UUID, note: str | None = None, if_version: int | None = None
) -> Recorded:
    target, plan, amendment, facts = await _take_open(tx, target_id, if_version)
    changes = {name: _proposed_value(name, value) for name, value in amendment.changes.items()}
    decided, change = rules.approve_amendment(tx.viewer, facts, cast(TargetChange, changes), note, tx.today, tx.now)
    derived = await with_derived(tx, target, plan, change)
    return await _decide(tx, target, amendment, decided, derived, EventType.TARGET_AMENDMENT_APPROVED)


async def return_amendment(tx: Transaction, target_id: UUID, note: str, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, target_id, if_version)
    decided, change = rules.return_amendment(tx.viewer, facts, note, tx.today, tx.now)
    return await _decide(tx, target, amendment, decided, change, EventType.TARGET_AMENDMENT_RETURNED)


async def withdraw_amendment(tx: Transaction, target_id: UUID, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, target_id, if_version)
    decided, change = rules.withdraw_amendment(tx.viewer, facts, tx.today, tx.now)
    return await _decide(tx, target, amendment, decided, change, EventType.TARGET_AMENDMENT_WITHDRAWN)


async def _take_open(
    tx: Transaction, target_id: UUID, if_version: int | None
) -> tuple[Target, WorkPlan, Amendment, AmendmentFacts]:
    """The target, locked, its plan and its open amendment. Refuses NO_AMENDMENT."""
    target = await tx.lock(Target, target_id, "targetId", if_version=if_version)
    plan = await tx.hold(WorkPlan, target.work_plan_id, "targetId")
    amendment = await tx.find(Amendment, target_id=target.id, status=AmendmentStatus.PROPOSED)
    if amendment is None:
        raise Refused(Code.NO_AMENDMENT)
    return target, plan, amendment, await read_facts(tx, AmendmentFacts, target)


async def _decide(
    tx: Transaction,
    target: Target,
    amendment: Amendment,
    decided: AmendmentChange,
    change: Mapping[str, object],
    event: EventType,
) -> Recorded:
    return await tx.change(
        target,
        change,
        event,
        edited=[(amendment, cast(Mapping[str, object], decided))],
        amendmentId=encode("amend", amendment.id),
        note=decided.get("note"),
    )


def _proposed_value(column: str, value: Any) -> Any:
    return value if column == "milestones" else unlogged(Target, column, value)
