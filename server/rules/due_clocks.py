"""The clocks of work that has a day: a task, a target's next reading, a follow-up, a mediation. Nothing pauses them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from server.rules.clock import Clock, ClockEnding, ClockKind, day_clock
from server.rules.fact import at, rows_of
from server.rules.report import KeptReports
from server.rules.task import TaskStatus
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import Calendar, local_day, start_of_day

_TOLD = "(SELECT max(e.happened_at) FROM event e WHERE e.subject_id = {{t}}.id AND {what})"


def _changed(column: str) -> str:
    """When the log says that the column was last changed; null for what was loaded without events."""
    return _TOLD.format(what=f"e.changes ? '{column}'")


@rows_of("task")
@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClockFacts:
    """`due_set_at`: when it was given this due date; `status_set_at`: when it came to stand where it does."""

    due_on: date | None
    status: TaskStatus
    created_at: datetime
    completed_at: datetime | None
    archived_at: datetime | None
    due_set_at: datetime | None = field(metadata=at(_changed("due_on")))
    status_set_at: datetime | None = field(metadata=at(_changed("status")))


def task_clock(task: TaskClockFacts, calendar: Calendar) -> Clock | None:
    """On which it is done."""
    if task.due_on is None:
        return None
    cancelled_at = task.archived_at
    if task.status is TaskStatus.CANCELLED:
        cancelled_at = task.status_set_at or task.created_at
    return day_clock(
        ClockKind.TASK,
        task.due_set_at or task.created_at,
        task.due_on,
        calendar,
        stopped_at=task.completed_at or cancelled_at,
        stopped_by=None if task.completed_at else ClockEnding.CANCELLED,
    )


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingClockFacts(KeptReports):
    """A target's reports, and its plan."""

    archived_at: datetime | None
    plan_status: WorkPlanStatus | None = field(metadata=at("work_plan.status"))


def reading_clock(target: ReadingClockFacts, calendar: Calendar) -> Clock | None:
    """On which the first report that is missing comes: from the quarter's end, while the plan is approved."""
    is_approved = target.plan_status is WorkPlanStatus.APPROVED and target.archived_at is None
    return report_clock(target, calendar) if is_approved else None


def report_clock(kept: KeptReports, calendar: Calendar) -> Clock | None:
    """The same of a target of which reports are asked for."""
    if kept.report_due_on is None or kept.asked_from is None:
        return None
    return day_clock(ClockKind.READING, start_of_day(kept.asked_from, calendar), kept.report_due_on, calendar)


@rows_of("follow_up")
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpClockFacts:
    """A follow-up and its day."""

    due_on: date | None
    created_at: datetime
    closed_at: datetime | None


def follow_up_clock(follow_up: FollowUpClockFacts, calendar: Calendar) -> Clock | None:
    """On which it is closed. Nobody is reminded: of its task they are."""
    if follow_up.due_on is None:
        return None
    clock = day_clock(
        ClockKind.FOLLOW_UP, follow_up.created_at, follow_up.due_on, calendar, stopped_at=follow_up.closed_at
    )
    return replace(clock, reminder_at=None)


@rows_of("escalation")
@dataclass(frozen=True, slots=True, kw_only=True)
class MediationClockFacts:
    """The last mediation of a case, and how the case went on."""

    filed_at: datetime
    meeting_at: datetime | None
    mediation_outcome: str | None
    decided_at: datetime | None
    withdrawn_at: datetime | None
    proposed_at: datetime | None = field(metadata=at(_TOLD.format(what="e.type = 'ESCALATION_MEDIATION_PROPOSED'")))
    concluded_at: datetime | None = field(metadata=at(_TOLD.format(what="e.type = 'ESCALATION_MEDIATION_CONCLUDED'")))


def mediation_clock(case: MediationClockFacts, calendar: Calendar) -> Clock | None:
    """On which the mayor's office records what came of it: the day of the meeting. Nobody is reminded."""
    if case.meeting_at is None:
        return None
    concluded_at = case.concluded_at if case.mediation_outcome is not None else None
    clock = day_clock(
        ClockKind.MEDIATION,
        case.proposed_at or case.filed_at,
        local_day(case.meeting_at, calendar),
        calendar,
        stopped_at=concluded_at or case.decided_at or case.withdrawn_at,
        stopped_by=None if concluded_at else ClockEnding.DECIDED if case.decided_at else ClockEnding.WITHDRAWN,
    )
    return replace(clock, reminder_at=None)
