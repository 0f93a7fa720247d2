"""What the clock alone does: the next thing to be written down of a subject whose deadline passed, moved or is near.

Each function is given a subject's facts, the moment, and the deadlines of it that are written down already, and tells
one step: first a clock that moved, then what ran out, then a reminder. None: there is nothing to do. Asked again after
the step was written, it tells the next one.

A reminder is due on the working day before its deadline (clock.py). It is not made up once the deadline has passed, nor
once the act that it asks for was done; of a deadline that was set after its reminder would have been there is none.

What ran out is told however long ago that was, unless it was over as it was set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.rules import collaboration_clock, collaboration_lapse, follow_up, reply_clock
from server.rules.achievement import REALISED
from server.rules.case_term import Terms
from server.rules.city import CityFacts
from server.rules.clock import Clock, ClockKind, ClockState, day_clock
from server.rules.collaboration_facts import RequestFacts, RequestStatus
from server.rules.collaboration_redirect import ask_for_ruling
from server.rules.escalation_facts import OPEN, EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.office import Office
from server.rules.report import KeptReports, due_day, stored
from server.rules.workdays import ONE_DAY, Calendar, end_of_day, is_working_day, local_day, start_of_day

# A deadline by name and moment: with its subject it is recorded once.
Deadline = tuple[str, datetime]

# The end of a term or of an organisation.
TERM = "TERM"
# The year of a target that is told.
YEAR = "YEAR"
# The cases of which one may: the respondent's and the person's to reply, the filer's to object.
WAITING = OPEN | {EscalationStatus.DECIDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be written: the event, the columns that change, and which deadline it was (None: one that moved).

    `due_at` is the deadline that is told of. `part_id`: the follow-up whose columns are `part_change`.
    """

    event: EventType
    due_at: datetime
    deadline: Deadline | None = None
    change: Mapping[str, Any] = field(default_factory=dict)
    part_id: UUID | None = None
    part_change: Mapping[str, Any] = field(default_factory=dict)


# ---- requests -------------------------------------------------------------------------------------------------------


def request_step(
    request: RequestFacts,
    asker: Office,
    giver: Office,
    ruling_days: int,
    now: datetime,
    recorded: Collection[Deadline],
) -> Step | None:
    """Of a request, and of an offer as well. `ruling_days`: in which the mayor's office rules, as the city says."""
    moved = collaboration_clock.clocks_moved(request, asker, giver)
    if moved:
        later: dict[str, Any] = {**moved}
        if "answer_due_at" in moved:
            later["lapsed_at"] = None  # it had lapsed by a deadline that was too early
        due_at = max(value for value in moved.values() if isinstance(value, datetime))
        return Step(event=EventType.REQUEST_CLOCK_MOVED, due_at=due_at, change=later)
    if asked := ask_for_ruling(request, giver, ruling_days, now):
        ruling_due_at = asked["ruling_due_at"]
        assert ruling_due_at is not None
        return Step(event=EventType.REQUEST_RULING_ASKED, due_at=ruling_due_at, change=asked)
    for step in (*_request_lapses(request, asker, giver, now), *_told_alone(request, giver, now)):
        if step.deadline not in recorded:
            return step
    clocks = collaboration_clock.waiting_clocks(request, asker, giver)
    return _reminder(EventType.REQUEST_REMINDED, clocks, now, recorded)


def _request_lapses(request: RequestFacts, asker: Office, giver: Office, now: datetime) -> Iterator[Step]:
    starter, answerer = collaboration_clock.starter_and_answerer(request, asker, giver)
    if request.status is RequestStatus.OPEN:
        if question := collaboration_lapse.lapse_question(request, starter, answerer, now):
            assert request.question_due_at is not None
            yield _lapse(EventType.REQUEST_QUESTION_LAPSED, ClockKind.QUESTION, request.question_due_at, question)
            return
        if lapsed := collaboration_lapse.lapse_request(request, answerer, now):
            at = lapsed["lapsed_at"]
            assert at is not None
            yield _lapse(EventType.REQUEST_LAPSED, ClockKind.ANSWER, at, lapsed)
    elif request.status is RequestStatus.COUNTERED:
        if ended := collaboration_lapse.lapse_counter(request, starter, now):
            at = ended["withdrawn_at"]
            assert at is not None
            yield _lapse(EventType.REQUEST_COUNTER_LAPSED, ClockKind.COUNTER, at, ended)
    elif request.status is RequestStatus.ACCEPTED:
        if delivered := collaboration_lapse.deliver_by_clock(request, asker, now):
            at = delivered["delivered_at"]
            assert at is not None
            yield _lapse(EventType.REQUEST_DELIVERED_BY_CLOCK, ClockKind.DELIVERY, at, delivered)
    elif request.status is RequestStatus.DELIVERED and (
        confirmed := collaboration_lapse.confirm_by_silence(request, asker, now)
    ):
        at = confirmed["confirmed_at"]
        assert at is not None
        yield _lapse(EventType.REQUEST_CONFIRMED_BY_SILENCE, ClockKind.CONFIRMATION, at, confirmed)


def _told_alone(request: RequestFacts, giver: Office, now: datetime) -> Iterator[Step]:
    """What ran out and changes nothing: a ruling that is late, a dispute that the giver did not take up."""
    clocks = (
        (EventType.REQUEST_RULING_LAPSED, collaboration_clock.ruling_clock(request, giver.calendar)),
        (EventType.REQUEST_DISPUTE_LAPSED, collaboration_clock.dispute_clock(request, giver)),
    )
    for event, clock in clocks:
        if clock is not None and clock.has_run_out(now):
            yield _lapse(event, clock.kind, clock.due_at, {})


# ---- cases ----------------------------------------------------------------------------------------------------------


def case_step(
    case: EscalationFacts,
    follow_ups: Sequence[FollowUpFacts],
    respondent: Office,
    filer: Office,
    now: datetime,
    recorded: Collection[Deadline],
    *,
    respondent_terms: Terms = (),
    filer_terms: Terms = (),
) -> Step | None:
    """Of a case and its open follow-ups. `…_terms`: of the parties' heads, with their case access."""
    if case.status is EscalationStatus.DECIDED:
        for each in follow_ups:
            closing = _follow_up_step(each, filer, filer_terms, now)
            if closing is not None and closing.deadline not in recorded:
                return closing
        clocks = [follow_up.objection_clock(each, filer, filer_terms) for each in follow_ups]
        return _reminder(EventType.ESCALATION_REMINDED, clocks, now, recorded)
    if case.status not in OPEN:
        return None
    for step in _case_lapses(case, respondent, respondent_terms, now):
        if step.deadline is None or step.deadline not in recorded:
            return step
    clocks = [reply_clock.person_clock(case, respondent.calendar)]
    if case.status is EscalationStatus.FILED:
        clocks = [reply_clock.reply_clock(case, respondent, respondent_terms), *clocks]
    return _reminder(EventType.ESCALATION_REMINDED, clocks, now, recorded)


def _case_lapses(case: EscalationFacts, respondent: Office, terms: Terms, now: datetime) -> Iterator[Step]:
    """What moved or ran out of the clocks of the right of reply."""
    if case.status is EscalationStatus.FILED:
        if moved := reply_clock.reply_clock_moved(case, respondent, terms):
            yield Step(event=EventType.ESCALATION_CLOCK_MOVED, due_at=moved["reply_due_at"], change=moved)
        elif lapsed := reply_clock.lapse_reply(case, respondent, now, terms):
            assert case.reply_due_at is not None
            yield _lapse(EventType.ESCALATION_REPLY_LAPSED, ClockKind.REPLY, case.reply_due_at, lapsed)
    if moved := reply_clock.person_clock_moved(case, respondent.calendar):
        due_at = moved["person_reply_due_at"]
        assert due_at is not None
        yield Step(event=EventType.ESCALATION_CLOCK_MOVED, due_at=due_at, change=moved)
        return
    clock = reply_clock.person_clock(case, respondent.calendar)
    if clock is not None and clock.stopped_at is None and clock.has_run_out(now):
        yield _lapse(EventType.ESCALATION_PERSON_REPLY_LAPSED, ClockKind.PERSON_REPLY, clock.due_at, {})


def _follow_up_step(facts: FollowUpFacts, filer: Office, terms: Terms, now: datetime) -> Step | None:
    clock = follow_up.objection_clock(facts, filer, terms)
    if clock is None or clock.stopped_at is not None:
        return None
    if clock.due_at != facts.objection_due_at:
        change = {"objection_due_at": clock.due_at}
        return Step(event=EventType.ESCALATION_CLOCK_MOVED, due_at=clock.due_at, part_id=facts.id, part_change=change)
    closed = follow_up.close_by_silence(facts, filer, now, terms)
    if not closed:
        return None
    return Step(
        event=EventType.ESCALATION_FOLLOW_UP_CLOSED,
        due_at=clock.due_at,
        # Two of one case may end on one day.
        deadline=(f"{ClockKind.OBJECTION}-{facts.id.hex[-20:]}", clock.due_at),
        part_id=facts.id,
        part_change=closed,
    )


# ---- tasks and readings ---------------------------------------------------------------------------------------------


def task_step(
    due_on: date, set_at: datetime, calendar: Calendar, now: datetime, recorded: Collection[Deadline]
) -> Step | None:
    """Of an open task. `set_at`: when it was given this due date."""
    clock = day_clock(ClockKind.TASK, set_at, due_on, calendar)
    if clock.has_run_out(now):
        return _told(EventType.TASK_OVERDUE, ClockKind.TASK, clock.due_at, set_at, recorded)
    return _reminder(EventType.TASK_REMINDED, [clock], now, recorded)


def target_step(
    kept: KeptReports, told_at: datetime, city: CityFacts, now: datetime, recorded: Collection[Deadline]
) -> Step | None:
    """Of a target in an approved plan: a last day that moved, that its year is told, each report that was missed, or
    the next one. `told_at`: when the reading was recorded by which the year is told.
    """
    calendar = city.calendar
    if kept.counts_from is None:
        return None
    year, untold = kept.due_on.year, kept.untold
    later = {quarter: max(day, due_day(year, quarter, kept.counts_from, city)) for quarter, day in untold.items()}
    if later != untold:
        first = next(day for quarter, day in later.items() if day != untold[quarter])
        change = {"untold_due_on": stored(later), "report_due_on": None if kept.next is None else later[kept.next]}
        return Step(event=EventType.TARGET_CLOCK_MOVED, due_at=end_of_day(first, calendar), change=change)
    if kept.told_from is not None:
        at = start_of_day(kept.told_from, calendar)
        return _told(EventType.TARGET_YEAR_TOLD, YEAR, at, told_at, recorded) if now >= at else None
    if kept.report_due_on is None:
        return None
    clocks = [
        day_clock(
            ClockKind.READING,
            start_of_day(kept.asked_for_from(quarter), calendar),
            day,
            calendar,
        )
        for quarter, day in untold.items()
        if day >= kept.report_due_on
    ]
    missed = [clock for clock in clocks if clock.has_run_out(now)]
    # Of what is realised nobody says that it is not reported.
    for each in () if REALISED.has_come(kept.realised_from, local_day(now, calendar)) else missed:
        step = _told(EventType.TARGET_NOT_REPORTED, ClockKind.READING, each.due_at, each.started_at, recorded)
        if step is not None:
            return step
    return _reminder(EventType.TARGET_REMINDED, clocks[len(missed) :], now, recorded)


# ---- terms ----------------------------------------------------------------------------------------------------------


def term_step(
    event: EventType,
    valid_to: date,
    set_at: datetime,
    calendar: Calendar,
    now: datetime,
    recorded: Collection[Deadline],
) -> Step | None:
    """Of an appointment or a delegation, over with its last day. `set_at`: when that day was written down."""
    due_at = end_of_day(valid_to, calendar)
    return _told(event, TERM, due_at, set_at, recorded) if now > due_at else None


def organisation_step(
    valid_to: date, set_at: datetime, calendar: Calendar, now: datetime, recorded: Collection[Deadline]
) -> Step | None:
    """Of an organisation: as its last day begins it takes no new work, and what is open passes on.

    Where the end was written down later than that, `endOrganisation` itself has passed it on.
    """
    at = start_of_day(valid_to, calendar)
    if now < at or at <= set_at or (TERM, at) in recorded:
        return None
    return Step(event=EventType.ORGANISATION_LAPSED, due_at=at, deadline=(TERM, at))


# ---- how ------------------------------------------------------------------------------------------------------------


def last_reminded(today: date, calendar: Calendar) -> date:
    """The latest day of whose deadline the reminder may be due."""
    day = today + ONE_DAY
    while not is_working_day(day, calendar):
        day += ONE_DAY
    return day


def told_on(step: Step, calendar: Calendar) -> date:
    """The day of the deadline that it tells of."""
    return local_day(step.due_at, calendar)


def _lapse(event: EventType, kind: ClockKind, due_at: datetime, change: Mapping[str, Any]) -> Step:
    return Step(event=event, due_at=due_at, deadline=(kind.value, due_at), change=change)


def _told(
    event: EventType, name: str, due_at: datetime, set_at: datetime, recorded: Collection[Deadline]
) -> Step | None:
    """What changes the log alone: not when it was over as it was written down."""
    deadline = (str(name), due_at)
    if set_at >= due_at or deadline in recorded:
        return None
    return Step(event=event, due_at=due_at, deadline=deadline)


def _reminder(
    event: EventType,
    clocks: Iterable[Clock | None],
    now: datetime,
    recorded: Collection[Deadline],
) -> Step | None:
    for clock in clocks:
        if clock is None or clock.reminder_at is None or not clock.reminder_at <= now <= clock.due_at:
            continue
        deadline = (f"{clock.kind}_REMINDER", clock.reminder_at)
        if clock.state(now) is ClockState.RUNNING and deadline not in recorded:
            return Step(event=event, due_at=clock.due_at, deadline=deadline)
    return None
