"""How a day ended: the counts of the status board, kept for each organisation, each programme and the city."""

from __future__ import annotations

from typing import Final

from server.rules.aggregate import Part
from server.rules.visibility import EVERYONE

STATUS_DAY: Final = Part[None](name="StatusDay", table="status_day", prefix="day", visibility=EVERYONE)

# What is kept of a summary, by the names of the columns.
COUNTED: Final = (
    "plan_count",
    "approved_plan_count",
    "target_count",
    "realised_count",
    "on_track_count",
    "at_risk_count",
    "off_track_count",
    "not_started_count",
    "not_reported_count",
    "average_achievement",
    "average_achievement_left_out",
    "average_achievement_to_date",
    "average_achievement_to_date_left_out",
    "task_count",
    "done_task_count",
    "blocked_task_count",
    "help_wanted_count",
    "overdue_task_count",
    "open_request_count",
    "lapsed_request_count",
)
