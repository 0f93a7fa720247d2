"""How an approved plan's targets change: proposed with a reason, decided by a reviewer, every value kept.

Until it is approved the old value stands. A target that was to be added and is not goes to the archive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Part, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.permission import must_not_act, must_review
from server.rules.refusal import Code, Refused
from server.rules.target import (
    AmendmentKind,
    AmendmentStatus,
    RollUp,
    TargetChange,
    TargetDirection,
    TargetInFull,
    may_amend_target,
    of_open_amendment,
)
from server.rules.target_content import Points, Proposal, checked, checked_words, promise
from server.rules.viewer import Viewer
from server.rules.visibility import PARTS_OF_TARGETS
from server.rules.work_plan import WorkPlanStatus

PROPOSED = AmendmentStatus.PROPOSED


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentFacts:
    """What the rules need to know of a target's open amendment; without `kind` there is none."""

    owner_id: UUID
    plan_organisation_id: UUID = field(metadata=at("work_plan.organisation_id"))
    plan_status: WorkPlanStatus = field(metadata=at("work_plan.status"))
    kind: AmendmentKind | None = field(metadata=at(of_open_amendment("kind")))
    status: AmendmentStatus | None = field(metadata=at(of_open_amendment("kind"), lambda kind, _: kind and PROPOSED))
    proposed_by_id: UUID | None = field(metadata=at(of_open_amendment("proposed_by_id")))


class AmendmentChange(TypedDict, total=False):
    """The columns that a verb changes."""

    status: AmendmentStatus
    decided_by_id: UUID | None
    decided_at: datetime | None
    note: str | None


class AmendmentPatch(TypedDict, total=False):
    """What `amendTarget` may propose: absent means unchanged, None means clear."""

    indicator: str | None
    unit: str | None
    direction: TargetDirection | None
    roll_up: RollUp | None
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None
    milestones: Points


def may_decide_amendment(verb: str, viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    """A reviewer of neither organisation concerned, who does not merely act as head of the own one."""
    status = _must_have_status(amendment)
    must_review(viewer, amendment.plan_organisation_id)
    must_review(viewer, amendment.owner_id)
    must_not_act(viewer, viewer.organisation_id)
    lifecycle.move(lifecycle.AMENDMENT, status, verb)
    if amendment.plan_status is not WorkPlanStatus.APPROVED:
        raise Refused(Code.PLAN_NOT_OPEN)


def may_approve_amendment(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    may_decide_amendment("approveAmendment", viewer, amendment, today)


def may_return_amendment(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    may_decide_amendment("returnAmendment", viewer, amendment, today)


def may_withdraw_amendment(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    """Whoever proposed it."""
    status = _must_have_status(amendment)
    if amendment.proposed_by_id != viewer.account_id:
        raise Refused(Code.NOT_THE_AUTHOR)
    lifecycle.move(lifecycle.AMENDMENT, status, "withdrawAmendment")


AMENDMENT: Final = Part[AmendmentFacts](
    name="Amendment",
    table="amendment",
    prefix="amend",
    visibility=PARTS_OF_TARGETS,
    states=AmendmentStatus,
    moves=lifecycle.AMENDMENT,
    verbs={
        "approveAmendment": Verb(may_approve_amendment, EventType.TARGET_AMENDMENT_APPROVED),
        "returnAmendment": Verb(may_return_amendment, EventType.TARGET_AMENDMENT_RETURNED),
        "withdrawAmendment": Verb(may_withdraw_amendment, EventType.TARGET_AMENDMENT_WITHDRAWN),
    },
)


def _must_have_status(amendment: AmendmentFacts) -> AmendmentStatus:
    if amendment.status is None:
        raise Refused(Code.NO_AMENDMENT)
    return amendment.status


def amend_target(
    viewer: Viewer, target: TargetInFull, patch: AmendmentPatch, reason: str | None, today: date
) -> Proposal:
    """A proposed change of the promise; `Proposal.changes` are the target's columns as they would be."""
    may_amend_target(viewer, target, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    wanted: dict[str, object] = {**patch, **checked_words(patch)}
    if "milestones" in patch:
        wanted["milestones"] = tuple(patch["milestones"])
    different = changed(target, wanted)
    values = checked(promise(target, different), target.plan_year)
    checked_values = {name: value for name, value in values.items() if name in different}
    return Proposal(AmendmentKind.CHANGE, why, cast(TargetChange, {**different, **checked_values}))


def approve_amendment(
    viewer: Viewer, amendment: AmendmentFacts, changes: TargetChange, note: str | None, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    """The amendment's columns, and what now counts on the target. `changes` are the proposal's."""
    may_approve_amendment(viewer, amendment, today)
    decided = _decided(AmendmentStatus.APPROVED, viewer, bounds.optional_text(note, bounds.TEXT, "note"), now)
    match amendment.kind:
        case AmendmentKind.CHANGE:
            return decided, changes
        case AmendmentKind.ADD:
            return decided, {"is_proposed": False}
        case _:
            return decided, {"archived_at": now}


def return_amendment(
    viewer: Viewer, amendment: AmendmentFacts, note: str | None, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    may_return_amendment(viewer, amendment, today)
    why = bounds.text(note, bounds.TEXT, "note")
    return _decided(AmendmentStatus.RETURNED, viewer, why, now), _dropped(amendment, now)


def withdraw_amendment(
    viewer: Viewer, amendment: AmendmentFacts, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    may_withdraw_amendment(viewer, amendment, today)
    return _decided(AmendmentStatus.WITHDRAWN, viewer, None, now), _dropped(amendment, now)


def _decided(status: AmendmentStatus, viewer: Viewer, note: str | None, now: datetime) -> AmendmentChange:
    return {"status": status, "decided_by_id": viewer.account_id, "decided_at": now, "note": note}


def _dropped(amendment: AmendmentFacts, now: datetime) -> TargetChange:
    return {"archived_at": now} if amendment.kind is AmendmentKind.ADD else {}
