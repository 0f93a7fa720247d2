"""Deadlines, as the API says them: one type for every clock, with what stopped it and a sentence that explains it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import strawberry

from server.query.declare.fields import Context, by_id, derived
from server.rules import clock as rules
from server.rules.clock import ClockEnding, ClockKind, ClockState
from server.rules.clock_change import next_change
from server.rules.fact import FACTS, facts_of
from server.rules.workdays import Calendar
from server.text import label, sentence

if TYPE_CHECKING:
    from server.schema.account import Account


F = TypeVar("F")

# `rows` of a derived clock that nobody can stop.
NO_ACTORS = {"Account": "(ARRAY[]::uuid[])"}


@strawberry.type(description="A time in which a clock stands still.")
class ClockPause:
    started_at: dt.datetime = strawberry.field(description="When it began.")
    ended_at: dt.datetime | None = strawberry.field(
        description="The first moment at which the clock runs again; null while that is open."
    )
    reason: str = strawberry.field(description="Why, in the caller's language.")
    actor_id: strawberry.Private[UUID | None] = None
    actor: Account | None = by_id("Who caused it; null when nobody did.")


@strawberry.type(
    description="A deadline anybody can follow: when it runs out, what stopped it meanwhile, and why. It counts "
    "working days, to the end of the last one, in the city's time."
)
class Clock:
    kind: ClockKind = strawberry.field(description="What it is for.")
    started_at: dt.datetime = strawberry.field(description="When it began to run; that day does not count.")
    due_at: dt.datetime = strawberry.field(
        description="When it runs out; while it stands still, when it would if that ended now. "
        "A vacancy ends on the day of the next appointment that is known."
    )
    state: ClockState = strawberry.field(description="Where it stands.")
    ending: ClockEnding | None = strawberry.field(description="How it ended; null while it is waited for, late too.")
    working_days_left: int | None = strawberry.field(
        description="Days that are left, today's included; 0 once it ran out, null once it ended."
    )
    pauses: list[ClockPause] = strawberry.field(description="When it stood still, the first pause first.")
    next_reminder_at: dt.datetime | None = strawberry.field(
        description="When those who must act are reminded, at 08:00 of the working day before; null once that is "
        "past, and while it does not run."
    )
    explanation: str = strawberry.field(description="All of this in a sentence, in the caller's language.")


@strawberry.type(description="A deadline for which nobody waits any more, and how it ended.")
class EndedClock:
    kind: ClockKind = strawberry.field(description="What it was for.")
    started_at: dt.datetime = strawberry.field(description="When it began to run; that day did not count.")
    due_at: dt.datetime = strawberry.field(description="When it would have run out, or had.")
    ended_at: dt.datetime = strawberry.field(description="When it ended.")
    ending: ClockEnding = strawberry.field(description="How.")
    explanation: str = strawberry.field(description="All of this in a sentence, in the caller's language.")


def clock_of(facts: type[F], find: Callable[[F, Calendar], rules.Clock | None], description: str) -> Any:
    """A field that shows a clock which goes by these facts and the calendar alone, and which nobody pauses."""

    def make(values: Any, context: Context) -> Clock | None:
        found = find(facts_of(facts, values, context), context.city.calendar)
        return None if found is None else clock(found, context)

    return derived(FACTS[facts].places, make, description, rows=NO_ACTORS)


def ended_clock(found: rules.Clock, context: Context) -> EndedClock:
    """One that has ended, as the API shows it."""
    now = context.holds_until(next_change(found, context.read_at, context.city.calendar))
    key, facts = rules.explanation(found, now, context.city.calendar)
    assert found.stopped_at is not None
    assert found.ending is not None
    return EndedClock(
        kind=found.kind,
        started_at=found.started_at,
        due_at=found.due_at,
        ended_at=found.stopped_at,
        ending=found.ending,
        explanation=sentence(context.language, "clock", key, **facts),
    )


def clock(found: rules.Clock, context: Context) -> Clock:
    """A clock of the rules as the API shows it now."""
    now = context.holds_until(next_change(found, context.read_at, context.city.calendar))
    key, facts = rules.explanation(found, now, context.city.calendar)
    return Clock(
        kind=found.kind,
        started_at=found.started_at,
        due_at=rules.due_if_resumed(found, now, context.city.calendar),
        state=found.state(now),
        ending=found.ending,
        working_days_left=rules.working_days_left(found, now, context.city.calendar),
        pauses=[
            ClockPause(
                started_at=pause.from_,
                ended_at=pause.to,
                reason=label(context.language, pause.reason),
                actor_id=pause.actor_id,
            )
            for pause in found.pauses
        ],
        next_reminder_at=found.next_reminder_at(now),
        explanation=sentence(context.language, "clock", key, **facts),
    )
