"""Verbs on readings. A reading changes its target: what is kept there is computed anew in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from server.actions.facts import get_with
from server.actions.figures import reading_of, tally_of, with_derived
from server.actions.target import take
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Measurement, Target, TargetOwner, WorkPlan
from server.rules import measurement as rules
from server.rules.event import EventType
from server.rules.measurement import MeasurementFacts, NewMeasurement
from server.rules.tally import Tally


async def record_measurement(
    tx: Transaction,
    target_id: UUID,
    value: Decimal,
    measured_on: date,
    note: str | None = None,
    evidence: Sequence[Mapping[str, Any]] | None = None,
    external_id: str | None = None,
    if_version: int | None = None,
) -> Recorded:
    target, plan, facts = await take(tx, target_id, if_version)
    new = new_measurement(value, measured_on, note, evidence, external_id)
    columns = rules.record_measurement(tx.viewer, facts, new, tx.today, await _is_taken(tx, target.id, external_id))
    tally = await tally_of(tx, target)
    reading = await _reading(tx, target, tally, dict(columns))
    _add(tx, tally, reading)
    return await tx.change(
        target,
        await with_derived(tx, target, plan, {}, tally),
        EventType.TARGET_MEASURED,
        parts=[reading],
        **_told(target, reading),
    )


async def supersede_measurement(
    tx: Transaction,
    measurement_id: UUID,
    value: Decimal,
    measured_on: date,
    note: str | None = None,
    evidence: Sequence[Mapping[str, Any]] | None = None,
    if_version: int | None = None,
) -> Recorded:
    """The wrong reading stays on record and points to the one that takes its place. `if_version`: the target's."""
    wrong = await tx.get(Measurement, measurement_id, "measurementId")
    await tx.turn_in_plan(Target, wrong.target_id)
    target = await tx.lock(Target, wrong.target_id, "measurementId", if_version=if_version)
    plan = await tx.hold(WorkPlan, target.work_plan_id, "measurementId")
    wrong, facts = await get_with(tx, Measurement, MeasurementFacts, measurement_id, "measurementId")
    new = new_measurement(value, measured_on, note, evidence)
    columns = rules.supersede_measurement(tx.viewer, facts, new, tx.today)
    tally = await tally_of(tx, target)
    reading = await _reading(tx, target, tally, dict(columns))
    reading.supersedes_id = wrong.id
    tally.remove(reading_of(wrong), wrong.id)
    tx.undo(partial(tally.add, reading_of(wrong), wrong.id))
    _add(tx, tally, reading)
    return await tx.change(
        target,
        await with_derived(tx, target, plan, {}, tally),
        EventType.TARGET_MEASUREMENT_SUPERSEDED,
        parts=[reading],
        edited=[(wrong, {"superseded_by_id": reading.id})],
        **_told(target, reading),
        supersededId=encode("meas", wrong.id),
    )


def new_measurement(
    value: Decimal,
    measured_on: date,
    note: str | None,
    evidence: Sequence[Mapping[str, Any]] | None,
    external_id: str | None = None,
) -> NewMeasurement:
    links = [(each["url"], each.get("title")) for each in evidence or ()]
    return NewMeasurement(value=value, measured_on=measured_on, note=note, evidence=links, external_id=external_id)


async def _is_taken(tx: Transaction, target_id: UUID, external_id: str | None) -> bool:
    """Whether a reading of this target bears that id of another system; what took its place bears it as well."""
    if external_id is None:
        return False
    return await tx.find(Measurement, target_id=target_id, external_id=external_id.strip()) is not None


async def _reading(tx: Transaction, target: Target, tally: Tally, columns: dict[str, Any]) -> Measurement:
    """A new reading, kept by whoever owned the target on its date."""
    owners = await tx.select(TargetOwner, ("valid_from", "id"), target_id=target.id)
    periods = [(owner.organisation_id, owner.valid_from, owner.valid_to) for owner in owners]
    return Measurement(
        id=tx.id_after(tally.greatest),  # of one day the later one counts
        **columns,
        target_id=target.id,
        owner_id=rules.owner_on(periods, columns["measured_on"]),
        recorded_by_id=tx.viewer.account_id,
        recorded_at=tx.now,
    )


def _add(tx: Transaction, tally: Tally, reading: Measurement) -> None:
    tally.add(reading_of(reading), reading.id)
    tx.undo(partial(tally.remove, reading_of(reading), reading.id))


def _told(target: Target, reading: Measurement) -> dict[str, Any]:
    return {
        "measurementId": encode("meas", reading.id),
        "value": reading.value,
        "unit": target.unit,
        "measuredOn": reading.measured_on,
    }
