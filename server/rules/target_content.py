"""What a target promises: its text, values, trajectory and owner.

In an approved plan a target is added, changed, removed or given away by an amendment, which counts from a reviewer's
approval (amendment.py): these verbs then return it beside the columns.
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
from server.rules.external_id import free
from server.rules.organisation import PLAN_OWNERS, OrganisationFacts, must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.target import (
    AmendmentKind,
    Formula,
    Milestone,
    RollUp,
    TargetChange,
    TargetDirection,
    TargetFacts,
    TargetInFull,
    may_archive_target,
    may_create_target,
    may_hand_over_target,
    may_restore_target,
    may_set_milestones,
    may_update_target,
)
from server.rules.viewer import Capacity, Viewer
from server.rules.work_plan import WorkPlanFacts, WorkPlanStatus

Points = Sequence[tuple[date, Decimal]]

# The columns that an approved plan's target changes by an amendment only, and their input fields.
PROMISED: Mapping[str, str] = {
    "indicator": "indicator",
    "unit": "unit",
    "direction": "direction",
    "roll_up": "rollUp",
    "formula": "formula",
    "baseline": "baseline",
    "target_value": "targetValue",
    "target_value_to": "targetValueTo",
    "due_on": "dueOn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What is promised for a plan's year."""

    direction: TargetDirection
    roll_up: RollUp
    formula: Formula
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None
    milestones: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """What the caller says of a new target; without `due_on` it is due on the year's last day.

    Without `formula` it is measured by the city's, where that is possible.
    """

    indicator: str | None
    unit: str | None
    direction: TargetDirection
    roll_up: RollUp
    target_value: Decimal | None
    target_value_to: Decimal | None = None
    baseline: Decimal | None = None
    due_on: date | None = None
    formula: Formula | None = None
    milestones: Points = ()
    reason: str | None = None
    external_id: str | None = None


class TargetPatch(TypedDict, total=False):
    """What `updateTarget` may change: absent means unchanged, None means clear."""

    indicator: str | None
    unit: str | None
    programme_id: UUID | None
    responsible_id: UUID | None
    direction: TargetDirection
    roll_up: RollUp
    formula: Formula
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An amendment to open, by the viewer, now: PROPOSED where the viewer has signed it with that, else PREPARED.

    `changes` are the target's columns as they would be, `before` as they are. `receiver_id`: of a hand-over.
    """

    kind: AmendmentKind
    is_signed: bool
    reason: str
    changes: TargetChange
    before: TargetChange
    receiver_id: UUID | None = None


def create_target(
    viewer: Viewer,
    plan: WorkPlanFacts,
    new: NewTarget,
    responsible: AccountInFull | None,
    today: date,
    city_formula: Formula = Formula.RATIO,
    is_external_id_taken: bool = False,
) -> tuple[TargetChange, Proposal | None]:
    """The target's columns (without `programme_id`, which the caller adds), and in an approved plan its amendment.

    Till that is signed it is seen like a draft. `city_formula`: with which a target begins that says nothing of it.
    `is_external_id_taken`: by another target of the plan's organisation.
    """
    may_create_target(viewer, plan, today)
    due_on = date(plan.year, 12, 31) if new.due_on is None else new.due_on
    if (formula := new.formula) is None:
        formula = city_formula if _has_a_way(new) else Formula.RATIO
    values = checked(
        Values(
            direction=new.direction,
            roll_up=new.roll_up,
            formula=formula,
            baseline=new.baseline,
            target_value=new.target_value,
            target_value_to=new.target_value_to,
            due_on=due_on,
            milestones=new.milestones,
        ),
        plan.year,
    )
    is_proposed = plan.status is WorkPlanStatus.APPROVED
    proposal = prepared(viewer, plan.organisation_id, AmendmentKind.ADD, new.reason) if is_proposed else None
    columns: TargetChange = {
        "work_plan_id": plan.id,
        "owner_id": plan.organisation_id,
        "indicator": bounds.text(new.indicator, bounds.TITLE, "indicator"),
        "unit": bounds.text(new.unit, bounds.UNIT, "unit"),
        "direction": new.direction,
        "roll_up": new.roll_up,
        "formula": formula,
        "responsible_id": None if responsible is None else _answerable(plan.organisation_id, responsible),
        "is_proposed": is_proposed,
        "external_id": free(new.external_id, is_external_id_taken),
        "draft_of_id": plan.draft_of_id,
    }
    if proposal is not None and not proposal.is_signed:
        columns["draft_of_id"] = plan.organisation_id
    columns |= cast(TargetChange, values)
    return columns, proposal


def update_target(
    viewer: Viewer,
    target: TargetInFull,
    patch: TargetPatch,
    responsible: AccountInFull | None,
    today: date,
    is_external_id_taken: bool = False,
) -> TargetChange:
    """`responsible` stands behind the patch's `responsible_id`. Of an approved plan's target the promise stays.

    `is_external_id_taken`: by another target of its owner.
    """
    may_update_target(viewer, target, today)
    columns = cast(TargetChange, {**patch, **checked_words(patch)})
    if "external_id" in patch:
        columns["external_id"] = free(patch["external_id"], is_external_id_taken)
    if responsible is not None and responsible.id != target.responsible_id:
        _answerable(target.owner_id, responsible)
    change = cast(TargetChange, changed(target, columns))
    promised = [column for column in PROMISED if column in change]
    if promised and target.plan_status is WorkPlanStatus.APPROVED:
        raise Refused(Code.AMENDMENT_NEEDED, PROMISED[promised[0]])
    if promised:
        checked(promise(target, change), target.plan_year)
    return change


def says(target: Mapping[str, object], patch: TargetPatch) -> bool:
    """Whether the target (its columns) says all of this patch already. Refuses words that none can say."""
    return all(target[name] == value for name, value in {**patch, **checked_words(patch)}.items())


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
        return {}, prepared(viewer, target.owner_id, AmendmentKind.REMOVE, reason)
    return {"archived_at": now}, None


def restore_target(
    viewer: Viewer, target: TargetFacts, reason: str | None, today: date
) -> tuple[TargetChange, Proposal | None]:
    """At once while the plan is drawn up; into an approved plan (with a reason) as one that is proposed.

    Till that is signed what others have seen stays archived before their eyes.
    """
    may_restore_target(viewer, target, today)
    if target.plan_status is not WorkPlanStatus.APPROVED:
        return {"archived_at": None}, None
    proposal = prepared(viewer, target.owner_id, AmendmentKind.ADD, reason)
    return added(target.draft_of_id is not None, proposal.is_signed), proposal


def added(is_draft: bool, is_signed: bool) -> TargetChange:
    """What an amendment that adds a target does to its row: when it is prepared, and when it is signed.

    `is_draft`: others have never seen the target.
    """
    if is_signed:
        # What was removed before begins anew: it counts, and owes reports, from its approval.
        return {"draft_of_id": None, "archived_at": None, "is_proposed": True, "counts_from": None}
    return {"archived_at": None} if is_draft else {}


def hand_over_target(
    viewer: Viewer, target: TargetInFull, owner: OrganisationFacts, reason: str | None, today: date
) -> Proposal:
    """To another plan owner, which may accept or refuse it; what was achieved till then stays where it was."""
    may_hand_over_target(viewer, target, today)
    if owner.id == target.owner_id:
        raise Refused(Code.SAME_ORGANISATION, "organisation")
    if owner.kind not in PLAN_OWNERS:
        raise Refused(Code.NO_PLAN_OWNER, "organisation", kind=owner.kind)
    must_not_have_ended(owner, today, "organisation")
    why = bounds.text(reason, bounds.TEXT, "reason")
    changes: TargetChange = {"owner_id": owner.id}
    return Proposal(AmendmentKind.HAND_OVER, True, why, changes, {"owner_id": target.owner_id}, owner.id)


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
        raise Refused(Code.OUT_OF_RANGE, "targetValue", constraint="not_negative")
    upper = values.target_value_to
    if values.direction is TargetDirection.RANGE:
        upper = bounds.amount(upper, "targetValueTo")
        if upper < target_value:
            raise Refused(Code.OUT_OF_RANGE, "targetValueTo", constraint="not_below_lower_bound")
    elif upper is not None:
        raise Refused(Code.MALFORMED, "targetValueTo", constraint="range_only")
    _must_be_measurable(values)
    due_on = bounds.day(values.due_on, "dueOn", earliest=date(year, 1, 1), latest=date(year, 12, 31))
    bounds.count(values.milestones, bounds.MILESTONES, "milestones")
    if values.milestones and values.direction is TargetDirection.RANGE:
        raise Refused(Code.MALFORMED, "milestones", constraint="no_milestones_for_range")
    earliest = date(year, 1, 1)
    for n, (day, value) in enumerate(values.milestones):
        bounds.amount(value, "milestones", str(n), "value")
        bounds.day(day, "milestones", str(n), "dueOn", earliest=earliest, latest=due_on)
        if day == due_on and value != target_value:
            raise Refused(Code.OUT_OF_RANGE, "milestones", str(n), "value", constraint="value_on_due_day")
        earliest = date.fromordinal(day.toordinal() + 1)
    return {
        "baseline": bounds.optional_amount(values.baseline, "baseline"),
        "target_value": target_value,
        "target_value_to": upper,
        "due_on": due_on,
        "milestones": stored(values.milestones),
    }


def _must_be_measurable(values: Values) -> None:
    """Progress is the share of a way, which a range and a sum do not have."""
    if values.formula is not Formula.PROGRESS:
        return
    if values.direction is TargetDirection.RANGE or values.roll_up is RollUp.SUM:
        raise Refused(Code.MALFORMED, "formula", constraint="progress_of_a_level")
    if values.baseline is None:
        raise Refused(Code.REQUIRED, "baseline", constraint="progress_needs_baseline")
    if values.baseline == values.target_value:
        raise Refused(Code.OUT_OF_RANGE, "baseline", constraint="progress_needs_distance")


def _has_a_way(new: NewTarget) -> bool:
    is_level = new.direction is not TargetDirection.RANGE and new.roll_up is not RollUp.SUM
    return is_level and new.baseline is not None and new.baseline != new.target_value


def stored(points: Points) -> list[Milestone]:
    """A trajectory as the column holds it."""
    return [Milestone(dueOn=day.isoformat(), value=str(value)) for day, value in points]


def checked_words(patch: Mapping[str, Any]) -> dict[str, Any]:
    """What a patch says of indicator, unit, direction, roll-up and formula. Refuses by its field what none can be."""
    words: dict[str, Any] = {}
    if "indicator" in patch:
        words["indicator"] = bounds.text(patch["indicator"], bounds.TITLE, "indicator")
    if "unit" in patch:
        words["unit"] = bounds.text(patch["unit"], bounds.UNIT, "unit")
    if "direction" in patch:
        words["direction"] = bounds.given(patch["direction"], "direction")
    if "roll_up" in patch:
        words["roll_up"] = bounds.given(patch["roll_up"], "rollUp")
    if "formula" in patch:
        words["formula"] = bounds.given(patch["formula"], "formula")
    return words


def promise(target: TargetInFull, change: Mapping[str, Any]) -> Values:
    """The target's promise as it would be with these columns; `milestones` as points."""
    return Values(**{each.name: change.get(each.name, getattr(target, each.name)) for each in fields(Values)})


def prepared(
    viewer: Viewer,
    owner_id: UUID,
    kind: AmendmentKind,
    reason: str | None,
    changes: TargetChange | None = None,
    before: TargetChange | None = None,
) -> Proposal:
    """An amendment by somebody of the owner, who signs it with that as its definitive head."""
    is_signed = viewer.capacity_in(owner_id) is Capacity.DEFINITIVE
    return Proposal(kind, is_signed, bounds.text(reason, bounds.TEXT, "reason"), changes or {}, before or {})


def _answerable(organisation_id: UUID, responsible: AccountInFull) -> UUID:
    responsible.must_work_for(organisation_id, "responsibleId")
    return responsible.id
