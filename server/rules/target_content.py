"""What a target promises: its text, values, trajectory and owner.

In an approved plan a target is added, changed or removed by a proposal that counts from a reviewer's approval
(amendment.py): these verbs then return it beside the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, cast
from uuid import UUID

from server.rules import bounds
from server.rules.account import AccountInFull
from server.rules.change import changed
from server.rules.organisation import PLAN_OWNERS, OrganisationFacts, must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.target import (
    AmendmentKind,
    Milestone,
    RollUp,
    TargetChange,
    TargetDirection,
    TargetFacts,
    TargetInFull,
    earliest_hand_over,
    may_archive_target,
    may_create_target,
    may_hand_over_target,
    may_restore_target,
    may_set_milestones,
    may_update_target,
)
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanFacts, WorkPlanStatus

Points = Sequence[tuple[date, Decimal]]

# The columns that an approved plan's target changes by an amendment only, and their input fields.
PROMISED: Mapping[str, str] = {
    "indicator": "indicator",
    "unit": "unit",
    "direction": "direction",
    "roll_up": "rollUp",
    "baseline": "baseline",
    "target_value": "targetValue",
    "target_value_to": "targetValueTo",
    "due_on": "dueOn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What is promised for a plan's year."""

    direction: TargetDirection
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None
    milestones: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """What the caller says of a new target; without `due_on` it is due on the year's last day."""

    indicator: str | None
    unit: str | None
    direction: TargetDirection
    roll_up: RollUp
    target_value: Decimal | None
    target_value_to: Decimal | None = None
    baseline: Decimal | None = None
    due_on: date | None = None
    milestones: Points = ()
    reason: str | None = None


class TargetPatch(TypedDict, total=False):
    """What `updateTarget` may change: absent means unchanged, None means clear."""

    indicator: str | None
    unit: str | None
    programme_id: UUID | None
    responsible_id: UUID | None
    direction: TargetDirection
    roll_up: RollUp
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An amendment to open: PROPOSED, by the viewer, now. `changes` are the target's columns as they would be."""

    kind: AmendmentKind
    reason: str
    changes: TargetChange


def create_target(
    viewer: Viewer, plan: WorkPlanFacts, new: NewTarget, responsible: AccountInFull | None, today: date
) -> tuple[TargetChange, Proposal | None]:
    """The target's columns (without `programme_id`, which the caller adds); in an approved plan it is only proposed."""
    may_create_target(viewer, plan, today)
    due_on = date(plan.year, 12, 31) if new.due_on is None else new.due_on
    values = checked(
        Values(
            direction=new.direction,
            baseline=new.baseline,
            target_value=new.target_value,
            target_value_to=new.target_value_to,
            due_on=due_on,
            milestones=new.milestones,
        ),
        plan.year,
    )
    is_proposed = plan.status is WorkPlanStatus.APPROVED
    columns: TargetChange = {
        "work_plan_id": plan.id,
        "owner_id": plan.organisation_id,
        "indicator": bounds.text(new.indicator, bounds.TITLE, "indicator"),
        "unit": bounds.text(new.unit, bounds.UNIT, "unit"),
        "direction": new.direction,
        "roll_up": new.roll_up,
        "responsible_id": None if responsible is None else _answerable(plan.organisation_id, responsible),
        "is_proposed": is_proposed,
        "draft_of_id": plan.draft_of_id,
    }
    columns |= cast(TargetChange, values)
    return columns, _proposal(AmendmentKind.ADD, new.reason) if is_proposed else None


def update_target(
    viewer: Viewer, target: TargetInFull, patch: TargetPatch, responsible: AccountInFull | None, today: date
) -> TargetChange:
    """`responsible` stands behind the patch's `responsible_id`. Of an approved plan's target the promise stays."""
    may_update_target(viewer, target, today)
    columns = cast(TargetChange, {**patch, **checked_words(patch)})
    if responsible is not None:
        _answerable(target.owner_id, responsible)
    change = cast(TargetChange, changed(target, columns))
    promised = [column for column in PROMISED if column in change]
    if promised and target.plan_status is WorkPlanStatus.APPROVED:
        raise Refused(Code.AMENDMENT_NEEDED, PROMISED[promised[0]])
    if promised:
        checked(promise(target, change), target.plan_year)
    return change


def set_milestones(viewer: Viewer, target: TargetInFull, points: Points, today: date) -> TargetChange:
    """The expected trajectory, cumulative for a SUM; none is the straight line."""
    may_set_milestones(viewer, target, today)
    if tuple(points) == target.milestones:
        raise Refused(Code.NOTHING_TO_CHANGE)
    values = checked(promise(target, {"milestones": points}), target.plan_year)
    return {"milestones": values["milestones"]}


def archive_target(
    viewer: Viewer, target: TargetFacts, reason: str | None, today: date, now: datetime
) -> tuple[TargetChange, Proposal | None]:
    """At once while the plan is drawn up; of an approved plan (with a reason) once a reviewer approves it."""
    may_archive_target(viewer, target, today)
    if target.plan_status is WorkPlanStatus.APPROVED:
        return {}, _proposal(AmendmentKind.REMOVE, reason)
    return {"archived_at": now}, None


def restore_target(
    viewer: Viewer, target: TargetFacts, reason: str | None, today: date
) -> tuple[TargetChange, Proposal | None]:
    """At once while the plan is drawn up; into an approved plan (with a reason) as one that is proposed."""
    may_restore_target(viewer, target, today)
    if target.plan_status is WorkPlanStatus.APPROVED:
        return {"archived_at": None, "is_proposed": True}, _proposal(AmendmentKind.ADD, reason)
    return {"archived_at": None}, None


def hand_over_target(
    viewer: Viewer, target: TargetFacts, owner: OrganisationFacts, from_: date, today: date
) -> TargetChange:
    """To another plan owner, from a day of the plan's year on; not before the last reading, which stays where it was.

    The action ends the present owner's period on the day before and begins the new one's.
    """
    may_hand_over_target(viewer, target, today)
    if owner.id == target.owner_id:
        raise Refused(Code.NOTHING_TO_CHANGE, "organisationCode")
    if owner.kind not in PLAN_OWNERS:
        raise Refused(Code.NO_PLAN_OWNER, "organisationCode", kind=owner.kind)
    must_not_have_ended(owner, today, "organisationCode")
    if from_ > today:
        raise Refused(Code.IN_THE_FUTURE, "from", constraint=f"≤ {today}")
    bounds.day(from_, "from", earliest=earliest_hand_over(target), latest=today)
    return {"owner_id": owner.id, "responsible_id": None}


class CheckedValues(TypedDict):
    """The columns of a promise that holds together."""

    baseline: Decimal | None
    target_value: Decimal
    target_value_to: Decimal | None
    due_on: date
    milestones: list[Milestone]


def checked(values: Values, year: int) -> CheckedValues:
    """Refuses what does not hold together, naming the field.

    Target values are not negative: the formulas of capaian mean nothing below 0 (a baseline or a reading may be).
    """
    target_value = bounds.amount(values.target_value, "targetValue")
    if target_value < 0:
        raise Refused(Code.OUT_OF_RANGE, "targetValue", constraint="≥ 0")
    upper = values.target_value_to
    if values.direction is TargetDirection.RANGE:
        upper = bounds.amount(upper, "targetValueTo")
        if upper < target_value:
            raise Refused(Code.OUT_OF_RANGE, "targetValueTo", constraint=f"≥ {target_value}")
    elif upper is not None:
        raise Refused(Code.MALFORMED, "targetValueTo", constraint="range_only")
    due_on = bounds.day(values.due_on, "dueOn", earliest=date(year, 1, 1), latest=date(year, 12, 31))
    bounds.count(values.milestones, bounds.MILESTONES, "milestones")
    if values.milestones and values.direction is TargetDirection.RANGE:
        raise Refused(Code.MALFORMED, "milestones", constraint="no_milestones_for_range")
    earliest = date(year, 1, 1)
    for n, (day, value) in enumerate(values.milestones):
        bounds.amount(value, "milestones", str(n), "value")
        latest = due_on
        if not earliest <= day <= latest:
            raise Refused(Code.OUT_OF_RANGE, "milestones", str(n), "dueOn", constraint=f"{earliest}..{latest}")
        if day == due_on and value != target_value:
            raise Refused(Code.OUT_OF_RANGE, "milestones", str(n), "value", constraint=f"= {target_value}")
        earliest = date.fromordinal(day.toordinal() + 1)
    return {
        "baseline": bounds.optional_amount(values.baseline, "baseline"),
        "target_value": target_value,
        "target_value_to": upper,
        "due_on": due_on,
        "milestones": [Milestone(dueOn=day.isoformat(), value=str(value)) for day, value in values.milestones],
    }


def checked_words(patch: Mapping[str, Any]) -> dict[str, Any]:
    """What a patch says of indicator, unit, direction and roll-up. Refuses what none of them can be, by its field."""
    words: dict[str, Any] = {}
    if "indicator" in patch:
        words["indicator"] = bounds.text(patch["indicator"], bounds.TITLE, "indicator")
    if "unit" in patch:
        words["unit"] = bounds.text(patch["unit"], bounds.UNIT, "unit")
    if "direction" in patch:
        words["direction"] = bounds.given(patch["direction"], "direction")
    if "roll_up" in patch:
        words["roll_up"] = bounds.given(patch["roll_up"], "rollUp")
    return words


def promise(target: TargetInFull, change: Mapping[str, Any]) -> Values:
    """The target's promise as it would be with these columns; `milestones` as points."""
    return Values(**{each.name: change.get(each.name, getattr(target, each.name)) for each in fields(Values)})


def _proposal(kind: AmendmentKind, reason: str | None) -> Proposal:
    return Proposal(kind, bounds.text(reason, bounds.TEXT, "reason"), {})


def _answerable(organisation_id: UUID, responsible: AccountInFull) -> UUID:
    if not responsible.belongs_to(organisation_id):
        raise Refused(Code.WRONG_ORGANISATION, "responsibleId")
    if not responsible.is_active:
        raise Refused(Code.ACCOUNT_DISABLED, "responsibleId")
    return responsible.id
