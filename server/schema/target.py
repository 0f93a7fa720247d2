"""Targets, readings and amendments, as the API says them. The verbs are in target_verbs.py."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import strawberry

from server.live.watch import watch
from server.query.declare.fields import (
    Context,
    argument,
    column,
    computed,
    derived,
    first_of,
    json_list,
    root_list,
    root_one,
    table,
    to_many,
    to_one,
)
from server.rules import due_clocks
from server.rules.achievement import (
    IS_NOT_REPORTED,
    MISSED_REPORTS,
    REALISED,
    TOLD,
    TRACK_STATE,
    UNREALISED_ORDER,
    storable,
)
from server.rules.aggregates import offered_on
from server.rules.amendment import AMENDMENT, AmendmentFacts
from server.rules.measurement import MEASUREMENT, MeasurementFacts
from server.rules.target import (
    TARGET,
    TARGET_OWNER,
    AmendmentKind,
    AmendmentStatus,
    Formula,
    Grade,
    RollUp,
    TargetDirection,
    TargetFacts,
    TrackState,
)
from server.rules.trajectory import Reading, expected
from server.schema.allowed_action import AllowedAction, offered
from server.schema.change import Change
from server.schema.clock import Clock, clock_of
from server.schema.connection import Connection
from server.schema.field_change import FieldChange, field_change
from server.schema.keys import OrganisationKey
from server.schema.node import Node, Subject, called, called_by
from server.schema.owner import KEEPER_OF_TARGET, OwnerHealth, owner_health, owner_person
from server.schema.scalars import Percent
from server.schema.summary import CAP
from server.schema.target_series import PROMISE, SERIES, Milestone, SeriesPoint, promise_of

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.collaboration import Request
    from server.schema.organisation import Organisation
    from server.schema.programme import Programme
    from server.schema.task import Evidence, Task
    from server.schema.work_plan import WorkPlan

FIRST_READING = (
    "(SELECT m.{column} FROM {{table:measurement}} m WHERE m.target_id = {{t}}.id AND m.superseded_by_id IS NULL"
    " ORDER BY m.measured_on, m.id LIMIT 1)"
)


def _expected_now(values: Any, context: Context) -> Decimal | None:
    first = None if values.first_value is None else Reading(values.first_measured_on, values.first_value)
    line = expected(promise_of(values), context.today, first)
    return None if line is None else storable(line)


@table(
    TARGET,
    search=True,
    archived="archived_at",
    order=["due_on"],
    description="A target (target kerja): an indicator of a plan, the value to reach, and what its readings say.",
)
class Target(Subject):
    label: str = called_by("indicator")
    work_plan: WorkPlan | None = to_one("work_plan_id", "The plan in which it stands.", order=["year"])
    owner: Organisation = to_one("owner_id", "The one organisation that answers for it today.", order=["name", "code"])
    owners: Connection[TargetOwner] = to_many(
        "target_id", "Who answered for it from when to when.", order=["valid_from"]
    )
    responsible: Account | None = to_one("responsible_id", "The person who keeps it; null while nobody was named.")
    owner_person: Account | None = owner_person(
        KEEPER_OF_TARGET,
        "Who keeps it: `responsible`, else whoever heads the owner today; null while nobody does.",
    )
    owner_health: OwnerHealth = owner_health(KEEPER_OF_TARGET)
    programme: Programme | None = to_one("programme_id", "The programme that it serves; null when none.")
    indicator: str = column("What is measured, at most 300 characters.", order=True)
    unit: str = column("The unit of its values, such as ton/hari.")
    direction: TargetDirection = column("Which readings are good.")
    roll_up: RollUp = column("How the year's readings make the realised value.")
    formula: Formula = column(
        "How capaian is measured: against the target, or as the share of the way from the baseline to it. In an "
        "approved plan only an amendment changes it."
    )
    baseline: Decimal | None = column("Where it stood before the year; null when unknown.")
    target_value: Decimal = column("The value to reach; the lower bound of a RANGE.")
    target_value_to: Decimal | None = column("The upper bound of a RANGE; null otherwise.")
    due_on: dt.date = column("The day by which to reach it.", order=True)
    milestones: list[Milestone] = json_list(
        "milestones", "The expected trajectory, by day; a straight line when empty."
    )
    is_proposed: bool = column("True while it is only proposed for an approved plan; it does not count yet.")
    realised: Decimal | None = column("The year's value so far, rolled up from the readings; null before the first.")
    achievement: Percent | None = column(
        "Capaian of the year: the realised value so far against the whole year's target, in percent, as high as it is; "
        "null before the first reading and where it cannot be measured. Within the year a quarter's worth of work "
        "stands against four: for that see `achievementToDate`. It is graded by `grade`, never by `gradeToDate`, and "
        "it is not the light.",
        order=True,
    )
    achievement_capped: Percent | None = computed(
        f"CASE WHEN {{t}}.achievement IS NOT NULL THEN least({{t}}.achievement, {CAP}) END",
        "`achievement`, the capaian of the year, up to the city's `achievementCap`, as `averageAchievement` takes it; "
        "null where that is.",
    )
    achievement_to_date: Percent | None = column(
        "Capaian of the year so far: the realised value against what was expected by the last reading's day, in "
        "percent; null where nothing was expected yet or it cannot be measured. It is graded by `gradeToDate`. Not "
        "the capaian of the year, and not the light, which counts the way from the baseline.",
        order=True,
    )
    grade: Grade | None = computed(
        f"CASE WHEN {TOLD.sql} THEN {{t}}.grade END",
        "The final grade, of `achievement`; null until the year is told: its due day has passed and its last report is "
        "in. Not the light, and not the grade of the year so far.",
        ranks=[each.name for each in Grade],
        scale=True,
    )
    grade_to_date: Grade | None = column(
        "The grade of `achievementToDate`, the year so far against what was expected by then; null where that is. Not "
        "the year's grade, and not the light: a high grade may be off track.",
        ranks=[each.name for each in Grade],
        scale=True,
    )
    expected_now: Decimal | None = derived(
        PROMISE
        | {
            "first_value": FIRST_READING.format(column="value"),
            "first_measured_on": FIRST_READING.format(column="measured_on"),
        },
        _expected_now,
        "The value that the trajectory expects today; null for a RANGE, whose bounds hold all year, and where nothing "
        "is expected yet: a level without baseline before its first milestone and up to the day of its first reading.",
    )
    series: list[SeriesPoint] = SERIES
    track_state: TrackState = computed(
        TRACK_STATE,
        "The light: how the readings stood to the trajectory on the last reading's day, as progress from its start. "
        "What a leader reads within the year. Not a grade, which says how near the value is to its target.",
        order=True,
        ranks=[each.name for each in TrackState],
    )
    is_not_reported: bool = computed(
        IS_NOT_REPORTED, "True when a report is past its last day and missing. Not the same as 0."
    )
    is_reached: bool = computed(
        "coalesce({t}.achievement >= 100, false)",
        "True when the readings so far stand at 100 % of the year's target. They may still fall: see `isRealised`.",
    )
    is_realised: bool = computed(
        REALISED.sql,
        "True when the year's target is reached for good: a sum that is to be high at once, all others when the year "
        "is told.",
    )
    missed_report_count: int = computed(
        MISSED_REPORTS,
        "How many reports of the year are past their last day and missing, beside the one for which it is not "
        "reported.",
    )
    last_measured_on: dt.date | None = column("The last reading's date; null before the first.", order=True)
    report_due_on: dt.date | None = column(
        "The last day for the next report; null while its plan is not approved, and when nothing more is asked for.",
        order=True,
    )
    reading_clock: Clock | None = clock_of(
        due_clocks.ReadingClockFacts,
        due_clocks.reading_clock,
        "On which the next missing report comes; null once the year is reported, and while the plan is not approved.",
    )
    external_id: str | None = column("Its id in another system, unique among its owner's; null when it has none.")
    archived_at: dt.datetime | None = column("When it was archived or removed; null otherwise.")
    measurements: Connection[Measurement] = to_many(
        "target_id", "Its readings by date, superseded ones as well.", order=["measured_on"]
    )
    amendments: Connection[Amendment] = to_many(
        "target_id", "The changes of it since its plan was approved.", order=["created_at"], order_by=False
    )
    open_amendment: Amendment | None = first_of(
        "target_id",
        "The one amendment that is not decided yet; null when none.",
        order=["-created_at"],
        where="{t}.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED')",
    )
    tasks: Connection[Task] = to_many("target_id", "The tasks that serve it.", order=["due_on"], search=True)
    requests_about: Connection[Request] = to_many(
        "target_id", "The requests about it, the oldest first.", order=["created_at"], search=True
    )
    allowed_actions: list[AllowedAction] = offered(
        (TargetFacts, offered_on("Target")), (AmendmentFacts, AMENDMENT.rules)
    )


@table(TARGET_OWNER, order=["valid_from"], description="Who answered for a target from when to when.")
class TargetOwner:
    organisation: Organisation = to_one("organisation_id", "Who.")
    valid_from: dt.date = column("The first day.")
    valid_to: dt.date | None = column("The last day; null: still.")


@table(
    MEASUREMENT,
    order=["measured_on"],
    description="One reading of a target. It is never edited: a wrong one is superseded.",
)
class Measurement(Node):
    target: Target | None = to_one("target_id", "What was measured.")
    owner: Organisation = to_one("owner_id", "Who answered for the target on that date, and keeps what was achieved.")
    value: Decimal = column("The value read, in the target's unit.")
    measured_on: dt.date = column("The date of the reading.", order=True)
    note: str | None = column("What was said about it; null when nothing was.", filter=False, why="long text")
    evidence: list[Evidence] = json_list("evidence", "What proves it.")
    recorded_by: Account = to_one("recorded_by_id", "Who recorded it.")
    recorded_at: dt.datetime = column("When it was recorded.", order=True)
    supersedes: Measurement | None = to_one(
        "supersedes_id", "The wrong reading that it replaces; null when none.", filter=False, why="follow it by id"
    )
    superseded_by: Measurement | None = to_one(
        "superseded_by_id", "The reading that replaces it; null while it counts.", filter=False, why="ask isSuperseded"
    )
    is_superseded: bool = computed("({t}.superseded_by_id IS NOT NULL)", "True when another reading replaces it.")
    is_made_by_system: bool = column("True when no person recorded it.")
    external_id: str | None = column(
        "Its id in another system; of the target's readings only those bear the same one that took each other's place. "
        "Null when it has none."
    )
    allowed_actions: list[AllowedAction] = offered((MeasurementFacts, offered_on("Measurement")))


def _proposal(values: Any, context: Context) -> list[FieldChange]:
    return [
        field_change("Target", name, values.before.get(name), value, context.zone)
        for name, value in values.changes.items()
    ]


@table(
    AMENDMENT,
    order=["created_at"],
    description="A change of an approved plan's target. It counts once a reviewer has approved it. Every one is kept.",
)
class Amendment(Subject):
    label: str = called({"target": "target.indicator"}, lambda values: values.target or "")
    target: Target | None = to_one("target_id", "What it would change.")
    # How often it was prepared anew is for those alone who see it before it is proposed.
    version: int = computed(
        "(CASE WHEN {t}.proposed_at IS NULL THEN {t}.version ELSE 1 END)",
        "One more with each change while it is prepared, 1 once it is proposed. A verb's `ifVersion` is its target's.",
        filter=False,
        why="the target's version counts",
    )
    kind: AmendmentKind = column("What it would do.")
    status: AmendmentStatus = column("Where it stands.")
    reason: str = column("Why it was made.", filter=False, why="long text")
    proposal: list[FieldChange] = derived(
        {"changes": "changes", "before": "before"},
        _proposal,
        "The fields that it would change: their values when it was made beside those proposed.",
    )
    receiver: Organisation | None = to_one("receiver_id", "Who is to have the target; null unless it is a hand-over.")
    prepared_by: Account = to_one("prepared_by_id", "Who prepared it.")
    proposed_by: Account | None = to_one("proposed_by_id", "Who proposed it with a signature; null until then.")
    proposed_at: dt.datetime | None = column("When it was proposed; null until then.")
    accepted_by: Account | None = to_one(
        "accepted_by_id", "Who accepted a hand-over for the receiver; null until then."
    )
    accepted_at: dt.datetime | None = column("When a hand-over was accepted; null until then.")
    decided_by: Account | None = to_one(
        "decided_by_id", "Who approved, returned, refused or withdrew it; null while it waits, or where none did."
    )
    decided_at: dt.datetime | None = column("When that was; null while it waits.")
    note: str | None = column("Why it was returned, refused or ended; null otherwise.", filter=False, why="long text")


@strawberry.input(description="What another system calls a target of an organisation.")
class TargetExternalId:
    organisation: OrganisationKey = strawberry.field(description="The organisation that owns it today.")
    external_id: str = strawberry.field(description="The target's `externalId`, unique among its owner's.")


@strawberry.input(one_of=True, description="A target's id, or its owner and its id in another system.")
class TargetKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    organisation_external_id: TargetExternalId | None = strawberry.field(
        default=strawberry.UNSET, description="Its owner, and its id in another system."
    )


@strawberry.input(description="What another system calls a reading of a target.")
class MeasurementExternalId:
    target_id: strawberry.ID = strawberry.field(description="The target.")
    external_id: str = strawberry.field(description="The reading's `externalId`.")


@strawberry.input(one_of=True, description="A reading's id, or its target and its id in another system.")
class MeasurementKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    target_external_id: MeasurementExternalId | None = strawberry.field(
        default=strawberry.UNSET, description="Its target, and its id in another system: the one that counts."
    )


queries = [
    root_one(
        "target",
        Target,
        "One target; null when unknown or hidden.",
        by=TargetKey,
        keys={
            "id": "id",
            "organisationExternalId": {"organisation": "owner", "externalId": "externalId"},
        },
        archived=["organisationExternalId"],
    ),
    root_one(
        "measurement",
        Measurement,
        "One reading; null when unknown or hidden.",
        by=MeasurementKey,
        keys={"id": "id", "targetExternalId": {"targetId": "target.id", "externalId": "externalId"}},
        current="superseded_by_id",
    ),
    root_list("targets", Connection[Target], "All targets that the viewer may see."),
    root_list(
        "measurements",
        Connection[Measurement],
        "All readings of targets that the viewer may see, the latest recorded first.",
        order=["-recorded_at"],
        search=False,
    ),
    root_list("amendments", Connection[Amendment], "All amendments that the viewer may see, the oldest first."),
    root_list(
        "unrealisedTargets",
        Connection[Target],
        "Every target of a year's plans that is not realised: those not reported first, of these the longest silent; "
        "then by `achievementToDate`, the worst first; then those with nothing to compare; last what has reached its "
        "target and may still fall.",
        order=UNREALISED_ORDER,
        search=False,
        where=f"NOT {REALISED.sql} AND NOT {{t}}.is_proposed AND {{t}}.draft_of_id IS NULL",
        arguments={
            "year": argument(
                int,
                "{t}.work_plan_id IN (SELECT w.id FROM {table:work_plan} w"
                " WHERE w.year = coalesce({value}, extract(year FROM {today}::timestamp)::integer))",
                "The plans' year; this year when it is absent.",
                always=True,
            )
        },
    ),
]
subscriptions = [watch("targetChanged", Target, Change[Target], "Each change of a target that matches.")]
