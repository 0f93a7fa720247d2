"""Rows as the facts that rules take: what a rule needs of a row and of those around it, fetched once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.rows import IS_COMMITMENT
from server.actions.transaction import Transaction
from server.models import Account, Appointment, CollaborationRequest, Organisation, Target, Task, WorkPlan
from server.rules import bounds
from server.rules.account import AccountFacts
from server.rules.collaboration import CollaborationStatus
from server.rules.organisation import OrganisationFacts, has_ended
from server.rules.refusal import Code, Refused
from server.rules.task import ChecklistItem, Evidence, TaskFacts
from server.rules.viewer import Role
from server.rules.work_plan import WorkPlanFacts, WorkPlanStatus, closable_at


async def organisation_by_code(tx: Transaction, code: str | None, *path: str) -> Organisation:
    """Refuses REQUIRED (a patch's null) and NOT_FOUND."""
    row = await tx.find(Organisation, code=bounds.given(code, *path).strip())
    if row is None:
        raise Refused(Code.NOT_FOUND, *path)
    return row


async def receiving_organisation(tx: Transaction, code: str | None, *path: str) -> Organisation:
    """The same, held: what it is given now and its end come one after the other, so that the end takes it along."""
    return await tx.hold(Organisation, (await organisation_by_code(tx, code, *path)).id, *path)


def organisation_facts(row: Organisation) -> OrganisationFacts:
    return OrganisationFacts(
        id=row.id,
        kind=row.kind,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        name=row.name,
        short_name=row.short_name,
        parent_id=row.parent_id,
        successor_id=row.successor_id,
    )


async def account_facts(tx: Transaction, row: Account) -> AccountFacts:
    """With the organisations that the account heads today."""
    appointments = await tx.select(Appointment, account_id=row.id)
    heads = frozenset(
        each.organisation_id
        for each in appointments
        if each.valid_from <= tx.today and (each.valid_to is None or tx.today <= each.valid_to)
    )
    is_last = False
    if row.role is Role.ADMIN and row.is_active:
        is_last = len(await tx.select(Account, role=Role.ADMIN, is_active=True, limit=2)) == 1
    return AccountFacts(
        id=row.id,
        organisation_id=row.organisation_id,
        role=row.role,
        is_active=row.is_active,
        name=row.name,
        title=row.title,
        login=row.login,
        heads=heads,
        is_last_administrator=is_last,
    )


# What a task's rules need of the rows beside it.
TASK_BESIDE = {
    "plan_status": "work_plan.status",
    "plan_needs_evidence": "work_plan.needs_evidence",
    "plan_archived_at": "work_plan.archived_at",
    "ends_on": "organisation.valid_to",
    "is_commitment": IS_COMMITMENT,
}


async def commitments_among(tx: Transaction, tasks: Iterable[Task]) -> frozenset[UUID]:
    """Which of these tasks a collaboration request became that was not withdrawn."""
    kept = [status for status in CollaborationStatus if status is not CollaborationStatus.WITHDRAWN]
    found = await tx.select(CollaborationRequest, commitment_id=[task.id for task in tasks], status=kept)
    return frozenset(request.commitment_id for request in found if request.commitment_id is not None)


async def task_facts(tx: Transaction, row: Task) -> TaskFacts:
    """Of a task that is in hand, its plan and organisation looked up."""
    plan = None if row.work_plan_id is None else await tx.find(WorkPlan, id=row.work_plan_id)
    organisation = await tx.find(Organisation, id=row.organisation_id)
    assert organisation is not None
    beside = {
        "plan_status": None if plan is None else plan.status,
        "plan_needs_evidence": plan is not None and plan.needs_evidence,
        "plan_archived_at": None if plan is None else plan.archived_at,
        "ends_on": organisation.valid_to,
        "is_commitment": row.id in await commitments_among(tx, [row]),
    }
    return task_facts_beside(row, beside, tx.today)


def task_facts_beside(row: Task, beside: Mapping[str, Any], today: date) -> TaskFacts:
    """`beside`: the values of TASK_BESIDE."""
    plan_status = beside["plan_status"]
    return TaskFacts(
        id=row.id,
        organisation_id=row.organisation_id,
        status=row.status,
        progress=row.progress,
        is_ordered=row.is_ordered,
        needs_evidence=row.needs_evidence,
        support_asked_at=row.support_asked_at,
        archived_at=row.archived_at,
        plan_status=None if plan_status is None else WorkPlanStatus(plan_status),
        plan_needs_evidence=bool(beside["plan_needs_evidence"]),
        is_organisation_ended=has_ended(beside["ends_on"], today),
        plan_archived_at=beside["plan_archived_at"],
        title=row.title,
        description=row.description,
        priority=row.priority,
        starts_on=row.starts_on,
        due_on=row.due_on,
        external_id=row.external_id,
        work_plan_id=row.work_plan_id,
        target_id=row.target_id,
        assignee_id=row.assignee_id,
        kelurahan_id=row.kelurahan_id,
        draft_of_id=row.draft_of_id,
        is_commitment=beside["is_commitment"],
        checklist=cast(tuple[ChecklistItem, ...], tuple(row.checklist)),
        evidence=cast(tuple[Evidence, ...], tuple(row.evidence)),
    )


async def work_plan_facts(tx: Transaction, row: WorkPlan) -> WorkPlanFacts:
    """With the number of its targets, and whether its organisation has ended or has another plan for the year."""
    organisation = await tx.find(Organisation, id=row.organisation_id)
    assert organisation is not None
    targets = await tx.select(Target, limit=1, work_plan_id=row.id, archived_at=None)
    is_taken = row.archived_at is not None and (await plan_of(tx, row.organisation_id, row.year)) is not None
    return WorkPlanFacts(
        id=row.id,
        organisation_id=row.organisation_id,
        year=row.year,
        status=row.status,
        target_count=len(targets),
        closable_at=closable_at(row.year, tx.city.report_working_days, tx.city.calendar),
        archived_at=row.archived_at,
        is_organisation_ended=has_ended(organisation.valid_to, tx.today),
        draft_of_id=row.draft_of_id,
        title=row.title,
        needs_evidence=row.needs_evidence,
        is_year_taken=is_taken,
    )


async def plan_of(tx: Transaction, organisation_id: UUID, year: int) -> WorkPlan | None:
    """The organisation's plan for the year, archived ones aside."""
    return await tx.find(WorkPlan, organisation_id=organisation_id, year=year, archived_at=None)
