"""The city's own facts: one row, loaded from its data files."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault

from server.models.fields import NOTHING, Subject, choice
from server.rules.target import Formula


class City(Subject):
    """Name, term, time zone, grade scale and report days; everything that another city would change."""

    code = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=200)
    time_zone = fields.CharField(max_length=60)
    term_starts_on: date = fields.DateField()
    term_ends_on: date = fields.DateField()
    report_working_days: int = fields.IntField(description="Working days after a quarter within which a report is due.")
    grade_scale: list[dict[str, Any]] = fields.JSONField(
        description='[{"grade": "VERY_HIGH", "from": 91}, …], highest first.'
    )
    achievement_cap: int = fields.IntField(
        default=110, db_default=110, description="Percent at which a capaian is capped in averages."
    )
    target_formula = choice(Formula, default=Formula.RATIO, db_default=Formula.RATIO.value)
    holidays: list[dict[str, Any]] = fields.JSONField(
        default=list, description='Own days: [{"date", "name", "isWorkday"}].'
    )
    legal_bases: list[dict[str, Any]] = fields.JSONField(
        default=list, db_default=NOTHING, description='Own laws, beside the known: [{"code", "title", "from", "to"}].'
    )
    referral_bodies: list[str] = fields.JSONField(
        default=list, db_default=NOTHING, description="Codes of the organisations to which a case may be referred."
    )
    inspectorate = fields.CharField(
        max_length=20, null=True, description="Code of the one of them to which a city company's case may be."
    )
    person_reply_working_days: int = fields.IntField(
        default=7, db_default=7, description="Working days in which the person of a case replies."
    )
    ruling_working_days: int = fields.IntField(
        default=3, db_default=3, description="Working days in which the mayor's office rules on a request."
    )
    acting_months: int = fields.IntField(
        default=6, db_default=6, description="Months after which an acting appointment is overdue."
    )
    complete_years: list[int] = fields.JSONField(
        default=list, db_default=NOTHING, description="Whose calendar an administrator has said to be complete."
    )
    reprimand_kinds: list[str] = fields.JSONField(
        db_default=SqlDefault('\'["OPD", "KECAMATAN"]\''),
        description="Kinds of organisation against whose heads the mayor decides a reprimand.",
    )
    map: list[dict[str, Any]] = fields.JSONField(
        default=list, db_default=NOTHING, description='Tiles of the kecamatan: [{"code", "column", "row"}].'
    )
    is_demo = fields.BooleanField(
        default=False, db_default=False, description="Holds the demo year, whose accounts have known passwords."
    )

    class Meta:
        table = "city"

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return []
