"""Verbs on targets. In an approved plan they open an amendment, which amendment.py decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, by_key, get_with, organisation_facts, read_facts, receiving_organisation
from server.actions.figures import values_of, with_derived
from server.actions.rows import logged
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Account, Amendment, Organisation, Programme, Target, TargetOwner, WorkPlan
from server.models.fields import Row
from server.rules import target_content as rules
from server.rules.account import AccountInFull
from server.rules.achievement import state_of
from server.rules.event import EventType
from server.rules.target import (
    AmendmentStatus,
    Formula,
    RollUp,
    TargetDirection,
    TargetInFull,
    may_create_target,
    may_hand_over_target,
    may_update_target,
)
from server.rules.target_content import NewTarget, Points, Proposal, TargetPatch
from server.rules.work_plan import WorkPlanFacts
from server.rules.workdays import ONE_DAY


async def take(
    tx: Transaction, target_id: UUID, if_version: int | None = None
) -> tuple[Target, WorkPlan, TargetInFull]:
    """The target, locked, its plan, held, and what its rules need. Refuses NOT_FOUND and STALE_VERSION."""
    await tx.turn_in_plan(Target, target_id)
    target = await tx.lock(Target, target_id, "targetId", if_version=if_version)
    plan = await tx.hold(WorkPlan, target.work_plan_id, "targetId")
    return target, plan, await read_facts(tx, TargetInFull, target)


async def create_target(
    tx: Transaction,
    work_plan_id: UUID,
    indicator: str,
    unit: str,
    direction: TargetDirection,
    roll_up: RollUp,
    target_value: Decimal,
    target_value_to: Decimal | None = None,
    baseline: Decimal | None = None,
    due_on: date | None = None,
    formula: Formula | None = None,
    programme: Key | None = None,
    responsible_id: UUID | None = None,
    milestones: Sequence[Mapping[str, Any]] | None = None,
    reason: str | None = None,
    external_id: str | None = None,
) -> Recorded:
    """In an approved plan by an amendment, with a reason; it counts once a reviewer approves it."""
    plan = await tx.hold(WorkPlan, work_plan_id, "workPlanId")
    facts = await read_facts(tx, WorkPlanFacts, plan)
    may_create_target(tx.viewer, facts, tx.today)
    new = NewTarget(
        indicator=indicator,
        unit=unit,
        direction=direction,
        roll_up=roll_up,
        target_value=target_value,
        target_value_to=target_value_to,
        baseline=baseline,
        due_on=due_on,
        formula=formula,
        milestones=_points(milestones or ()),
        reason=reason,
        external_id=external_id,
    )
    person = await _responsible(tx, responsible_id)
    is_taken = await _is_taken(tx, plan.organisation_id, external_id)
    columns, proposal = rules.create_target(tx.viewer, facts, new, person, tx.today, tx.city.target_formula, is_taken)
    programme_id = await programme_by(tx, programme)
    target = Target(id=tx.new_id(), **cast(dict[str, Any], columns), programme_id=programme_id)
    for name, value in state_of(values_of(target, plan, tx.city), (), tx.city).items():
        setattr(target, name, value)
    parts: list[Row] = [
        TargetOwner(
            id=tx.new_id(), target_id=target.id, organisation_id=target.owner_id, valid_from=date(plan.year, 1, 1)
        )
    ]
    if proposal is None:
        return await tx.create(target, EventType.TARGET_CREATED, parts=parts)
    amendment, told = opened(tx, target, proposal)
    event = EventType.TARGET_AMENDMENT_PROPOSED if proposal.is_signed else EventType.TARGET_AMENDMENT_PREPARED
    return await tx.create(target, event, parts=[*parts, amendment], **told)


async def update_target(tx: Transaction, target_id: UUID, if_version: int | None = None, **patch: Any) -> Recorded:
    """`patch`: what is absent stays, None clears; `programme` names the programme."""
    target, plan, facts = await take(tx, target_id, if_version)
    may_update_target(tx.viewer, facts, tx.today)
    if "programme" in patch:
        patch["programme_id"] = await programme_by(tx, patch.pop("programme"))
    responsible = await _responsible(tx, patch.get("responsible_id"))
    external_id = patch.get("external_id")
    is_taken = external_id != target.external_id and await _is_taken(tx, target.owner_id, external_id)
    change = rules.update_target(tx.viewer, facts, cast(TargetPatch, patch), responsible, tx.today, is_taken)
    derived = await with_derived(tx, target, plan, change, path=("rollUp",))
    return await tx.change(target, derived, EventType.TARGET_UPDATED)


async def set_milestones(
    tx: Transaction, target_id: UUID, milestones: Sequence[Mapping[str, Any]], if_version: int | None = None
) -> Recorded:
    target, plan, facts = await take(tx, target_id, if_version)
    change = rules.set_milestones(tx.viewer, facts, _points(milestones), tx.today)
    return await tx.change(target, await with_derived(tx, target, plan, change), EventType.TARGET_MILESTONES_SET)


async def archive_target(
    tx: Transaction, target_id: UUID, reason: str | None = None, if_version: int | None = None
) -> Recorded:
    target, _, facts = await take(tx, target_id, if_version)
    change, proposal = rules.archive_target(tx.viewer, facts, reason, tx.today, tx.now)
    return await _change_or_propose(tx, target, change, proposal, EventType.TARGET_ARCHIVED)


async def restore_target(
    tx: Transaction, target_id: UUID, reason: str | None = None, if_version: int | None = None
) -> Recorded:
    target, plan, facts = await take(tx, target_id, if_version)
    change, proposal = rules.restore_target(tx.viewer, facts, reason, tx.today)
    derived = await with_derived(tx, target, plan, change)
    return await _change_or_propose(tx, target, derived, proposal, EventType.TARGET_RESTORED)


async def hand_over_target(
    tx: Transaction, target_id: UUID, organisation: Key, reason: str, if_version: int | None = None
) -> Recorded:
    """Proposed; it counts from the day on which a reviewer approves what the other organisation has accepted."""
    target, _, facts = await take(tx, target_id, if_version)
    may_hand_over_target(tx.viewer, facts, tx.today)
    owner = await receiving_organisation(tx, organisation, "organisation")
    proposal = rules.hand_over_target(tx.viewer, facts, await organisation_facts(tx, owner), reason, tx.today)
    amendment, told = opened(tx, target, proposal)
    told |= {"owner": owner.name, "receiverId": encode("org", owner.id)}
    return await tx.change(target, {}, EventType.TARGET_HAND_OVER_PROPOSED, parts=[amendment], **told)


async def pass_on_target(tx: Transaction, target_id: UUID, successor: Organisation, from_: date) -> Recorded:
    """In the wake of an organisation's end, by the system: what was achieved before stays with it."""
    target = await tx.lock(Target, target_id)
    change: dict[str, object] = {"owner_id": successor.id, "responsible_id": None}
    if target.draft_of_id is not None:
        change["draft_of_id"] = successor.id
    return await give(tx, target, successor, change, from_, EventType.TARGET_HANDED_OVER)


# ---- how ------------------------------------------------------------------------------------------------------------


def opened(tx: Transaction, target: Target, proposal: Proposal) -> tuple[Amendment, dict[str, Any]]:
    """A new amendment of a target, and what its event tells."""
    amendment = Amendment(
        id=tx.new_id(),
        version=0,
        created_at=tx.now,
        updated_at=tx.now,
        target_id=target.id,
        kind=proposal.kind,
        status=AmendmentStatus.PROPOSED if proposal.is_signed else AmendmentStatus.PREPARED,
        reason=proposal.reason,
        changes=logged(proposal.changes),
        before=logged(proposal.before),
        draft_of_id=None if proposal.is_signed else target.owner_id,
        receiver_id=proposal.receiver_id,
        prepared_by_id=tx.viewer.account_id,
        proposed_by_id=tx.viewer.account_id if proposal.is_signed else None,
        proposed_at=tx.now if proposal.is_signed else None,
    )
    return amendment, {
        "amendmentId": encode("amend", amendment.id),
        "reason": proposal.reason,
        "proposal": amendment.changes,
    }


async def open_amendment(tx: Transaction, target: Target, change: Mapping[str, object], proposal: Proposal) -> Recorded:
    """Of a target that is there. What is not signed yet is told to whom a draft is shown, and moves nothing of a target
    that others see."""
    amendment, told = opened(tx, target, proposal)
    if proposal.is_signed:
        return await tx.change(target, change, EventType.TARGET_AMENDMENT_PROPOSED, parts=[amendment], **told)
    if target.draft_of_id is not None:
        return await tx.change(target, change, EventType.TARGET_AMENDMENT_PREPARED, parts=[amendment], **told)
    return await tx.create(amendment, EventType.TARGET_AMENDMENT_PREPARED, **of_itself(target, told))


def of_itself(target: Target, told: Mapping[str, Any]) -> dict[str, Any]:
    """What an event tells that happens to the amendment and not to its target."""
    rest = {name: value for name, value in told.items() if name != "amendmentId"}
    return {**rest, "label": target.label(), "targetId": encode("target", target.id)}


async def give(
    tx: Transaction,
    target: Target,
    owner: Organisation,
    change: Mapping[str, object],
    from_: date,
    event: EventType,
    *,
    edited: Sequence[tuple[Row, Mapping[str, object]]] = (),
    **facts: object,
) -> Recorded:
    """A target with another owner from this day on; `edited`, `facts`: what else its event tells of."""
    change = {**change, **await _given_up(tx, target, owner.id)}
    present = await tx.find(TargetOwner, target_id=target.id, valid_to=None)
    told: dict[str, Any] = {"owner": owner.name, "on": from_, **facts}
    if present is not None and present.valid_from >= from_:
        # An end that lies before the present owner began: there was no day on which it answered for the target.
        told["on"] = present.valid_from
        other: tuple[Row, Mapping[str, object]] = (present, {"organisation_id": owner.id})
        return await tx.change(target, change, event, edited=[*edited, other], **told)
    ended: list[tuple[Row, Mapping[str, object]]] = []
    if present is not None:
        ended.append((present, {"valid_to": from_ - ONE_DAY}))
    began = TargetOwner(id=tx.new_id(), target_id=target.id, organisation_id=owner.id, valid_from=from_)
    return await tx.change(target, change, event, parts=[began], edited=[*edited, *ended], **told)


async def _given_up(tx: Transaction, target: Target, owner_id: UUID) -> dict[str, object]:
    """What a target loses because its new owner has one with the same id in another system: that id, which the event
    tells. But a draft gives its own up to what everybody sees: nobody shall learn from a public target that it exists.
    """
    if target.external_id is None:
        return {}
    twin = await tx.find(Target, owner_id=owner_id, external_id=target.external_id)
    if twin is None:
        return {}
    if twin.draft_of_id is None or target.draft_of_id is not None:
        return {"external_id": None}
    await tx.change(await tx.lock(Target, twin.id), {"external_id": None}, EventType.TARGET_UPDATED)
    return {}


async def _change_or_propose(
    tx: Transaction, target: Target, change: Mapping[str, object], proposal: Proposal | None, event: EventType
) -> Recorded:
    if proposal is None:
        return await tx.change(target, change, event)
    return await open_amendment(tx, target, change, proposal)


def _points(given: Sequence[Mapping[str, Any]]) -> Points:
    return [(each["due_on"], each["value"]) for each in given]


async def has_external_id(tx: Transaction, owner_id: UUID, external_id: str) -> bool:
    """Whether a target of this organisation bears that id of another system."""
    return tx.is_taken_by(await tx.find(Target, owner_id=owner_id, external_id=external_id))


async def _is_taken(tx: Transaction, owner_id: UUID, external_id: str | None) -> bool:
    return external_id is not None and await has_external_id(tx, owner_id, external_id.strip())


async def _responsible(tx: Transaction, account_id: UUID | None) -> AccountInFull | None:
    return None if account_id is None else (await get_with(tx, Account, AccountInFull, account_id, "responsibleId"))[1]


async def programme_by(tx: Transaction, key: Key | None) -> UUID | None:
    return None if key is None else (await by_key(tx, Programme, key, "programme")).id
