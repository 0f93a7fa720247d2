"""Verbs on many tasks at once. What each row is checked by is in task_content.py and its rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from functools import partial
from typing import cast
from uuid import UUID

from server.actions.bulk import BulkDone, Row, each_row, foresee_named, in_steps, in_turn, key_of
from server.actions.facts import named_by, organisation_by, organisation_facts
from server.actions.gathering import OWN, SHARE, Gathering
from server.actions.task import report_progress
from server.actions.task_content import assign_task, create_task, move_task, update_task
from server.events.log import Recorded
from server.models import Account, Organisation, Target, Task, WorkPlan
from server.rules import bounds
from server.rules import task_content as rules
from server.rules.account import AccountInFull
from server.rules.bulk import FIELD, MOST, BulkMode
from server.rules.fact import FACTS
from server.rules.refusal import Refused
from server.rules.task_content import TaskInFull, TaskPatch

# What another verb than `updateTask` changes, and by what a row finds its task.
PLACE = ("work_plan_id", "target_id")
ELSEWHERE = frozenset({*PLACE, "assignee_id", "organisation", "external_id", "progress"})


async def create_tasks(tx: Gathering, rows: Sequence[Row], mode: BulkMode) -> BulkDone:
    bounds.at_least_one(rows, MOST, FIELD)
    await _look(tx, rows)
    await _hold(tx, rows)

    async def create(row: Row) -> tuple[UUID, Recorded]:
        event = await create_task(tx, **row)
        return event.subject_id, event

    return await each_row(tx, rows, mode, await _keys(tx, rows), create)


async def upsert_tasks(tx: Gathering, rows: Sequence[Row], mode: BulkMode) -> BulkDone:
    """By `external_id`: what is not there is made, what is there changed; what a row does not name stays.

    Only what differs is locked: a night in which nothing has changed writes nothing.
    """
    bounds.at_least_one(rows, MOST, FIELD)
    await _look(tx, rows)
    different = []
    async for _, row in in_turn(rows):
        with suppress(Refused):  # told when it is the row's turn
            task = await _known(tx, row)
            different += [task.id] if task is not None and await _steps(tx, task, row) else []
    await tx.take(Task, different, OWN)
    await tx.stand_beside(Task, FACTS[TaskInFull].beside, different)
    await _hold(tx, rows)

    async def upsert(row: Row) -> tuple[UUID, Recorded | None]:
        task = await _known(tx, row)
        if task is not None:
            return task.id, await in_steps(*await _steps(tx, task, row))
        said = {name: value for name, value in row.items() if value is not None}
        progress = said.pop("progress", 0)
        event = await create_task(tx, **said)
        if progress:
            await _know_its_place(tx, event.subject_id)
            event = await report_progress(tx, event.subject_id, progress)
        return event.subject_id, event

    return await each_row(tx, rows, mode, await _keys(tx, rows), upsert)


# ---- how ------------------------------------------------------------------------------------------------------------


async def _known(tx: Gathering, row: Row) -> Task | None:
    """The task that the row means, if the viewer sees it."""
    organisation = await organisation_by(tx, row["organisation"], "organisation")
    external_id = bounds.text(row["external_id"], bounds.EXTERNAL_ID, "externalId")
    task = await tx.find(Task, organisation_id=organisation.id, external_id=external_id)
    return task if task is not None and tx.sees(task) else None


async def _steps(tx: Gathering, task: Task, row: Row) -> list[Callable[[], Awaitable[Recorded]]]:
    """What is to be done so that the task is as the row says; nothing where it is, whatever may be done with it now."""
    steps: list[Callable[[], Awaitable[Recorded]]] = []
    patch = {name: value for name, value in row.items() if name not in ELSEWHERE}
    said = {name: value for name, value in patch.items() if name != "kelurahan"}
    if (key := patch.get("kelurahan")) is not None:
        said["kelurahan_id"] = (await organisation_by(tx, key, "kelurahan")).id
    elif "kelurahan" in patch:
        said["kelurahan_id"] = None
    if not rules.says(vars(task), cast(TaskPatch, said)):
        steps.append(partial(update_task, tx, task.id, **patch))
    if any(name in row for name in PLACE):
        plan_id, target_id = (row.get(name) for name in PLACE)
        if target_id is not None and plan_id is None:
            plan_id = (await tx.get(Target, target_id, "targetId")).work_plan_id
        if (plan_id, target_id) != (task.work_plan_id, task.target_id):
            steps.append(partial(_move, tx, task.id, plan_id, target_id))
    if row.get("assignee_id", task.assignee_id) != task.assignee_id:
        steps.append(partial(assign_task, tx, task.id, row["assignee_id"]))
    if "progress" in row and bounds.given(row["progress"], "progress") != task.progress:
        steps.append(partial(report_progress, tx, task.id, row["progress"]))
    return steps


async def _move(tx: Gathering, task_id: UUID, plan_id: UUID | None, target_id: UUID | None) -> Recorded:
    event = await move_task(tx, task_id, plan_id, target_id)
    await _know_its_place(tx, task_id)
    return event


async def _know_its_place(tx: Gathering, task_id: UUID) -> None:
    """What the rules ask beside a task that was made or moved in this call: what is stored does not say it yet. It is
    promised to nobody, or it could not have been moved."""
    task = await tx.get(Task, task_id)
    plan = None if task.work_plan_id is None else await tx.hold(WorkPlan, task.work_plan_id)
    owner = await tx.hold(Organisation, task.organisation_id)
    end = await organisation_facts(tx, owner)
    tx.know_beside(
        Task,
        FACTS[TaskInFull].beside,
        task.id,
        {
            "beside_plan_status": plan and plan.status,
            "beside_plan_needs_evidence": plan and plan.needs_evidence,
            "beside_plan_archived_at": plan and plan.archived_at,
            "beside_organisation_valid_to": end.valid_to,
            "beside_organisation_successor_name": end.successor_name,
            "beside_is_commitment": False,
        },
    )


async def _keys(tx: Gathering, rows: Sequence[Row]) -> list[Hashable | None]:
    """Which task each row means; an organisation may be named by its id in one row and by its code in the next."""
    owners = [await tx.find(Organisation, **named_by(row["organisation"])) for row in rows]
    return [key_of(row, None if owner is None else owner.id) for row, owner in zip(rows, owners, strict=True)]


async def _look(tx: Gathering, rows: Sequence[Row]) -> None:
    """Read what the rows name."""
    await foresee_named(tx, Organisation, [row.get(name) for row in rows for name in ("organisation", "kelurahan")])
    keys = []
    for row in rows:
        organisation = await tx.find(Organisation, **named_by(row["organisation"]))
        if organisation is not None and row.get("external_id") is not None:
            keys.append((organisation.id, row["external_id"].strip()))
    await tx.foresee(Task, ("organisation_id", "external_id"), keys)
    await tx.take(Target, [row.get("target_id") for row in rows])
    await tx.take(Task, [id for row in rows for id in row.get("waits_for_ids") or ()])
    assignees = {id for row in rows if (id := row.get("assignee_id")) is not None}
    await tx.take(Account, assignees)
    await tx.stand_beside(Account, FACTS[AccountInFull].beside, [*assignees])


async def _hold(tx: Gathering, rows: Sequence[Row]) -> None:
    """Whom the tasks are given and where they stand stay as they are until the end."""
    organisations = [await tx.find(Organisation, **named_by(row["organisation"])) for row in rows]
    await tx.take(Organisation, [each.id for each in organisations if each is not None], SHARE)
    plans = [row.get("work_plan_id") for row in rows]
    for row in rows:
        if (target_id := row.get("target_id")) is not None:
            with suppress(Refused):
                plans.append((await tx.get(Target, target_id)).work_plan_id)
    await tx.take(WorkPlan, plans, SHARE)
