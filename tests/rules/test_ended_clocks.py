"""The clocks that a request had, as its log tells them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.rules.clock import ClockEnding
from server.rules.collaboration_ended_clocks import ended_clocks
from server.rules.event import EventType
from server.rules.workdays import Calendar
from tests.rules.known import NOW

MEDAN = Calendar.of("Asia/Jakarta")

DUE = NOW + timedelta(days=40)  # long after the usual days: somebody was missing meanwhile


def change(before: Any, after: Any) -> list[Any]:
    return [each.isoformat() if isinstance(each, datetime) else each for each in (before, after)]


@pytest.mark.parametrize(
    ("since", "until", "begun", "done", "statuses"),
    [
        ("counter_made_at", "counter_due_at", "COUNTERED", "COUNTER_ACCEPTED", ("OPEN", "COUNTERED", "ACCEPTED")),
        ("delivered_at", "confirm_due_at", "DELIVERED", "DISPUTED", ("ACCEPTED", "DELIVERED", "DISPUTED")),
        ("disputed_at", "dispute_due_at", "DISPUTED", "DELIVERY_RESUMED", ("DELIVERED", "DISPUTED", "ACCEPTED")),
    ],
)
@pytest.mark.parametrize(("late", "ending"), [(-1, ClockEnding.IN_TIME), (1, ClockEnding.LATE)])
def test_what_was_done_is_judged_by_the_deadline_as_it_was_told_last_though_the_act_clears_it(
    since: str, until: str, begun: str, done: str, statuses: tuple[str, str, str], late: int, ending: ClockEnding
) -> None:
    first, waiting, last = statuses
    at = DUE + timedelta(days=late)
    log = [
        (f"REQUEST_{begun}", NOW.isoformat(), {"status": change(first, waiting), since: change(None, NOW),
                                               until: change(None, NOW + timedelta(days=5))}),
        ("REQUEST_CLOCK_MOVED", (NOW + timedelta(days=9)).isoformat(), {until: change(NOW + timedelta(days=5), DUE)}),
        (f"REQUEST_{done}", at.isoformat(), {"status": change(waiting, last), until: change(DUE, None)}),
    ]  # fmt: skip
    assert all(type_ in EventType.__members__ for type_, _, _ in log)
    (clock,) = [each for each in ended_clocks(log, MEDAN) if each.stopped_at == at]
    assert (clock.due_at, clock.ending) == (DUE, ending)


def test_what_a_successor_took_over_has_two_clocks_one_for_each() -> None:
    taken_at, done_at, due = NOW + timedelta(days=3), NOW + timedelta(days=6), NOW + timedelta(days=14)
    log = [
        ("REQUEST_COUNTERED", NOW.isoformat(), {"status": change("OPEN", "COUNTERED"),
            "counter_made_at": change(None, NOW), "counter_due_at": change(None, due)}),
        ("REQUEST_PASSED_ON", taken_at.isoformat(), {"clock_restarted_at": change(None, taken_at),
            "counter_due_at": change(due, DUE)}),
        ("REQUEST_COUNTER_ACCEPTED", done_at.isoformat(), {"status": change("COUNTERED", "ACCEPTED"),
            "counter_due_at": change(DUE, None)}),
    ]  # fmt: skip
    found = [(each.started_at, each.due_at, each.stopped_at, each.ending) for each in ended_clocks(log, MEDAN)]
    assert found == [
        (NOW, due, taken_at, ClockEnding.ORGANISATION_ENDED),
        (taken_at, DUE, done_at, ClockEnding.IN_TIME),
    ]
