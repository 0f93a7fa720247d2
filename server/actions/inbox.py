"""What waits for the viewer: the rows that could ask something of them, and what the rules say of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from server.actions.case_access import waiting_for_case_access
from server.actions.facts import facts_alone, read_all_facts
from server.actions.figures import kept_reports
from server.actions.rows import read, shape
from server.actions.transaction import Transaction
from server.models import (
    Account,
    Amendment,
    Appointment,
    CaseAccess,
    Escalation,
    FollowUp,
    Organisation,
    Request,
    SignIn,
    Target,
    Task,
    Token,
    WorkPlan,
)
from server.models.fields import Subject
from server.rules import inbox as rules
from server.rules import inbox_tasks
from server.rules.appointment import ActingFacts
from server.rules.collaboration_clock_facts import RequestClockFacts
from server.rules.collaboration_facts import FINISHED, RUNNING, RequestStatus
from server.rules.due_clocks import MediationClockFacts, mediation_clock, report_clock
from server.rules.escalation_facts import OPEN as OPEN_CASES
from server.rules.escalation_facts import EscalationStatus
from server.rules.follow_up import ObjectionClockFacts
from server.rules.inbox import ReadingFacts, SignInFacts, Waiting, WaitingAmendment
from server.rules.owner import works_there
from server.rules.reply_clock import ReplyClockFacts
from server.rules.target import OPEN_AMENDMENTS
from server.rules.task import OPEN, TaskStatus
from server.rules.task_content import TaskInFull
from server.rules.token import of_tokens
from server.rules.viewer import Capacity
from server.rules.work_plan import WorkPlanFacts, WorkPlanStatus

# Of one head's unassigned tasks, of one organisation's targets: the most urgent are enough for a page.
MOST = 500
# Written out, because indexes of these alone (migration 0014) are not found for parameters.
_OPEN = ", ".join(repr(each.value) for each in TaskStatus if each in OPEN)
HELP_WANTED = "support_asked_at IS NOT NULL AND support_answer IS NULL AND archived_at IS NULL"
OVERDUE_ORDERS = f"is_ordered AND archived_at IS NULL AND status IN ({_OPEN}) AND due_on < $1"
# Requests both of whose sides one person heads today.
_ON_BOTH_SIDES = (
    "SELECT r.id FROM appointment a JOIN appointment g ON g.account_id = a.account_id"
    " JOIN collaboration_request r ON r.asker_id = a.organisation_id AND r.giver_id = g.organisation_id"
    " WHERE r.status = ANY($2) AND greatest(a.valid_from, g.valid_from) <= $1"
    f" AND coalesce(least(a.valid_to, g.valid_to), $1) >= $1 ORDER BY r.answer_due_at LIMIT {MOST}"
)
# Tasks that are due by then, of which nobody is the assignee who may still do them.
UNASSIGNED = (
    f"organisation_id = ANY($1) AND archived_at IS NULL AND status IN ({_OPEN}) AND due_on <= $2"
    " AND NOT EXISTS (SELECT FROM account a WHERE a.id = assignee_id AND a.is_active"
    f" AND {works_there('a', 'task.organisation_id', '$3')})"
)
COUNTING_TOKENS = (
    "revoked_at IS NULL AND expires_at > $1"
    " AND EXISTS (SELECT FROM account a WHERE a.id = account_id AND a.is_active AND a.role = 'INTEGRATION')"
)
LIVE = tuple(status for status in RequestStatus if status not in FINISHED)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Something that waits, and what it is about: the subject's id prefix and what people call it."""

    waiting: Waiting
    prefix: str
    label: str


async def inbox(tx: Transaction, sign_in: SignInFacts | None = None) -> list[WaitingRow]:
    """All that waits for the viewer, by deadline. `sign_in`: by which the viewer asks."""
    ending = () if sign_in is None or tx.viewer.token is not None else rules.of_sign_in(sign_in, tx.machine_now)
    found = [WaitingRow(waiting, SignIn.prefix, "") for waiting in ending]
    for each in (_requests(tx), _cases(tx), _case_access(tx), _plans(tx), _amendments(tx), _readings(tx), _tasks(tx)):
        found += [entry async for entry in each]
    if tx.viewer.acts_for_mayor:
        found += [entry async for entry in _tasks_of_office(tx)]
    if tx.viewer.is_admin:
        found += [entry async for entry in _tokens(tx)]
    if tx.viewer.acts_for_mayor or tx.viewer.is_admin:
        found += [entry async for entry in _acting(tx)]
    about = {entry.waiting.subject_id: entry for entry in found}
    entries = rules.in_order(rules.grouped(entry.waiting for entry in found))
    return [replace(about[waiting.subject_id], waiting=waiting) for waiting in entries]


def _entries(
    tx: Transaction, waiting: Iterable[Waiting], row: Subject, label: str | None = None
) -> Iterator[WaitingRow]:
    """What waits about a row, if its viewer sees it: whoever left the organisation of a draft has no part in it."""
    return (WaitingRow(each, row.prefix, label or row.label()) for each in waiting if tx.sees(row))


async def _requests(tx: Transaction) -> AsyncIterator[WaitingRow]:
    rows: dict[object, Request] = {}
    headed = list(tx.viewer.headed_ids)
    sides: list[dict[str, Any]] = [{"asker_id": headed}, {"giver_id": headed}] if headed else []
    if tx.viewer.acts_for_mayor:
        sides.append({"status": RequestStatus.OPEN})  # those that wait for a ruling are few among them
        found = await tx.connection.fetch(_ON_BOTH_SIDES, tx.today, [*RUNNING])
        sides += [{"id": [each["id"] for each in found]}] if found else []
    sides.append({"stand_in_id": tx.viewer.account_id})
    for side in sides:
        wanted: dict[str, Any] = {"status": list(LIVE), **side}
        rows |= {row.id: row for row in await tx.select(Request, ("answer_due_at",), MOST, **wanted)}
    known = await read_all_facts(tx, RequestClockFacts, [*rows.values()])
    for row in rows.values():
        for entry in _entries(tx, rules.of_request(tx.viewer, known[row.id], tx.today), row):
            yield entry


async def _case_access(tx: Transaction) -> AsyncIterator[WaitingRow]:
    """Named by how many accounts wait for it; which they are is asked for with `awaitsCaseAccess`."""
    if not tx.viewer.handles_cases:
        return
    accounts = await waiting_for_case_access(tx)
    for waiting in rules.of_case_access(tx.viewer, accounts, tx.today):
        yield WaitingRow(waiting, CaseAccess.prefix, str(waiting.count))


async def _cases(tx: Transaction) -> AsyncIterator[WaitingRow]:
    # Those that are closed, and those in which nothing but a task waits, crowd out nobody.
    open_ones, decided = [*OPEN_CASES], [EscalationStatus.DECIDED]
    headed = list(tx.viewer.case_headed_ids)
    parties = ("filer_id", "respondent_id", "referred_to_id") if headed else ()
    sides: list[dict[str, Any]] = [{party: headed, "status": [*open_ones, *decided]} for party in parties]
    if tx.viewer.may_be_person:
        sides.append({"person_id": tx.viewer.account_id, "status": open_ones})
    if tx.viewer.handles_cases:
        sides += [{"status": open_ones}, {"status": decided}]
    rows: dict[object, Escalation] = {}
    for side in sides:
        rows |= {row.id: row for row in await tx.select(Escalation, ("filed_at",), MOST, **side)}
    seen = [row for row in rows.values() if tx.sees(row)]
    if not seen:
        return
    about = {row.id: row for row in await tx.select(Request, id=[row.request_id for row in seen])}
    parts = await tx.select(FollowUp, escalation_id=[row.id for row in seen], closed_at=None)
    cases = await read_all_facts(tx, ReplyClockFacts, seen)
    meeting = [row for row in seen if row.status is EscalationStatus.MEDIATION]
    mediations = await read_all_facts(tx, MediationClockFacts, meeting)
    clocks = {id_: mediation_clock(each, tx.city.calendar) for id_, each in mediations.items()}
    follow_ups = await read_all_facts(tx, ObjectionClockFacts, parts)
    for row in seen:
        waiting = [*rules.of_escalation(tx.viewer, cases[row.id], tx.today, clocks.get(row.id))]
        for each in follow_ups.values():
            if each.case.id == row.id:
                waiting += rules.of_follow_up(tx.viewer, each, tx.today)
        for entry in _entries(tx, waiting, row, about[row.request_id].title):
            yield entry


async def _plans(tx: Transaction) -> AsyncIterator[WaitingRow]:
    own: dict[str, Any] = {"organisation_id": list(tx.viewer.organisation_ids), "archived_at": None}
    returned = await tx.select(WorkPlan, ("submitted_at",), MOST, status=WorkPlanStatus.RETURNED, **own)
    known = await read_all_facts(tx, WorkPlanFacts, returned)
    for row in returned:
        for entry in _entries(tx, rules.of_returned_plan(tx.viewer, known[row.id], tx.today), row):
            yield entry
    if not tx.viewer.is_reviewer:
        return
    for row in await tx.select(WorkPlan, ("submitted_at",), MOST, status=WorkPlanStatus.SUBMITTED, archived_at=None):
        for entry in _entries(tx, rules.of_plan(tx.viewer, row, tx.today), row):
            yield entry


async def _amendments(tx: Transaction) -> AsyncIterator[WaitingRow]:
    headed = list(tx.viewer.headed_ids)
    sides: list[dict[str, Any]] = [{"draft_of_id": headed}, {"receiver_id": headed}] if headed else []
    sides = [{}] if tx.viewer.is_reviewer else sides  # they see all, and what the mayor's office is to sign among them
    ids: set[object] = set()
    for side in sides:
        rows = await tx.select(Amendment, ("created_at",), MOST, status=list(OPEN_AMENDMENTS), **side)
        ids |= {row.target_id for row in rows}
    targets = await tx.select(Target, id=list(ids)) if ids else []
    known = await read_all_facts(tx, WaitingAmendment, targets)
    plan_ids = list({row.work_plan_id for row in targets})
    plans = {plan.id: plan for plan in await tx.select(WorkPlan, id=plan_ids)} if plan_ids else {}
    for row in targets:
        for waiting in rules.of_amendment(tx.viewer, known[row.id], tx.today):
            for entry in _entries(tx, [waiting], row if waiting.subject_id == row.id else plans[row.work_plan_id]):
                yield entry


async def _readings(tx: Transaction) -> AsyncIterator[WaitingRow]:
    sides: list[dict[str, Any]] = [
        {"responsible_id": tx.viewer.account_id},
        {"owner_id": list(tx.viewer.organisation_ids)},
    ]
    rows: dict[object, Target] = {}
    for side in sides:
        wanted: dict[str, Any] = {"archived_at": None, "draft_of_id": None, "is_proposed": False, **side}
        rows |= {row.id: row for row in await tx.select(Target, ("report_due_on",), MOST, **wanted)}
    approved = await _approved(tx, rows.values())
    for row in rows.values():
        clock = report_clock(kept_reports(row), tx.city.calendar) if row.work_plan_id in approved else None
        if clock is not None and clock.started_at <= tx.now:
            for entry in _entries(tx, rules.of_reading(tx.viewer, facts_alone(tx, ReadingFacts, row), clock), row):
                yield entry


async def _approved(tx: Transaction, targets: Iterable[Target]) -> set[object]:
    plans = list({target.work_plan_id for target in targets})
    return {plan.id for plan in await tx.select(WorkPlan, id=plans, status=WorkPlanStatus.APPROVED)} if plans else set()


async def _tasks(tx: Transaction) -> AsyncIterator[WaitingRow]:
    headed = list(tx.viewer.headed_ids)
    own: dict[str, Any] = {"assignee_id": tx.viewer.account_id, "status": list(OPEN), "archived_at": None}
    for row in await tx.select(Task, ("due_on", "id"), MOST, **own):
        for entry in _entries(tx, inbox_tasks.of_task(tx.viewer, row, tx.city.calendar, tx.today), row):
            yield entry
    due_by = tx.today + inbox_tasks.TASK_AHEAD
    for row in await _looked_for(tx, UNASSIGNED, "due_on", headed, due_by, tx.today) if headed else ():
        for entry in _entries(tx, inbox_tasks.of_task(tx.viewer, row, tx.city.calendar, tx.today, True), row):
            yield entry


async def _tasks_of_office(tx: Transaction) -> AsyncIterator[WaitingRow]:
    """What the mayor's office is asked to support, and what it ordered and is overdue."""
    wanted = await _looked_for(tx, HELP_WANTED, "support_asked_at")
    orders = await _looked_for(tx, OVERDUE_ORDERS, "due_on", tx.today)
    known = await read_all_facts(tx, TaskInFull, [*{row.id: row for row in (*wanted, *orders)}.values()])
    for row in wanted:
        for entry in _entries(tx, inbox_tasks.of_help_wanted(tx.viewer, known[row.id], tx.today), row):
            yield entry
    for row in orders:
        for entry in _entries(tx, inbox_tasks.of_order(tx.viewer, known[row.id], tx.city.calendar, tx.today), row):
            yield entry


async def _acting(tx: Transaction) -> AsyncIterator[WaitingRow]:
    """Who may have acted for too long: appointments are few."""
    rows = await tx.select(Appointment, ("valid_from",), capacity=[Capacity.PLT, Capacity.PLH])
    rows = [row for row in rows if row.valid_to is None or row.valid_to > tx.today]
    known = await read_all_facts(tx, ActingFacts, rows)
    for row in rows:
        for waiting in rules.of_appointment(tx.viewer, known[row.id], tx.city.calendar, tx.today, tx.now):
            account, organisation = (
                await tx.get(Account, row.account_id),
                await tx.get(Organisation, row.organisation_id),
            )
            for entry in _entries(tx, [waiting], row, f"{account.name} ({organisation.name})"):
                yield entry


async def _tokens(tx: Transaction) -> AsyncIterator[WaitingRow]:
    """Of each service account those that count: a later one settles what is said of an earlier."""
    text = f"{shape(Token).select} WHERE {COUNTING_TOKENS} ORDER BY expires_at, id"
    by_account: dict[UUID, list[Token]] = {}
    for row in [read(Token, record) for record in await tx.connection.fetch(text, tx.machine_now)]:
        by_account.setdefault(row.account_id, []).append(row)
    names = {row.id: row.name for row in await tx.select(Account, id=list(by_account))} if by_account else {}
    for rows in by_account.values():
        for waiting in of_tokens(tx.viewer, rows, tx.machine_now):
            (row,) = (each for each in rows if each.id == waiting.subject_id)
            for entry in _entries(tx, [waiting], row, f"{row.name} ({names[row.account_id]})"):
                yield entry


async def _looked_for(tx: Transaction, where: str, order: str, *arguments: object) -> list[Task]:
    text = f"{shape(Task).select} WHERE {where} ORDER BY {order}, id LIMIT {MOST}"
    return [read(Task, record) for record in await tx.connection.fetch(text, *arguments)]
