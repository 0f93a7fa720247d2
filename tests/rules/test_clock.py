"""Clocks: counted day by day, whatever pauses, vacancies and holidays lie between; and what each one says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules.clock import (
    Clock,
    ClockEnding,
    ClockKind,
    ClockState,
    Pause,
    PauseReason,
    as_stored,
    day_clock,
    due_if_resumed,
    ended,
    explanation,
    pauses_of,
    vacancies,
    working_clock,
    working_days_left,
    working_days_until,
)
from server.rules.office import Office, Periods, Term
from server.rules.workdays import Calendar, add_working_days, deadline, is_working_day, local_day
from server.text import LANGUAGES, Language, sentence
from tests.rules.known import uid

JAKARTA = ZoneInfo("Asia/Jakarta")
MEDAN = Calendar.of("Asia/Jakarta")
ALWAYS = Office(MEDAN)


def at(text: str) -> datetime:
    """A moment in the city, "2026-03-16 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


def answer(started: datetime, days: int = 3, *pauses: Pause, held: Periods | None = None, **named: Any) -> Clock:
    return working_clock(ClockKind.ANSWER, started, days, Office(MEDAN, held), pauses=pauses, **named)


def asked(from_: str, to: str | None = None) -> Pause:
    return Pause(PauseReason.QUESTION, at(from_), None if to is None else at(to))


# ---- the same, counted by hand --------------------------------------------------------------------------------------


def day_by_day(
    started: datetime, days: int, pauses: Sequence[Pause], held: Periods | None, calendar: Calendar
) -> datetime:
    """The rule, one day after the other; of the code under test only what a working day is."""
    day = started.astimezone(JAKARTA).date()
    counted = 0
    while counted < days:
        day += timedelta(1)
        if not is_working_day(day, calendar):
            continue
        midnight = datetime(day.year, day.month, day.day, tzinfo=JAKARTA)
        next_midnight = midnight + timedelta(1)
        stands_still = False
        for pause in pauses:
            noon = midnight + timedelta(hours=12)
            to = pause.from_ if pause.to is None else pause.to
            if to <= pause.from_:
                stands_still |= noon <= pause.from_ < next_midnight
            else:
                stands_still |= pause.from_ < next_midnight and to > noon
        if held is not None and not any(each.first <= day and (each.last is None or day <= each.last) for each in held):
            # Where nobody is known to come it is as if somebody came at once.
            stands_still |= any(each.first > day for each in held)
        counted += not stands_still
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=JAKARTA)


# The first look at a year's holidays takes longer than Hypothesis allows for an example.
CALM = settings(deadline=None)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))
DAYS = st.integers(1, 25)
GAPS = st.integers(0, 40 * 24 * 60)


@st.composite
def ways(draw: st.DrawFn) -> tuple[datetime, int, list[Pause], Periods | None, Calendar]:
    """A start, a length, pauses behind it, holders around it, and the city's own days."""
    started = draw(MOMENTS)
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        from_ = started + timedelta(minutes=draw(GAPS))
        minutes = draw(st.none() | GAPS)
        to = None if minutes is None else from_ + timedelta(minutes=minutes)
        pauses.append(Pause(draw(st.sampled_from(PauseReason)), from_, to))
    first = local_day(started, MEDAN)
    held = None
    if draw(st.booleans()):
        edges = draw(st.lists(st.integers(-30, 60), min_size=0, max_size=6, unique=True).map(sorted))
        days = [first + timedelta(n) for n in edges]
        held = [Term(days[n], days[n + 1] if n + 1 < len(days) else None) for n in range(0, len(days), 2)]
    own = draw(st.dictionaries(st.integers(0, 40).map(lambda n: first + timedelta(n)), st.booleans(), max_size=6))
    return started, draw(DAYS), pauses, held, Calendar(JAKARTA, own)


@CALM
@given(ways())
def test_a_deadline_is_what_a_plain_loop_over_the_days_finds(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar],
) -> None:
    started, days, pauses, held, calendar = way
    clock = working_clock(ClockKind.ANSWER, started, days, Office(calendar, held), pauses=pauses)
    assert clock.due_at == day_by_day(started, days, pauses, held, calendar)


@CALM
@given(ways())
def test_a_clock_without_pauses_is_a_deadline_of_working_days(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar],
) -> None:
    started, days, _, _, calendar = way
    assert working_clock(ClockKind.ANSWER, started, days, Office(calendar)).due_at == deadline(started, days, calendar)


@CALM
@given(ways(), st.integers(0, 60))
def test_the_days_left_are_those_that_the_clock_would_still_count(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar], days_later: int
) -> None:
    started, days, pauses, held, calendar = way
    clock = working_clock(ClockKind.ANSWER, started, days, Office(calendar, held), pauses=pauses)
    now = started + timedelta(days_later)
    left = working_days_left(clock, now, calendar)
    assert left is not None
    assert 0 <= left <= days
    assert working_days_left(clock, started, calendar) == days
    assert (left == 0) == (clock.state(now) is ClockState.BREACHED)


@CALM
@given(ways(), st.integers(0, 40), st.booleans())
def test_a_later_change_of_the_calendar_never_makes_a_promised_deadline_earlier(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar], days_later: int, is_workday: bool
) -> None:
    started, days, pauses, held, calendar = way
    told = working_clock(ClockKind.ANSWER, started, days, Office(calendar, held), pauses=pauses).due_at
    changed = {**calendar.own_days, local_day(started, calendar) + timedelta(days_later): is_workday}
    later = Calendar(JAKARTA, changed)
    clock = working_clock(ClockKind.ANSWER, started, days, Office(later, held), pauses=pauses, promised=told)
    assert clock.due_at == max(told, day_by_day(started, days, pauses, held, later))


@CALM
@given(ways(), GAPS, GAPS)
def test_a_pause_never_brings_a_deadline_nearer_and_its_end_neither(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar], from_: int, minutes: int
) -> None:
    started, days, pauses, held, calendar = way
    office = Office(calendar, held)
    begins = started + timedelta(minutes=from_)
    without = working_clock(ClockKind.ANSWER, started, days, office, pauses=pauses)
    open_ = Pause(PauseReason.RULING, begins)
    opened = working_clock(ClockKind.ANSWER, started, days, office, pauses=[*pauses, open_])
    closed = working_clock(
        ClockKind.ANSWER, started, days, office, pauses=[*pauses, *ended([open_], begins + timedelta(minutes=minutes))]
    )
    assert without.due_at <= opened.due_at <= closed.due_at
    # Whoever must act has a whole day left when a pause ends that began in time.
    if begins <= without.due_at:
        assert begins + timedelta(minutes=minutes) < closed.due_at


@CALM
@given(st.lists(st.tuples(st.integers(-40, 40), st.none() | st.integers(0, 30)), max_size=5), MOMENTS)
def test_vacancies_are_the_days_that_no_period_holds(spans: list[tuple[int, int | None]], from_: datetime) -> None:
    first = local_day(from_, MEDAN)
    held = [
        Term(first + timedelta(start), None if length is None else first + timedelta(start + length))
        for start, length in spans
    ]
    gaps = [*vacancies(held, from_, MEDAN)]
    for n in range(90):
        day = first + timedelta(n)
        noon = max(datetime(day.year, day.month, day.day, 12, tzinfo=JAKARTA), from_)
        is_held = any(a <= local_day(noon, MEDAN) and (b is None or local_day(noon, MEDAN) <= b) for a, b, *_ in held)
        assert any(gap.holds(noon) for gap in gaps) != is_held
    assert all(gap.from_ >= from_ for gap in gaps)


# ---- the weeks around Lebaran 2026, by their dates ------------------------------------------------------------------


def test_the_weeks_around_lebaran_2026_are_counted_by_their_dates() -> None:
    """16 and 17 March are worked; Nyepi and Idul Fitri with collective leave are 18 to 24; 25 to 27 are worked."""
    assert answer(at("2026-03-12 09:00")).due_at == at("2026-03-17 23:59:59")
    assert answer(at("2026-03-13 09:00")).due_at == at("2026-03-25 23:59:59")
    assert answer(at("2026-03-16 23:59")).due_at == at("2026-03-26 23:59:59")
    assert answer(at("2026-03-17 00:00")).due_at == at("2026-03-27 23:59:59")
    assert answer(at("2026-03-20 09:00")).due_at == at("2026-03-27 23:59:59")
    # A question over the holidays costs the one day whose afternoon it touches and no day off.
    assert answer(at("2026-03-13 09:00"), 3, asked("2026-03-17 10:00", "2026-03-25 08:00")).due_at == at(
        "2026-03-26 23:59:59"
    )
    assert answer(at("2026-03-16 09:00")).reminder_at == at("2026-03-25 08:00")


# ---- pauses ---------------------------------------------------------------------------------------------------------
# Monday 2 November to Friday 13 November 2026 are two weeks without a holiday.


@pytest.mark.parametrize(
    ("from_", "to", "due"),
    [
        ("2026-11-03 10:00", "2026-11-03 10:05", "2026-11-05"),  # five minutes of a morning: nothing
        ("2026-11-03 10:00", "2026-11-03 12:00", "2026-11-05"),  # to noon: nothing
        ("2026-11-03 11:59", "2026-11-03 12:00:01", "2026-11-06"),  # over noon: that day
        ("2026-11-03 15:00", "2026-11-03 15:05", "2026-11-06"),  # five minutes of an afternoon: that day
        ("2026-11-03 10:00", "2026-11-05 09:00", "2026-11-09"),  # Tuesday to Thursday morning: two days
        ("2026-11-03 10:00", "2026-11-05 13:00", "2026-11-10"),  # to Thursday afternoon: three
        ("2026-11-03 10:00", "2026-11-05 00:00", "2026-11-09"),  # to midnight: Thursday is whole
        ("2026-11-05 23:59:59", "2026-11-06 00:00:01", "2026-11-06"),  # two seconds over midnight: the day before it
        ("2026-11-02 10:00", "2026-11-02 18:00", "2026-11-05"),  # the day of sending does not count anyway
        ("2026-11-05 10:00", "2026-11-09 10:00", "2026-11-09"),  # over a weekend: Thursday and Friday
        ("2026-11-05 10:00", None, "2026-11-05"),  # open since a morning: nothing yet
        ("2026-11-05 14:00", None, "2026-11-06"),  # open since an afternoon: its first day
        ("2026-11-06 10:00", "2026-11-09 10:00", "2026-11-05"),  # after it ran out: nothing
    ],
)
def test_a_working_day_counts_when_the_clock_runs_from_noon_to_its_last_moment(
    from_: str, to: str | None, due: str
) -> None:
    assert answer(at("2026-11-02 09:00"), 3, asked(from_, to)).due_at == at(f"{due} 23:59:59")


def test_a_clock_cannot_run_out_while_it_stands_still() -> None:
    clock = answer(at("2026-11-02 09:00"), 3, asked("2026-11-05 14:00"))
    assert clock.due_at == at("2026-11-06 23:59:59")
    for now in ("2026-11-05 14:00", "2026-11-06 23:59:59", "2026-12-24 12:00"):
        assert clock.state(at(now)) is ClockState.PAUSED
        assert working_days_left(clock, at(now), MEDAN) == 1
    assert clock.state(at("2026-11-05 13:59")) is ClockState.RUNNING
    assert answer(at("2026-11-02 09:00"), 3, asked("2026-11-06 10:00")).state(at("2026-11-07 10:00")) is (
        ClockState.BREACHED
    )


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-03 09:59", "2026-11-05"),
        ("2026-11-03 11:00", "2026-11-05"),
        ("2026-11-03 13:00", "2026-11-06"),
        ("2026-11-04 11:00", "2026-11-06"),
        ("2026-11-06 13:00", "2026-11-11"),
        ("2026-11-08 09:00", "2026-11-11"),
    ],
)
def test_while_a_clock_is_paused_its_due_day_is_reckoned_as_if_the_pause_ended_today(now: str, due: str) -> None:
    clock = answer(at("2026-11-02 09:00"), 3, asked("2026-11-03 10:00"))
    assert due_if_resumed(clock, at(now), MEDAN) == at(f"{due} 23:59:59")


@CALM
@given(ways(), GAPS)
def test_what_is_reckoned_of_a_paused_clock_is_its_deadline_when_the_pause_ends_then(
    way: tuple[datetime, int, list[Pause], Periods | None, Calendar], minutes: int
) -> None:
    started, days, pauses, _, calendar = way
    now = started + timedelta(minutes=minutes)
    clock = working_clock(ClockKind.ANSWER, started, days, Office(calendar), pauses=pauses)
    resumed = working_clock(ClockKind.ANSWER, started, days, Office(calendar), pauses=ended(pauses, now))
    expected = resumed.due_at if clock.state(now) is ClockState.PAUSED else clock.due_at
    assert due_if_resumed(clock, now, calendar) == expected


def test_an_office_whose_holders_are_all_disabled_stands_still_from_then_till_the_first_is_enabled() -> None:
    start, off, on = at("2026-11-02 09:00"), at("2026-11-03 10:00"), at("2026-11-04 10:00")
    definitive, acting = Term(date(2024, 1, 1), disabled=[(off, on)]), Term(date(2024, 1, 1), disabled=[(off, None)])
    for held, pauses, due in (
        ([definitive], [(off, on)], "2026-11-06"),
        ([acting], [(off, None)], "2026-11-05"),
        ([definitive, acting], [(off, on)], "2026-11-06"),
        ([definitive, Term(date(2024, 1, 1))], [], "2026-11-05"),
        ([Term(date(2024, 1, 1), disabled=[(None, off)])], [(start, off)], "2026-11-05"),
    ):
        clock = answer(start, held=held)
        assert [(each.from_, each.to) for each in clock.pauses] == pauses
        assert {each.reason for each in clock.pauses} <= {PauseReason.ACCOUNT_DISABLED}
        assert clock.due_at == at(f"{due} 23:59:59")


def test_days_on_which_nobody_held_the_office_do_not_count() -> None:
    start = at("2026-11-02 09:00")
    until_tuesday = Term(date(2024, 1, 1), date(2026, 11, 3))
    again = Term(date(2026, 11, 9))
    # Wednesday, Thursday and Friday nobody; an acting head from Monday.
    clock = answer(start, held=[until_tuesday, again])
    assert clock.due_at == at("2026-11-10 23:59:59")
    assert [(each.reason, each.from_, each.to) for each in clock.pauses] == [
        (PauseReason.NO_HOLDER, at("2026-11-04 00:00"), at("2026-11-09 00:00"))
    ]
    assert clock.state(at("2026-11-05 12:00")) is ClockState.PAUSED
    # Nobody knows who comes: it waits, however long.
    waiting = answer(start, held=[until_tuesday])
    assert waiting.due_at == at("2026-11-05 23:59:59")
    assert waiting.state(at("2027-01-15 12:00")) is ClockState.PAUSED
    assert answer(start, held=[]).state(at("2027-01-15 12:00")) is ClockState.PAUSED
    assert answer(start, held=[Term(date(2024, 1, 1))]).pauses == ()


def test_a_new_head_does_not_inherit_a_deadline_that_ran_out_unheld() -> None:
    start = at("2026-11-02 09:00")
    told = answer(start, held=[]).due_at
    appointed = answer(start, held=[Term(date(2026, 12, 1))], promised=told)
    assert appointed.due_at == at("2026-12-03 23:59:59")


# ---- states and reminders -------------------------------------------------------------------------------------------


def test_the_very_second_of_a_deadline_is_in_time() -> None:
    start, due = at("2026-11-02 09:00"), at("2026-11-05 23:59:59")
    assert answer(start).state(due) is ClockState.RUNNING
    assert answer(start).state(due + timedelta(seconds=1)) is ClockState.BREACHED
    in_time, late = answer(start, stopped_at=due), answer(start, stopped_at=due + timedelta(hours=9))
    for now in (due, due + timedelta(365)):
        assert (in_time.state(now), in_time.ending) == (ClockState.ENDED, ClockEnding.IN_TIME)
        assert (late.state(now), late.ending) == (ClockState.ENDED, ClockEnding.LATE)
    assert working_days_left(in_time, due, MEDAN) is None


def test_days_left_count_today_until_it_is_over() -> None:
    clock = answer(at("2026-11-02 09:00"))
    left = {
        now: working_days_left(clock, at(now), MEDAN)
        for now in (
            "2026-11-02 10:00",
            "2026-11-03 10:00",
            "2026-11-04 00:00",
            "2026-11-05 23:59:59",
            "2026-11-06 00:00",
        )
    }
    assert [*left.values()] == [3, 3, 2, 1, 0]


def test_nobody_answered_in_time_who_did_not_answer() -> None:
    start = at("2026-11-02 09:00")
    for ending in set(ClockEnding) - {ClockEnding.IN_TIME, ClockEnding.LATE}:
        clock = answer(start, stopped_at=at("2026-11-03 10:00"), stopped_by=ending)
        assert (clock.state(at("2026-11-04 09:00")), clock.ending) == (ClockState.ENDED, ending)
        key, facts = explanation(clock, at("2026-11-04 09:00"), MEDAN)
        assert "tepat waktu" not in sentence("id", "clock", key, **facts)
        assert "in time" not in sentence("en", "clock", key, **facts)
    assert answer(start, stopped_by=ClockEnding.WITHDRAWN).ending is None


def test_what_is_recorded_after_the_end_of_a_clock_judges_nobody() -> None:
    start, late = at("2026-11-02 09:00"), at("2026-11-06 09:00")
    told = answer(start).due_at
    ended_before = [Term(date(2024, 1, 1), date(2026, 11, 3))]
    assert answer(start, held=ended_before, promised=told, stopped_at=late).ending is ClockEnding.LATE
    # Withdrawn while nobody held the office: no day after that is a pause.
    withdrawn = answer(start, held=ended_before, stopped_at=late, stopped_by=ClockEnding.WITHDRAWN)
    assert [(each.from_, each.to) for each in withdrawn.pauses] == [(at("2026-11-04 00:00"), late)]


def test_an_appointment_counts_from_its_day_or_from_when_it_was_recorded_later() -> None:
    start, before = at("2026-11-02 09:00"), Term(date(2024, 1, 1), date(2026, 11, 3))
    recorded = {
        "2026-10-30 09:00": ("2026-11-04 00:00", "2026-11-05"),
        "2026-11-04 11:00": ("2026-11-04 11:00", "2026-11-05"),
        "2026-11-04 13:00": ("2026-11-04 13:00", "2026-11-06"),
        "2026-11-12 09:00": ("2026-11-12 09:00", "2026-11-13"),
    }
    for when, (held_from, due) in recorded.items():
        clock = answer(start, held=[before, Term(date(2026, 11, 4), None, at(when))])
        assert clock.due_at == at(f"{due} 23:59:59")
        assert [each.to for each in clock.pauses] == ([at(held_from)] if held_from > "2026-11-04 00:00" else [])
    over = answer(start, held=[before, Term(date(2026, 11, 4), date(2026, 11, 6), at("2026-11-12 09:00"))])
    assert [(each.from_, each.to) for each in over.pauses] == [(at("2026-11-04 00:00"), None)]


def test_a_reminder_comes_in_the_morning_of_the_working_day_before_and_only_while_it_runs() -> None:
    start = at("2026-11-02 09:00")
    clock = answer(start)
    assert clock.reminder_at == at("2026-11-04 08:00")
    assert clock.next_reminder_at(at("2026-11-03 09:00")) == clock.reminder_at
    assert clock.next_reminder_at(at("2026-11-05 00:00")) is None
    assert answer(start, stopped_at=start).next_reminder_at(start) is None
    # A pause moves it with the deadline, also to a day on which the clock stood still.
    paused = answer(start, 3, asked("2026-11-05 07:00", "2026-11-05 13:00"))
    assert (paused.due_at, paused.reminder_at) == (at("2026-11-06 23:59:59"), at("2026-11-05 08:00"))
    assert paused.next_reminder_at(at("2026-11-05 07:30")) is None
    # Never before the clock started.
    assert answer(at("2026-11-07 09:00"), 1).reminder_at is None
    assert answer(at("2026-11-02 09:00"), 1).reminder_at is None
    assert answer(at("2026-11-02 07:59"), 1).reminder_at == at("2026-11-02 08:00")


def test_a_clock_of_a_given_day_runs_to_the_end_of_that_day() -> None:
    # 15 November 2026 is a Sunday.
    clock = day_clock(ClockKind.TASK, at("2026-11-02 09:00"), date(2026, 11, 15), MEDAN)
    assert (clock.due_at, clock.reminder_at) == (at("2026-11-15 23:59:59"), at("2026-11-13 08:00"))
    assert working_days_left(clock, at("2026-11-12 12:00"), MEDAN) == 2
    assert clock.state(at("2026-11-16 00:00")) is ClockState.BREACHED


@CALM
@given(MOMENTS, st.integers(0, 90))
def test_a_given_day_is_as_many_working_days_as_reach_it(sent: datetime, days: int) -> None:
    due_on = local_day(sent, MEDAN) + timedelta(days)
    count = working_days_until(sent, due_on, MEDAN)
    assert count >= 1
    reached = add_working_days(local_day(sent, MEDAN), count, MEDAN)
    assert reached >= due_on
    if count > 1:
        assert add_working_days(local_day(sent, MEDAN), count - 1, MEDAN) < due_on


def test_years_whose_collective_leave_is_not_decreed_are_said_unconfirmed() -> None:
    assert answer(at("2026-03-16 09:00")).unconfirmed_years == ()
    assert answer(at("2028-12-29 09:00")).unconfirmed_years == (2028, 2029)


# ---- told and stored ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clock_explains_itself_in_a_sentence(language: Language) -> None:
    start = at("2026-11-02 09:00")
    clocks = [
        (answer(start), "2026-11-03 09:00"),
        (answer(start, 3, asked("2026-11-03 10:00", "2026-11-03 11:00")), "2026-11-04 09:00"),
        (answer(start, 3, asked("2026-11-03 10:00")), "2026-11-04 09:00"),
        *((answer(start, stopped_at=start, stopped_by=each), "2026-11-04 09:00") for each in (None, *ClockEnding)),
        (answer(start), "2026-12-04 09:00"),
        (answer(start, stopped_at=at("2026-11-30 09:00")), "2026-12-04 09:00"),
        (answer(at("2028-12-29 09:00")), "2028-12-30 09:00"),
        (day_clock(ClockKind.TASK, start, date(2026, 11, 13), MEDAN), "2026-11-04 09:00"),
    ]
    for clock, now in clocks:
        key, facts = explanation(clock, at(now), MEDAN)
        told = sentence(language, "clock", key, **facts)
        assert not set("[]{}") & set(told)
        assert "None" not in told


def test_an_explanation_says_what_was_not_counted_and_why() -> None:
    clock = answer(at("2026-11-02 09:00"), 3, asked("2026-11-03 10:00", "2026-11-03 13:00"))
    key, facts = explanation(clock, at("2026-11-04 09:00"), MEDAN)
    assert sentence("id", "clock", key, **facts) == (
        "Waktu: 3 hari kerja, dihitung sejak hari sesudah 2 November 2026. Batas waktu 6 November 2026, 23.59 WIB; "
        "sisa hari kerja: 3. Tidak dihitung, hari ketika: ada pertanyaan yang belum dijawab."
    )


def test_a_pause_that_costs_no_day_is_not_said_to_cost_one() -> None:
    clock = answer(at("2026-11-02 09:00"), 3, asked("2026-11-03 10:00", "2026-11-03 11:00"))
    assert len(clock.pauses) == 1
    assert explanation(clock, at("2026-11-04 09:00"), MEDAN)[1]["pauses"] is None


def test_pauses_are_stored_and_read_back() -> None:
    pauses = [
        Pause(PauseReason.QUESTION, at("2026-11-03 10:00"), at("2026-11-04 11:00"), uid(7)),
        Pause(PauseReason.RULING, at("2026-11-05 10:00")),
    ]
    assert pauses_of(as_stored(pauses)) == pauses
    closed = ended(pauses, at("2026-11-06 10:00"), PauseReason.QUESTION)
    assert closed == pauses
    assert ended(pauses, at("2026-11-06 10:00"))[1].to == at("2026-11-06 10:00")
