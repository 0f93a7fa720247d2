"""People, organisations and facts for the tests of rules; each test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from server.rules.account import AccountInFull
from server.rules.city import CityFacts, grade_scale
from server.rules.collaboration_facts import RequestFacts, RequestKind, RequestStatus
from server.rules.escalation_facts import EscalationStatus
from server.rules.office import Office
from server.rules.organisation import OrganisationEnd, OrganisationInFull, OrganisationKind
from server.rules.refusal import Code, Refused, refused
from server.rules.reply_clock import ReplyClockFacts
from server.rules.target import RollUp, TargetDirection, TargetInFull
from server.rules.task import TaskStatus
from server.rules.task_content import TaskInFull
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.work_plan import WorkPlanInFull, WorkPlanStatus
from server.rules.workdays import Calendar

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def uid(number: int) -> UUID:
    return UUID(int=number)


CITY_HALL, DLH, BAPPEDA, JOHOR, POLONIA = (uid(n) for n in range(1, 6))


def viewer(number: int, organisation: UUID, role: Role, *heads: tuple[UUID, Capacity]) -> Viewer:
    office = CITY_HALL if any(headed == CITY_HALL for headed, _ in heads) else None
    return Viewer(
        uid(100 + number), organisation, role, frozenset(heads), mayors_office_id=office, has_case_access=True
    )


MAYOR = viewer(1, CITY_HALL, Role.MAYOR, (CITY_HALL, Capacity.DEFINITIVE))
OFFICE = viewer(2, CITY_HALL, Role.OFFICE)
REVIEWER = viewer(3, BAPPEDA, Role.REVIEWER)
ADMIN = viewer(4, CITY_HALL, Role.ADMIN)
HEAD = viewer(5, DLH, Role.HEAD, (DLH, Capacity.DEFINITIVE))
STAFF = viewer(6, DLH, Role.STAFF)
PLH = viewer(7, DLH, Role.STAFF, (DLH, Capacity.PLH))
OUTSIDER = viewer(8, JOHOR, Role.STAFF)
OBSERVER = viewer(9, DLH, Role.OBSERVER)
INTEGRATION = viewer(10, DLH, Role.INTEGRATION)
CAMAT = viewer(11, JOHOR, Role.HEAD, (JOHOR, Capacity.DEFINITIVE))
OTHER_HEAD = viewer(12, POLONIA, Role.HEAD, (POLONIA, Capacity.DEFINITIVE))
EVERYBODY = (MAYOR, OFFICE, REVIEWER, ADMIN, HEAD, STAFF, PLH, OUTSIDER, OBSERVER, INTEGRATION)


def organisation(kind: OrganisationKind = OrganisationKind.OPD, **changed: Any) -> OrganisationInFull:
    facts = OrganisationInFull(
        id=DLH, kind=kind, valid_from=date(2021, 1, 1), name="Dinas Lingkungan Hidup", short_name="DLH"
    )
    return replace(facts, **changed)


def account(**changed: Any) -> AccountInFull:
    facts = AccountInFull(
        id=uid(200),
        organisation_id=DLH,
        role=Role.STAFF,
        is_active=True,
        is_last_administrator=False,
        name="Siti Rahma",
        title=None,
        login="siti",
        heads=frozenset(),
    )
    return replace(facts, **changed)


# An organisation that has ended, and what is told of it.
ENDED = OrganisationEnd(valid_to=TODAY, successor_name="Dinas Kebersihan")
ENDED_FACTS = {"ended_on": TODAY, "successor": "Dinas Kebersihan"}


def task(status: TaskStatus = TaskStatus.IN_PROGRESS, **changed: Any) -> TaskInFull:
    facts = TaskInFull(
        id=uid(300),
        organisation_id=DLH,
        status=status,
        progress=40,
        is_ordered=False,
        needs_evidence=False,
        checklist=(),
        evidence=(),
        support_asked_at=None,
        archived_at=None,
        plan_status=WorkPlanStatus.APPROVED,
        plan_needs_evidence=False,
        organisation=OrganisationEnd(),
        title="Angkut sampah Kali Deli",
        work_plan_id=uid(400),
    )
    return replace(facts, **changed)


def request(status: RequestStatus = RequestStatus.OPEN, **changed: Any) -> RequestFacts:
    """Medan Johor asks DLH, on Monday 23 November 2026 at 10.00 in Medan."""
    facts = RequestFacts(
        id=uid(600),
        kind=RequestKind.NEED,
        status=status,
        asker_id=JOHOR,
        giver_id=DLH,
        mayors_office_id=CITY_HALL,
        made_at=NOW,
        title="Angkut sampah Kali Deli",
        needed_on=date(2026, 12, 4),
        agreed_due_on=date(2026, 12, 4),
        answer_started_at=NOW,
        answer_due_at=datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC),
        answered_at=None if status is RequestStatus.OPEN else NOW,
        answer_stopped_at=None if status is RequestStatus.OPEN else NOW,
        accepted_at=NOW,
        delivered_at=NOW,
        disputed_at=NOW,
        dispute_reason="Masih ada sampah",
    )
    return replace(facts, **changed)


def case(status: EscalationStatus = EscalationStatus.REPLIED, **changed: Any) -> ReplyClockFacts:
    """Medan Johor has reported DLH; the person whom it may strike, none of the above, has replied."""
    facts = ReplyClockFacts(
        id=uid(700),
        request_id=uid(600),
        filer_id=JOHOR,
        respondent_id=DLH,
        status=status,
        ground_arose_at=NOW,
        mayors_office_id=CITY_HALL,
        respondent_kind=OrganisationKind.OPD,
        filed_at=NOW,
        person_id=uid(300),
        person_told_at=NOW,
        person_reply_days=7,
        person_replied_at=NOW,
        reply_due_at=datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC),
        person_reply_due_at=datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC),
        respondent=Office(Calendar.of("Asia/Jakarta")),
    )
    return replace(facts, **changed)


def plan(status: WorkPlanStatus = WorkPlanStatus.DRAFT, **changed: Any) -> WorkPlanInFull:
    facts = WorkPlanInFull(
        id=uid(400),
        organisation_id=DLH,
        year=2026,
        status=status,
        target_count=3,
        closable_at=datetime(2026, 11, 1, tzinfo=UTC),
        archived_at=None,
        organisation=OrganisationEnd(),
        is_year_taken=False,
        title="Rencana kerja DLH 2026",
        needs_evidence=False,
    )
    return replace(facts, **changed)


def target(plan_status: WorkPlanStatus = WorkPlanStatus.APPROVED, **changed: Any) -> TargetInFull:
    facts = TargetInFull(
        id=uid(500),
        owner_id=DLH,
        is_proposed=False,
        archived_at=None,
        has_open_amendment=False,
        plan_status=plan_status,
        plan_year=2026,
        plan_archived_at=None,
        owner=OrganisationEnd(),
        last_measured_on=None,
        draft_of_id=None,
        indicator="Sampah terangkut",
        unit="ton",
        direction=TargetDirection.MAXIMISE,
        roll_up=RollUp.LAST,
        target_value=Decimal(100),
        due_on=date(2026, 12, 31),
        milestones=(),
    )
    return replace(facts, **changed)


CITY = CityFacts(
    code="12.71",
    name="Kota Medan",
    calendar=Calendar.of("Asia/Jakarta"),
    report_working_days=10,
    grade_scale=grade_scale(
        [
            {"grade": "VERY_HIGH", "from": 91},
            {"grade": "HIGH", "from": 76},
            {"grade": "MEDIUM", "from": 66},
            {"grade": "LOW", "from": 51},
            {"grade": "VERY_LOW", "from": 0},
        ]
    ),
    term_starts_on=date(2025, 2, 20),
    term_ends_on=date(2030, 2, 20),
)


def why(rule: Any, *args: Any, **named: Any) -> tuple[Code, tuple[str, ...]] | None:
    """The code and path with which a rule refuses, or None."""
    refusal = refused(rule, *args, **named)
    return None if refusal is None else (refusal.code, refusal.path)


def code(rule: Any, *args: Any, **named: Any) -> Code | None:
    """The code with which a rule refuses, or None."""
    refusal = refused(rule, *args, **named)
    return None if refusal is None else refusal.code


def refusal(rule: Any, *args: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        rule(*args, **named)
    return caught.value
