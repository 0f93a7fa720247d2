"""When a clock shows something else by time alone: for how long what was made of it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from server.rules.clock import NOON, Clock
from server.rules.workdays import ONE_DAY, Calendar, local_day, start_of_day

_A_SECOND: Final = timedelta(seconds=1)  # the last one of a deadline, which is in time


def next_change(clock: Clock, now: datetime, calendar: Calendar) -> datetime | None:
    """The first moment after now at which its state, its days left, its dates or its explanation may be others, if
    nothing is written; None: never. Rather too early than too late."""
    if clock.stopped_at is not None:
        return _next((each.from_ for each in clock.pauses), now)
    moments = [clock.due_at + _A_SECOND, start_of_day(local_day(now, calendar) + ONE_DAY, calendar)]
    # Of a day on which it stands still at noon nothing counts.
    moments.append(datetime.combine(local_day(now, calendar), NOON, calendar.zone))
    if clock.reminder_at is not None:
        moments.append(clock.reminder_at)
    for pause in (*clock.pauses, *clock.known_pauses):
        moments += [pause.from_] if pause.to is None else [pause.from_, pause.to]
    return _next(moments, now)


def is_past_at(due_at: datetime) -> datetime:
    """The first moment at which a deadline lies behind."""
    return due_at + _A_SECOND


def _next(moments: Iterable[datetime], now: datetime) -> datetime | None:
    return min((each for each in moments if each > now), default=None)
