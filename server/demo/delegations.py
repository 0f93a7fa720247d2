"""The mayor's delegations of decisions to the secretary: two that are over, and one that is in force."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from server.demo.scene import Scene
from server.demo.task_life import A_MOMENT
from server.ids import encode
from server.models import Account, Delegation
from server.rules import delegation as rules
from server.rules.delegation import DelegationFacts
from server.rules.event import EventType
from server.rules.sweep import TERM
from server.rules.viewer import Viewer
from server.rules.workdays import ONE_DAY, end_of_day

# Of each its first day and its last, in working days from today; after how many of them the mayor was back early.
PERIODS: tuple[tuple[int, int, int | None], ...] = ((-130, -116, 6), (-33, -26, None), (-4, 8, None))


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when, both days included; `back_on`: the day on which the mayor was back, and ended it."""

    first: date
    last: date
    back_on: date | None


def delegate_decisions(scene: Scene) -> None:
    """Makes them, with what ended them: the mayor, or the clock."""
    mayor, deputy = scene.staff.mayor.viewer, scene.staff.secretary
    others: list[DelegationFacts] = []
    for period in _periods(scene):
        at = scene.hours.on(scene.hours.working_day(period.first, -1))
        today = scene.hours.day_of(at)
        number = f"100.3.3.3/{scene.draw.randint(100, 999)}/{period.first.year}"
        columns = rules.delegate_decisions(mayor, deputy.facts, period.first, period.last, number, others, today)
        told: dict[str, Any] = {"account": deputy.name, "validOn": period.first, "untilOn": period.last}
        row = scene.ledger.create(Delegation, EventType.DECISIONS_DELEGATED, mayor, at, columns, told)
        facts = DelegationFacts(account_id=deputy.id, valid_from=period.first, valid_to=period.last)
        told = {"account": deputy.name, "accountId": encode(Account.prefix, deputy.id)}
        if period.back_on is not None:
            at, ends_on = scene.hours.on(period.back_on), period.back_on - ONE_DAY
            change = rules.end_delegation(mayor, facts, ends_on, period.back_on)
            told["on"] = ends_on
            scene.ledger.change(Delegation, row, EventType.DELEGATION_ENDED, mayor, at, change, told)
            facts = replace(facts, valid_to=ends_on)
        elif period.last < scene.today:
            due_at = end_of_day(period.last, scene.city.calendar)
            told |= {"on": period.last, "dueOn": period.last}
            event, at = EventType.DELEGATION_LAPSED, due_at + A_MOMENT
            scene.ledger.change(Delegation, row, event, None, at, {}, told, deadline=(TERM, due_at))
        others.append(facts)


def delegate(scene: Scene, day: date) -> Viewer:
    """The secretary as the one who may decide on that day."""
    periods = _periods(scene)
    assert any(period.first <= day <= period.last and period.back_on is None for period in periods), day
    return replace(scene.staff.secretary.viewer, is_delegate=True)


def _periods(scene: Scene) -> Iterator[Period]:
    hours, today = scene.hours, scene.today
    for first, last, days in PERIODS:
        back_on = None if days is None else hours.working_day(today, first + days)
        yield Period(hours.working_day(today, first), hours.working_day(today, last), back_on)
