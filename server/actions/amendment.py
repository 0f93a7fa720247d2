"""Verbs on amendments: the one that is open of an approved plan's target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from server.actions.facts import read_facts
from server.actions.figures import counted, readings_of, with_derived
from server.actions.many import each_of
from server.actions.rows import unlogged
from server.actions.target import give, of_itself, open_amendment, take
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Amendment, Organisation, Target, WorkPlan
from server.rules import amendment as rules
from server.rules.achievement import must_become_sum
from server.rules.amendment import AmendmentChange, AmendmentFacts, AmendmentPatch
from server.rules.event import EventType
from server.rules.target import OPEN_AMENDMENTS, AmendmentKind, RollUp, TargetChange


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
    if proposal.changes.get("roll_up") is RollUp.SUM:
        must_become_sum(readings_of(await counted(tx, target)), "rollUp")
    return await open_amendment(tx, target, {}, proposal)


async def sign_amendments(tx: Transaction, target_ids: Sequence[UUID]) -> Recorded:
    """All or none; told is the first one's event."""

    async def sign(target_id: UUID, path: tuple[str, ...]) -> Recorded:
        target, plan, amendment, facts = await _take_open(tx, "signAmendments", target_id, None, path)
        signed, change = rules.sign_amendment(tx.viewer, facts, tx.today, tx.now)
        if change:
            change = cast(TargetChange, await with_derived(tx, target, plan, change))
        told: dict[str, Any] = {"reason": amendment.reason, "proposal": amendment.changes}
        return await _decide(tx, target, amendment, signed, change, EventType.TARGET_AMENDMENT_PROPOSED, **told)

    return await each_of(target_ids, rules.AT_ONCE, "targetIds", sign)


async def accept_hand_over(tx: Transaction, target_id: UUID, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, "acceptHandOver", target_id, if_version)
    accepted = rules.accept_hand_over(tx.viewer, facts, tx.today, tx.now)
    return await _answer(tx, target, amendment, accepted, EventType.TARGET_HAND_OVER_ACCEPTED)


async def refuse_hand_over(tx: Transaction, target_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, "refuseHandOver", target_id, if_version)
    refused = rules.refuse_hand_over(tx.viewer, facts, reason, tx.today, tx.now)
    return await _answer(tx, target, amendment, refused, EventType.TARGET_HAND_OVER_REFUSED)


async def approve_amendment(
    tx: Transaction, target_id: UUID, note: str | None = None, if_version: int | None = None
) -> Recorded:
    return await _approve(tx, target_id, note, if_version)


async def approve_amendments(tx: Transaction, target_ids: Sequence[UUID], note: str | None = None) -> Recorded:
    """All or none; told is the first one's event."""

    async def approve(target_id: UUID, path: tuple[str, ...]) -> Recorded:
        return await _approve(tx, target_id, note, None, path)

    return await each_of(target_ids, rules.AT_ONCE, "targetIds", approve)


async def return_amendment(tx: Transaction, target_id: UUID, note: str, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, "returnAmendment", target_id, if_version)
    decided, change = rules.return_amendment(tx.viewer, facts, note, tx.today, tx.now)
    return await _decide(tx, target, amendment, decided, change, EventType.TARGET_AMENDMENT_RETURNED)


async def withdraw_amendment(tx: Transaction, target_id: UUID, if_version: int | None = None) -> Recorded:
    target, _, amendment, facts = await _take_open(tx, "withdrawAmendment", target_id, if_version)
    decided, change = rules.withdraw_amendment(tx.viewer, facts, tx.today, tx.now)
    return await _decide(tx, target, amendment, decided, change, EventType.TARGET_AMENDMENT_WITHDRAWN)


async def end_amendment(tx: Transaction, target_id: UUID, closing: Recorded | None = None) -> Recorded | None:
    """By the system, in the wake of a plan's closing or an organisation's end (None); nothing where none is open."""
    target = await tx.lock(Target, target_id)
    amendment = await _open_amendment(tx, target)
    if amendment is None:
        return None
    facts = await read_facts(tx, AmendmentFacts, target)
    by_id, why = (None, None) if closing is None else (closing.actor_id, closing.facts.get("reason"))
    decided, change = rules.ended_amendment(facts, by_id, why, tx.now)
    event = EventType.TARGET_AMENDMENT_WITHDRAWN
    return await _decide(tx, target, amendment, decided, change, event, in_wake_of=closing)


# ---- how ------------------------------------------------------------------------------------------------------------


async def _approve(
    tx: Transaction, target_id: UUID, note: str | None, if_version: int | None, path: tuple[str, ...] = ("targetId",)
) -> Recorded:
    target, plan, amendment, facts = await _take_open(tx, "approveAmendment", target_id, if_version, path)
    changes = {name: _proposed_value(name, value) for name, value in amendment.changes.items()}
    decided, change = rules.approve_amendment(tx.viewer, facts, cast(TargetChange, changes), note, tx.today, tx.now)
    event = EventType.TARGET_AMENDMENT_APPROVED
    if amendment.kind is not AmendmentKind.HAND_OVER:
        derived = await with_derived(tx, target, plan, change, path=path)
        return await _decide(tx, target, amendment, decided, derived, event)
    owner = await tx.hold(Organisation, change["owner_id"], *path)
    edited, told = _edit(tx, amendment, decided)
    return await give(tx, target, owner, change, tx.today, event, edited=[edited], **told)


async def _take_open(
    tx: Transaction, verb: str, target_id: UUID, if_version: int | None, path: tuple[str, ...] = ("targetId",)
) -> tuple[Target, WorkPlan, Amendment, AmendmentFacts]:
    """The target, locked, its plan, and its open amendment, on which the viewer may do this. Refuses."""
    await tx.turn_in_plan(Target, target_id)
    target = await tx.lock(Target, target_id, *path, if_version=if_version)
    plan = await tx.hold(WorkPlan, target.work_plan_id, *path)
    facts = await read_facts(tx, AmendmentFacts, target)
    rules.AMENDMENT.ask(verb, tx.viewer, facts, tx.today)
    amendment = await _open_amendment(tx, target)
    assert amendment is not None
    return target, plan, amendment, facts


async def _open_amendment(tx: Transaction, target: Target) -> Amendment | None:
    return await tx.find(Amendment, target_id=target.id, status=list(OPEN_AMENDMENTS))


def _edit(
    tx: Transaction, amendment: Amendment, decided: AmendmentChange
) -> tuple[tuple[Amendment, Mapping[str, object]], dict[str, Any]]:
    """What becomes of the amendment, and what its event tells of that."""
    told: dict[str, Any] = {"amendmentId": encode("amend", amendment.id)}
    if "note" in decided:
        told["note"] = decided["note"]
    return (amendment, {**decided, "updated_at": tx.now}), told


async def _decide(
    tx: Transaction,
    target: Target,
    amendment: Amendment,
    decided: AmendmentChange,
    change: Mapping[str, object],
    event: EventType,
    in_wake_of: Recorded | None = None,
    **facts: object,
) -> Recorded:
    """Of what is prepared, and stays so till it is given up, nothing happens to a target that others see."""
    edited, told = _edit(tx, amendment, decided)
    told |= facts
    is_hidden = amendment.draft_of_id is not None and decided.get("draft_of_id", True) is not None
    if is_hidden and target.draft_of_id is None:
        return await tx.change(
            amendment, cast(Mapping[str, object], decided), event, in_wake_of=in_wake_of, **of_itself(target, told)
        )
    return await tx.change(target, change, event, edited=[edited], in_wake_of=in_wake_of, **told)


async def _answer(
    tx: Transaction, target: Target, amendment: Amendment, answered: AmendmentChange, event: EventType
) -> Recorded:
    """For the organisation that is to have the target."""
    receiver = await tx.get(Organisation, cast(UUID, amendment.receiver_id))
    edited, told = _edit(tx, amendment, answered)
    return await tx.change(target, {}, event, edited=[edited], acting_for=receiver.id, owner=receiver.name, **told)


def _proposed_value(column: str, value: Any) -> Any:
    return value if column == "milestones" else unlogged(Target, column, value)
