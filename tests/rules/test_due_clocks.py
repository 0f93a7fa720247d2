"""The clocks of work that has a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from server.rules.due_clocks import ReadingClockFacts, reading_clock
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import end_of_day, start_of_day
from tests.rules.known import CITY


def test_a_readings_clock_starts_when_its_report_is_asked_for() -> None:
    def started_and_due(counts_from: date, due_on: date, untold: list[str | None], report_due_on: date) -> Any:
        facts = ReadingClockFacts(
            due_on=due_on, counts_from=counts_from, report_due_on=report_due_on, untold_due_on=untold,
            told_from=None, realised_from=None, archived_at=None, plan_status=WorkPlanStatus.APPROVED,
        )  # fmt: skip
        clock = reading_clock(facts, CITY.calendar)
        assert clock is not None
        return clock.started_at, clock.due_at

    # With its quarter's end; of a quarter that was over when the target began to count, with that.
    ordinary = started_and_due(
        date(2026, 1, 5), date(2026, 12, 31), ["2026-04-15", None, None, None], date(2026, 4, 15)
    )
    assert ordinary == (start_of_day(date(2026, 4, 1), CITY.calendar), end_of_day(date(2026, 4, 15), CITY.calendar))
    late = started_and_due(date(2026, 12, 21), date(2026, 9, 30), [None, None, "2027-01-07", None], date(2027, 1, 7))
    assert late == (start_of_day(date(2026, 12, 21), CITY.calendar), end_of_day(date(2027, 1, 7), CITY.calendar))
