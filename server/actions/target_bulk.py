"""Verbs on many targets and readings at once. What each row is checked by is in target.py and measurement.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast
from uuid import UUID

from server.actions.bulk import BulkDone, Row, each_row, foresee_named, in_steps, in_turn, key_of
from server.actions.gathering import OWN, SHARE, Gathering
from server.actions.measurement import new_measurement, record_measurement, supersede_measurement
from server.actions.target import create_target, programme_by, set_milestones, update_target
from server.events.log import Recorded
from server.ids import decode
from server.models import Account, Measurement, Programme, Target, TargetOwner, WorkPlan
from server.rules import bounds
from server.rules import measurement as measurement_rules
from server.rules import target_content as rules
from server.rules.account import AccountInFull
from server.rules.bulk import FIELD, MOST, BulkMode
from server.rules.fact import FACTS
from server.rules.measurement import MeasurementFacts
from server.rules.refusal import Code, Refused
from server.rules.target import TargetInFull, milestones
from server.rules.target_content import TargetPatch
from server.rules.work_plan import WorkPlanFacts

# What `updateTarget` does not take: by what a row finds its target, and what is only said of a new one.
NAMED = ("target_id", "external_id")  # by which a row finds its reading
ELSEWHERE = frozenset({"work_plan_id", "external_id", "milestones", "reason"})


async def upsert_targets(tx: Gathering, rows: Sequence[Row], mode: BulkMode) -> BulkDone:
    """By `external_id`: what is not there is made, what is there changed; what a row does not name stays.

    Of an approved plan's target the promise changes by an amendment alone, so a row that would change it is refused.
    """
    bounds.at_least_one(rows, MOST, FIELD)
    await _look(tx, rows)
    different = []
    async for _, row in in_turn(rows):
        with suppress(Refused):  # told when it is the row's turn
            target = await _known(tx, row)
            different += [target.id] if target is not None and await _steps(tx, target, row) else []
    await _take(tx, different)
    await tx.take(WorkPlan, [row["work_plan_id"] for row in rows], SHARE)

    async def upsert(row: Row) -> tuple[UUID, Recorded | None]:
        target = await _known(tx, row)
        if target is not None:
            return target.id, await in_steps(*await _steps(tx, target, row))
        event = await create_target(tx, **{name: value for name, value in row.items() if value is not None})
        return event.subject_id, event

    return await each_row(tx, rows, mode, [key_of(row, row["work_plan_id"]) for row in rows], upsert)


async def record_measurements(tx: Gathering, rows: Sequence[Row], mode: BulkMode) -> BulkDone:
    bounds.at_least_one(rows, MOST, FIELD)
    await _take(tx, [row["target_id"] for row in rows])
    await tx.foresee(Measurement, NAMED, _named(rows), anew=True)
    return await each_row(tx, rows, mode, [key_of(row, row["target_id"]) for row in rows], partial(_record, tx))


async def upsert_measurements(tx: Gathering, rows: Sequence[Row], mode: BulkMode) -> BulkDone:
    """By `external_id`: what is not there is recorded; what says something else is superseded, as a wrong one is.

    So a sum counts each reading once, however often it is sent.
    """
    bounds.at_least_one(rows, MOST, FIELD)
    await tx.take(Target, [row["target_id"] for row in rows])
    await tx.foresee(Measurement, NAMED, _named(rows))
    different, wrong = [], []
    async for _, row in in_turn(rows):
        with suppress(Refused):  # told when it is the row's turn
            reading = await _reading(tx, row)
            if reading is None or not _says(reading, row):
                different.append(row["target_id"])
                wrong += [] if reading is None else [reading.id]
    await _take(tx, different)
    locked = {*different}
    await tx.foresee(Measurement, NAMED, _named([row for row in rows if row["target_id"] in locked]), anew=True)
    await tx.take(Measurement, wrong)
    await tx.stand_beside(Measurement, FACTS[MeasurementFacts].beside, wrong)

    async def upsert(row: Row) -> tuple[UUID, Recorded | None]:
        reading = await _reading(tx, row)
        if reading is None:
            return await _record(tx, row)
        if _says(reading, row):
            return reading.id, None
        event = await supersede_measurement(tx, reading.id, **_said(reading, row))
        return decode(event.facts["measurementId"])[1], event

    return await each_row(tx, rows, mode, [key_of(row, row["target_id"]) for row in rows], upsert)


# ---- how ------------------------------------------------------------------------------------------------------------


async def _record(tx: Gathering, row: Row) -> tuple[UUID, Recorded]:
    event = await record_measurement(tx, **row)
    return decode(event.facts["measurementId"])[1], event


def _named(rows: Sequence[Row]) -> list[tuple[UUID, str]]:
    return [(row["target_id"], name.strip()) for row in rows if (name := row.get("external_id")) is not None]


async def _reading(tx: Gathering, row: Row) -> Measurement | None:
    """The reading that the row means and that counts. Refuses NOT_FOUND where its target may not be seen."""
    target = await tx.get(Target, row["target_id"], "targetId")
    external_id = bounds.text(row["external_id"], bounds.EXTERNAL_ID, "externalId")
    return await tx.find(Measurement, target_id=target.id, external_id=external_id, superseded_by_id=None)


def _said(reading: Measurement, row: Row) -> dict[str, Any]:
    """What the row says of a reading that is there; what it does not name stays as it is."""
    kept = {"note": reading.note, "evidence": reading.evidence}
    return {**kept, **{name: value for name, value in row.items() if name not in ("target_id", "external_id")}}


def _says(reading: Measurement, row: Row) -> bool:
    return measurement_rules.says(vars(reading), new_measurement(**_said(reading, row)))


async def _known(tx: Gathering, row: Row) -> Target | None:
    """The target that the row means, if the viewer sees it: of the plan's organisation, or of who was given it.

    Refuses WRONG_PLAN where it stands in another one.
    """
    plan = await tx.get(WorkPlan, row["work_plan_id"], "workPlanId")
    external_id = bounds.text(row["external_id"], bounds.EXTERNAL_ID, "externalId")
    target = await tx.find(Target, owner_id=plan.organisation_id, external_id=external_id)
    if target is None:
        target = await tx.find(Target, work_plan_id=plan.id, external_id=external_id)
    if target is None or not tx.sees(target):
        return None
    if target.work_plan_id != plan.id:
        raise Refused(Code.WRONG_PLAN, "workPlanId")
    return target


async def _steps(tx: Gathering, target: Target, row: Row) -> list[Callable[[], Awaitable[Recorded]]]:
    """What is to be done so that the target is as the row says; nothing where it is, whatever may be done with it."""
    steps: list[Callable[[], Awaitable[Recorded]]] = []
    patch = {name: value for name, value in row.items() if name not in ELSEWHERE}
    said = {name: value for name, value in patch.items() if name != "programme"}
    if "programme" in patch:
        said["programme_id"] = await programme_by(tx, patch["programme"])
    if not rules.says(vars(target), cast(TargetPatch, said)):
        steps.append(partial(update_target, tx, target.id, **patch))
    points = row.get("milestones")
    if points is not None and _days(points) != milestones(cast(Any, target.milestones)):
        steps.append(partial(set_milestones, tx, target.id, points))
    return steps


def _days(points: Sequence[Row]) -> tuple[tuple[Any, Any], ...]:
    return tuple((each["due_on"], each["value"]) for each in points)


async def _look(tx: Gathering, rows: Sequence[Row]) -> None:
    """Read what the rows name."""
    plan_ids = [*dict.fromkeys(row["work_plan_id"] for row in rows)]
    await tx.take(WorkPlan, plan_ids)
    in_plans, owned = [], []
    for row in rows:
        with suppress(Refused):
            plan = await tx.get(WorkPlan, row["work_plan_id"])
            in_plans.append((plan.id, row["external_id"].strip()))
            owned.append((plan.organisation_id, row["external_id"].strip()))
    await tx.foresee(Target, ("work_plan_id", "external_id"), in_plans)
    await tx.foresee(Target, ("owner_id", "external_id"), owned)
    await foresee_named(tx, Programme, [row.get("programme") for row in rows])
    people = {id for row in rows if (id := row.get("responsible_id")) is not None}
    await tx.take(Account, people)
    await tx.stand_beside(Account, FACTS[AccountInFull].beside, [*people])
    await tx.stand_beside(WorkPlan, FACTS[WorkPlanFacts].beside, plan_ids)


async def _take(tx: Gathering, ids: Iterable[UUID]) -> None:
    """Lock these targets, and have in hand what follows from their readings."""
    wanted = [*dict.fromkeys(ids)]
    await tx.take_turns(Target, wanted)
    await tx.take(Target, wanted, OWN)
    plans = []
    for id in wanted:
        with suppress(Refused):
            plans.append((await tx.lock(Target, id)).work_plan_id)
    await tx.take(WorkPlan, plans, SHARE)
    await tx.foresee(Measurement, ("target_id",), [(id,) for id in wanted], anew=True)
    await tx.foresee(TargetOwner, ("target_id",), [(id,) for id in wanted])
    await tx.stand_beside(Target, FACTS[TargetInFull].beside, wanted)
