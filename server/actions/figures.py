"""What is kept of a target's readings, and which reports it owes: computed in every verb that changes either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, cast
from uuid import UUID

from server.actions.transaction import Transaction
from server.models import Measurement, Target, WorkPlan
from server.rules.achievement import must_be_countable, must_become_sum, state_by
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.report import KeptReports
from server.rules.tally import Tally
from server.rules.target import RollUp, milestones
from server.rules.trajectory import Reading, TargetValues
from server.rules.workdays import local_day


def values_of(target: Target, plan: WorkPlan, city: CityFacts) -> TargetValues:
    """The target's promise, as its achievement is computed from."""
    return TargetValues(
        year=plan.year,
        direction=target.direction,
        roll_up=target.roll_up,
        formula=target.formula,
        target_value=target.target_value,
        due_on=target.due_on,
        target_value_to=target.target_value_to,
        baseline=target.baseline,
        milestones=milestones(cast(Any, target.milestones)),
        counts_from=target.counts_from,
        closed_on=None if plan.closed_at is None else local_day(plan.closed_at, city.calendar),
    )


def kept_reports(target: Target) -> KeptReports:
    """What its row holds of its reports."""
    return KeptReports(**{each.name: getattr(target, each.name) for each in fields(KeptReports)})


async def with_derived(
    tx: Transaction,
    target: Target,
    plan: WorkPlan,
    change: Mapping[str, Any],
    tally: Tally | None = None,
    path: tuple[str, ...] = ("value",),
) -> dict[str, Any]:
    """The change and what follows from it for the kept columns. `tally`: of the readings that count, where they are
    what changes; `path`: the input by which they could come to too much."""
    values = values_of(target, plan, tx.city)
    kept = {name: value for name, value in change.items() if name in TargetValues.__slots__}
    if "milestones" in kept:
        kept["milestones"] = milestones(kept["milestones"])
    values = replace(values, **kept)
    if tally is None:
        told = readings_of(await counted(tx, target))
        if values.roll_up is not target.roll_up and values.roll_up is RollUp.SUM:
            must_become_sum(told, *path)
        tally = Tally(values.roll_up, values.due_on, told)
    must_be_countable(tally, *path)
    return {**change, **state_by(values, tally, tx.city, target.untold_due_on)}


async def tally_of(tx: Transaction, target: Target) -> Tally:
    """Of the readings that count. A verb on many rows has one for all of them: whoever adds to it says so by `tx.undo`
    in case that the row is refused."""

    async def made() -> Tally:
        tally = Tally(target.roll_up, target.due_on)
        for each in await counted(tx, target):
            tally.add(reading_of(each), each.id)
        return tally

    return await tx.once(("tally", target.id, target.roll_up, target.due_on), made)


async def count_plan(tx: Transaction, plan: WorkPlan, **change: object) -> None:
    """What follows for a plan's targets from its approval, closing or reopening: which reports they owe from now on.

    `change`: what else changes of them. What is only proposed does not count.
    """
    targets = await tx.select(Target, ("id",), None, True, work_plan_id=plan.id, is_proposed=False)
    readings: dict[UUID, list[Measurement]] = {target.id: [] for target in targets}
    for each in await tx.select(Measurement, ("measured_on", "id"), target_id=[*readings], superseded_by_id=None):
        readings[each.target_id].append(each)
    for target in targets:
        tally = Tally(target.roll_up, target.due_on, readings_of(readings[target.id]))
        derived = await with_derived(tx, target, plan, change, tally)
        if any(getattr(target, name) != value for name, value in derived.items()):
            told = {} if derived["report_due_on"] is None else {"dueOn": derived["report_due_on"]}
            await tx.change(target, derived, EventType.TARGET_REPORTS_CHANGED, **told)


def readings_of(rows: Sequence[Measurement]) -> list[Reading]:
    """As the rules know them."""
    return [reading_of(each) for each in rows]


def reading_of(row: Measurement) -> Reading:
    """The same of one."""
    return Reading(row.measured_on, row.value)


async def counted(tx: Transaction, target: Target) -> list[Measurement]:
    """The readings that count, by date."""
    return await tx.select(Measurement, ("measured_on", "id"), target_id=target.id, superseded_by_id=None)
