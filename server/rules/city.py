"""The city's own facts on which rules rest: its calendar, report days, grade scale and term. Data, never code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from server.rules.aggregate import Aggregate
from server.rules.event import EventType
from server.rules.legal_basis import LEGAL_BASES, LegalBasis
from server.rules.organisation import OrganisationKind
from server.rules.target import Formula, Grade
from server.rules.visibility import EVERYONE
from server.rules.workdays import Calendar

# Where the city's data say nothing: against heads of which organisations the mayor decides a reprimand; the working
# days in which a case's person replies, and in which the mayor's office rules; how many months an acting head is one.
REPRIMAND_KINDS = (OrganisationKind.OPD, OrganisationKind.KECAMATAN)
PERSON_REPLY_DAYS = 7
RULING_DAYS = 3
# An acting appointment lasts three months and may be prolonged once by three (the personnel agency's circular).
ACTING_MONTHS = 6
# From this whole percent upwards the grade; highest first.
GradeScale = tuple[tuple[Decimal, Grade], ...]


@dataclass(frozen=True, slots=True, eq=False)
class CityFacts:
    """One per process, renewed when the city's row changes.

    `legal_bases`: what a decision can cite; `referral_bodies`: the codes of the organisations to which one can refer;
    `inspectorate`: of them the one to which a city company's case can go; `reprimand_kinds`: against heads of which
    kinds of organisation the mayor decides a reprimand. `target_formula`: with which a new target begins.
    """

    code: str
    name: str
    calendar: Calendar
    report_working_days: int
    grade_scale: GradeScale
    term_starts_on: date
    term_ends_on: date
    legal_bases: Sequence[LegalBasis] = LEGAL_BASES
    referral_bodies: Sequence[str] = ()
    target_formula: Formula = Formula.RATIO
    inspectorate: str | None = None
    person_reply_working_days: int = PERSON_REPLY_DAYS
    reprimand_kinds: Sequence[OrganisationKind] = REPRIMAND_KINDS
    ruling_working_days: int = RULING_DAYS


CITY: Final = Aggregate[None](
    name="City",
    table="city",
    prefix="city",
    visibility=EVERYONE,
    of_itself=(EventType.CITY_REFERRAL_BODY_PASSED_ON,),
    exempt={
        "allowed-actions": "what is done to it is offered on the viewer",
        "watched": "a calendar is read once a day",
        "recount": "its row is laid down from files, with version 1 and no event",
    },
)


def grade_scale(stored: Iterable[Mapping[str, Any]]) -> GradeScale:
    """From the city's data, `[{"grade": "VERY_HIGH", "from": 91}, …]`, in any order."""
    steps = ((Decimal(str(step["from"])), Grade(step["grade"])) for step in stored)
    return tuple(sorted(steps, key=lambda step: step[0], reverse=True))
