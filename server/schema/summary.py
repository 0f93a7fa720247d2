"""Done and not done at a glance: the counts behind every summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import strawberry

from server.query.declare.fields import Keyed, aggregate, argument, declaration_of, declared_fields, embedded
from server.rules.achievement import IS_NOT_REPORTED, TOLD, TRACK_STATE
from server.rules.owner import KEEPER_OF_TARGET, health
from server.schema.scalars import Percent

THIS_YEAR = "date_trunc('year', {today}::timestamp)::date"
NEXT_YEAR = "(date_trunc('year', {today}::timestamp) + interval '1 year')::date"
PUBLIC = "{t}.draft_of_id IS NULL AND {t}.archived_at IS NULL"

# The percent up to which a capaian enters averages, so that one runaway indicator does not hide ten that failed.
CAP = "(SELECT c.achievement_cap FROM {table:city} c)"

# What counts, whoever looks: nothing that was never submitted, nothing archived, nothing only proposed.
TARGETS = f"{PUBLIC} AND NOT {{t}}.is_proposed"
OF_THIS_YEAR = f"{{t}}.due_on >= {THIS_YEAR} AND {{t}}.due_on < {NEXT_YEAR}"
OPEN = "{t}.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
# Of the kept counters, which leave out what is archived.
TASKS = "{t}.draft_of_id IS NULL"
PRESENT_YEAR = "extract(year FROM {today}::timestamp)::integer"
CHOSEN_YEAR = f"least(greatest(coalesce({{value}}, {PRESENT_YEAR}), 1), 9998)"
# What counts in a year, by table.
COUNTED_IN = {
    "work_plan": f"{{t}}.year = coalesce({{value}}, {PRESENT_YEAR})",
    # By its first day and the next year's, as an index has it; no target is due outside of what dates can be.
    "target": f"{{t}}.due_on >= make_date({CHOSEN_YEAR}, 1, 1) AND {{t}}.due_on < make_date({CHOSEN_YEAR} + 1, 1, 1)",
    # What is open is the present year's, whenever it was due.
    "task_count": f"({{t}}.due_year = coalesce({{value}}, {PRESENT_YEAR})"
    f" OR coalesce({{value}}, {PRESENT_YEAR}) = {PRESENT_YEAR} AND {OPEN})",
}
OF_YEAR = argument(
    int,
    COUNTED_IN,
    "The year; the present year when it is absent. Plans and targets are of that year, and the tasks that were due in "
    "it; tasks that are open count in the present year as well, whenever they are due. What waits for an answer and "
    "where help is wanted is told of now. A year's own figures, `realisedCount` and `averageAchievement`, are complete "
    "once its last reports are in, after its end: ask for that year then.",
    always=True,
)
# By their keys: joined, PostgreSQL would go through every task there is for the few requests that wait.
OF_TASK = "(SELECT y.{column} FROM {{table:task.{column}}} y WHERE y.id = {{t}}.task_id)"
OF_ITS_TARGET = f"coalesce({{t}}.target_id, {OF_TASK.format(column='target_id')})"  # a request's
_PROGRAMME = "(SELECT pr.id FROM {table:programme} pr WHERE pr.code = {value})"
_OF_ITS_TARGETS = f"{{t}}.target_id IN (SELECT y.id FROM {{table:target}} y WHERE y.programme_id = {_PROGRAMME})"
OF_ONE_PROGRAMME = argument(
    str,
    {
        "work_plan": "EXISTS (SELECT FROM {table:target} y WHERE y.work_plan_id = {t}.id AND y.archived_at IS NULL"
        f" AND y.programme_id = {_PROGRAMME})",
        "target": f"{{t}}.programme_id = {_PROGRAMME}",
        "task_count": _OF_ITS_TARGETS,
        "task": _OF_ITS_TARGETS,
        "collaboration_request": f"EXISTS (SELECT FROM {{table:target}} x WHERE x.id = {OF_ITS_TARGET}"
        f" AND x.draft_of_id IS NULL AND x.programme_id = {_PROGRAMME})",
    },
    "Only what serves the programme of this code, as its own `summary` counts it: its targets, the tasks for them, the "
    "plans that these stand in, and the requests about them.",
)

# Of a list beside a summary, so that its count is the summary's.
OF_YEAR_AS_COUNTED = argument(
    int,
    {
        "target": COUNTED_IN["target"],
        "task_count": COUNTED_IN["task_count"],
        "task": COUNTED_IN["task_count"].replace("{t}.due_year", "extract(year FROM {t}.due_on)::integer"),
    },
    "The year; the present year when it is absent, as `summary` takes it: targets that are due in it, tasks that are"
    " due in it, and in the present year tasks that are open as well, whenever they are due. For all years ask the root"
    " list.",
    always=True,
)

REQUESTS = "{t}.status = 'OPEN'"
ANSWERER = "(CASE {t}.kind WHEN 'NEED' THEN {t}.giver_id ELSE {t}.asker_id END)"  # an index begins with this very text
IS_OVERDUE = f"coalesce({{t}}.due_on < {{today}} AND {OPEN}, false)"

# The same as `help wanted` in an inbox (actions/inbox.py), and what an index (migration 0014) is of.
IS_SUPPORT_WANTED = "({t}.support_asked_at IS NOT NULL AND {t}.support_answer IS NULL)"
HELP = f"{PUBLIC} AND {{t}}.support_asked_at IS NOT NULL AND {{t}}.support_answer IS NULL"

Whose: TypeAlias = str | Keyed  # a condition on `{t}`, or a key with what it is joined to
# What is an organisation's, and what a programme's: its targets, the tasks for them, the plans that these stand in.
OF_ORGANISATION: Mapping[str, Whose] = {
    "plan": Keyed("{t}.organisation_id", PUBLIC),
    "target": Keyed("{t}.owner_id", TARGETS),
    "task": Keyed("{t}.organisation_id", TASKS),
    "help": Keyed("{t}.organisation_id", HELP),
    "request": Keyed(ANSWERER, REQUESTS),
}
OF_PROGRAMME: Mapping[str, Whose] = {
    "plan": Keyed(
        "x.programme_id",
        PUBLIC,
        "JOIN (SELECT DISTINCT programme_id, work_plan_id FROM {table:target} WHERE archived_at IS NULL) x"
        " ON x.work_plan_id = {t}.id",
    ),
    "target": Keyed("{t}.programme_id", TARGETS),
    "task": Keyed("x.programme_id", TASKS, "JOIN {table:target} x ON x.id = {t}.target_id"),
    "help": Keyed("x.programme_id", HELP, "JOIN {table:target} x ON x.id = {t}.target_id"),
    "request": Keyed(
        "x.programme_id",
        REQUESTS,
        # A public request may be about what has gone into a draft, whose moves are nobody else's.
        f"JOIN {{table:target}} x ON x.id = {OF_ITS_TARGET} AND x.draft_of_id IS NULL",
    ),
}
OF_PLAN: Mapping[str, Whose] = {
    "plan": Keyed("{t}.id", PUBLIC),
    "target": Keyed("{t}.work_plan_id", TARGETS),
    "task": Keyed("{t}.work_plan_id", "{t}.draft_of_id IS NULL"),
    "help": Keyed("{t}.work_plan_id", HELP),
    "request": Keyed(
        f"coalesce({OF_TASK.format(column='work_plan_id')},"
        " (SELECT x.work_plan_id FROM {table:target.work_plan_id} x WHERE x.id = {t}.target_id))",
        REQUESTS,
    ),
}


def of_all(organisation_ids: str) -> Mapping[str, Whose]:
    """What is any of these organisations', given as a sub-select: one sum, whatever the row."""
    return {
        "plan": f"{{t}}.organisation_id IN {organisation_ids} AND {PUBLIC}",
        "target": f"{{t}}.owner_id IN {organisation_ids} AND {TARGETS}",
        "task": f"{{t}}.organisation_id IN {organisation_ids} AND {TASKS}",
        "help": f"{{t}}.organisation_id IN {organisation_ids} AND {HELP}",
        "request": f"{ANSWERER} IN {organisation_ids} AND {REQUESTS}",
    }


def _targets(state: str, description: str) -> int:
    return aggregate("target", f"count(*) FILTER (WHERE {TRACK_STATE} = '{state}')", description)  # type: ignore[no-any-return]


def _tasks(condition: str, description: str) -> int:
    counted = f"coalesce(sum({{t}}.n) FILTER (WHERE {condition}), 0)::bigint"
    return aggregate("task_count", counted, description)  # type: ignore[no-any-return]


@strawberry.type(
    description="What is done and what is not, at a glance, of one year: the present one, unless another is asked for. "
    "The year's plans and targets; the tasks that were due in it, and in the present year all that are open; the "
    "collaboration requests that wait for an answer: of an organisation its own, of a plan or a programme those about "
    "its targets and tasks. Of a plan it is all that stands in it, whatever year it is. Drafts that were never "
    "submitted, archived things and proposals are not counted, for anybody."
)
class StatusSummary:
    plan_count: int = aggregate("work_plan", "count(*)", "Work plans that were submitted at least once.")
    approved_plan_count: int = aggregate(
        "work_plan", "count(*) FILTER (WHERE {t}.status IN ('APPROVED', 'CLOSED'))", "Work plans in force or closed."
    )
    target_count: int = aggregate("target", "count(*)", "Targets.")
    realised_count: int = _targets("REALISED", "Targets that are realised: at 100 % of the year's target for good.")
    on_track_count: int = _targets("ON_TRACK", "Targets on track.")
    at_risk_count: int = _targets("AT_RISK", "Targets at risk.")
    off_track_count: int = _targets("OFF_TRACK", "Targets off track.")
    not_started_count: int = _targets(
        "NOT_STARTED", "Targets of which nothing is expected yet, or that cannot be measured."
    )
    not_reported_count: int = _targets("NOT_REPORTED", "Targets whose report is due and missing.")
    no_active_owner_count: int = aggregate(
        "target",
        f"count(*) FILTER (WHERE {health(*KEEPER_OF_TARGET)} <> 'ACTIVE')",
        "Targets without an owner who acts: `ownerHealth` is not ACTIVE.",
    )
    average_achievement: Percent | None = aggregate(
        "target",
        f"avg(least({{t}}.achievement, {CAP})) FILTER (WHERE {{t}}.achievement IS NOT NULL AND {TOLD.sql})",
        "The mean of `achievement`, the capaian of the whole year, each up to the city's `achievementCap`, over the "
        "targets whose year is told; null while there is none. Not of the year so far: that is "
        "`averageAchievementToDate`. Never to stand beside that one or a `gradeToDate` under one label.",
    )
    average_achievement_left_out: int = aggregate(
        "target",
        f"count(*) FILTER (WHERE NOT {TOLD.sql} OR {{t}}.achievement IS NULL)",
        "How many targets `averageAchievement` leaves out: their year is not told, or not measurable.",
    )
    average_achievement_to_date: Percent | None = aggregate(
        "target",
        f"avg(least({{t}}.achievement_to_date, {CAP}))"
        f" FILTER (WHERE {{t}}.achievement_to_date IS NOT NULL AND NOT {IS_NOT_REPORTED})",
        "The mean of `achievementToDate`, the capaian of the year so far against what was expected by then, each up to "
        "the city's `achievementCap`; what a board shows within the year. Null while there is nothing to compare. Not "
        "the capaian of the year, and not the light: that counts the way from the baseline.",
    )
    average_achievement_to_date_left_out: int = aggregate(
        "target",
        f"count(*) FILTER (WHERE {IS_NOT_REPORTED} OR {{t}}.achievement_to_date IS NULL)",
        "How many targets `averageAchievementToDate` leaves out: not reported, nothing expected yet, or not "
        "measurable.",
    )
    task_count: int = _tasks("{t}.status <> 'CANCELLED'", "Tasks that were not cancelled.")
    done_task_count: int = _tasks("{t}.status = 'DONE'", "Tasks done.")
    blocked_task_count: int = _tasks("{t}.status = 'BLOCKED'", "Tasks blocked.")
    help_wanted_count: int = aggregate(
        "task", "count(*)", "Blocked tasks with which help of the mayor's office is wanted; now, whatever the year."
    )
    overdue_task_count: int = _tasks(
        "{t}.is_overdue", "Open tasks past their due date, as far as that was recorded: seconds after midnight it is."
    )
    open_request_count: int = aggregate(
        "collaboration_request", "count(*)", "Collaboration requests that wait for an answer."
    )
    lapsed_request_count: int = aggregate(
        "collaboration_request",
        "count(*) FILTER (WHERE {t}.kind = 'NEED' AND {t}.lapsed_at IS NOT NULL)",
        "Of these, the requests for help whose answer is late. Offers of help lapse without a count.",
    )


def as_summed(name: str) -> Any:
    """The same aggregate as this field of a summary, over the rows of a group."""
    found: Any = declaration_of(declared_fields(StatusSummary)[name])
    return aggregate(found.source, found.sql, found.description)


def summary(
    description: str, whose: Mapping[str, Whose], *, is_of_one_year: bool = False, is_of_programmes: bool = False
) -> StatusSummary:
    """The `summary` field of a type; `whose`: which plans, targets, tasks and requests it counts.

    `is_of_one_year`: all that it counts is of one year, which nobody needs to name. `is_of_programmes`: it can be asked
    of one programme alone.
    """
    source = {"plan": "work_plan", "task": "task_count", "help": "task", "request": "collaboration_request"}
    arguments = {} if is_of_one_year else {"year": OF_YEAR}
    arguments |= {"programme": OF_ONE_PROGRAMME} if is_of_programmes else {}
    return embedded(  # type: ignore[no-any-return]
        {source.get(name, name): each for name, each in whose.items()}, description, arguments=arguments
    )
