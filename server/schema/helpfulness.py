"""How helpful an organisation has been: the counts of rules/helpfulness.py, made by the database."""

from __future__ import annotations

import strawberry

from server.query.declare.fields import aggregate, argument
from server.rules.helpfulness import FEWEST_ANSWERS
from server.schema.collaboration_lapse import IS_LAPSED
from server.schema.scalars import Percent

MADE_IN_YEAR = argument(
    int,
    "extract(year FROM {t}.created_at AT TIME ZONE (SELECT c.time_zone FROM {table:city} c))"
    " = coalesce({value}, extract(year FROM {today}::timestamp)::integer)",
    "The year in which it was asked or offered; this year when it is absent.",
    always=True,
)

# The requests of which an organisation is the giver, and those that it had and another has now.
GIVEN_HELP = (
    "({t}.giver_id = {parent} OR {t}.redirects @> jsonb_build_array(jsonb_build_object('fromId', ({parent})::text)))"
)
IS_GIVER = "{t}.giver_id = {parent}"
NEED = f"{IS_GIVER} AND {{t}}.kind = 'NEED'"
ANSWERED = f"{NEED} AND {{t}}.answered_at IS NOT NULL AND {{t}}.answer_stopped_at IS NOT NULL"
IN_TIME = f"{ANSWERED} AND {{t}}.answer_stopped_at < {{t}}.answer_due_at + interval '1 second'"
# Of what is running whatever the sweep has written; what was settled by other means than an answer kept the moment.
MISSED = f"{NEED} AND NOT ({ANSWERED}) AND ({{t}}.lapsed_at IS NOT NULL OR {IS_LAPSED})"
# Its time had run out with this organisation before the mayor's office named another.
LAPSED_BEFORE = (
    "jsonb_path_exists({t}.redirects, '$[*] ? (@.fromId == $giver && @.lapsedAt != null)',"
    " jsonb_build_object('giver', ({parent})::text))"
)
DELIVERED = f"{IS_GIVER} AND {{t}}.status IN ('DELIVERED', 'CONFIRMED')"
LATE = f"{DELIVERED} AND {{t}}.days_late > 0"


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


@strawberry.type(description="How an organisation helped others. Nothing of it comes from a case.")
class Helpfulness:
    asked_count: int = aggregate(
        "collaboration_request",
        f"{_count(NEED)} + {_count(LAPSED_BEFORE)}",
        "Requests for help of which it is the giver now, and those that had lapsed with it before another was named.",
    )
    answered_count: int = aggregate(
        "collaboration_request", _count(ANSWERED), "Of these, those that were answered; a no is an answer."
    )
    answered_in_time_count: int = aggregate(
        "collaboration_request", _count(IN_TIME), "Of these, those that were answered in time."
    )
    answered_in_time_share: Percent | None = aggregate(
        "collaboration_request",
        f"CASE WHEN {_count(ANSWERED)} >= {FEWEST_ANSWERS}"
        f" THEN 100.0 * {_count(IN_TIME)} / ({_count(ANSWERED)} + {_count(MISSED)}"
        f" + {_count(LAPSED_BEFORE)}) END",
        "Percent answered in time of what was answered or should have been; null under five answers.",
    )
    delivered_count: int = aggregate(
        "collaboration_request", _count(DELIVERED), "What it delivered, for requests and offers."
    )
    offered_count: int = aggregate(
        "collaboration_request",
        _count(f"{IS_GIVER} AND {{t}}.kind = 'OFFER' AND {{t}}.status <> 'WITHDRAWN'"),
        "Offers of help that it made and did not take back.",
    )
    offers_delivered_count: int = aggregate(
        "collaboration_request", _count(f"{{t}}.kind = 'OFFER' AND {DELIVERED}"), "Of these, those that it delivered."
    )
    delivered_late_count: int = aggregate(
        "collaboration_request", _count(LATE), "Of what it delivered, what came after the agreed date."
    )
    days_late: int = aggregate(
        "collaboration_request",
        f"coalesce(sum({{t}}.days_late) FILTER (WHERE {LATE}), 0)",
        "By how many days that came late, all together.",
    )
