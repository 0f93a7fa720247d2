"""The verbs on targets, amendments and readings: inputs, payloads, mutations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import amendment, measurement
from server.actions import target as actions
from server.events.log import Recorded
from server.query.declare.declaration import ManyToMany
from server.query.declare.fields import by_id
from server.rules.target import Formula, RollUp, TargetDirection
from server.schema.keys import OrganisationKey, ProgrammeKey
from server.schema.mutation import Payload, command, fact_id, field, verb

if TYPE_CHECKING:
    from server.schema.target import Measurement, Target


@strawberry.type(description="A target after a verb on it.")
class TargetPayload(Payload):
    object = "target"
    target_id: strawberry.Private[UUID | None] = None
    target: Target | None = by_id("The target as it is now; null when the verb was refused.")

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        """What is only prepared happens to the amendment, which names its target."""
        return event.subject_id if event.subject_type == "Target" else fact_id(event, "targetId")


# By the event of the first: those of the same transaction that tell the same of others.
OF_ONE_ACT = ManyToMany(
    "(SELECT o.id AS one_id, e.subject_id AS other_id FROM {table:event} o"
    " JOIN {table:event} e ON e.epoch = o.epoch AND e.xid = o.xid AND e.type = o.type)",
    *("one_id", "other_id"),
    order=("created_at",),
)


@strawberry.type(description="Several targets after a verb on all of them.")
class TargetsPayload(Payload):
    object = "target"
    target_id: strawberry.Private[UUID | None] = None
    target: Target | None = by_id("The first of them as it is now; null when the verb was refused.")
    targets: list[Target] | None = by_id(
        "The oldest 100 of them as they are now; null when the verb was refused or only tried.",
        attribute="event_id",
        link=OF_ONE_ACT,
    )


@strawberry.type(description="A reading after a verb on it.")
class MeasurementPayload(Payload):
    object = "measurement"
    measurement_id: strawberry.Private[UUID | None] = None
    measurement: Measurement | None = by_id("The reading; null when the verb was refused.")

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        return fact_id(event, "measurementId")


TARGET = "The target."


@strawberry.input(description="A point of the expected trajectory.")
class MilestoneInput:
    due_on: dt.date = field("The day, in the plan's year and not after the target's due date.")
    value: Decimal = field("The value expected by then; for a SUM the sum so far.")


@strawberry.input(description="A link that proves something.")
class EvidenceInput:
    url: str = field("An http or https address, at most 2,000 characters.")
    title: str | None = field("What it shows, at most 300 characters.", default=None)


@command("A new target of a plan.", versioned=False)
class CreateTargetInput:
    work_plan_id: strawberry.ID = field("The plan in which it stands, of an organisation that the caller works for.")
    indicator: str = field("What is measured, 1 to 300 characters.")
    unit: str = field("The unit of its values, 1 to 60 characters.")
    direction: TargetDirection = field("Which readings are good.")
    roll_up: RollUp = field("How the year's readings make the realised value.")
    target_value: Decimal = field("The value to reach, 0 or more; the lower bound of a RANGE.")
    target_value_to: Decimal | None = field("The upper bound of a RANGE; for no other direction.", default=None)
    baseline: Decimal | None = field("Where it stood before the year; needed for PROGRESS.", default=None)
    formula: Formula | None = field(
        "How capaian is measured; left out, as the city's data say (`city.targetFormula`) where that is possible, else "
        "RATIO.",
        default=None,
    )
    due_on: dt.date | None = field(
        "The day by which to reach it, in the plan's year; left out, its last day.", default=None
    )
    programme: ProgrammeKey | None = field("The programme that it serves.", default=None)
    responsible_id: strawberry.ID | None = field("Who keeps it: an active account of the organisation.", default=None)
    milestones: list[MilestoneInput] | None = field(
        "The expected trajectory by day, at most 50 points; a straight line without.", default=None
    )
    reason: str | None = field(
        "Why it is added; needed in an approved plan, where it takes an amendment.", default=None
    )
    external_id: str | None = field("Its id in another system, unique among its owner's targets.", default=None)


@command(
    "What to change of a target. What is left out stays as it is; null clears. "
    "In an approved plan only `programme` and `responsibleId`: what is promised changes by `amendTarget`."
)
class UpdateTargetInput:
    target_id: strawberry.ID = field(TARGET)
    indicator: str | None = field("What is measured, 1 to 300 characters.", default=strawberry.UNSET)
    unit: str | None = field("The unit of its values.", default=strawberry.UNSET)
    direction: TargetDirection | None = field("Which readings are good.", default=strawberry.UNSET)
    roll_up: RollUp | None = field("How the year's readings make the realised value.", default=strawberry.UNSET)
    formula: Formula | None = field("How capaian is measured.", default=strawberry.UNSET)
    target_value: Decimal | None = field("The value to reach.", default=strawberry.UNSET)
    target_value_to: Decimal | None = field("The upper bound of a RANGE.", default=strawberry.UNSET)
    baseline: Decimal | None = field("Where it stood before the year.", default=strawberry.UNSET)
    due_on: dt.date | None = field("The day by which to reach it.", default=strawberry.UNSET)
    programme: ProgrammeKey | None = field("The programme that it serves.", default=strawberry.UNSET)
    responsible_id: strawberry.ID | None = field("Who keeps it.", default=strawberry.UNSET)
    external_id: str | None = field("Its id in another system.", default=strawberry.UNSET)


@command("The expected trajectory of a target: the whole list, which replaces the present one.")
class SetMilestonesInput:
    target_id: strawberry.ID = field(TARGET)
    milestones: list[MilestoneInput] = field("By day, at most 50 points; an empty list for a straight line.")


@command("A target that is to go to another organisation.")
class HandOverTargetInput:
    target_id: strawberry.ID = field(TARGET)
    organisation: OrganisationKey = field("Who is to answer for it: an agency or a kecamatan.")
    reason: str = field("Why, 1 to 10,000 characters.")


@command("A target, and why.")
class TargetWithReason:
    target_id: strawberry.ID = field(TARGET)
    reason: str | None = field("Why; needed in an approved plan, where it takes an amendment.", default=None)


@command("A change of an approved plan's target. What is left out stays as it is; null clears.")
class AmendTargetInput:
    target_id: strawberry.ID = field(TARGET)
    reason: str = field("Why, 1 to 10,000 characters.")
    indicator: str | None = field("What is measured, 1 to 300 characters.", default=strawberry.UNSET)
    unit: str | None = field("The unit of its values.", default=strawberry.UNSET)
    direction: TargetDirection | None = field("Which readings are good.", default=strawberry.UNSET)
    roll_up: RollUp | None = field("How the year's readings make the realised value.", default=strawberry.UNSET)
    formula: Formula | None = field("How capaian is measured.", default=strawberry.UNSET)
    target_value: Decimal | None = field("The value to reach.", default=strawberry.UNSET)
    target_value_to: Decimal | None = field("The upper bound of a RANGE.", default=strawberry.UNSET)
    baseline: Decimal | None = field("Where it stood before the year.", default=strawberry.UNSET)
    due_on: dt.date | None = field("The day by which to reach it.", default=strawberry.UNSET)
    milestones: list[MilestoneInput] | None = field("The expected trajectory, as a whole.", default=strawberry.UNSET)


@command("Targets whose open amendments are signed: all of them, or none.", versioned=False)
class SignAmendmentsInput:
    target_ids: list[strawberry.ID] = field("The targets, 1 to 200.")


@command("A target, and nothing else.")
class TargetOnly:
    target_id: strawberry.ID = field(TARGET)


@command("A target that is not taken over.")
class RefuseHandOverInput:
    target_id: strawberry.ID = field(TARGET)
    reason: str = field("Why, 1 to 10,000 characters.")


@command("Targets whose open amendments are approved: all of them, or none.", versioned=False)
class ApproveAmendmentsInput:
    target_ids: list[strawberry.ID] = field("The targets, 1 to 200.")
    note: str | None = field("What to add for the record.", default=None)


@command("A target whose open amendment is approved.")
class ApproveAmendmentInput:
    target_id: strawberry.ID = field(TARGET)
    note: str | None = field("What to add for the record.", default=None)


@command("A target whose open amendment is returned.")
class ReturnAmendmentInput:
    target_id: strawberry.ID = field(TARGET)
    note: str = field("What is to be changed, 1 to 10,000 characters.")


@strawberry.input(description="A reading of a target.")
class RecordMeasurementsRow:
    target_id: strawberry.ID = field(TARGET)
    value: Decimal = field("The value read, in the target's unit; for a SUM the addition since the last reading.")
    measured_on: dt.date = field("The date of the reading, in the plan's year and today at the latest.")
    note: str | None = field("What is to be said about it.", default=None)
    evidence: list[EvidenceInput] | None = field("What proves it, at most 50 links.", default=None)
    external_id: str | None = field("Its id in another system, unique among the target's readings.", default=None)


@command("A reading of a target.")
class RecordMeasurementInput(RecordMeasurementsRow):
    pass


@command("A right reading in the place of a wrong one. `ifVersion` is the target's version.")
class SupersedeMeasurementInput:
    measurement_id: strawberry.ID = field("The wrong reading.")
    value: Decimal = field("The right value.")
    measured_on: dt.date = field("The date of the reading.")
    note: str | None = field("What is to be said about it, such as what was wrong with the other.", default=None)
    evidence: list[EvidenceInput] | None = field("What proves it, at most 50 links.", default=None)


mutations = [
    verb(
        actions.create_target,
        CreateTargetInput,
        TargetPayload,
        "Add a target to a draft or returned plan; to an approved plan by an amendment.",
    ),
    verb(actions.update_target, UpdateTargetInput, TargetPayload, "Change a target."),
    verb(
        actions.set_milestones,
        SetMilestonesInput,
        TargetPayload,
        "Set the expected trajectory of a draft or returned plan's target.",
    ),
    verb(
        actions.hand_over_target,
        HandOverTargetInput,
        TargetPayload,
        "Propose to give a target to another organisation. The owner's definitive head or a reviewer. "
        "What was achieved stays with the owner of that time.",
    ),
    verb(
        actions.archive_target,
        TargetWithReason,
        TargetPayload,
        "Put a target aside that others never saw; take it from an approved plan by an amendment.",
    ),
    verb(
        actions.restore_target,
        TargetWithReason,
        TargetPayload,
        "Bring an archived target back; into an approved plan by an amendment.",
    ),
    verb(
        amendment.amend_target,
        AmendTargetInput,
        TargetPayload,
        "Amend an approved plan's target: prepared by head and staff, proposed with it by the definitive head. "
        "The present value counts until a reviewer approves.",
    ),
    verb(
        amendment.sign_amendments,
        SignAmendmentsInput,
        TargetsPayload,
        "Propose what was prepared: PREPARED → PROPOSED. The owner's definitive head; where there is none the mayor's "
        "office.",
    ),
    verb(
        amendment.accept_hand_over,
        TargetOnly,
        TargetPayload,
        "Agree to take a target over: PROPOSED → ACCEPTED. The receiver's definitive head; where there is none the "
        "mayor's office.",
    ),
    verb(
        amendment.refuse_hand_over,
        RefuseHandOverInput,
        TargetPayload,
        "Refuse to take a target over: PROPOSED → REFUSED. Who could accept it.",
    ),
    verb(
        amendment.approve_amendment,
        ApproveAmendmentInput,
        TargetPayload,
        "Approve a target's open amendment: it counts from now on. A reviewer of another organisation who has not "
        "signed it.",
    ),
    verb(
        amendment.approve_amendments,
        ApproveAmendmentsInput,
        TargetsPayload,
        "Approve the open amendments of several targets: they count from now on. Who could approve each.",
    ),
    verb(
        amendment.return_amendment,
        ReturnAmendmentInput,
        TargetPayload,
        "Return a target's open amendment with a note. A reviewer of another organisation.",
    ),
    verb(
        amendment.withdraw_amendment,
        TargetOnly,
        TargetPayload,
        "Take back an open amendment. Whoever prepared or proposed it, or the owner's head.",
    ),
    verb(
        measurement.record_measurement,
        RecordMeasurementInput,
        MeasurementPayload,
        "Record a reading of an approved plan's target. Head and staff of its owner.",
    ),
    verb(
        measurement.supersede_measurement,
        SupersedeMeasurementInput,
        MeasurementPayload,
        "Replace a wrong reading by a right one; both stay on record.",
    ),
]
