"""How the days ended: what the board said then, of which nothing else is left once it has moved on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, ordered, reference


class StatusDay(Row):
    """The counts of one organisation, of one programme, or (neither) of the city, as a day ended.

    Written once, by the sweep or from the log (background/keep_days.py). Bookkeeping: no version, no event.
    """

    counted_on: date = fields.DateField()
    organisation = reference("Organisation", null=True)
    organisation_id: UUID | None
    programme = reference("Programme", null=True)
    programme_id: UUID | None
    plan_count: int = fields.IntField()
    approved_plan_count: int = fields.IntField()
    target_count: int = fields.IntField()
    realised_count: int = fields.IntField()
    on_track_count: int = fields.IntField()
    at_risk_count: int = fields.IntField()
    off_track_count: int = fields.IntField()
    not_started_count: int = fields.IntField()
    not_reported_count: int = fields.IntField()
    average_achievement: Decimal | None = fields.DecimalField(max_digits=18, decimal_places=4, null=True)
    average_achievement_left_out: int = fields.IntField()
    average_achievement_to_date: Decimal | None = fields.DecimalField(max_digits=18, decimal_places=4, null=True)
    average_achievement_to_date_left_out: int = fields.IntField()
    task_count: int = fields.IntField()
    done_task_count: int = fields.IntField()
    blocked_task_count: int = fields.IntField()
    help_wanted_count: int = fields.IntField()
    overdue_task_count: int = fields.IntField()
    open_request_count: int = fields.IntField()
    lapsed_request_count: int = fields.IntField()

    class Meta:
        table = "status_day"
        constraints = [
            UniqueConstraint(fields=("counted_on", "organisation_id", "programme_id"), name="status_day_once")
            # NULLS NOT DISTINCT
        ]
        indexes = ordered("organisation_id counted_on", "programme_id counted_on", "counted_on")
