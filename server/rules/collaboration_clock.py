"""The clocks of a request: when each runs out, and what happens by itself when it does.

Every function takes the `Office` that must act: the answerer's for answers, the starter's for questions and counters,
the asker's for confirmations. An office that ended hands its days on: its periods and its successor's are one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import cast

from server.rules import collaboration_sides as sides
from server.rules.clock import (
    Clock,
    ClockEnding,
    ClockKind,
    Pause,
    PauseReason,
    day_clock,
    due_if_resumed,
    ended,
    pauses_of,
    working_clock,
)
from server.rules.clock import as_stored as stored_pauses
from server.rules.collaboration_clock_facts import AnswerTime
from server.rules.collaboration_facts import (
    CONFIRMATION_DAYS,
    COUNTER_DAYS,
    DELIVERY_DAYS,
    DISPUTE_DAYS,
    QUESTION_DAYS,
    RequestChange,
    RequestFacts,
    RequestStatus,
)
from server.rules.office import Office
from server.rules.workdays import Calendar, end_of_day, local_day, start_of_day


def withdrawn_by(ends_on: date | None, at: datetime | None, calendar: Calendar) -> ClockEnding:
    """How what was withdrawn then has ended: a side that has ended withdraws nothing itself."""
    is_over = ends_on is not None and at is not None and at >= start_of_day(ends_on, calendar)
    return ClockEnding.ORGANISATION_ENDED if is_over else ClockEnding.WITHDRAWN


def answer_clock(
    request: AnswerTime, office: Office, unanswered: ClockEnding = ClockEnding.WITHDRAWN, at: datetime | None = None
) -> Clock:
    """On which the other side answers. `unanswered`: how it ended where that side did not; see `withdrawn_by`.

    `at`: where a question had run out by then, it waits for that no more; else it is as it is stored.
    """
    assert request.answer_started_at is not None
    stopped_at, answered_at = request.answer_stopped_at, request.answered_at
    # One that was answered with other terms, which were refused, was answered before this clock began.
    is_answered = stopped_at is not None and answered_at is not None and answered_at >= stopped_at
    return working_clock(
        ClockKind.ANSWER,
        request.answer_started_at,
        request.answer_days,
        office,
        pauses=_of_answer(request, stored_till(request, at)),
        promised=request.answer_due_at,
        stopped_at=stopped_at,
        stopped_by=None if is_answered else unanswered,
    )


def _of_answer(request: AnswerTime, stored: Iterable[Pause]) -> list[Pause]:
    return [*stored, *sides.pauses(request, request.answerer_id)]


def stored_till(request: AnswerTime, at: datetime | None) -> list[Pause]:
    """Its pauses as they are stored, but for that of a question whose time was over by then: it ended with that."""
    stored = pauses_of(request.answer_pauses)
    clock = None if at is None or request.silence is None else question_clock(request, request.silence)
    if at is None or clock is None or not clock.has_run_out(at):
        return stored
    return ended(stored, clock.due_at, PauseReason.QUESTION)


def question_clock(request: AnswerTime, office: Office) -> Clock | None:
    """On which the starter answers the question that is open; it bounds the pause."""
    if request.question_asked_at is None:
        return None
    return working_clock(
        ClockKind.QUESTION,
        request.since(request.question_asked_at),
        QUESTION_DAYS,
        office,
        pauses=sides.pauses(request, request.starter_id),
        promised=request.question_due_at,
    )


def counter_clock(request: RequestFacts, office: Office) -> Clock | None:
    """On which the starter answers the other terms."""
    if request.status is not RequestStatus.COUNTERED or request.counter_made_at is None:
        return None
    return working_clock(
        ClockKind.COUNTER,
        request.since(request.counter_made_at),
        COUNTER_DAYS,
        office,
        pauses=sides.pauses(request, request.starter_id),
        promised=request.counter_due_at,
    )


def ruling_clock(request: RequestFacts, calendar: Calendar) -> Clock | None:
    """On which the mayor's office rules: whoever of it may, so no vacancy stops it. Its lapse is counted for nobody."""
    if request.ruling_asked_at is None:
        return None
    return working_clock(
        ClockKind.RULING, request.ruling_asked_at, request.ruling_days, Office(calendar), promised=request.ruling_due_at
    )


def commitment_clock(
    request: RequestFacts,
    calendar: Calendar,
    withdrawn_at: datetime | None = None,
    withdrawn_by: ClockEnding = ClockEnding.WITHDRAWN,
) -> Clock | None:
    """On which the giver delivers: to the end of the agreed day. Of what was withdrawn only where it is said when."""
    if request.agreed_due_on is None or request.accepted_at is None:
        return None
    kept_at = None if request.status is RequestStatus.ACCEPTED else request.delivered_at
    if is_done_in_time(request, calendar):
        kept_at = request.commitment_completed_at
    if request.status is RequestStatus.WITHDRAWN and kept_at is None and withdrawn_at is None:
        return None
    return day_clock(
        ClockKind.COMMITMENT,
        request.accepted_at,
        request.agreed_due_on,
        calendar,
        stopped_at=kept_at or withdrawn_at,
        stopped_by=None if kept_at else withdrawn_by,
    )


def is_done_in_time(request: RequestFacts, calendar: Calendar) -> bool:
    """The commitment was done on or before the agreed date: no broken promise, whenever it is delivered."""
    done_at, agreed = request.commitment_completed_at, request.agreed_due_on
    return done_at is not None and agreed is not None and local_day(done_at, calendar) <= agreed


def delivery_clock(request: RequestFacts, calendar: Calendar) -> Clock | None:
    """After which what was done in time counts as delivered; it needs nobody's act, so no vacancy stops it."""
    if request.status is not RequestStatus.ACCEPTED or not is_done_in_time(request, calendar):
        return None
    assert request.agreed_due_on is not None
    return _delivery(request.agreed_due_on, calendar, request.deliver_due_at)


def _delivery(agreed: date, calendar: Calendar, promised: datetime | None = None) -> Clock:
    begins = end_of_day(agreed, calendar)
    return working_clock(ClockKind.DELIVERY, begins, DELIVERY_DAYS, Office(calendar), promised=promised)


def promised_for(agreed: date, calendar: Calendar) -> RequestChange:
    """The columns of an agreed date."""
    return {"agreed_due_on": agreed, "deliver_due_at": _delivery(agreed, calendar).due_at}


def dispute_clock(request: RequestFacts, giver: Office) -> Clock | None:
    """On which the giver takes a disputed delivery up again."""
    if request.status is not RequestStatus.DISPUTED or request.disputed_at is None:
        return None
    return working_clock(
        ClockKind.DISPUTE,
        request.since(request.disputed_at),
        DISPUTE_DAYS,
        giver,
        pauses=sides.pauses(request, request.giver_id),
        promised=request.dispute_due_at,
    )


def confirmation_clock(
    request: RequestFacts, office: Office, confirmed_at: datetime | None = None, ends_on: date | None = None
) -> Clock | None:
    """On which the asker says whether it came; silence says yes. Of what is confirmed only where it is said when."""
    due_at, stopped_by = request.confirm_due_at, None
    if request.delivered_at is None:
        return None
    if request.status is RequestStatus.CONFIRMED:
        if confirmed_at is None or due_at is None:
            return None
        if confirmed_at == due_at:
            stopped_by = ClockEnding.SILENCE
        elif withdrawn_by(ends_on, confirmed_at, office.calendar) is ClockEnding.ORGANISATION_ENDED:
            stopped_by = ClockEnding.ORGANISATION_ENDED
    elif request.status is not RequestStatus.DELIVERED:
        return None
    return working_clock(
        ClockKind.CONFIRMATION,
        request.since(request.delivered_at),
        CONFIRMATION_DAYS,
        office,
        pauses=sides.pauses(request, request.asker_id),
        promised=due_at,
        stopped_at=confirmed_at,
        stopped_by=stopped_by,
    )


def waiting_clocks(request: RequestFacts, asker: Office, giver: Office) -> Iterator[Clock | None]:
    """Those that wait for somebody now."""
    starter, answerer = starter_and_answerer(request, asker, giver)
    if request.status is RequestStatus.OPEN:
        yield answer_clock(request, answerer)
        yield question_clock(request, starter)
        yield ruling_clock(request, answerer.calendar)
    yield counter_clock(request, starter)
    yield confirmation_clock(request, asker)
    if request.status is RequestStatus.ACCEPTED:
        yield commitment_clock(request, answerer.calendar)
        yield delivery_clock(request, answerer.calendar)
    yield dispute_clock(request, giver)


def starter_and_answerer(request: RequestFacts, asker: Office, giver: Office) -> tuple[Office, Office]:
    return (asker, giver) if request.starter_id == request.asker_id else (giver, asker)


# ---- set going, stopped, moved --------------------------------------------------------------------------------------


def answer_clock_started(now: datetime, answer_days: int, office: Office) -> RequestChange:
    """The columns of a full clock from now on; nothing of an earlier one is left."""
    return {
        "answer_days": answer_days,
        "answer_started_at": now,
        "answer_due_at": working_clock(ClockKind.ANSWER, now, answer_days, office).due_at,
        "answer_stopped_at": None,
        "answer_pauses": [],
        "lapsed_at": None,
    }


def answer_clock_paused(request: RequestFacts, pause: Pause, office: Office) -> RequestChange:
    return _with_pauses(request, [*pauses_of(request.answer_pauses), pause], office)


def answer_clock_resumed(request: RequestFacts, at: datetime, office: Office) -> RequestChange:
    """The question is no longer waited for, and the clock goes on from then."""
    pauses = ended(pauses_of(request.answer_pauses), at, PauseReason.QUESTION)
    return _with_pauses(request, pauses, office) | {**NO_QUESTION}


def answer_clock_stopped(request: RequestFacts, now: datetime, office: Office) -> RequestChange:
    """The answer has come: what was asked meanwhile, and a ruling that was waited for, are settled with it."""
    columns = _with_pauses(request, ended(stored_till(request, now), now), office, now)
    columns |= {"answer_stopped_at": now, **settled(request)}
    clock = answer_clock(request, office, at=now)
    if clock.has_run_out(now):
        columns["lapsed_at"] = clock.due_at  # also where nobody had noticed yet
    return columns


NO_RULING: RequestChange = {
    "ruling_cause": None,
    "ruling_asked_at": None,
    "ruling_due_at": None,
    "ruling_reason": None,
    "ruling_proposed_id": None,
}
NO_QUESTION: RequestChange = {"question": None, "question_asked_at": None, "question_due_at": None}


def settled(request: RequestFacts) -> RequestChange:
    """No question and no ruling is open any more; only the columns that change."""
    columns: RequestChange = {}
    if request.question_asked_at is not None:
        columns |= NO_QUESTION
    if request.ruling_asked_at is not None:
        columns |= NO_RULING
    return columns


def clocks_moved(request: RequestFacts, asker: Office, giver: Office) -> RequestChange:
    """The deadlines that are later than those told, since the calendar or the holders of an office changed."""
    starter, answerer = starter_and_answerer(request, asker, giver)
    found: dict[str, tuple[datetime | None, Clock | None]] = {}
    if request.status is RequestStatus.OPEN:
        found["answer_due_at"] = (request.answer_due_at, answer_clock(request, answerer))
    found["question_due_at"] = (request.question_due_at, question_clock(request, starter))
    found["counter_due_at"] = (request.counter_due_at, counter_clock(request, starter))
    found["confirm_due_at"] = (request.confirm_due_at, confirmation_clock(request, asker))
    # Those of before these columns have no promised moment.
    if request.deliver_due_at is not None:
        found["deliver_due_at"] = (request.deliver_due_at, delivery_clock(request, giver.calendar))
    if request.dispute_due_at is not None:
        found["dispute_due_at"] = (request.dispute_due_at, dispute_clock(request, giver))
    if request.ruling_due_at is not None:
        found["ruling_due_at"] = (request.ruling_due_at, ruling_clock(request, answerer.calendar))
    return cast(
        RequestChange,
        {column: clock.due_at for column, (told, clock) in found.items() if clock is not None and clock.due_at != told},
    )


def _with_pauses(
    request: RequestFacts, pauses: list[Pause], office: Office, stopped_at: datetime | None = None
) -> RequestChange:
    assert request.answer_started_at is not None
    clock = working_clock(
        ClockKind.ANSWER,
        request.answer_started_at,
        request.answer_days,
        office,
        pauses=_of_answer(request, pauses),
        promised=request.answer_due_at,
    )
    # A vacancy ends with the clock, for what is kept of it.
    due_at = clock.due_at if stopped_at is None else due_if_resumed(clock, stopped_at, office.calendar)
    columns: RequestChange = {}
    stored = stored_pauses(pauses)
    if stored != [*request.answer_pauses]:
        columns["answer_pauses"] = stored
    if due_at != request.answer_due_at:
        columns["answer_due_at"] = due_at
    return columns


def delivered(
    request: RequestFacts, asker: Office, at: datetime, days_late: int, *, told_at: datetime | None = None
) -> RequestChange:
    """The columns of a delivery; a new date that was proposed is of no use any more.

    `told_at`: from when the asker's time to confirm counts, where that is not the moment of the delivery.
    """
    columns: RequestChange = {
        "delivered_at": at,
        "days_late": max(days_late, request.days_late or 0),
        "confirm_due_at": working_clock(ClockKind.CONFIRMATION, told_at or at, CONFIRMATION_DAYS, asker).due_at,
    }
    return columns | NO_PROPOSAL if request.new_due_on is not None else columns


NO_PROPOSAL: RequestChange = {"new_due_on": None, "new_due_reason": None, "new_due_proposed_at": None}
