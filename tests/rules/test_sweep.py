"""What the clock alone does: one step at a time, each told once, and reminders only while they are of use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules.city import RULING_DAYS
from server.rules.clock import Pause, PauseReason, as_stored
from server.rules.collaboration_clock import answer_clock
from server.rules.collaboration_facts import RequestStatus
from server.rules.escalation_facts import EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.office import Office, Term
from server.rules.report import KeptReports
from server.rules.sweep import (
    Deadline,
    Step,
    case_step,
    last_reminded,
    organisation_step,
    request_step,
    target_step,
    task_step,
    term_step,
)
from server.rules.workdays import end_of_day, is_working_day, start_of_day
from tests.rules.known import CITY, NOW, case, request, uid

CALENDAR = CITY.calendar
ALWAYS = Office(CALENDAR)
SENT = NOW  # a Monday, 10 o'clock
E, S = EventType, RequestStatus


def at(day: date) -> datetime:
    return end_of_day(day, CALENDAR)


def morning(day: date) -> datetime:
    """When reminders come."""
    return start_of_day(day, CALENDAR) + timedelta(hours=8)


def all_steps(step: Callable[[datetime, set[Deadline]], Step | None], now: datetime) -> list[Step]:
    """What is told at this moment of a subject whose columns do not change."""
    recorded: set[Deadline] = set()
    found: list[Step] = []
    while (made := step(now, recorded)) is not None and len(found) < 10:
        found.append(made)
        assert made.deadline is not None
        recorded.add(made.deadline)
    return found


def asked(status: RequestStatus = S.OPEN, **columns: object) -> Callable[[datetime, set[Deadline]], Step | None]:
    given_columns: dict[str, object] = {
        "answer_started_at": SENT, "answer_due_at": at(date(2026, 11, 26)), "made_at": SENT, **columns
    }  # fmt: skip
    facts = request(status, **given_columns)
    return lambda now, recorded: request_step(facts, ALWAYS, ALWAYS, RULING_DAYS, now, recorded)


@settings(deadline=None)
@given(hours=st.integers(0, 24 * 60))
def test_a_request_lapses_after_its_deadline_and_is_reminded_of_before(hours: int) -> None:
    now = SENT + timedelta(hours=hours)
    found = [step.event for step in all_steps(asked(), now)]
    if now > at(date(2026, 11, 26)):
        assert found == [E.REQUEST_LAPSED]
    else:
        assert found == ([E.REQUEST_REMINDED] if now >= morning(date(2026, 11, 25)) else [])


def test_each_silence_ends_as_it_must_at_its_deadline() -> None:
    due, late = at(date(2026, 12, 7)), SENT + timedelta(days=90)
    for status, columns, event in (
        (S.COUNTERED, {"counter_made_at": SENT, "counter_due_at": due}, E.REQUEST_COUNTER_LAPSED),
        (S.DELIVERED, {"delivered_at": SENT, "confirm_due_at": due}, E.REQUEST_CONFIRMED_BY_SILENCE),
    ):
        (step,) = all_steps(asked(status, **columns), late)
        assert (step.event, step.due_at) == (event, due)
        assert step.deadline is not None
        assert step.deadline[1] == due


def test_a_late_ruling_and_a_dispute_that_is_not_taken_up_are_told_once_and_alter_nothing() -> None:
    due, late = at(date(2026, 11, 26)), SENT + timedelta(days=90)
    pause = as_stored([Pause(PauseReason.RULING, SENT)])
    waiting = {"ruling_asked_at": SENT, "ruling_due_at": due, "answer_pauses": pause}
    disputed = {"disputed_at": SENT, "dispute_due_at": due, "answer_stopped_at": SENT}
    for status, columns, event in (
        (S.OPEN, waiting, E.REQUEST_RULING_LAPSED),
        (S.DISPUTED, disputed, E.REQUEST_DISPUTE_LAPSED),
    ):
        (step,) = all_steps(asked(status, **columns), late)
        assert (step.event, step.due_at, step.change) == (event, due, {})
        assert all(each.event is E.REQUEST_REMINDED for each in all_steps(asked(status, **columns), due))


@pytest.mark.parametrize("status", [S.ACCEPTED, S.DECLINED, S.CONFIRMED, S.WITHDRAWN])
def test_nothing_lapses_where_nobody_is_waited_for(status: RequestStatus) -> None:
    assert all_steps(asked(status, answer_stopped_at=SENT), SENT + timedelta(days=90)) == []


def test_a_commitment_is_reminded_of_the_working_day_before() -> None:
    promise = asked(S.ACCEPTED, answer_stopped_at=SENT, accepted_at=SENT, agreed_due_on=date(2026, 12, 7))  # a Monday
    assert all_steps(promise, morning(date(2026, 12, 4)) - timedelta(seconds=1)) == []
    (step,) = all_steps(promise, morning(date(2026, 12, 4)))
    assert (step.event, step.deadline) == (E.REQUEST_REMINDED, ("COMMITMENT_REMINDER", morning(date(2026, 12, 4))))
    assert all_steps(promise, at(date(2026, 12, 7)) + timedelta(seconds=1)) == []


def test_an_open_question_stands_in_the_way_of_the_lapse() -> None:
    pauses = as_stored([Pause(PauseReason.QUESTION, SENT)])
    due = at(date(2026, 11, 26))
    step = asked(question_asked_at=SENT, question_due_at=due, answer_pauses=pauses)
    # Of the question alone: the answer clock stands still.
    assert [each.deadline for each in all_steps(step, at(date(2026, 11, 25)))] == [
        ("QUESTION_REMINDER", morning(date(2026, 11, 25)))
    ]
    first = step(due + timedelta(seconds=1), set())
    assert first is not None
    assert first.event is E.REQUEST_QUESTION_LAPSED
    assert first.change["question_asked_at"] is None
    assert first.change["answer_due_at"] > due


def test_a_clock_that_must_move_does_so_before_it_could_lapse() -> None:
    facts = request(S.OPEN, answer_started_at=SENT, answer_due_at=at(date(2026, 11, 26)), made_at=SENT)
    vacant = Office(CALENDAR, [Term(date(2020, 1, 1), date(2026, 11, 24)), Term(date(2026, 12, 1))])
    step = request_step(facts, ALWAYS, vacant, RULING_DAYS, SENT + timedelta(days=30), set())
    assert step is not None
    assert (step.event, step.deadline) == (E.REQUEST_CLOCK_MOVED, None)
    assert step.change == {"answer_due_at": answer_clock(facts, vacant).due_at, "lapsed_at": None}


def test_a_reply_lapses_and_each_follow_up_closes_by_silence_under_its_own_name() -> None:
    due = at(date(2026, 11, 26))
    filed = case(EscalationStatus.FILED, filed_at=SENT, reply_due_at=due, replied_at=None)
    step = case_step(filed, (), ALWAYS, ALWAYS, due + timedelta(seconds=1), set())
    assert step is not None
    assert (step.event, step.deadline) == (E.ESCALATION_REPLY_LAPSED, ("REPLY", due))
    decided = case(EscalationStatus.DECIDED)
    objectable = at(date(2026, 11, 30))
    parts = [
        FollowUpFacts(id=uid(number), case=decided, objectable_from=SENT, objection_due_at=objectable)
        for number in (70, 71)
    ]
    found = all_steps(
        lambda now, recorded: case_step(decided, parts, ALWAYS, ALWAYS, now, recorded), objectable + timedelta(days=2)
    )
    assert [each.part_id for each in found] == [uid(70), uid(71)]
    assert len({each.deadline for each in found}) == 2
    assert all(len(each.deadline[0]) <= 40 for each in found if each.deadline)


# ---- tasks, readings, terms -----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    due_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    set_before=st.integers(-5, 40),
    passed=st.integers(-10, 60),
)
def test_a_task_is_told_of_once_and_only_while_it_is_of_use(due_on: date, set_before: int, passed: int) -> None:
    set_at = at(due_on) - timedelta(days=set_before)
    now = at(due_on) + timedelta(days=passed, seconds=1)
    found = all_steps(lambda now, recorded: task_step(due_on, set_at, CALENDAR, now, recorded), now)
    assert len(found) <= 1
    for step in found:
        assert step.deadline is not None
        name, moment = step.deadline
        assert set_at < moment < now
        if step.event is E.TASK_OVERDUE:
            assert (name, moment) == ("TASK", at(due_on))
        else:
            assert now <= at(due_on)
            assert due_on <= last_reminded(now.astimezone(CALENDAR.zone).date(), CALENDAR)
    if set_before > 0 and passed >= 0:
        assert [step.event for step in found] == [E.TASK_OVERDUE]


@settings(deadline=None)
@given(day=st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_reminders_are_looked_for_up_to_the_next_working_day(day: date) -> None:
    last = last_reminded(day, CALENDAR)
    assert last > day
    assert is_working_day(last, CALENDAR)
    assert not any(is_working_day(day + timedelta(n), CALENDAR) for n in range(1, (last - day).days))


FIRST, *OTHERS = [date(2026, 4, 15), date(2026, 7, 14), date(2026, 10, 14), date(2027, 1, 18)]


def kept(counts_from: date = date(2026, 1, 5), **named: Any) -> KeptReports:
    """Of a target for 2026 without a reading."""
    first = named.pop("first", FIRST)
    untold = [each.isoformat() for each in (first, *OTHERS)]
    whole: dict[str, Any] = {
        "due_on": date(2026, 12, 31), "counts_from": counts_from, "report_due_on": first, "untold_due_on": untold,
        "told_from": None, "realised_from": None,
    }  # fmt: skip
    return KeptReports(**{**whole, **named})


def reading(now: datetime, of: KeptReports | None = None, told_at: datetime = NOW) -> list[Step]:
    return all_steps(lambda now, recorded: target_step(of or kept(), told_at, CITY, now, recorded), now)


def test_a_missed_reading_is_told_and_the_next_ones_date_then_counts() -> None:
    first, *_ = (step.due_at for step in reading(at(date(2026, 4, 20))))
    assert first == at(FIRST)
    again, second = reading(at(date(2026, 7, 20)))  # each that is missed, in order
    assert again.due_at == first
    assert second.event is E.TARGET_NOT_REPORTED
    assert date(2026, 7, 13) < second.due_at.astimezone(CALENDAR.zone).date() < date(2026, 7, 18)
    (late,) = reading(at(date(2026, 6, 20)))  # however long ago; the next is not near
    assert (late.event, late.due_at) == (E.TARGET_NOT_REPORTED, at(FIRST))


def test_a_report_that_is_due_late_is_missed_from_its_own_day() -> None:
    late = kept(date(2027, 2, 1), untold_due_on=[None, None, None, "2027-02-16"], report_due_on=date(2027, 2, 16))
    assert reading(at(date(2027, 2, 10)), late) == []
    (step,) = reading(at(date(2027, 2, 17)), late)
    assert (step.event, step.due_at) == (E.TARGET_NOT_REPORTED, at(date(2027, 2, 16)))


def test_of_a_target_that_is_realised_nobody_says_that_it_is_not_reported() -> None:
    assert [step.event for step in reading(at(date(2026, 4, 20)))] == [E.TARGET_NOT_REPORTED]
    assert reading(at(date(2026, 4, 20)), kept(realised_from=date(2026, 3, 1))) == []


def test_a_year_is_told_by_the_clock_where_its_last_reading_came_before_its_due_day() -> None:
    told = kept(untold_due_on=[None] * 4, report_due_on=None, told_from=date(2027, 1, 1))
    early, new_year = start_of_day(date(2026, 12, 4), CALENDAR), start_of_day(date(2027, 1, 1), CALENDAR)
    assert reading(new_year - timedelta(seconds=1), told, early) == []
    (step,) = reading(new_year, told, early)
    assert (step.event, step.deadline) == (E.TARGET_YEAR_TOLD, ("YEAR", new_year))
    assert reading(new_year + timedelta(days=5), told, new_year + timedelta(days=4)) == []  # by the reading itself


def test_a_report_date_moves_with_the_calendar_and_never_to_an_earlier_day() -> None:
    early = kept(first=FIRST - timedelta(days=1))
    step = target_step(early, NOW, CITY, at(date(2026, 4, 1)), set())
    assert step is not None
    assert (step.event, step.due_at) == (E.TARGET_CLOCK_MOVED, at(FIRST))
    assert step.change == {"report_due_on": FIRST, "untold_due_on": kept().untold_due_on}
    assert target_step(kept(first=FIRST + timedelta(days=5)), NOW, CITY, at(FIRST), set()) is None


def test_a_term_is_over_after_its_last_day_unless_that_was_written_down_afterwards() -> None:
    last = date(2026, 11, 20)

    def step(set_at: datetime, now: datetime) -> Step | None:
        return term_step(E.APPOINTMENT_LAPSED, last, set_at, CALENDAR, now, set())

    early = at(last) - timedelta(days=100)
    assert step(early, at(last)) is None
    over = step(early, at(last) + timedelta(seconds=1))
    assert over is not None
    assert over.deadline == ("TERM", at(last))
    assert step(at(last) + timedelta(hours=1), at(last) + timedelta(hours=2)) is None
    assert step(early, at(last) + timedelta(days=400)) == over


def test_an_organisation_passes_on_as_its_last_day_begins_however_late_that_is_noticed() -> None:
    last = date(2026, 11, 20)
    begins = start_of_day(last, CALENDAR)
    early = begins - timedelta(days=100)
    assert organisation_step(last, early, CALENDAR, begins - timedelta(seconds=1), set()) is None
    for late in (timedelta(), timedelta(days=400)):
        step = organisation_step(last, early, CALENDAR, begins + late, set())
        assert step is not None
        assert step.deadline == ("TERM", begins)
    assert organisation_step(last, begins + timedelta(hours=9), CALENDAR, begins + timedelta(hours=9), set()) is None
