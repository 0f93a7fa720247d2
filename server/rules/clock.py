"""Clocks: deadlines counted in whole working days, what stopped them meanwhile, and why.

How days count. Whole days do: a working day of the city that lies after the day of sending, on which somebody held the
office that must act, and on which the clock runs from noon to the last moment. So a question that is answered in the
morning costs no day, one that is answered in the afternoon that day: whoever must act has the next one. The clock runs
out at 23:59:59 city time of the last counted day; that very second is still in time.

A pause that has not ended is counted as if it had ended at once: until it ends, `due_at` is the earliest moment that is
left, and the clock cannot run out. An office without a holder is a pause like any other; it ends when an appointment
begins, or was recorded where that is later, so that nobody is late by the date of a decree. So is one whose holder's
account is disabled, until it is enabled or somebody else holds the office too.
A promised deadline never becomes earlier, whatever is done to the calendar afterwards. Pauses are not added to it, but
it falls on no day on which the clock stands still. A clock that has ended is judged by what was promised by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from server.rules.office import Office, Periods, shut_out, vacant
from server.rules.stretch import NEVER, Stretch
from server.rules.workdays import ONE_DAY, Calendar, end_of_day, is_confirmed, is_working_day, local_day

_AN_INSTANT, _A_SECOND, NOON, _REMINDED = timedelta(microseconds=1), timedelta(seconds=1), time(12), time(8)


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
    FOLLOW_UP = "FOLLOW_UP"
    MEDIATION = "MEDIATION"
    ACTING = "ACTING"


class ClockState(StrEnum):
    """Where a clock stands. ENDED: nothing is waited for any more; BREACHED: it ran out, and is waited for still."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    BREACHED = "BREACHED"


class ClockEnding(StrEnum):
    """How a clock ended: by the act that it waited for, in time or late, or by something else."""

    IN_TIME = "IN_TIME"
    LATE = "LATE"
    SILENCE = "SILENCE"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    DECIDED = "DECIDED"
    RULING = "RULING"
    REDIRECTED = "REDIRECTED"
    SETTLED = "SETTLED"
    ORGANISATION_ENDED = "ORGANISATION_ENDED"


class PauseReason(StrEnum):
    """Why a clock stands still."""

    QUESTION = "QUESTION"
    RULING = "RULING"
    NO_HOLDER = "NO_HOLDER"
    NO_CASE_ACCESS = "NO_CASE_ACCESS"
    BOTH_SIDES = "BOTH_SIDES"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline. `working_days` is None where a day was given instead; `pauses` are in order.

    `reminder_at`: 08:00 of the working day before the deadline's, None where that is not after the start;
    `unconfirmed_years`: those whose collective leave is not decreed yet, so that the deadline may still move;
    `stopped_by`: what ended it, where that was not the act that it waited for;
    `known_pauses`: with those that begin after the deadline, which count once it moves.
    """

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    working_days: int | None
    pauses: tuple[Pause, ...]
    reminder_at: datetime | None
    unconfirmed_years: tuple[int, ...]
    stopped_at: datetime | None = None
    stopped_by: ClockEnding | None = None
    known_pauses: tuple[Pause, ...] = ()

    def pause_at(self, moment: datetime) -> Pause | None:
        """The pause in which the clock stands still then. What begins after it ran out stops nothing."""
        return next((each for each in self.pauses if each.holds(moment)), None)

    def has_run_out(self, now: datetime) -> bool:
        """Whether it ran out before it was stopped, or before now."""
        moment = self.stopped_at or now
        return is_past(self.due_at, moment) and self.pause_at(moment) is None

    def state(self, now: datetime) -> ClockState:
        if self.stopped_at is not None:
            return ClockState.ENDED
        if self.has_run_out(now):
            return ClockState.BREACHED
        return ClockState.RUNNING if self.pause_at(now) is None else ClockState.PAUSED

    @property
    def ending(self) -> ClockEnding | None:
        """How it ended; None while it is waited for."""
        if self.stopped_at is None or self.stopped_by is not None:
            return self.stopped_by
        return ClockEnding.LATE if self.has_run_out(self.stopped_at) else ClockEnding.IN_TIME

    def next_reminder_at(self, now: datetime) -> datetime | None:
        """None once it is past, and while the clock does not run."""
        if self.reminder_at is None or self.reminder_at <= now or self.state(now) is not ClockState.RUNNING:
            return None
        return self.reminder_at


def reminding_time(day: date, calendar: Calendar) -> datetime:
    """When whoever must act is reminded on that day."""
    return datetime.combine(day, _REMINDED, calendar.zone)


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
    stopped_by: ClockEnding | None = None,
) -> Clock:
    """A clock of so many working days. `promised`: the deadline told before, which does not become earlier.

    One that was stopped keeps the deadline that was told by then: what is recorded later judges nobody.
    """
    calendar = office.calendar
    held = office.held
    if held is not None and stopped_at is not None:
        held = [term for term in held if term.recorded_at is None or term.recorded_at <= stopped_at]
    vacant = () if held is None else vacancies(held, started_at, calendar)
    since = (pause for pause in (*pauses, *vacant) if pause.to is None or pause.to > started_at)
    every = sorted(since, key=lambda pause: pause.from_)
    every = every if stopped_at is None else ended(every, stopped_at)
    if stopped_at is not None and promised is not None:
        due_at = promised
    else:
        due_at = _due(started_at, working_days, every, calendar, promised)
    due_on = local_day(due_at, calendar)
    years = range(local_day(started_at, calendar).year, due_on.year + 1)
    return Clock(
        kind=kind,
        started_at=started_at,
        due_at=due_at,
        working_days=working_days,
        pauses=tuple(
            pause
            for pause in every
            if not is_past(due_at, pause.from_) and (stopped_at is None or pause.from_ < stopped_at)
        ),
        reminder_at=_reminder(started_at, due_on, calendar),
        unconfirmed_years=tuple(year for year in years if not is_confirmed(year, calendar)),
        stopped_at=stopped_at,
        stopped_by=None if stopped_at is None else stopped_by,
        known_pauses=tuple(every),
    )


def day_clock(
    kind: ClockKind,
    started_at: datetime,
    due_on: date,
    calendar: Calendar,
    *,
    stopped_at: datetime | None = None,
    stopped_by: ClockEnding | None = None,
) -> Clock:
    """A clock that runs to the end of a given day, whatever day that is, and is never paused."""
    return Clock(
        kind=kind,
        started_at=started_at,
        due_at=end_of_day(due_on, calendar),
        working_days=None,
        pauses=(),
        reminder_at=_reminder(started_at, due_on, calendar),
        unconfirmed_years=(),
        stopped_at=stopped_at,
        stopped_by=None if stopped_at is None else stopped_by,
    )


def working_days_left(clock: Clock, now: datetime, calendar: Calendar) -> int | None:
    """The counted days that are not over, today's included; 0 once it ran out, None once it ended.

    Of one that stands still those that are left if its pause ends now.
    """
    if clock.stopped_at is not None:
        return None
    if clock.has_run_out(now):
        return 0
    from_, due_on = local_day(now, calendar), local_day(due_if_resumed(clock, now, calendar), calendar)
    if clock.working_days is not None:
        from_ = max(from_, local_day(clock.started_at, calendar) + ONE_DAY)
    touched = [_touched(pause, calendar) for pause in ended(clock.known_pauses, now)]
    return sum(_counts(day, touched, calendar) for day in _days(from_, due_on))


def working_days_until(sent_at: datetime, due_on: date, calendar: Calendar) -> int:
    """How many working days a clock needs to run out on the given day, or on the first working day after it."""
    days = [*_days(local_day(sent_at, calendar) + ONE_DAY, due_on)]
    worked = sum(is_working_day(day, calendar) for day in days)
    return worked if days and is_working_day(days[-1], calendar) else worked + 1


def vacancies(held: Periods, from_: datetime, calendar: Calendar) -> list[Pause]:
    """The times from this moment on in which nobody held the office, or nobody who could act; the last may be open."""
    vacant_then = pauses_since(from_, vacant(held, calendar), PauseReason.NO_HOLDER)
    return vacant_then + pauses_since(from_, shut_out(held, calendar), PauseReason.ACCOUNT_DISABLED)


def pauses_since(from_: datetime, found: Iterable[Stretch], reason: PauseReason) -> list[Pause]:
    """Of these times those from this moment on."""
    return [Pause(reason, max(a, from_), None if b == NEVER else b) for a, b in found if b > from_]


def due_if_resumed(clock: Clock, now: datetime, calendar: Calendar) -> datetime:
    """When it runs out; of one that stands still, if its pause ended now."""
    if clock.working_days is None or clock.state(now) is not ClockState.PAUSED:
        return clock.due_at
    resumed = ended(clock.known_pauses, now)
    return _due(clock.started_at, clock.working_days, resumed, calendar, clock.due_at)


def explanation(clock: Clock, now: datetime, calendar: Calendar) -> tuple[str, Mapping[str, Any]]:
    """The sentence that explains the clock: its key in server/text under `clock`, and its facts in city time."""
    state = clock.state(now)
    pause = clock.pause_at(now)
    cost = (each for each in clock.pauses if each is not pause and each.from_ <= now and _costs(each, calendar))
    counted = clock.working_days is not None
    return state.name if clock.ending is None else clock.ending.name, {
        "days": clock.working_days,
        "started_on": local_day(clock.started_at, calendar) if counted else None,
        "due_at": due_if_resumed(clock, now, calendar).astimezone(calendar.zone),
        "left": working_days_left(clock, now, calendar),
        "reason": None if pause is None else pause.reason,
        "paused_at": None if pause is None else pause.from_.astimezone(calendar.zone),
        "stopped_at": None if clock.stopped_at is None else clock.stopped_at.astimezone(calendar.zone),
        "pauses": [*dict.fromkeys(each.reason for each in cost)] or None,
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
    return is_working_day(day, calendar) and not _stands_still(day, touched)


def _stands_still(day: date, touched: Iterable[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in touched)


def _due(
    started_at: datetime, working_days: int, pauses: Iterable[Pause], calendar: Calendar, promised: datetime | None
) -> datetime:
    """The end of the day on which so many have counted, or of the promised day; that of the start does not count.

    A promised day on which it stands still is followed by one that counts: nobody is late for what a pause took.
    """
    touched = [_touched(pause, calendar) for pause in pauses]
    due_on, left = local_day(started_at, calendar), working_days
    while left > 0:
        due_on += ONE_DAY
        left -= _counts(due_on, touched, calendar)
    if promised is not None and local_day(promised, calendar) > due_on:
        due_on = local_day(promised, calendar)
        if _stands_still(due_on, touched):
            while not _counts(due_on, touched, calendar):
                due_on += ONE_DAY
    return end_of_day(due_on, calendar)


def _reminder(started_at: datetime, due_on: date, calendar: Calendar) -> datetime | None:
    """In the morning of the city's working day before, also where the clock stood still on it."""
    day = due_on - ONE_DAY
    while not is_working_day(day, calendar):
        day -= ONE_DAY
    at = reminding_time(day, calendar)
    return at if at > started_at else None
