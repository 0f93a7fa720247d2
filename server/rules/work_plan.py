"""What may be done with a work plan (rencana kerja), from draft to closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol, TypedDict, cast
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import Moment, at, rows_of
from server.rules.organisation import (
    PLAN_OWNERS,
    OrganisationEnd,
    OrganisationFacts,
    must_not_have_ended,
    organisation_ended,
)
from server.rules.permission import must_head, must_not_act, must_review, must_work_for
from server.rules.refusal import Code, Refused
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import DRAFTS
from server.rules.workdays import ONE_DAY, Calendar, quarter_end, report_due, start_of_day


class WorkPlanStatus(StrEnum):
    """Where a plan stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    CLOSED = "CLOSED"


class Settlement(StrEnum):
    """What becomes of an open task when its plan closes."""

    CARRY_OVER = "CARRY_OVER"
    CANCEL = "CANCEL"


def closable_at(year: int, report_working_days: int, calendar: Calendar) -> datetime:
    """From when a plan of that year may be closed: the moment after the last day for the reading of TW IV."""
    return start_of_day(report_due(quarter_end(year, 4), report_working_days, calendar) + ONE_DAY, calendar)


def _closable_at(year: int, moment: Moment) -> datetime:
    return closable_at(year, moment.city.report_working_days, moment.city.calendar)


TARGET_COUNT = "(SELECT count(*) FROM target x WHERE x.work_plan_id = {t}.id AND x.archived_at IS NULL)"
IS_YEAR_TAKEN = (
    "EXISTS (SELECT 1 FROM work_plan x WHERE x.organisation_id = {t}.organisation_id AND x.year = {t}.year"
    " AND x.archived_at IS NULL AND x.id <> {t}.id)"
)


class PlanState(Protocol):
    """As much of a plan as a reviewer's verbs ask of it, but for closing it."""

    @property
    def id(self) -> UUID: ...
    @property
    def organisation_id(self) -> UUID: ...
    @property
    def status(self) -> WorkPlanStatus: ...
    @property
    def archived_at(self) -> datetime | None: ...


@rows_of("work_plan")
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlanFacts:
    """What the rules need to know of a plan.

    `target_count` counts what is not archived; `is_year_taken`: the organisation has another plan for the year.
    """

    id: UUID
    organisation_id: UUID
    year: int
    status: WorkPlanStatus
    archived_at: datetime | None
    draft_of_id: UUID | None = None
    target_count: int = field(metadata=at(TARGET_COUNT))
    is_year_taken: bool = field(metadata=at(IS_YEAR_TAKEN))
    organisation: OrganisationEnd = field(metadata=at("organisation"))
    closable_at: datetime = field(metadata=at("year", _closable_at))


@rows_of("work_plan")
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlanInFull(WorkPlanFacts):
    """With the columns that a verb compares with its input."""

    title: str
    needs_evidence: bool


# Whether a collaboration request became the task and was not withdrawn: a commitment, whatever its status.
IS_COMMITMENT = (
    "EXISTS (SELECT 1 FROM collaboration_request x WHERE x.commitment_id = {t}.id AND x.status <> 'WITHDRAWN')"
)


@rows_of("task")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task that is neither done nor cancelled when its plan closes."""

    id: UUID
    is_ordered: bool
    is_commitment: bool = field(metadata=at(IS_COMMITMENT))


class WorkPlanChange(TypedDict, total=False):
    """The columns that a verb changes."""

    organisation_id: UUID
    year: int
    title: str
    status: WorkPlanStatus
    needs_evidence: bool
    submitted_at: datetime | None
    submitted_by_id: UUID | None
    approved_at: datetime | None
    approved_by_id: UUID | None
    closed_at: datetime | None
    return_note: str | None
    draft_of_id: UUID | None
    archived_at: datetime | None


class WorkPlanPatch(TypedDict, total=False):
    """What `updateWorkPlan` may change: absent means unchanged."""

    title: str | None
    needs_evidence: bool


# ---- who may do what, and when --------------------------------------------------------------------------------------


def may_create_work_plan(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    """Head and staff of an OPD or a kecamatan that has not ended."""
    must_work_for(viewer, organisation.id)
    if organisation.kind not in PLAN_OWNERS:
        raise Refused(Code.NO_PLAN_OWNER, kind=organisation.kind)
    must_not_have_ended(organisation, today)


def may_update_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    must_work_for(viewer, plan.organisation_id)
    _must_move("updateWorkPlan", plan)


def may_submit_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    """The head, acting or not; with at least one target."""
    must_not_have_ended(plan.organisation, today)  # before all else: nobody heads it any more
    must_head(viewer, plan.organisation_id)
    _must_move("submitWorkPlan", plan)
    if plan.target_count == 0:
        raise Refused(Code.PLAN_EMPTY)


def may_take_back_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    must_head(viewer, plan.organisation_id)
    _must_move("takeBackWorkPlan", plan)


def may_return_work_plan(viewer: Viewer, plan: PlanState, today: date) -> None:
    must_review(viewer, plan.organisation_id)
    _must_move("returnWorkPlan", plan)


def may_approve_work_plan(viewer: Viewer, plan: PlanState, today: date) -> None:
    """A reviewer of another organisation, who does not merely act as head of the own one."""
    must_review(viewer, plan.organisation_id)
    must_not_act(viewer, viewer.organisation_id)
    _must_move("approveWorkPlan", plan)


def may_close_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    """A reviewer, once the last report of the year is due."""
    must_review(viewer, plan.organisation_id)
    _must_move("closeWorkPlan", plan)
    if today < plan.closable_at.date():
        raise Refused(Code.REPORT_NOT_DUE, available_at=plan.closable_at)


def may_reopen_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    must_review(viewer, plan.organisation_id)
    must_not_act(viewer, viewer.organisation_id)
    _must_move("reopenWorkPlan", plan)


def may_archive_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    """Drafts that nobody else ever saw; the year is then free for another plan."""
    must_work_for(viewer, plan.organisation_id)
    _must_move("archiveWorkPlan", plan)
    if plan.draft_of_id is None:
        raise Refused(Code.ALREADY_PUBLIC)


def may_restore_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> None:
    must_work_for(viewer, plan.organisation_id)
    if plan.archived_at is None:
        raise Refused(Code.NOT_ARCHIVED)
    must_not_have_ended(plan.organisation, today)
    if plan.is_year_taken:
        raise Refused(Code.ALREADY_EXISTS)


# Which reports its targets owe follows from it.
_REPORTS = (EventType.TARGET_REPORTS_CHANGED,)

_DRAFTS = (TokenScope.PLANS_WRITE,)
_RESTORED = (EventType.TARGET_RESTORED, EventType.TASK_RESTORED)
WORK_PLAN: Final = Aggregate[WorkPlanFacts](
    name="WorkPlan",
    table="work_plan",
    prefix="plan",
    visibility=DRAFTS,
    states=WorkPlanStatus,
    moves=lifecycle.WORK_PLAN,
    verbs={
        "updateWorkPlan": Verb(may_update_work_plan, EventType.WORK_PLAN_UPDATED, scopes=_DRAFTS),
        "submitWorkPlan": Verb(
            may_submit_work_plan, EventType.WORK_PLAN_SUBMITTED, (EventType.TARGET_PUBLISHED, EventType.TASK_PUBLISHED)
        ),
        "takeBackWorkPlan": Verb(may_take_back_work_plan, EventType.WORK_PLAN_TAKEN_BACK),
        "returnWorkPlan": Verb(may_return_work_plan, EventType.WORK_PLAN_RETURNED),
        "approveWorkPlan": Verb(may_approve_work_plan, EventType.WORK_PLAN_APPROVED, _REPORTS),
        "closeWorkPlan": Verb(may_close_work_plan, EventType.WORK_PLAN_CLOSED, _REPORTS),
        "reopenWorkPlan": Verb(may_reopen_work_plan, EventType.WORK_PLAN_REOPENED, _REPORTS),
        "archiveWorkPlan": Verb(
            may_archive_work_plan,
            EventType.WORK_PLAN_ARCHIVED,
            (EventType.TARGET_ARCHIVED, EventType.TASK_ARCHIVED, EventType.TASK_MOVED),
            _DRAFTS,
        ),
        "restoreWorkPlan": Verb(may_restore_work_plan, EventType.WORK_PLAN_RESTORED, _RESTORED, _DRAFTS),
    },
    offered={
        "Organisation": {"createWorkPlan": Verb(may_create_work_plan, EventType.WORK_PLAN_CREATED, scopes=_DRAFTS)}
    },
    of_itself=(EventType.WORK_PLAN_PASSED_ON,),
)


def _must_move(verb: str, plan: PlanState) -> None:
    if plan.archived_at is not None:
        raise Refused(Code.ARCHIVED)
    lifecycle.move(lifecycle.WORK_PLAN, plan.status, verb)


# ---- the verbs ------------------------------------------------------------------------------------------------------


def create_work_plan(
    viewer: Viewer,
    organisation: OrganisationFacts,
    year: int,
    title: str | None,
    needs_evidence: bool,
    is_year_taken: bool,
    today: date,
) -> WorkPlanChange:
    """A draft for last year, this one or the next two, for a year that the organisation sees begin."""
    may_create_work_plan(viewer, organisation, today)
    bounds.whole(year, today.year - 1, today.year + 2, "year")
    if organisation.valid_to is not None and organisation.valid_to < date(year, 1, 1):
        raise organisation_ended(organisation, "year")
    if is_year_taken:
        raise Refused(Code.ALREADY_EXISTS, "year")
    return {
        "organisation_id": organisation.id,
        "year": year,
        "title": bounds.text(title, bounds.TITLE, "title"),
        "status": WorkPlanStatus.DRAFT,
        "needs_evidence": needs_evidence,
        "draft_of_id": organisation.id,
    }


def update_work_plan(viewer: Viewer, plan: WorkPlanInFull, patch: WorkPlanPatch, today: date) -> WorkPlanChange:
    may_update_work_plan(viewer, plan, today)
    columns = cast(WorkPlanChange, dict(patch))
    if "title" in patch:
        columns["title"] = bounds.text(patch["title"], bounds.TITLE, "title")
    if "needs_evidence" in patch:
        bounds.given(patch["needs_evidence"], "needsEvidence")
    return cast(WorkPlanChange, changed(plan, columns))


def submit_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date, now: datetime) -> WorkPlanChange:
    """The first submission makes plan, targets and tasks public for good (`draft_of_id`)."""
    may_submit_work_plan(viewer, plan, today)
    return {
        "status": WorkPlanStatus.SUBMITTED,
        "submitted_at": now,
        "submitted_by_id": viewer.account_id,
        "return_note": None,
        "draft_of_id": None,
    }


def take_back_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> WorkPlanChange:
    may_take_back_work_plan(viewer, plan, today)
    return {"status": WorkPlanStatus.DRAFT, "submitted_at": None, "submitted_by_id": None}


def return_work_plan(viewer: Viewer, plan: WorkPlanFacts, note: str | None, today: date) -> WorkPlanChange:
    may_return_work_plan(viewer, plan, today)
    return {"status": WorkPlanStatus.RETURNED, "return_note": bounds.text(note, bounds.TEXT, "note")}


def approve_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date, now: datetime) -> WorkPlanChange:
    may_approve_work_plan(viewer, plan, today)
    return {"status": WorkPlanStatus.APPROVED, "approved_at": now, "approved_by_id": viewer.account_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What whoever closes a plan says of all that is open, but for the tasks that are named."""

    settlement: Settlement
    exceptions: Mapping[UUID, Settlement]
    reason: str | None = None


def close_work_plan(
    viewer: Viewer,
    plan: WorkPlanFacts,
    open_tasks: Sequence[OpenTask],
    remaining: Remaining,
    today: date,
    now: datetime,
) -> tuple[WorkPlanChange, str | None]:
    """The columns, and why. What is cancelled needs a reason; what was ordered or promised is always carried over."""
    may_close_work_plan(viewer, plan, today)
    known = {task.id: task for task in open_tasks}
    for n, (task_id, settlement) in enumerate(remaining.exceptions.items()):
        if task_id not in known:
            raise Refused(Code.NOT_FOUND, "exceptions", str(n), "taskId")
        if known[task_id].is_ordered and settlement is Settlement.CANCEL:
            raise Refused(Code.ORDERED_TASK, "exceptions", str(n), "settlement")
        if known[task_id].is_commitment and settlement is Settlement.CANCEL:
            raise Refused(Code.COMMITMENT, "exceptions", str(n), "settlement")
    cancels = Settlement.CANCEL in (remaining.settlement, *remaining.exceptions.values())
    check = bounds.text if cancels else bounds.optional_text
    return {"status": WorkPlanStatus.CLOSED, "closed_at": now}, check(remaining.reason, bounds.TEXT, "reason")


def settled(task: OpenTask, remaining: Settlement, exceptions: Mapping[UUID, Settlement]) -> Settlement:
    """What becomes of a task that is open when its plan has closed."""
    if task.is_ordered or task.is_commitment:
        return Settlement.CARRY_OVER
    return exceptions.get(task.id, remaining)


def reopen_work_plan(viewer: Viewer, plan: WorkPlanFacts, reason: str | None, today: date) -> WorkPlanChange:
    """`reason` goes into the event."""
    may_reopen_work_plan(viewer, plan, today)
    bounds.text(reason, bounds.TEXT, "reason")
    return {"status": WorkPlanStatus.APPROVED, "closed_at": None}


def archive_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date, now: datetime) -> WorkPlanChange:
    may_archive_work_plan(viewer, plan, today)
    return {"archived_at": now}


def passed_on(plan: WorkPlanFacts, successor_id: UUID, is_year_taken: bool, now: datetime) -> WorkPlanChange | None:
    """To the organisation that follows the one that ended, as long as it is not approved; None: it stays, as history.

    Where the successor has a plan of its own for the year, a draft that nobody else ever saw goes over archived, and
    a plan that others know stays behind.
    """
    if plan.status in (WorkPlanStatus.APPROVED, WorkPlanStatus.CLOSED):
        return None
    change: WorkPlanChange = {"organisation_id": successor_id}
    if plan.draft_of_id is not None:
        change["draft_of_id"] = successor_id
    if is_year_taken and plan.archived_at is None:
        if plan.draft_of_id is None:
            return None
        change["archived_at"] = now
    return change


def restore_work_plan(viewer: Viewer, plan: WorkPlanFacts, today: date) -> WorkPlanChange:
    may_restore_work_plan(viewer, plan, today)
    return {"archived_at": None}
