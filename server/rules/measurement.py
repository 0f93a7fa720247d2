"""Readings of a target: recorded once, never edited; a wrong one is superseded by a right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Part, Verb
from server.rules.event import EventType
from server.rules.evidence import Evidence, evidence
from server.rules.external_id import free
from server.rules.fact import at, rows_of
from server.rules.refusal import Code, Refused
from server.rules.target import RollUp, TargetFacts, may_record_measurement
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import PARTS_OF_TARGETS


@rows_of("measurement")
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementFacts:
    """What the rules need to know of a reading: its target's facts, and which reading took its place."""

    target: TargetFacts = field(metadata=at("target"))
    superseded_by_id: UUID | None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMeasurement:
    """What the caller says of a reading; `evidence` are links with their titles."""

    value: Decimal | None
    measured_on: date | None
    note: str | None = None
    evidence: Sequence[tuple[str | None, str | None]] = ()
    external_id: str | None = None


class MeasurementChange(TypedDict):
    """The columns of a reading that come from the caller."""

    value: Decimal
    measured_on: date
    note: str | None
    evidence: list[Evidence]
    external_id: str | None


def may_supersede_measurement(viewer: Viewer, measurement: MeasurementFacts, today: date) -> None:
    """Whoever may record a reading now; each reading once."""
    may_record_measurement(viewer, measurement.target, today)
    if measurement.superseded_by_id is not None:
        raise Refused(Code.ALREADY_SUPERSEDED)


MEASUREMENT: Final = Part[MeasurementFacts](
    name="Measurement",
    table="measurement",
    prefix="meas",
    visibility=PARTS_OF_TARGETS,
    verbs={
        "supersedeMeasurement": Verb(
            may_supersede_measurement, EventType.TARGET_MEASUREMENT_SUPERSEDED, scopes=(TokenScope.READINGS_WRITE,)
        ),
    },
)


def record_measurement(
    viewer: Viewer, target: TargetFacts, new: NewMeasurement, today: date, is_external_id_taken: bool = False
) -> MeasurementChange:
    """A reading of a day in the plan's year, today at the latest. `is_external_id_taken`: by another of the target."""
    may_record_measurement(viewer, target, today)
    return _read(target, new, today) | {"external_id": free(new.external_id, is_external_id_taken)}


def supersede_measurement(
    viewer: Viewer, measurement: MeasurementFacts, new: NewMeasurement, today: date
) -> MeasurementChange:
    """The reading that takes the other's place, and its id in another system; its day may be another."""
    may_supersede_measurement(viewer, measurement, today)
    return _read(measurement.target, new, today) | {"external_id": measurement.external_id}


def says(measurement: Mapping[str, object], new: NewMeasurement) -> bool:
    """Whether a reading (its columns) says so already. Refuses values that none can have."""
    said: Mapping[str, object] = {
        "value": bounds.amount(new.value, "value"),
        "measured_on": new.measured_on,
        "note": bounds.optional_text(new.note, bounds.TEXT, "note"),
        "evidence": _evidence(new),
    }
    return all(measurement[name] == value for name, value in said.items())


def owner_on(owners: Sequence[tuple[UUID, date, date | None]], day: date) -> UUID:
    """Who answered for the target on a day, of (organisation, from, to or None); before all of them the first."""
    ordered = sorted(owners, key=lambda owner: owner[1])
    return next((owner for owner, from_, _ in reversed(ordered) if from_ <= day), ordered[0][0])


def _read(target: TargetFacts, new: NewMeasurement, today: date) -> MeasurementChange:
    bounds.count(new.evidence, bounds.EVIDENCE, "evidence")
    year = target.plan_year
    measured_on = bounds.day(new.measured_on, "measuredOn", earliest=date(year, 1, 1), latest=date(year, 12, 31))
    if measured_on > today:
        raise Refused(Code.IN_THE_FUTURE, "measuredOn", constraint=f"≤ {today}")
    value = bounds.amount(new.value, "value")
    if target.roll_up is RollUp.SUM and value < 0:
        raise Refused(Code.OUT_OF_RANGE, "value", constraint="sum_not_negative")
    return {
        "value": value,
        "measured_on": measured_on,
        "note": bounds.optional_text(new.note, bounds.TEXT, "note"),
        "evidence": _evidence(new),
        "external_id": None,
    }


def _evidence(new: NewMeasurement) -> list[Evidence]:
    return [evidence(url, title, "evidence", str(n)) for n, (url, title) in enumerate(new.evidence)]
