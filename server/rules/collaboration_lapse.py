"""What becomes of a request of itself when one of its clocks runs out, and where it stands by that.

Silence settles a question, other terms, what was done in time and what was delivered, when the clock runs out, whoever
notices it. Till the sweep has written that down the row says otherwise: `as_it_stands` is what the rules go by.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from server.rules import lifecycle
from server.rules.clock import as_stored
from server.rules.collaboration_clock import (
    NO_QUESTION,
    answer_clock,
    answer_clock_resumed,
    confirmation_clock,
    counter_clock,
    delivered,
    delivery_clock,
    question_clock,
    stored_till,
)
from server.rules.collaboration_facts import RequestChange, RequestFacts, RequestStatus
from server.rules.office import Office
from server.rules.workdays import ONE_DAY, start_of_day

R = TypeVar("R", bound=RequestFacts)


def settled_by_silence(request: RequestFacts, now: datetime) -> RequestChange:
    """The columns that it has changed by now, and nobody has written yet; none where it has settled nothing."""
    if request.silence is None:
        return {}
    match request.status:
        case RequestStatus.OPEN:
            clock = question_clock(request, request.silence)
            if clock is None or not clock.has_run_out(now):
                return {}
            return {"answer_pauses": as_stored(stored_till(request, now)), **NO_QUESTION}
        case RequestStatus.COUNTERED:
            return lapse_counter(request, request.silence, now)
        case RequestStatus.ACCEPTED:
            return deliver_by_clock(request, request.silence, now)
        case RequestStatus.DELIVERED:
            return confirm_by_silence(request, request.silence, now)
    return {}


def as_it_stands(request: R, now: datetime) -> R:
    """The request by its clocks, which nobody may have looked at since silence settled something."""
    change: dict[str, Any] = {**settled_by_silence(request, now)}
    known = {each.name for each in fields(request)}
    return replace(request, **{name: value for name, value in change.items() if name in known}) if change else request


def as_it_stands_on(request: R, today: date) -> R:
    """The same of a day: a deadline ends with its day, so the day says it."""
    return request if request.silence is None else as_it_stands(request, start_of_day(today, request.silence.calendar))


def is_lapsed(request: RequestFacts, office: Office, now: datetime) -> bool:
    """OPEN, and not answered in time. It can still be answered."""
    return request.status is RequestStatus.OPEN and answer_clock(request, office, at=now).has_run_out(now)


# ---- each by itself ------------------------------------------------------------------------------------------------
# Each returns the columns that change, none when the clock has not run out: it may have been moved since it was looked
# at. What happens does so at the deadline, whenever it is noticed.


def lapse_request(request: RequestFacts, office: Office, now: datetime) -> RequestChange:
    """Unanswered; of an OFFER too, where nothing counts it."""
    lifecycle.move(lifecycle.COLLABORATION, request.status, "lapseRequest")
    clock = answer_clock(request, office)
    return {"lapsed_at": clock.due_at} if clock.has_run_out(now) else {}


def lapse_question(request: RequestFacts, starter: Office, answerer: Office, now: datetime) -> RequestChange:
    """The answer clock goes on from the question's deadline; the question is no longer waited for."""
    lifecycle.move(lifecycle.COLLABORATION, request.status, "lapseQuestion")
    clock = question_clock(request, starter)
    if clock is None or not clock.has_run_out(now):
        return {}
    return answer_clock_resumed(request, clock.due_at, answerer)


def lapse_counter(request: RequestFacts, office: Office, now: datetime) -> RequestChange:
    """Other terms that the starter left unanswered end the request."""
    status = lifecycle.move(lifecycle.COLLABORATION, request.status, "lapseCounter")
    clock = counter_clock(request, office)
    if clock is None or not clock.has_run_out(now):
        return {}
    return {"status": status, "withdrawn_at": clock.due_at}


def deliver_by_clock(request: RequestFacts, asker: Office, now: datetime) -> RequestChange:
    """Done in time, and not said to be delivered: it counts as delivered, and the asker confirms or disputes."""
    status = lifecycle.move(lifecycle.COLLABORATION, request.status, "deliverByClock")
    clock = delivery_clock(request, asker.calendar)
    if clock is None or not clock.has_run_out(now):
        return {}
    # Who is told days late, after an upgrade or a stop, has all the time to look at it.
    told_at = now if now - clock.due_at > ONE_DAY else clock.due_at
    return {"status": status, **delivered(request, asker, clock.due_at, 0, told_at=told_at)}


def confirm_by_silence(request: RequestFacts, office: Office, now: datetime) -> RequestChange:
    """Delivered, and neither confirmed nor disputed in time."""
    status = lifecycle.move(lifecycle.COLLABORATION, request.status, "confirmBySilence")
    clock = confirmation_clock(request, office)
    if clock is None or not clock.has_run_out(now):
        return {}
    return {"status": status, "confirmed_at": clock.due_at}
