"""Who may do what with a target (target kerja), and when.

What a target promises is in target_content.py, how an approved plan's targets are changed in amendment.py, its readings
in measurement.py, and what they amount to (capaian) in achievement.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.organisation import OrganisationEnd, must_not_have_ended
from server.rules.permission import must_head, must_not_act, must_work_for
from server.rules.refusal import Code, Refused
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import DRAFTS, PARTS_OF_TARGETS
from server.rules.work_plan import WorkPlanFacts, WorkPlanStatus


class TargetDirection(StrEnum):
    """Which readings are good: higher, lower, or inside two bounds."""

    MAXIMISE = "MAXIMISE"
    MINIMISE = "MINIMISE"
    RANGE = "RANGE"


class RollUp(StrEnum):
    """How a year's readings make its realised value: their sum, the last one, or their mean."""

    SUM = "SUM"
    LAST = "LAST"
    MEAN = "MEAN"


class Formula(StrEnum):
    """How capaian is measured: against the target, or as the share of the way from the baseline to it."""

    RATIO = "RATIO"
    PROGRESS = "PROGRESS"


class TrackState(StrEnum):
    """The pace light, worst first."""

    NOT_REPORTED = "NOT_REPORTED"
    OFF_TRACK = "OFF_TRACK"
    AT_RISK = "AT_RISK"
    ON_TRACK = "ON_TRACK"
    REALISED = "REALISED"
    NOT_STARTED = "NOT_STARTED"


class Grade(StrEnum):
    """The grade of a year, or of the year so far (Permendagri 86/2017)."""

    VERY_LOW = "VERY_LOW"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    VERY_HIGH = "VERY_HIGH"


class AmendmentKind(StrEnum):
    """What an amendment would do to an approved plan's target: change, add or remove it, or give it away."""

    CHANGE = "CHANGE"
    ADD = "ADD"
    REMOVE = "REMOVE"
    HAND_OVER = "HAND_OVER"


class AmendmentStatus(StrEnum):
    """Where an amendment stands; the first three are open."""

    PREPARED = "PREPARED"
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Milestone(TypedDict):
    """A point of the expected trajectory, as stored: `{"dueOn": "2026-03-31", "value": "12.5"}`."""

    dueOn: str
    value: str


def milestones(stored: list[Milestone], _: object = None) -> tuple[tuple[date, Decimal], ...]:
    """The stored milestones as facts, in order of day."""
    return tuple(sorted((date.fromisoformat(each["dueOn"]), Decimal(each["value"])) for each in stored))


OPEN_AMENDMENTS = (AmendmentStatus.PREPARED, AmendmentStatus.PROPOSED, AmendmentStatus.ACCEPTED)
IS_OPEN = "a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED')"


def of_open_amendment(column: str) -> str:
    """Where a column of the target's one open amendment stands; null where there is none."""
    return f"(SELECT a.{column} FROM amendment a WHERE a.target_id = {{t}}.id AND {IS_OPEN})"


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What the rules need to know of a target: its columns, its plan's, its owner's end, and its open amendment."""

    id: UUID
    owner_id: UUID
    is_proposed: bool
    roll_up: RollUp
    archived_at: datetime | None
    last_measured_on: date | None
    draft_of_id: UUID | None
    plan_status: WorkPlanStatus = field(metadata=at("work_plan.status"))
    plan_year: int = field(metadata=at("work_plan.year"))
    plan_archived_at: datetime | None = field(metadata=at("work_plan.archived_at"))
    owner: OrganisationEnd = field(metadata=at("owner"))
    has_open_amendment: bool = field(metadata=at(of_open_amendment("kind"), lambda kind, _: kind is not None))


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetInFull(TargetFacts):
    """With the columns that a verb compares with its input."""

    indicator: str
    unit: str
    programme_id: UUID | None = None
    responsible_id: UUID | None = None
    direction: TargetDirection
    formula: Formula = Formula.RATIO
    baseline: Decimal | None = None
    target_value: Decimal
    target_value_to: Decimal | None = None
    due_on: date
    milestones: tuple[tuple[date, Decimal], ...] = field(metadata=at("milestones", milestones))
    external_id: str | None = None


class TargetChange(TypedDict, total=False):
    """The columns that a verb changes; the derived ones follow from achievement.state_of."""

    work_plan_id: UUID
    owner_id: UUID
    responsible_id: UUID | None
    programme_id: UUID | None
    indicator: str
    unit: str
    direction: TargetDirection
    roll_up: RollUp
    formula: Formula
    baseline: Decimal | None
    target_value: Decimal
    target_value_to: Decimal | None
    due_on: date
    milestones: list[Milestone]
    is_proposed: bool
    counts_from: date | None
    external_id: str | None
    draft_of_id: UUID | None
    archived_at: datetime | None


def may_create_target(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    """Head and staff, in a plan that is drawn up; in an approved one by an amendment."""
    must_work_for(viewer, plan.organisation_id)
    if plan.archived_at is not None:
        raise Refused(Code.ARCHIVED)
    must_not_have_ended(plan.organisation, today)
    must_be_editable(plan.status)


def may_update_target(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """Head and staff of its owner; what it promises only until its plan is submitted, or by an amendment."""
    must_work_for(viewer, target.owner_id)
    _must_stand(target)
    must_be_editable(target.plan_status)


def may_set_milestones(viewer: Viewer, target: TargetFacts, today: date) -> None:
    may_update_target(viewer, target, today)
    if target.plan_status is WorkPlanStatus.APPROVED:
        raise Refused(Code.AMENDMENT_NEEDED)


def may_amend_target(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """Head and staff, in an approved plan; one open amendment at a time."""
    must_work_for(viewer, target.owner_id)
    _must_stand(target)
    must_be_approved(target.plan_status)
    _must_have_no_open_amendment(target)


def may_archive_target(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """What others have seen only by an amendment, so in an approved plan; what they have not while it is drawn up."""
    must_work_for(viewer, target.owner_id)
    must_be_editable(target.plan_status)
    _must_stand(target)
    _must_have_no_open_amendment(target)
    if target.draft_of_id is None and target.plan_status is not WorkPlanStatus.APPROVED:
        raise Refused(Code.ALREADY_PUBLIC)


def may_restore_target(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """While the plan is drawn up; into an approved one by an amendment."""
    must_work_for(viewer, target.owner_id)
    must_be_editable(target.plan_status)
    if target.plan_archived_at is not None:
        raise Refused(Code.ARCHIVED)
    if target.archived_at is None:
        raise Refused(Code.NOT_ARCHIVED)
    _must_have_no_open_amendment(target)
    must_not_have_ended(target.owner, today)


def may_hand_over_target(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """The owner's definitive head, or a reviewer of another organisation: those of its own do not go round its head.

    In an approved plan: until then whose plan it is owns it.
    """
    must_not_act(viewer, target.owner_id)
    if viewer.is_reviewer and target.owner_id not in viewer.organisation_ids:
        must_not_act(viewer, viewer.organisation_id)
    else:
        must_head(viewer, target.owner_id)
    _must_stand(target)
    must_be_approved(target.plan_status)
    if target.is_proposed:
        raise Refused(Code.TARGET_PROPOSED)
    _must_have_no_open_amendment(target)


def may_record_measurement(viewer: Viewer, target: TargetFacts, today: date) -> None:
    """Head and staff of its owner, from the plan's approval until it is closed, and not before its year."""
    must_work_for(viewer, target.owner_id)
    _must_stand(target)
    must_be_approved(target.plan_status)
    if target.is_proposed:
        raise Refused(Code.TARGET_PROPOSED)
    if today < date(target.plan_year, 1, 1):
        raise Refused(Code.IN_THE_FUTURE, "measuredOn", constraint=f"≤ {today}")


_DRAFTS, _READINGS = (TokenScope.PLANS_WRITE,), (TokenScope.READINGS_WRITE,)
TARGET: Final = Aggregate[TargetFacts](
    name="Target",
    table="target",
    prefix="target",
    visibility=DRAFTS,
    called=("about",),
    verbs={
        "updateTarget": Verb(may_update_target, EventType.TARGET_UPDATED, scopes=_DRAFTS),
        "setMilestones": Verb(may_set_milestones, EventType.TARGET_MILESTONES_SET, scopes=_DRAFTS),
        "amendTarget": Verb(may_amend_target, EventType.TARGET_AMENDMENT_PROPOSED, scopes=_DRAFTS),
        "archiveTarget": Verb(may_archive_target, EventType.TARGET_ARCHIVED, scopes=_DRAFTS),
        "restoreTarget": Verb(may_restore_target, EventType.TARGET_RESTORED, scopes=_DRAFTS),
        "handOverTarget": Verb(may_hand_over_target, EventType.TARGET_HAND_OVER_PROPOSED),
        "recordMeasurement": Verb(may_record_measurement, EventType.TARGET_MEASURED, scopes=_READINGS),
    },
    offered={"WorkPlan": {"createTarget": Verb(may_create_target, EventType.TARGET_CREATED, scopes=_DRAFTS)}},
    many={
        "upsertTargets": Verb(
            may_create_target,
            EventType.TARGET_CREATED,
            (
                *(EventType.TARGET_CREATED, EventType.TARGET_UPDATED, EventType.TARGET_MILESTONES_SET),
                *(EventType.TARGET_AMENDMENT_PROPOSED, EventType.TARGET_AMENDMENT_PREPARED),
            ),
            scopes=_DRAFTS,
        ),
        "recordMeasurements": Verb(
            may_record_measurement, EventType.TARGET_MEASURED, (EventType.TARGET_MEASURED,), scopes=_READINGS
        ),
        "upsertMeasurements": Verb(
            may_record_measurement,
            EventType.TARGET_MEASURED,
            (EventType.TARGET_MEASURED, EventType.TARGET_MEASUREMENT_SUPERSEDED),
            scopes=_READINGS,
        ),
    },
    of_itself=(
        EventType.TARGET_HANDED_OVER,
        EventType.TARGET_NOT_REPORTED,
        EventType.TARGET_REMINDED,
        EventType.TARGET_YEAR_TOLD,
        EventType.TARGET_CLOCK_MOVED,
    ),
)
TARGET_OWNER: Final = Part[None](name="TargetOwner", table="target_owner", prefix="towner", visibility=PARTS_OF_TARGETS)


def must_be_editable(status: WorkPlanStatus) -> None:
    """A plan is not changed under its reviewers' eyes, nor once it is closed."""
    if status is WorkPlanStatus.SUBMITTED:
        raise Refused(Code.PLAN_UNDER_REVIEW)
    if status is WorkPlanStatus.CLOSED:
        raise Refused(Code.PLAN_NOT_OPEN)


def must_be_approved(status: WorkPlanStatus) -> None:
    if status is WorkPlanStatus.CLOSED:
        raise Refused(Code.PLAN_NOT_OPEN)
    if status is not WorkPlanStatus.APPROVED:
        raise Refused(Code.PLAN_NOT_APPROVED, status=status)


def _must_stand(target: TargetFacts) -> None:
    if target.archived_at is not None or target.plan_archived_at is not None:
        raise Refused(Code.ARCHIVED)


def _must_have_no_open_amendment(target: TargetFacts) -> None:
    if target.has_open_amendment:
        raise Refused(Code.AMENDMENT_OPEN)
