"""Deadlines as the API shows them: one type for whatever has to be done by a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import strawberry

from server.query.declare import Context
from server.rules import clock as rules
from server.rules.clock import ClockState, Office
from server.schema.enums import described
from server.text import label, sentence

described(
    ClockState,
    "Where a clock stands.",
    RUNNING="It runs.",
    PAUSED="It stands still; the last of its pauses says why.",
    STOPPED="What it waited for came in time.",
    BREACHED="It ran out first.",
)


@strawberry.type(description="A time in which a clock stood still. Every day that it touches is not counted.")
class ClockPause:
    from_: dt.datetime = strawberry.field(name="from", description="When it began.")
    to: dt.datetime | None = strawberry.field(description="When it ended; null while it lasts.")
    reason: str = strawberry.field(description="Why, in the caller's language.")


@strawberry.type(description="A deadline anybody can follow: when it runs out, what stopped it meanwhile, and why.")
class Clock:
    started_at: dt.datetime = strawberry.field(description="When it started; that day is not counted.")
    due_at: dt.datetime = strawberry.field(
        description="When it runs out, the last second included. While it is paused, the earliest that is left."
    )
    state: ClockState = strawberry.field(description="Where it stands.")
    working_days_left: int | None = strawberry.field(
        description="The counted working days that are not over, today's included; null once it was stopped."
    )
    pauses: list[ClockPause] = strawberry.field(description="When it stood still, in order.")
    next_reminder_at: dt.datetime | None = strawberry.field(
        description="When a reminder goes out, one working day before; null once that is past, and while it is still."
    )
    explanation: str = strawberry.field(description="All of that in a sentence, in the caller's language.")


def shown(clock: rules.Clock, context: Context) -> Clock:
    """A rule's clock, as it stands at the context's moment."""
    calendar, now = context.city.calendar, context.now
    key, facts = rules.explanation(clock, now, calendar)
    return Clock(
        started_at=clock.started_at,
        due_at=clock.due_at,
        state=clock.state(now),
        working_days_left=rules.working_days_left(clock, now, calendar),
        pauses=[
            ClockPause(from_=each.from_, to=each.to, reason=label(context.language, each.reason))
            for each in clock.pauses
            if each.from_ <= now
        ],
        next_reminder_at=clock.next_reminder_at(now),
        explanation=sentence(context.language, "clock", key, **facts),
    )


def held(organisation: str) -> str:
    """What `office` needs, as SQL: when somebody held the office of the organisation that this expression names."""
    return (
        "(SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to) ORDER BY a.valid_from) FROM appointment a"
        f" WHERE a.organisation_id = {organisation})"
    )


def office(stored: Sequence[Sequence[str | None]] | None, context: Context) -> Office:
    """An office from the value of `held`."""
    periods = [
        (dt.date.fromisoformat(first), None if last is None else dt.date.fromisoformat(last))
        for first, last in stored or ()
        if first is not None
    ]
    return Office(context.city.calendar, periods)
