"""The verbs on many targets and readings at once. What they do is in actions/target_bulk.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import target_bulk as actions
from server.query.declare.fields import by_id
from server.rules.bulk import BulkMode
from server.rules.target import Formula, RollUp, TargetDirection
from server.schema.bulk import MODE, ROWS, BulkPayload, RowResult
from server.schema.keys import ProgrammeKey
from server.schema.mutation import command, field, verb
from server.schema.target_verbs import EvidenceInput, MilestoneInput, RecordMeasurementsRow

if TYPE_CHECKING:
    from server.schema.target import Measurement, Target

RESULTS = "What became of each row, in the order of the input; null when the call was refused as a whole."


@strawberry.type(description="What became of a row that is about a target.")
class TargetRow(RowResult):
    target_id: strawberry.Private[UUID | None] = None
    target: Target | None = by_id("The target as it is now; null when the row was refused.", in_list=True)


@strawberry.type(description="Targets after a verb on many of them.")
class TargetRowsPayload(BulkPayload):
    object = "target"
    row = TargetRow
    target_id: strawberry.Private[UUID | None] = None
    results: list[TargetRow] | None = field(RESULTS, default=None)


@strawberry.type(description="What became of a row that is about a reading.")
class MeasurementRow(RowResult):
    measurement_id: strawberry.Private[UUID | None] = None
    measurement: Measurement | None = by_id("The reading that counts; null when the row was refused.", in_list=True)


@strawberry.type(description="Readings after a verb on many of them.")
class MeasurementRowsPayload(BulkPayload):
    object = "measurement"
    row = MeasurementRow
    measurement_id: strawberry.Private[UUID | None] = None
    results: list[MeasurementRow] | None = field(RESULTS, default=None)


@strawberry.input(description="A target as another system knows it. What is left out stays as it is; null clears.")
class UpsertTargetsRow:
    work_plan_id: strawberry.ID = field("The plan in which it stands, of an organisation that the caller works for.")
    external_id: str = field("Its id in another system, by which it is found; 1 to 200 characters.")
    indicator: str = field("What is measured, 1 to 300 characters.")
    unit: str = field("The unit of its values, 1 to 60 characters.")
    direction: TargetDirection = field("Which readings are good.")
    roll_up: RollUp = field("How the year's readings make the realised value.")
    target_value: Decimal = field("The value to reach, 0 or more; the lower bound of a RANGE.")
    target_value_to: Decimal | None = field("The upper bound of a RANGE.", default=strawberry.UNSET)
    baseline: Decimal | None = field("Where it stood before the year.", default=strawberry.UNSET)
    formula: Formula | None = field("How capaian is measured; cannot be cleared.", default=strawberry.UNSET)
    due_on: dt.date | None = field(
        "The day by which to reach it; of a new one, left out, its year's last; cannot be cleared.",
        default=strawberry.UNSET,
    )
    programme: ProgrammeKey | None = field("The programme that it serves.", default=strawberry.UNSET)
    responsible_id: strawberry.ID | None = field("Who keeps it.", default=strawberry.UNSET)
    milestones: list[MilestoneInput] | None = field(
        "The expected trajectory as a whole; null leaves it as it is, an empty list is a straight line.",
        default=strawberry.UNSET,
    )
    reason: str | None = field(
        "Why a new one is added; needed in an approved plan, where it takes an amendment.", default=None
    )


@strawberry.input(description="A reading as another system knows it. What is left out stays as it is; null clears.")
class UpsertMeasurementsRow:
    target_id: strawberry.ID = field("The target.")
    external_id: str = field("Its id in another system, by which it is found; 1 to 200 characters.")
    value: Decimal = field("The value read, in the target's unit; for a SUM the addition since the last reading.")
    measured_on: dt.date = field("The date of the reading, in the plan's year and today at the latest.")
    note: str | None = field("What is to be said about it.", default=strawberry.UNSET)
    evidence: list[EvidenceInput] | None = field("What proves it, at most 50 links.", default=strawberry.UNSET)


@command("Targets as another system knows them.", versioned=False)
class UpsertTargetsInput:
    rows: list[UpsertTargetsRow] = field(ROWS)
    mode: BulkMode = MODE


@command("Readings of targets.", versioned=False)
class RecordMeasurementsInput:
    rows: list[RecordMeasurementsRow] = field(ROWS)
    mode: BulkMode = MODE


@command("Readings as another system knows them.", versioned=False)
class UpsertMeasurementsInput:
    rows: list[UpsertMeasurementsRow] = field(ROWS)
    mode: BulkMode = MODE


mutations = [
    verb(
        actions.upsert_targets,
        UpsertTargetsInput,
        TargetRowsPayload,
        "Make or change many targets by their `externalId`: as by `createTarget`, `updateTarget` and `setMilestones`. "
        "What an approved plan's target promises changes by `amendTarget` alone. A row that says what is so already "
        "changes nothing.",
    ),
    verb(
        actions.record_measurements,
        RecordMeasurementsInput,
        MeasurementRowsPayload,
        "Record many readings, each as by `recordMeasurement`.",
    ),
    verb(
        actions.upsert_measurements,
        UpsertMeasurementsInput,
        MeasurementRowsPayload,
        "Record many readings by their `externalId`, or correct them: as by `recordMeasurement` and "
        "`supersedeMeasurement`. A reading that is sent again is not counted twice.",
    ),
]
