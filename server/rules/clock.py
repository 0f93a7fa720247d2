"""Clocks: deadlines counted in whole working days, what stopped them meanwhile, and why.

How days count. Whole days do: a working day of the city that lies after the day of sending, on which somebody held the
office that must act, and on which the clock runs from noon to the last moment. So a question that is answered in the
morning costs no day, one that is answered in the afternoon that day: whoever must act has the next one. The clock runs
out at 23:59:59 city time of the last counted day; that very second is still in time.

A pause that has not ended is counted as if it had ended at once: until it ends, `due_at` is the earliest moment that is
left, and the clock cannot run out. An office without a holder is a pause like any other.
A promised deadline never becomes earlier, whatever is done to the calendar afterwards; it may become later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from server.rules.fact import Moment, at, rows_of
from server.rules.workdays import ONE_DAY, Calendar, end_of_day, is_confirmed, is_working_day, local_day, start_of_day

# First and last day, both included; None is open. As appointments have them.
Periods = Sequence[tuple[date, date | None]]

_AN_INSTANT = timedelta(microseconds=1)
_A_SECOND = timedelta(seconds=1)
NOON = time(12)


class ClockKind(StrEnum):
    """What a deadline is for. Subject, kind and deadline name a lapse or a reminder, which is recorded once."""

    ANSWER = "ANSWER"
    QUESTION = "QUESTION"
    COUNTER = "COUNTER"
    COMMITMENT = "COMMITMENT"
    CONFIRMATION = "CONFIRMATION"
    DELIVERY = "DELIVERY"
    DISPUTE = "DISPUTE"
    RULING = "RULING"
    REPLY = "REPLY"
    PERSON_REPLY = "PERSON_REPLY"
    OBJECTION = "OBJECTION"
    TASK = "TASK"
    READING = "READING"


class ClockState(StrEnum):
    """Where a clock stands. STOPPED: what it waited for came in time; BREACHED: it ran out first."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    BREACHED = "BREACHED"


class PauseReason(StrEnum):
    """Why a clock stands still."""

    QUESTION = "QUESTION"
    RULING = "RULING"
    NO_HOLDER = "NO_HOLDER"
    NO_CASE_ACCESS = "NO_CASE_ACCESS"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock stands still; `to` is the first moment at which it runs again, None: not yet."""

    reason: PauseReason
    from_: datetime
    to: datetime | None = None
    actor_id: UUID | None = None

    def holds(self, moment: datetime) -> bool:
        return self.from_ <= moment and (self.to is None or moment < self.to)


# One pause, as stored: moments as ISO 8601 texts.
StoredPause = TypedDict("StoredPause", {"reason": str, "from": str, "to": str | None, "actorId": str | None})


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """Who must act: by which calendar their days are counted, and when somebody held the office (None: always)."""

    calendar: Calendar
    held: Periods | None = None


def held(organisation: str) -> str:
    """Where stands when an organisation's office was held, for `office`; with those it follows, until its last day.

    `organisation` is SQL for its id.
    """
    return (
        "WITH RECURSIVE o(id, ends_on) AS ("  # on its last day the open work has passed on
        f"SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = {organisation} UNION"
        " SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id)"
        " SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on) ORDER BY a.valid_from)"
        " FROM o JOIN appointment a ON a.organisation_id = o.id"
    )


def office(appointments: Iterable[Sequence[str | None]] | None, moment: Moment) -> Office:
    """Of what `held` found: first day, last day and the last day of their organisation, as ISO 8601 texts.

    Nobody holds the office of an organisation that has ended.
    """
    days = ([None if day is None else date.fromisoformat(day) for day in each] for each in appointments or ())
    terms = ((first, min((day for day in lasts if day is not None), default=None)) for first, *lasts in days)
    held = [(first, last) for first, last in terms if first is not None and (last is None or last >= first)]
    return Office(moment.city.calendar, held)


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """An organisation's office."""

    office: Office = field(metadata=at(held("{t}.id"), office))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline. `working_days` is None where a day was given instead; `pauses` are in order.

    `reminder_at`: one counted working day before the deadline, None where that is before the start;
    `unconfirmed_years`: those whose collective leave is not decreed yet, so that the deadline may still move.
    """

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    working_days: int | None
    pauses: tuple[Pause, ...]
    reminder_at: datetime | None
    unconfirmed_years: tuple[int, ...]
    stopped_at: datetime | None = None

    def pause_at(self, moment: datetime) -> Pause | None:
        """The pause in which the clock stands still then. What begins after it ran out stops nothing."""
        return next((each for each in self.pauses if each.from_ <= self.due_at and each.holds(moment)), None)

    def has_run_out(self, now: datetime) -> bool:
        """Whether it ran out before it was stopped, or before now."""
        moment = self.stopped_at or now
        return is_past(self.due_at, moment) and self.pause_at(moment) is None

    def state(self, now: datetime) -> ClockState:
        if self.has_run_out(now):
            return ClockState.BREACHED
        if self.stopped_at is not None:
            return ClockState.STOPPED
        return ClockState.RUNNING if self.pause_at(now) is None else ClockState.PAUSED

    def next_reminder_at(self, now: datetime) -> datetime | None:
        """None once it is past, and while the clock does not run."""
        if self.reminder_at is None or self.reminder_at < now or self.state(now) is not ClockState.RUNNING:
            return None
        return self.reminder_at


def is_past(due_at: datetime, moment: datetime) -> bool:
    """Whether a deadline lies behind: its last second, whole, is in time."""
    return moment >= due_at + _A_SECOND


def working_clock(
    kind: ClockKind,
    started_at: datetime,
    working_days: int,
    office: Office,
    *,
    pauses: Iterable[Pause] = (),
    promised: datetime | None = None,
    stopped_at: datetime | None = None,
) -> Clock:
    """A clock of so many working days. `promised`: the deadline told before, which does not become earlier."""
    calendar = office.calendar
    started_on = local_day(started_at, calendar)
    vacant = [] if office.held is None else [*vacancies(office.held, started_at, calendar)]
    every = sorted((*pauses, *vacant), key=lambda pause: pause.from_)
    touched = [_touched(pause, calendar) for pause in every]
    due_on, left = started_on, working_days
    while left > 0:
        due_on += ONE_DAY
        left -= _counts(due_on, touched, calendar)
    due_at = end_of_day(due_on, calendar)
    if promised is not None and promised > due_at:
        due_at, due_on = promised, local_day(promised, calendar)
    return Clock(
        kind=kind,
        started_at=started_at,
        due_at=due_at,
        working_days=working_days,
        pauses=tuple(pause for pause in every if pause.from_ <= due_at),
        reminder_at=_reminder(started_at, due_on, touched, calendar),
        unconfirmed_years=_unconfirmed(started_on, due_on, calendar),
        stopped_at=stopped_at,
    )


def day_clock(
    kind: ClockKind, started_at: datetime, due_on: date, calendar: Calendar, *, stopped_at: datetime | None = None
) -> Clock:
    """A clock that runs to the end of a given day, whatever day that is, and is never paused."""
    return Clock(
        kind=kind,
        started_at=started_at,
        due_at=end_of_day(due_on, calendar),
        working_days=None,
        pauses=(),
        reminder_at=_reminder(started_at, due_on, (), calendar),
        unconfirmed_years=(),
        stopped_at=stopped_at,
    )


def working_days_left(clock: Clock, now: datetime, calendar: Calendar) -> int | None:
    """The counted days that are not over, today's included; 0 once it ran out, None once it was stopped."""
    if clock.stopped_at is not None:
        return None
    if clock.has_run_out(now):
        return 0
    started_on, due_on = local_day(clock.started_at, calendar), local_day(clock.due_at, calendar)
    open_pause = clock.pause_at(now)
    # While it stands still nothing is used up: what counts is how far it had come when that began.
    from_ = local_day(now if open_pause is None else min(now, open_pause.from_), calendar)
    if clock.working_days is not None:
        from_ = max(from_, started_on + ONE_DAY)
    touched = [_touched(pause, calendar) for pause in clock.pauses]
    return sum(_counts(day, touched, calendar) for day in _days(from_, due_on))


def working_days_until(sent_at: datetime, due_on: date, calendar: Calendar) -> int:
    """How many working days a clock needs to run out on the given day, or on the first working day after it."""
    days = [*_days(local_day(sent_at, calendar) + ONE_DAY, due_on)]
    worked = sum(is_working_day(day, calendar) for day in days)
    return worked if days and is_working_day(days[-1], calendar) else worked + 1


def vacancies(held: Periods, from_: datetime, calendar: Calendar) -> Iterator[Pause]:
    """The times from this moment on in which nobody held the office; the last one may be open."""
    day: date | None = local_day(from_, calendar)
    for first, last in sorted(held, key=lambda period: period[0]):
        if day is None:
            return
        if first > day:
            yield Pause(PauseReason.NO_HOLDER, max(start_of_day(day, calendar), from_), start_of_day(first, calendar))
            day = first
        if last is None:
            day = None
        elif last >= day:
            day = last + ONE_DAY
    if day is not None:
        yield Pause(PauseReason.NO_HOLDER, max(start_of_day(day, calendar), from_))


def due_if_resumed(clock: Clock, now: datetime, calendar: Calendar) -> datetime:
    """When it runs out; of one that stands still, if its pause ended now."""
    left = working_days_left(clock, now, calendar)
    if clock.state(now) is not ClockState.PAUSED or left is None:
        return clock.due_at
    resumed = ended(clock.pauses, now)
    touched = [_touched(pause, calendar) for pause in resumed]
    day = max(local_day(now, calendar), local_day(clock.started_at, calendar) + ONE_DAY) - ONE_DAY
    while left > 0:
        day += ONE_DAY
        left -= _counts(day, touched, calendar)
    return max(clock.due_at, end_of_day(day, calendar))


def explanation(clock: Clock, now: datetime, calendar: Calendar) -> tuple[str, Mapping[str, Any]]:
    """The sentence that explains the clock: its key in server/text under `clock`, and its facts in city time."""
    state = clock.state(now)
    pause = clock.pause_at(now)
    cost = (each for each in clock.pauses if each is not pause and each.from_ <= now and _costs(each, calendar))
    reasons = [*dict.fromkeys(each.reason for each in cost)]
    counted = clock.working_days is not None
    return state.name, {
        "days": clock.working_days,
        "started_on": local_day(clock.started_at, calendar) if counted else None,
        "due_at": due_if_resumed(clock, now, calendar).astimezone(calendar.zone),
        "left": working_days_left(clock, now, calendar),
        "reason": None if pause is None else pause.reason,
        "paused_at": None if pause is None else pause.from_.astimezone(calendar.zone),
        "stopped_at": None if clock.stopped_at is None else clock.stopped_at.astimezone(calendar.zone),
        "pauses": reasons or None,
        "years": [*clock.unconfirmed_years] or None,
    }


# ---- pauses as they are stored --------------------------------------------------------------------------------------


def pauses_of(stored: Iterable[StoredPause]) -> list[Pause]:
    return [
        Pause(
            PauseReason(each["reason"]),
            datetime.fromisoformat(each["from"]),
            None if each["to"] is None else datetime.fromisoformat(each["to"]),
            None if each["actorId"] is None else UUID(each["actorId"]),
        )
        for each in stored
    ]


def as_stored(pauses: Iterable[Pause]) -> list[StoredPause]:
    return [
        {
            "reason": each.reason.value,
            "from": each.from_.isoformat(),
            "to": None if each.to is None else each.to.isoformat(),
            "actorId": None if each.actor_id is None else str(each.actor_id),
        }
        for each in pauses
    ]


def ended(pauses: Iterable[Pause], at: datetime, *reasons: PauseReason) -> list[Pause]:
    """The same pauses, the open ones ended; with `reasons` only those of these reasons."""
    return [
        Pause(each.reason, each.from_, max(at, each.from_), each.actor_id)
        if each.to is None and (not reasons or each.reason in reasons)
        else each
        for each in pauses
    ]


# ---- day by day -----------------------------------------------------------------------------------------------------


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(n)


def _touched(pause: Pause, calendar: Calendar) -> tuple[date, date]:
    """The first and the last day on which it stops the clock from noon on; the last before the first where on none."""
    first = local_day(pause.from_, calendar)
    end = pause.from_ if pause.to is None or pause.to <= pause.from_ else pause.to - _AN_INSTANT
    last = local_day(end, calendar)
    return first, last if end >= datetime.combine(last, NOON, calendar.zone) else last - ONE_DAY


def _costs(pause: Pause, calendar: Calendar) -> bool:
    """Whether any working day does not count because of it."""
    return any(is_working_day(day, calendar) for day in _days(*_touched(pause, calendar)))


def _counts(day: date, touched: Iterable[tuple[date, date]], calendar: Calendar) -> bool:
    return is_working_day(day, calendar) and not any(first <= day <= last for first, last in touched)


def _reminder(
    started_at: datetime, due_on: date, touched: Sequence[tuple[date, date]], calendar: Calendar
) -> datetime | None:
    """The same hour one counted day earlier."""
    day = due_on - ONE_DAY
    started_on = local_day(started_at, calendar)
    while day >= started_on and not _counts(day, touched, calendar):
        day -= ONE_DAY
    at = end_of_day(day, calendar)
    return at if at > started_at and day >= started_on else None


def _unconfirmed(first: date, last: date, calendar: Calendar) -> tuple[int, ...]:
    return tuple(year for year in range(first.year, last.year + 1) if not is_confirmed(year, calendar))
