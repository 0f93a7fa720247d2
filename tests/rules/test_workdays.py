"""Working days: weekends, national holidays, collective leave, the city's own days; and what follows from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.workdays import (
    Calendar,
    add_working_days,
    deadline,
    is_confirmed,
    is_working_day,
    local_day,
    quarter_end,
    quarter_of,
    report_due,
    start_of_day,
)

MEDAN = Calendar.of("Asia/Jakarta")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
COUNTS = st.integers(0, 60)


def test_the_weeks_around_lebaran_2026_are_pinned() -> None:
    """Nyepi 19 March, Idul Fitri 21 and 22 March; collective leave 18, 20, 23 and 24 March (SKB 3 Menteri)."""
    worked = [day for n in range(14) if is_working_day(day := date(2026, 3, 16) + timedelta(n), MEDAN)]
    assert worked == [date(2026, 3, day) for day in (16, 17, 25, 26, 27)]
    assert add_working_days(date(2026, 3, 17), 1, MEDAN) == date(2026, 3, 25)


def test_a_deadline_is_the_end_of_the_third_working_day_in_the_city() -> None:
    # Monday 16 March 23:30 in Medan; the day of sending does not count.
    sent_at = datetime(2026, 3, 16, 16, 30, tzinfo=UTC)
    due = deadline(sent_at, 3, MEDAN)
    assert due.isoformat() == "2026-03-26T23:59:59+07:00"
    # Half an hour later it is Tuesday there.
    assert deadline(sent_at + timedelta(hours=1), 3, MEDAN).date() == date(2026, 3, 27)


def test_the_citys_own_days_win_over_the_calendar() -> None:
    own = Calendar.of(
        "Asia/Jakarta",
        [
            {"date": "2026-07-01", "name": "Hari jadi Kota Medan", "isWorkday": False},
            {"date": "2026-03-24", "name": "Piket", "isWorkday": True},
        ],
    )
    assert not is_working_day(date(2026, 7, 1), own)
    assert is_working_day(date(2026, 7, 1), MEDAN)
    assert is_working_day(date(2026, 3, 24), own)


def test_years_without_a_decree_are_unconfirmed() -> None:
    assert is_confirmed(2026, MEDAN)
    assert not is_confirmed(2029, MEDAN)
    own_day = [{"date": "2029-12-26", "name": "", "isWorkday": False}]
    assert not is_confirmed(2029, Calendar.of("Asia/Jakarta", own_day))
    assert is_confirmed(2029, Calendar.of("Asia/Jakarta", complete_years=[2029]))


def test_a_quarters_report_is_due_ten_working_days_after_it() -> None:
    # 3 April is Good Friday.
    assert report_due(date(2026, 3, 31), 10, MEDAN) == date(2026, 4, 15)
    assert report_due(date(2026, 12, 31), 10, MEDAN) > date(2027, 1, 14)  # New Year and Isra' Mi'raj lie between


def test_the_citys_day_begins_at_its_own_midnight() -> None:
    assert local_day(datetime(2026, 12, 31, 17, 0, tzinfo=UTC), MEDAN) == date(2027, 1, 1)
    assert start_of_day(date(2027, 1, 1), MEDAN) == datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_a_quarter_ends_with_its_last_day(quarter: int) -> None:
    last = quarter_end(2026, quarter)
    assert quarter_of(last) == quarter
    assert quarter_of(last + timedelta(1)) == quarter % 4 + 1


def test_there_are_no_fewer_than_no_days() -> None:
    with pytest.raises(ValueError):
        add_working_days(date(2026, 1, 1), -1, MEDAN)


@given(DAYS, COUNTS, COUNTS)
def test_waiting_twice_is_waiting_for_the_sum(day: date, one: int, other: int) -> None:
    assert add_working_days(add_working_days(day, one, MEDAN), other, MEDAN) == add_working_days(
        day, one + other, MEDAN
    )


@given(DAYS, st.integers(1, 60))
def test_the_day_reached_is_worked_and_exactly_so_many_lie_between(day: date, count: int) -> None:
    reached = add_working_days(day, count, MEDAN)
    assert is_working_day(reached, MEDAN)
    between = (day + timedelta(n) for n in range(1, (reached - day).days + 1))
    assert sum(is_working_day(each, MEDAN) for each in between) == count


@given(DAYS, DAYS, COUNTS)
def test_who_is_asked_later_answers_no_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert add_working_days(first, count, MEDAN) <= add_working_days(second, count, MEDAN)
