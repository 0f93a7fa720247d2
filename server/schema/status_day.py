"""The status board over time: how each day ended, of each organisation, each programme and the city."""

from __future__ import annotations

import datetime as dt
from typing import Any

from server.query.declare.fields import add_field, argument, column, root_list, table, to_many, to_one
from server.rules.status_day import COUNTED, STATUS_DAY
from server.rules.target_series import SeriesStep
from server.schema.city import City
from server.schema.connection import Connection
from server.schema.node import Node
from server.schema.organisation import Organisation
from server.schema.programme import Programme
from server.schema.scalars import Percent
from server.schema.summary import as_summed


def _kept(name: str) -> Any:
    """What a summary says under this name, as it was kept."""
    assert name in COUNTED, name
    words: str = as_summed(name).description
    return column(words, filter=False, why="days are chosen by their date")


@table(
    STATUS_DAY,
    order=["counted_on"],
    description="How a day ended: what `summary` said of that day's year a second before midnight. Today's is "
    "`summary` itself. Of days on which no server ran, and from before days were kept, `kolaborasi keep-past-days` "
    "makes it from the log.",
)
class StatusDay(Node):
    counted_on: dt.date = column("The day.", order=True)
    organisation: Organisation | None = to_one(
        "organisation_id", "Whose counts these are; null where they are a programme's, or the city's."
    )
    programme: Programme | None = to_one(
        "programme_id", "The programme whose counts these are; null where they are an organisation's, or the city's."
    )
    plan_count: int = _kept("plan_count")
    approved_plan_count: int = _kept("approved_plan_count")
    target_count: int = _kept("target_count")
    realised_count: int = _kept("realised_count")
    on_track_count: int = _kept("on_track_count")
    at_risk_count: int = _kept("at_risk_count")
    off_track_count: int = _kept("off_track_count")
    not_started_count: int = _kept("not_started_count")
    not_reported_count: int = _kept("not_reported_count")
    average_achievement: Percent | None = _kept("average_achievement")
    average_achievement_left_out: int = _kept("average_achievement_left_out")
    average_achievement_to_date: Percent | None = _kept("average_achievement_to_date")
    average_achievement_to_date_left_out: int = _kept("average_achievement_to_date_left_out")
    task_count: int = _kept("task_count")
    done_task_count: int = _kept("done_task_count")
    blocked_task_count: int = _kept("blocked_task_count")
    help_wanted_count: int = _kept("help_wanted_count")
    overdue_task_count: int = _kept("overdue_task_count")
    open_request_count: int = _kept("open_request_count")
    lapsed_request_count: int = _kept("lapsed_request_count")


# The last days of weeks (Sunday), months and quarters.
IS_LAST_OF_STEP = (
    "CASE {value} WHEN 'WEEK' THEN extract(isodow FROM {t}.counted_on) = 7"
    " WHEN 'MONTH' THEN extract(day FROM {t}.counted_on + 1) = 1"
    " WHEN 'QUARTER' THEN extract(day FROM {t}.counted_on + 1) = 1"
    " AND extract(month FROM {t}.counted_on)::integer % 3 = 0"
    " ELSE true END"
)
STEP = {
    "step": argument(
        SeriesStep,
        IS_LAST_OF_STEP,
        "The last days alone of the weeks, months or quarters; every day when it is absent.",
    )
}
DAYS = "How its past days ended, the first day first; today's is `summary`."

add_field(Organisation, "status_days", Connection[StatusDay], to_many("organisation_id", DAYS, arguments=STEP))
add_field(Programme, "status_days", Connection[StatusDay], to_many("programme_id", DAYS, arguments=STEP))
add_field(
    City,
    "status_days",
    Connection[StatusDay],
    to_many(
        "{t}.organisation_id IS NULL AND {t}.programme_id IS NULL",
        "How past days ended for the whole city, the first day first: of each count the sum over the organisations of "
        "that day; each average is the mean over all their targets. Today's is `statusBoard.totals`.",
        arguments=STEP,
    ),
)
queries = [
    root_list(
        "statusDays",
        Connection[StatusDay],
        "How past days ended, of every organisation, every programme and the city, the first day first.",
        search=False,
        arguments=STEP,
    )
]
