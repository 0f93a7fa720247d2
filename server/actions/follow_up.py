"""What follows from a decision: each follow-up until it is closed, and with the last one the case.

A follow-up's task is an ordered task like any other and knows nothing of it: that it is done, given up or taken up
again reaches the case by its event (background/react.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.actions.collaboration_facts import escalation_facts, facts_of_follow_up, office
from server.actions.escalation import take
from server.actions.task_content import order_task
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Escalation, FollowUp, Organisation, Task
from server.rules import follow_up as rules
from server.rules.decision import Instruction, ordered
from server.rules.escalation import EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.task_content import NewTask
from server.rules.workdays import local_day


async def take_follow_up(
    tx: Transaction, follow_up_id: UUID, if_version: int | None
) -> tuple[Escalation, FollowUp, FollowUpFacts]:
    """The follow-up with its case, which is locked. Refuses NOT_FOUND where that is hidden, as for an unknown id."""
    found = await tx.get(FollowUp, follow_up_id, "followUpId")
    case = await tx.lock(Escalation, found.escalation_id, "followUpId", if_version=if_version)
    follow_up = await tx.get(FollowUp, follow_up_id, "followUpId")  # as it is under the lock
    return case, follow_up, await follow_up_facts(tx, follow_up, await escalation_facts(tx, case))


async def follow_up_facts(tx: Transaction, row: FollowUp, case: EscalationFacts) -> FollowUpFacts:
    """Of a follow-up in hand, with the state of its task."""
    task = None if row.task_id is None else await tx.find(Task, id=row.task_id)
    return facts_of_follow_up(row, case, task)


async def add_follow_up(
    tx: Transaction,
    escalation_id: UUID,
    text: str,
    due_on: date | None = None,
    instruction: dict[str, Any] | None = None,
    if_version: int | None = None,
) -> Recorded:
    """`instruction`: title, due_on, detail of a task of the respondent that is ordered with it."""
    case, facts = await take(tx, escalation_id, if_version)
    columns: Any
    columns, change = rules.add_follow_up(tx.viewer, facts, text, due_on, tx.today)
    if instruction is not None:
        new = ordered(Instruction(**{"detail": None, **instruction}), tx.today)
        columns["task_id"] = await order(tx, case, new)
    follow_up = FollowUp(**columns, created_at=tx.now)
    return await tx.change(case, change, EventType.ESCALATION_FOLLOW_UP_ADDED, parts=[follow_up], **_told(follow_up))


async def close_follow_up(tx: Transaction, follow_up_id: UUID, if_version: int | None = None) -> Recorded:
    case, follow_up, facts = await take_follow_up(tx, follow_up_id, if_version)
    change = rules.close_follow_up(tx.viewer, facts, tx.today, tx.now)
    done = await tx.change(
        case, {}, EventType.ESCALATION_FOLLOW_UP_CLOSED, edited=[(follow_up, change)], **_told(follow_up)
    )
    await close_if_nothing_is_open(tx, case)
    return done


async def object_to_follow_up(
    tx: Transaction, follow_up_id: UUID, reason: str, if_version: int | None = None
) -> Recorded:
    case, follow_up, facts = await take_follow_up(tx, follow_up_id, if_version)
    change = rules.object_to_follow_up(tx.viewer, facts, reason, tx.today, tx.now)
    return await tx.change(
        case,
        {},
        EventType.ESCALATION_FOLLOW_UP_OBJECTED,
        edited=[(follow_up, change)],
        **_told(follow_up),
        reason=change["objection"],
    )


async def order(tx: Transaction, case: Escalation, new: NewTask) -> UUID:
    """A task of the respondent, with evidence: just what `orderTask` makes, so that it says nothing of a case."""
    respondent = await tx.find(Organisation, id=case.respondent_id)
    assert respondent is not None
    assert new.title is not None
    assert new.due_on is not None
    done = await order_task(tx, respondent.code, new.title, new.due_on, new.description)
    return done.subject_id


async def close_if_nothing_is_open(tx: Transaction, case: Escalation) -> None:
    """With the last follow-up, or a decision from which nothing follows."""
    still_open = await tx.select(FollowUp, escalation_id=case.id, closed_at=None)
    change = rules.close_escalation(await escalation_facts(tx, case), len(still_open), tx.now)
    if change:
        await tx.change(case, change, EventType.ESCALATION_CLOSED)


# ---- in the wake of other verbs, by the system (background/react.py) ------------------------------------------------


async def follow_ups_of(tx: Transaction, task_id: UUID) -> list[tuple[Escalation, FollowUp]]:
    """The follow-ups whose task it is, each with its case, which is locked."""
    taken = []
    for found in await tx.select(FollowUp, task_id=task_id):
        case = await tx.lock(Escalation, found.escalation_id)
        follow_up = await tx.find(FollowUp, id=found.id)
        assert follow_up is not None
        taken.append((case, follow_up))
    return taken


async def begin_objection_time(tx: Transaction, case: Escalation, follow_up: FollowUp, done_at: datetime) -> None:
    """The task is done: the filer has five working days to object."""
    change = rules.task_completed(done_at, await office(tx, case.filer_id))
    due_at = change["objection_due_at"]
    assert due_at is not None
    await tx.change(
        case,
        {},
        EventType.ESCALATION_FOLLOW_UP_DONE,
        edited=[(follow_up, change)],
        **_told(follow_up),
        dueOn=local_day(due_at, tx.city.calendar),
    )


async def close_with_task(tx: Transaction, case: Escalation, follow_up: FollowUp) -> None:
    """The mayor's office has given up the task that it ordered."""
    change = rules.task_cancelled(tx.now)
    await tx.change(case, {}, EventType.ESCALATION_FOLLOW_UP_CLOSED, edited=[(follow_up, change)], **_told(follow_up))
    if case.status is EscalationStatus.DECIDED:
        await close_if_nothing_is_open(tx, case)


async def reopen_with_task(tx: Transaction, case: Escalation, follow_up: FollowUp) -> None:
    """Work on the task goes on, so the follow-up does, and with it the case."""
    edit, change = rules.task_reopened(await escalation_facts(tx, case))
    await tx.change(
        case, change, EventType.ESCALATION_FOLLOW_UP_REOPENED, edited=[(follow_up, edit)], **_told(follow_up)
    )


def _told(follow_up: FollowUp) -> dict[str, Any]:
    """What an event says of the follow-up that it is about."""
    return {"followUpId": encode(FollowUp.prefix, follow_up.id), "text": follow_up.text}
