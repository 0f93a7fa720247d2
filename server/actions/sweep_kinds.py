"""The kinds of subject that the sweep looks through: which rows, what their rules need beside them, what is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from server.actions.facts import offices, read_all_facts
from server.actions.figures import kept_reports
from server.actions.transaction import Transaction
from server.ids import encode
from server.models import (
    Account,
    Appointment,
    Delegation,
    Escalation,
    FollowUp,
    Measurement,
    Organisation,
    Request,
    Target,
    Task,
)
from server.models.fields import Subject
from server.rules import sweep as rules
from server.rules.case_term import TermFacts, Terms
from server.rules.collaboration_facts import RUNNING, RequestFacts, RequestStatus
from server.rules.escalation_facts import EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.office import Office
from server.rules.report import told_quarter
from server.rules.sweep import Deadline, Step
from server.rules.task import OPEN
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import quarter_of

Beside: TypeAlias = Any  # what a kind's own functions hand each other
Recorded: TypeAlias = Collection[Deadline]


def _told_nothing(row: Any, beside: Beside, step: Step) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepKind:
    """`where`: the rows that may have a step, by an index; what ran out before the given day is left out, where nothing
    but the log would tell of it. `beside`: what the rule needs for each of these rows.

    `has_one_step`: nothing but the log tells of it, and once that is written there is nothing left to do.
    """

    model: type[Subject]
    where: Callable[[Transaction, date], tuple[str, tuple[object, ...]]]
    beside: Callable[[Transaction, Sequence[Any]], Awaitable[Mapping[UUID, Beside]]]
    step: Callable[[Any, Beside, Transaction, Recorded], Step | None]
    facts: Callable[[Any, Beside, Step], Mapping[str, object]] = _told_nothing
    has_one_step: bool = False


async def set_at(tx: Transaction, rows: Sequence[Subject], column: str) -> dict[UUID, Any]:
    """When the column was given its present value: the log says it, or for what was loaded without events the row."""
    found = await tx.connection.fetch(
        "SELECT subject_id, max(happened_at) AS at FROM event WHERE subject_id = ANY($1) AND changes ? $2"
        " GROUP BY subject_id",
        [row.id for row in rows],
        column,
    )
    return {row.id: row.created_at for row in rows} | {each["subject_id"]: each["at"] for each in found}


# ---- requests and cases ---------------------------------------------------------------------------------------------


def _among(states: Collection[RequestStatus] | Collection[EscalationStatus]) -> str:
    """Written out, because an index of these alone (migration 0005) is not found for a parameter."""
    return f"status IN ({', '.join(sorted(repr(state.value) for state in states))})"


async def _requests_beside(
    tx: Transaction, rows: Sequence[Request]
) -> Mapping[UUID, tuple[RequestFacts, Office, Office]]:
    known = await read_all_facts(tx, RequestFacts, rows)
    found = await offices(tx, {side for row in rows for side in (row.asker_id, row.giver_id)})
    return {row.id: (known[row.id], found[row.asker_id], found[row.giver_id]) for row in rows}


def _request_step(row: Request, beside: Beside, tx: Transaction, recorded: Recorded) -> Step | None:
    facts, asker, giver = beside
    return rules.request_step(facts, asker, giver, tx.city.ruling_working_days, tx.now, recorded)


REQUESTS = SweepKind(
    model=Request,
    where=lambda tx, first: (_among(RUNNING), ()),
    beside=_requests_beside,
    step=_request_step,
)


@dataclass(frozen=True, slots=True)
class CaseBeside:
    """What is known of a case and of its open follow-ups, and the offices of its parties."""

    facts: EscalationFacts
    follow_ups: Sequence[FollowUpFacts]
    filer: Office
    respondent: Office
    filer_terms: Terms
    respondent_terms: Terms


async def _cases_beside(tx: Transaction, rows: Sequence[Escalation]) -> Mapping[UUID, CaseBeside]:
    sides = {side for row in rows for side in (row.filer_id, row.respondent_id)}
    found = await offices(tx, sides)
    terms = await read_all_facts(tx, TermFacts, await tx.select(Organisation, id=[*sides]))
    known = await read_all_facts(tx, EscalationFacts, rows)
    parts = await tx.select(FollowUp, escalation_id=[row.id for row in rows], closed_at=None)
    open_ones: dict[UUID, list[FollowUpFacts]] = {row.id: [] for row in rows}
    for each in (await read_all_facts(tx, FollowUpFacts, parts)).values():
        open_ones[each.case.id].append(each)
    return {
        row.id: CaseBeside(
            known[row.id],
            open_ones[row.id],
            found[row.filer_id],
            found[row.respondent_id],
            terms[row.filer_id].terms,
            terms[row.respondent_id].terms,
        )
        for row in rows
    }


def _case_step(row: Escalation, beside: CaseBeside, tx: Transaction, recorded: Recorded) -> Step | None:
    return rules.case_step(
        beside.facts,
        beside.follow_ups,
        beside.respondent,
        beside.filer,
        tx.now,
        recorded,
        respondent_terms=beside.respondent_terms,
        filer_terms=beside.filer_terms,
    )


def _case_told(row: Escalation, beside: CaseBeside, step: Step) -> Mapping[str, object]:
    return {} if step.part_id is None else {"followUpId": encode(FollowUp.prefix, step.part_id)}


CASES = SweepKind(
    model=Escalation,
    where=lambda tx, first: (_among(rules.WAITING), ()),
    beside=_cases_beside,
    step=_case_step,
    facts=_case_told,
)

# ---- tasks and targets ----------------------------------------------------------------------------------------------


def _due_tasks(tx: Transaction, first: date) -> tuple[str, tuple[object, ...]]:
    """Open, public, and overdue or due on the day whose reminder is due."""
    where = "due_on BETWEEN $1 AND $2 AND status = ANY($3) AND archived_at IS NULL AND draft_of_id IS NULL"
    return where, (first, rules.last_reminded(tx.today, tx.city.calendar), [*OPEN])


async def _tasks_set(tx: Transaction, rows: Sequence[Task]) -> Mapping[UUID, Any]:
    return await set_at(tx, rows, "due_on")


def _task_step(row: Task, beside: Beside, tx: Transaction, recorded: Recorded) -> Step | None:
    assert row.due_on is not None
    return rules.task_step(row.due_on, beside, tx.city.calendar, tx.now, recorded)


TASKS = SweepKind(model=Task, where=_due_tasks, beside=_tasks_set, step=_task_step, has_one_step=True)


def _reported_targets(tx: Transaction, first: date) -> tuple[str, tuple[object, ...]]:
    """Of the plans approved then: those that owe a report or have missed one, and those whose year was told since."""
    where = (
        "(untold_due_on @? '$[*] ? (@ != null)' OR told_from BETWEEN $3 AND $4)"
        " AND archived_at IS NULL AND draft_of_id IS NULL"
        " AND NOT is_proposed AND work_plan_id"
        " IN (SELECT id FROM work_plan WHERE status = $1 AND year >= $2 AND archived_at IS NULL)"
    )
    return where, (WorkPlanStatus.APPROVED, min(first.year, tx.today.year - 1), first, tx.today)


async def _told_at(tx: Transaction, rows: Sequence[Target]) -> Mapping[UUID, Any]:
    """When the last report came in: the log says it; of what was read under an older program the first reading that
    tells the last quarter."""
    found = await set_at(tx, rows, "told_from")
    unsaid = {row.id: row for row in rows if row.told_from is not None and found[row.id] == row.created_at}
    for each in await tx.select(Measurement, ("recorded_at DESC",), target_id=[*unsaid]) if unsaid else ():
        due_on = unsaid[each.target_id].due_on
        if told_quarter(each.measured_on, due_on) == quarter_of(due_on):
            found[each.target_id] = each.recorded_at
    return found


def _target_told(row: Target, told_at: datetime, step: Step) -> Mapping[str, object]:
    return {"grade": row.grade} if step.event is EventType.TARGET_YEAR_TOLD else {}


def _target_step(row: Target, told_at: datetime, tx: Transaction, recorded: Recorded) -> Step | None:
    return rules.target_step(kept_reports(row), told_at, tx.city, tx.now, recorded)


TARGETS = SweepKind(model=Target, where=_reported_targets, beside=_told_at, step=_target_step, facts=_target_told)

# ---- terms ----------------------------------------------------------------------------------------------------------


async def _appointments_beside(tx: Transaction, rows: Sequence[Appointment]) -> Mapping[UUID, Beside]:
    since = await set_at(tx, rows, "valid_to")
    accounts = {each.id: each for each in await tx.select(Account, id=[*{row.account_id for row in rows}])}
    held = {each.id: each for each in await tx.select(Organisation, id=[*{row.organisation_id for row in rows}])}
    return {row.id: (since[row.id], accounts[row.account_id].name, held[row.organisation_id].name) for row in rows}


def _appointment_step(row: Appointment, beside: Beside, tx: Transaction, recorded: Recorded) -> Step | None:
    assert row.valid_to is not None
    return rules.term_step(EventType.APPOINTMENT_LAPSED, row.valid_to, beside[0], tx.city.calendar, tx.now, recorded)


def _appointment_told(row: Appointment, beside: Beside, step: Step) -> Mapping[str, object]:
    """`accountId`: that person's streams are looked up again (live/ends.py)."""
    _, account, organisation = beside
    account_id = encode(Account.prefix, row.account_id)
    return {"account": account, "accountId": account_id, "organisation": organisation, "on": row.valid_to}


APPOINTMENTS = SweepKind(
    model=Appointment,
    where=lambda tx, first: ("valid_to BETWEEN $1 AND $2", (first, tx.today)),
    beside=_appointments_beside,
    step=_appointment_step,
    facts=_appointment_told,
    has_one_step=True,
)


async def _delegations_beside(tx: Transaction, rows: Sequence[Delegation]) -> Mapping[UUID, Beside]:
    since = await set_at(tx, rows, "valid_to")
    accounts = {each.id: each for each in await tx.select(Account, id=[*{row.account_id for row in rows}])}
    return {row.id: (since[row.id], accounts[row.account_id].name) for row in rows}


def _delegation_step(row: Delegation, beside: Beside, tx: Transaction, recorded: Recorded) -> Step | None:
    return rules.term_step(EventType.DELEGATION_LAPSED, row.valid_to, beside[0], tx.city.calendar, tx.now, recorded)


def _delegation_told(row: Delegation, beside: Beside, step: Step) -> Mapping[str, object]:
    return {"account": beside[1], "accountId": encode(Account.prefix, row.account_id), "on": row.valid_to}


DELEGATIONS = SweepKind(
    model=Delegation,
    where=lambda tx, first: ("valid_to BETWEEN $1 AND $2", (first, tx.today)),
    beside=_delegations_beside,
    step=_delegation_step,
    facts=_delegation_told,
    has_one_step=True,
)


async def _organisations_beside(tx: Transaction, rows: Sequence[Organisation]) -> Mapping[UUID, Beside]:
    since = await set_at(tx, rows, "valid_to")
    ids = [row.successor_id for row in rows if row.successor_id is not None]
    names = {each.id: each.name for each in await tx.select(Organisation, id=ids)}
    return {row.id: (since[row.id], None if row.successor_id is None else names[row.successor_id]) for row in rows}


def _organisation_step(row: Organisation, beside: Beside, tx: Transaction, recorded: Recorded) -> Step | None:
    assert row.valid_to is not None
    return rules.organisation_step(row.valid_to, beside[0], tx.city.calendar, tx.now, recorded)


def _organisation_told(row: Organisation, beside: Beside, step: Step) -> Mapping[str, object]:
    return {"on": row.valid_to, "successor": beside[1]}


ORGANISATIONS = SweepKind(
    model=Organisation,
    where=lambda tx, first: ("valid_to <= $1", (tx.today,)),
    beside=_organisations_beside,
    step=_organisation_step,
    facts=_organisation_told,
)
