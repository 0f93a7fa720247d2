"""Targets counted anew from their promises and readings: for `kolaborasi check`, and after an upgrade of the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator

from server.actions.city import CityClock
from server.actions.figures import values_of
from server.actions.rows import read, shape
from server.actions.transaction import transaction
from server.database import Connection, Pool
from server.models import Measurement, Target, WorkPlan
from server.rules.achievement import DerivedTarget, state_of
from server.rules.city import CityFacts
from server.rules.report import promised_from
from server.rules.trajectory import Reading
from server.rules.work_plan import WorkPlanStatus

# A target that an older version of the program has counted: this one keeps a day or null for each quarter.
OLD = "untold_due_on = '[]'"


async def counted_anew(
    connection: Connection, city: CityFacts, suffix: str = "ORDER BY id"
) -> AsyncIterator[tuple[Target, DerivedTarget]]:
    """Targets, and what should be kept of them. `suffix`: which, and in what order."""
    targets = [read(Target, record) for record in await connection.fetch(f"{shape(Target).select} {suffix}")]
    if not targets:
        return
    plans = {record["id"]: read(WorkPlan, record) for record in await connection.fetch(shape(WorkPlan).select)}
    readings: dict[object, list[Reading]] = {target.id: [] for target in targets}
    counted = "WHERE superseded_by_id IS NULL AND target_id = ANY($1) ORDER BY measured_on, id"
    for record in await connection.fetch(f"{shape(Measurement).select} {counted}", [*readings]):
        row = read(Measurement, record)
        readings[row.target_id].append(Reading(row.measured_on, row.value))
    for target in targets:
        plan, read_ = plans[target.work_plan_id], readings[target.id]
        values = values_of(target, plan, city)
        # The sweep moves the days of those alone whose reports are asked for; and what was promised before a day off
        # was taken back stays.
        is_still = target.archived_at is not None or target.is_proposed or plan.status is not WorkPlanStatus.APPROVED
        state = state_of(values, read_, city, target.untold_due_on, is_still=is_still)
        due_on, promised = state["report_due_on"], target.report_due_on
        if not target.untold_due_on and due_on is not None and promised is not None and due_on < promised:
            state = state_of(values, read_, city, promised_from(state["untold_due_on"], due_on, promised))
        yield target, state


async def recount_old(pool: Pool) -> int:
    """Write what the rules of this version give for what an older one has counted; returns for how many targets.

    All or none: it is done again at the next start. No event: nothing happened but to the figures.
    """
    clock = CityClock()
    await clock.load(pool)
    count = 0
    async with transaction(pool, None, clock.moment(), None) as tx:
        async for target, derived in counted_anew(tx.connection, tx.city, f"WHERE {OLD} ORDER BY id FOR UPDATE"):
            columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(derived, 2))
            await tx.keep(f"UPDATE target SET {columns} WHERE id = $1", target.id, *derived.values())
            count += 1
        if count:  # what ran out by these figures is still to be told, however long ago
            await tx.keep("DELETE FROM swept_until")
    return count
