"""The naive clock, held against examples worked out by hand. 2 November 2026 is a Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.naive import clock as naive
from tests.naive.clock import Act, Clock, Ending, Held, Kind, Pause, State

JAKARTA = ZoneInfo("Asia/Jakarta")
HOLIDAYS = {date(2026, 11, 18)}


def works(day: date) -> bool:
    """Monday to Friday, without Wednesday 18 November."""
    return day.weekday() < 5 and day not in HOLIDAYS


def nov(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of November 2026 in Medan."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=JAKARTA)


def clock(start: datetime, days: int = 3, **more: object) -> Clock:
    """A clock of three working days."""
    return Clock(start, days, works, JAKARTA, **more)  # type: ignore[arg-type]


def due(asked: Clock, now: datetime) -> datetime:
    """The due instant in city time."""
    return naive.standing(asked, now).due_at.astimezone(JAKARTA)


@pytest.mark.parametrize("hour", [0, 7, 11, 12, 23])
def test_the_day_of_sending_does_not_count(hour: int) -> None:
    sent = nov(2, hour)  # Monday, at whatever hour: Tuesday, Wednesday, Thursday
    assert due(clock(sent), sent) == nov(5, 23, 59, 59)


def test_weekends_and_holidays_are_skipped() -> None:
    sent = nov(13, 10)  # Friday: Monday 16, Tuesday 17, not Wednesday 18, Thursday 19
    assert due(clock(sent), sent) == nov(19, 23, 59, 59)
    assert due(clock(nov(14, 10)), nov(14, 10)) == nov(19, 23, 59, 59)  # sent on Saturday: the same three days


def test_the_day_of_sending_is_the_citys_day() -> None:
    sent = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)  # 00:30 on Tuesday in Medan
    assert due(clock(sent), sent) == nov(6, 23, 59, 59)


def test_the_last_second_is_in_time_and_the_next_is_late() -> None:
    sent = nov(2, 10)
    last = nov(5, 23, 59, 59)
    assert naive.standing(clock(sent), last).state is State.RUNNING
    assert naive.standing(clock(sent), last + timedelta(microseconds=999_999)).state is State.RUNNING
    assert naive.standing(clock(sent), nov(6)).state is State.BREACHED
    for moment, ending in ((last, Ending.IN_TIME), (nov(6), Ending.LATE)):
        told = naive.standing(clock(sent, act=Act(moment, Kind.ACT)), nov(20))
        assert (told.state, told.ending) == (State.ENDED, ending)


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (Kind.WITHDRAWAL, Ending.WITHDRAWN),
        (Kind.DECISION, Ending.DECIDED),
        (Kind.RULING, Ending.RULED),
        (Kind.END, Ending.ORGANISATION_ENDED),
    ],
)
@pytest.mark.parametrize("day", [4, 9])
def test_nobody_answered_in_time_who_did_not_answer(kind: Kind, ending: Ending, day: int) -> None:
    told = naive.standing(clock(nov(2, 10), act=Act(nov(day, 9), kind)), nov(20))
    assert (told.state, told.ending, told.days_left) == (State.ENDED, ending, None)


def test_an_act_to_come_has_not_ended_the_clock() -> None:
    asked = clock(nov(2, 10), act=Act(nov(4, 9), Kind.ACT))
    assert naive.standing(asked, nov(4, 8)).state is State.RUNNING
    assert naive.standing(asked, nov(4, 9)).state is State.ENDED


@pytest.mark.parametrize(
    ("begin", "end", "day"),
    [
        (nov(3, 9), nov(3, 11, 59), 5),  # over before noon: Tuesday counts
        (nov(3, 9), nov(3, 12), 5),  # the clock runs from noon
        (nov(3, 9), nov(3, 12, 0, 1), 6),  # answered in the afternoon: the next day
        (nov(3, 23, 59, 59), nov(4, 8), 6),  # not to the last moment of Tuesday
        (nov(4), nov(4, 8), 5),  # Tuesday ran to its end, and Wednesday from noon
        (nov(3, 15), nov(3, 16), 6),  # an hour of the afternoon
        (nov(3, 15), nov(3, 15), 5),  # no time at all
        (nov(3, 9), nov(5, 13), 10),  # Tuesday to Thursday are lost: Friday, Monday, Tuesday
        (nov(6, 9), nov(9, 9), 5),  # when the clock had run out already
    ],
)
def test_a_working_day_counts_when_the_clock_runs_from_noon_to_its_last_moment(
    begin: datetime, end: datetime, day: int
) -> None:
    assert due(clock(nov(2, 10), pauses=(Pause(begin, end),)), nov(20)) == nov(day, 23, 59, 59)


def test_two_pauses_that_overlap_cost_a_day_once() -> None:
    pauses = (Pause(nov(3, 9), nov(3, 14)), Pause(nov(3, 13), nov(4, 9)))
    assert due(clock(nov(2, 10), pauses=pauses), nov(20)) == nov(6, 23, 59, 59)


def test_while_paused_the_due_day_is_as_if_the_pause_ended_now() -> None:
    asked = clock(nov(2, 10), pauses=(Pause(nov(4, 9)),))  # Tuesday has counted: two are left
    morning = naive.standing(asked, nov(12, 9))  # Thursday morning: Thursday and Friday
    assert (morning.state, morning.due_day_while_paused, morning.days_left) == (State.PAUSED, date(2026, 11, 13), 2)
    afternoon = naive.standing(asked, nov(12, 15))  # Friday and Monday
    assert (afternoon.due_day_while_paused, afternoon.days_left) == (date(2026, 11, 16), 2)
    assert afternoon.due_at.astimezone(JAKARTA) == nov(16, 23, 59, 59)


def test_a_pause_after_the_deadline_pauses_nothing() -> None:
    asked = clock(nov(2, 10), pauses=(Pause(nov(6, 9)),))
    told = naive.standing(asked, nov(9, 9))
    assert (told.state, told.due_day_while_paused, told.days_left) == (State.BREACHED, None, 0)


def test_an_act_during_a_pause_is_in_time() -> None:
    asked = clock(nov(2, 10), pauses=(Pause(nov(4, 9)),), act=Act(nov(12, 15), Kind.ACT))
    told = naive.standing(asked, nov(30))
    assert (told.ending, told.due_at) == (Ending.IN_TIME, nov(16, 23, 59, 59))


def test_days_on_which_nobody_held_the_office_do_not_count() -> None:
    before = Held(date(2026, 1, 1), date(2026, 11, 3))
    after = Held(date(2026, 11, 6))
    asked = clock(nov(2, 10), held=(before, after))  # Tuesday; not Wednesday, Thursday; Friday, Monday
    assert due(asked, nov(2, 10)) == nov(9, 23, 59, 59)
    assert naive.standing(asked, nov(4, 9)).state is State.PAUSED
    assert naive.standing(asked, nov(6, 9)).state is State.RUNNING
    assert naive.standing(asked, nov(10, 9)).state is State.BREACHED


def test_an_empty_office_is_reckoned_as_if_somebody_came_now() -> None:
    asked = clock(nov(2, 10), held=(Held(date(2026, 1, 1), date(2026, 11, 3)),))
    told = naive.standing(asked, nov(12, 9))
    assert (told.state, told.due_day_while_paused) == (State.PAUSED, date(2026, 11, 13))
    nobody = naive.standing(clock(nov(2, 10), held=()), nov(12, 9))
    assert (nobody.state, nobody.due_day_while_paused) == (State.PAUSED, date(2026, 11, 16))


def test_an_office_that_will_be_empty_is_not_empty_yet() -> None:
    asked = clock(nov(2, 10), held=(Held(date(2026, 1, 1), date(2026, 11, 3)),))
    told = naive.standing(asked, nov(3, 9))
    assert (told.state, told.due_at) == (State.RUNNING, nov(5, 23, 59, 59))


@pytest.mark.parametrize(
    ("recorded", "day"),
    [
        (nov(10, 10), 12),  # recorded before noon of Tuesday 10: Tuesday, Wednesday, Thursday
        (nov(10, 14), 13),  # recorded in the afternoon: Wednesday, Thursday, Friday
        (nov(1, 9), 6),  # recorded before it began on Wednesday 4
        (None, 6),
    ],
)
def test_an_appointment_recorded_late_ends_the_pause_with_the_moment_of_recording(
    recorded: datetime | None, day: int
) -> None:
    asked = clock(nov(2, 10), held=(Held(date(2026, 11, 4), recorded_at=recorded),))
    assert due(asked, nov(20)) == nov(day, 23, 59, 59)


def test_nobody_lapses_by_a_decrees_date() -> None:
    asked = clock(nov(2, 10), held=(Held(date(2026, 11, 2), recorded_at=nov(10, 10)),))
    assert naive.standing(asked, nov(10, 9)).state is State.PAUSED
    assert naive.standing(asked, nov(10, 10)).state is State.RUNNING


def test_who_came_late_beside_a_head_in_office_pauses_nothing() -> None:
    held = (Held(date(2026, 1, 1)), Held(date(2026, 11, 3), recorded_at=nov(10, 10)))
    assert due(clock(nov(2, 10), held=held), nov(20)) == nov(5, 23, 59, 59)


def test_an_end_is_not_known_before_it_is_recorded() -> None:
    held = (Held(date(2026, 1, 1), date(2026, 11, 3), end_recorded_at=nov(5, 9)),)
    asked = clock(nov(2, 10), held=held)
    assert naive.standing(asked, nov(4, 9)).state is State.RUNNING
    assert naive.standing(asked, nov(5, 9)).state is State.PAUSED


def test_a_promised_deadline_never_becomes_earlier() -> None:
    promised = nov(20, 23, 59, 59)  # 18 November was a holiday when it was promised, 19 too
    assert due(clock(nov(13, 10), promised=promised), nov(16, 9)) == promised
    assert due(clock(nov(13, 10), promised=nov(17, 23, 59, 59)), nov(16, 9)) == nov(19, 23, 59, 59)
    late = clock(nov(13, 10), promised=promised, act=Act(promised, Kind.ACT))
    assert naive.standing(late, nov(30)).ending is Ending.IN_TIME


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (nov(2, 10), 3, nov(4, 8)),
        (nov(13, 10), 3, nov(17, 8)),  # due on Thursday 19; Wednesday is a holiday
        (nov(13, 10), 1, None),  # due on Monday; Friday 08:00 is before the start
        (nov(16, 7), 1, nov(16, 8)),  # due on Tuesday; Monday 08:00 is after the start
        (nov(16, 8), 1, None),
    ],
)
def test_a_reminder_at_eight_on_the_working_day_before(start: datetime, days: int, expected: datetime | None) -> None:
    assert naive.standing(clock(start, days), start).reminder_at == expected


def test_the_next_reminder_is_one_to_come() -> None:
    asked = clock(nov(2, 10))
    assert naive.standing(asked, nov(4, 7)).next_reminder_at == nov(4, 8)
    assert naive.standing(asked, nov(4, 8)).next_reminder_at is None
    assert naive.standing(asked, nov(4, 8)).reminder_at == nov(4, 8)


@pytest.mark.parametrize(("now", "left"), [(nov(2, 10), 3), (nov(3, 23), 3), (nov(4), 2), (nov(5, 23, 59, 59), 1)])
def test_today_is_left_until_it_is_over(now: datetime, left: int) -> None:
    assert naive.standing(clock(nov(2, 10)), now).days_left == left


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        naive.standing(Clock(nov(2), 3, lambda _: False, JAKARTA), nov(2))
