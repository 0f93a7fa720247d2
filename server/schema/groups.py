"""Tasks, targets and requests by what they have in common: the columns of a board, with their counts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from server.query.declare.fields import aggregate, group_key, group_rows, root_groups
from server.rules.achievement import TRACK_STATE
from server.rules.collaboration_facts import RequestKind, RequestStatus
from server.rules.target import TrackState
from server.rules.task import Priority, TaskStatus
from server.schema.collaboration_lapse import IS_LAPSED
from server.schema.connection import Connection
from server.schema.scalars import Percent
from server.schema.summary import IS_OVERDUE, OPEN, TARGETS, as_summed

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.collaboration import Request
    from server.schema.organisation import Organisation
    from server.schema.programme import Programme
    from server.schema.target import Target
    from server.schema.task import Task

NOT_IT = "null where the groups are not by it"
SOON = "{today} + 7"


def _kecamatan_of(field: str, key: str) -> str:
    """The kecamatan of an organisation that is one, or a part of one."""
    return f"CASE {{{field}.kind}} WHEN 'KECAMATAN' THEN {{t}}.{key} WHEN 'KELURAHAN' THEN {{{field}.parent_id}} END"


def _month_of(column: str) -> str:
    return f"date_trunc('month', {{t}}.{column}::timestamp)::date"


def _count(table: str, condition: str, description: str) -> int:
    return aggregate(table, f"count(*) FILTER (WHERE {condition})", description)  # type: ignore[no-any-return]


def _in_month(column: str) -> str:
    return f"{{t}}.{column} >= {{value}} AND {{t}}.{column} < ({{value}} + interval '1 month')::date"


def _tasks(condition: str, description: str) -> int:
    counted = f"coalesce(sum({{t}}.n) FILTER (WHERE {condition}), 0)::bigint"
    return aggregate("task", counted, description)  # type: ignore[no-any-return]


@strawberry.type(description="The tasks that have something in common. Those of drafts and archived ones are in none.")
class TaskGroup:
    status: TaskStatus | None = group_key(
        "{t}.status", f"Where they stand; {NOT_IT}.", ranks=[each.name for each in TaskStatus], columns=["status"]
    )
    priority: Priority | None = group_key(
        "{t}.priority", f"How urgent they are; {NOT_IT}.", ranks=[each.name for each in Priority], columns=["priority"]
    )
    organisation: Organisation | None = group_key(
        "{t}.organisation_id", f"Whose they are; {NOT_IT}.", columns=["organisation_id"]
    )
    kecamatan: Organisation | None = group_key(
        f"coalesce({{kelurahan.parent_id}}, {_kecamatan_of('organisation', 'organisation_id')})",
        "Where they are done: the kecamatan of their kelurahan, else of their organisation if that is a kecamatan or "
        f"kelurahan; null also for what is done in none, and {NOT_IT}.",
        columns=["kelurahan_id", "organisation_id"],
    )
    programme: Programme | None = group_key(
        "{target.programme_id}",
        f"The programme that their target serves; null also where there is none or it is hidden, and {NOT_IT}.",
        columns=["target_id"],
    )
    due_month: dt.date | None = group_key(
        _month_of("due_on"),
        f"The first day of the month in which they are due; null also without one, and {NOT_IT}.",
        columns=["due_on"],
        same=_in_month("due_on"),
        none="{t}.due_on IS NULL",
    )
    assignee: Account | None = group_key(
        "{t}.assignee_id",
        f"Who does them; null also for what nobody does, and {NOT_IT}.",
        order="name",
        columns=["assignee_id"],
    )
    total_count: int = aggregate("task", "sum({t}.n)::bigint", "How many they are.")
    open_task_count: int = _tasks(OPEN, "Tasks that are neither done nor cancelled.")
    done_task_count: int = _tasks("{t}.status = 'DONE'", "Tasks done.")
    blocked_task_count: int = _tasks("{t}.status = 'BLOCKED'", "Tasks blocked.")
    cancelled_task_count: int = _tasks("{t}.status = 'CANCELLED'", "Tasks cancelled.")
    overdue_task_count: int = _tasks(IS_OVERDUE, "Open tasks past their due date, today.")
    due_soon_task_count: int = _tasks(
        f"{OPEN} AND {{t}}.due_on BETWEEN {{today}} AND {SOON}", "Open tasks due today or within seven days."
    )
    tasks: Connection[Task] = group_rows("The tasks themselves.", order=["due_on"])


@strawberry.type(
    description="The targets that have something in common. Those of drafts, archived and only proposed ones are in "
    "none. The counts are those of a `StatusSummary` over these targets, whatever year they are of: filter by `dueOn` "
    "or `workPlan` for one."
)
class TargetGroup:
    track_state: TrackState | None = group_key(
        TRACK_STATE, f"Their light; {NOT_IT}.", ranks=[each.name for each in TrackState]
    )
    owner: Organisation | None = group_key("{t}.owner_id", f"Who answers for them today; {NOT_IT}.")
    kecamatan: Organisation | None = group_key(
        _kecamatan_of("owner", "owner_id"),
        f"The kecamatan that answers for them, itself or as a kelurahan; null also where none does, and {NOT_IT}.",
    )
    programme: Programme | None = group_key(
        "{t}.programme_id", f"The programme that they serve; null also where there is none, and {NOT_IT}."
    )
    due_month: dt.date | None = group_key(
        _month_of("due_on"), f"The first day of the month in which they are due; {NOT_IT}.", same=_in_month("due_on")
    )
    responsible: Account | None = group_key(
        "{t}.responsible_id", f"Who keeps them; null also where nobody was named, and {NOT_IT}.", order="name"
    )
    total_count: int = aggregate("target", "count(*)", "How many they are.")
    realised_count: int = as_summed("realised_count")
    on_track_count: int = as_summed("on_track_count")
    at_risk_count: int = as_summed("at_risk_count")
    off_track_count: int = as_summed("off_track_count")
    not_started_count: int = as_summed("not_started_count")
    not_reported_count: int = as_summed("not_reported_count")
    average_achievement: Percent | None = as_summed("average_achievement")
    average_achievement_left_out: int = as_summed("average_achievement_left_out")
    average_achievement_to_date: Percent | None = as_summed("average_achievement_to_date")
    average_achievement_to_date_left_out: int = as_summed("average_achievement_to_date_left_out")
    targets: Connection[Target] = group_rows("The targets themselves.", order=["due_on"])


@strawberry.type(description="The requests and offers that have something in common.")
class RequestGroup:
    status: RequestStatus | None = group_key(
        "{t}.status", f"Where they stand; {NOT_IT}.", ranks=[each.name for each in RequestStatus]
    )
    kind: RequestKind | None = group_key(
        "{t}.kind", f"Who began them; {NOT_IT}.", ranks=[each.name for each in RequestKind]
    )
    asker: Organisation | None = group_key("{t}.asker_id", f"Who receives; {NOT_IT}.")
    giver: Organisation | None = group_key("{t}.giver_id", f"Who delivers; {NOT_IT}.")
    kecamatan: Organisation | None = group_key(
        f"coalesce({_kecamatan_of('asker', 'asker_id')}, {_kecamatan_of('giver', 'giver_id')})",
        "The kecamatan that receives, itself or as a kelurahan, else that which delivers; null also where neither "
        f"does, and {NOT_IT}.",
    )
    programme: Programme | None = group_key(
        "{about.programme}",
        "The programme of the target that they are about, or of the target that their task serves; null also where "
        f"there is none or it is hidden, and {NOT_IT}.",
    )
    needed_month: dt.date | None = group_key(
        _month_of("needed_on"),
        f"The first day of the month in which they are needed; null also where no day was named, and {NOT_IT}.",
        same=_in_month("needed_on"),
        none="{t}.needed_on IS NULL",
    )
    total_count: int = aggregate("collaboration_request", "count(*)", "How many they are.")
    open_request_count: int = _count(
        "collaboration_request", "{t}.status = 'OPEN'", "Requests and offers that wait for an answer."
    )
    lapsed_request_count: int = _count(
        "collaboration_request",
        f"{{t}}.kind = 'NEED' AND {IS_LAPSED}",
        "Of these, the requests for help whose answer is late. Offers of help lapse without a count.",
    )
    accepted_request_count: int = _count(
        "collaboration_request", "{t}.status = 'ACCEPTED'", "Those that were promised and are not delivered yet."
    )
    late_promise_count: int = _count(
        "collaboration_request",
        "coalesce({t}.status = 'ACCEPTED' AND {t}.agreed_due_on < {today}, false)",
        "Of these, those past their agreed day.",
    )
    declined_request_count: int = _count("collaboration_request", "{t}.status = 'DECLINED'", "Those declined.")
    delivered_request_count: int = _count(
        "collaboration_request", "{t}.status = 'DELIVERED'", "Those delivered that wait to be confirmed."
    )
    disputed_request_count: int = _count(
        "collaboration_request", "{t}.status = 'DISPUTED'", "Those whose delivery is disputed."
    )
    confirmed_request_count: int = _count(
        "collaboration_request", "{t}.status = 'CONFIRMED'", "Those whose delivery is confirmed."
    )
    requests: Connection[Request] = group_rows("The requests and offers themselves.", order=["-created_at"])


GROUPS = (
    "by what they have in common, at most 500 groups. None is empty; what has no such thing is one group, the last. "
    "The rows of a group are its list, which is read only where it is asked for."
)
queries = [
    root_groups(
        "taskGroups", TaskGroup, f"Tasks {GROUPS}", where="{t}.draft_of_id IS NULL", cells=["status", "due_on"]
    ),
    root_groups("targetGroups", TargetGroup, f"Targets {GROUPS}", where=TARGETS),
    root_groups("requestGroups", RequestGroup, f"Requests and offers {GROUPS}"),
]
