"""What follows from a decision: each follow-up until it is closed, and with the last one the case.

A follow-up's task is an ordinary ordered task and does not know of the follow-up. A reaction (background/react.py)
orders it after the decision's event. When the task is completed, cancelled or reopened, its event reaches the case in
the same way.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.actions.escalation import take
from server.actions.facts import get_with, office, read_facts
from server.actions.rows import CallersKey
from server.actions.task_content import order_task, ordered_of
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import encode
from server.models import Escalation, FollowUp, IdempotencyKey, Organisation
from server.rules import follow_up as rules
from server.rules.case_term import TermFacts
from server.rules.decision import Instruction, ordered
from server.rules.escalation_facts import EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import ObjectionClockFacts
from server.rules.refusal import Refused
from server.rules.task import Priority
from server.rules.workdays import local_day


async def take_follow_up(
    tx: Transaction, follow_up_id: UUID, if_version: int | None
) -> tuple[Escalation, FollowUp, ObjectionClockFacts]:
    """The follow-up with its case, which is locked. Refuses NOT_FOUND where that is hidden, as for an unknown id."""
    found = await tx.get(FollowUp, follow_up_id, "followUpId")
    case = await tx.lock(Escalation, found.escalation_id, "followUpId", if_version=if_version)
    # As it is under the lock.
    return case, *(await get_with(tx, FollowUp, ObjectionClockFacts, follow_up_id, "followUpId"))


async def add_follow_up(
    tx: Transaction,
    escalation_id: UUID,
    text: str,
    due_on: date | None = None,
    instruction: dict[str, Any] | None = None,
    if_version: int | None = None,
) -> Recorded:
    """`instruction`: of a task of the respondent that is ordered in its wake, as a decision's is."""
    case, facts = await take(tx, escalation_id, if_version)
    columns: Any
    columns, change = rules.add_follow_up(tx.viewer, facts, text, due_on, tx.today)
    more = {} if instruction is None else await told_to_order(tx, case, Instruction(**instruction))
    follow_up = FollowUp(id=tx.new_id(), **columns, created_at=tx.now)
    event = EventType.ESCALATION_FOLLOW_UP_ADDED
    return await tx.change(case, change, event, parts=[follow_up], **told(follow_up), **more)


async def close_follow_up(
    tx: Transaction, follow_up_id: UUID, outcome: str | None = None, if_version: int | None = None
) -> Recorded:
    case, follow_up, facts = await take_follow_up(tx, follow_up_id, if_version)
    change = rules.close_follow_up(tx.viewer, facts, outcome, tx.today, tx.now)
    event, note = EventType.ESCALATION_FOLLOW_UP_CLOSED, change["outcome"]
    body_id = case.referred_to_id if rules.is_of_body(tx.viewer, facts) else None
    done = await tx.change(
        case, {}, event, edited=[(follow_up, change)], acting_for=body_id, **told(follow_up), note=note
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
        **told(follow_up),
        reason=change["objection"],
    )


async def told_to_order(tx: Transaction, case: Escalation, instruction: Instruction) -> dict[str, Any]:
    """What an event tells of a task that is to be ordered of the respondent. Refuses what `orderTask` would refuse."""
    respondent = await tx.get(Organisation, case.respondent_id)
    try:
        task = await ordered_of(
            tx, respondent, ordered(instruction, tx.today), instruction.kelurahan, instruction.needs_evidence
        )
    except Refused as refused:
        if refused.path[:1] == ("instruction",) or not refused.path:
            raise
        raise Refused(refused.code, "instruction", *refused.path, **refused.facts) from None
    return {"instruction": {**asdict(instruction), "kelurahan": task.kelurahan_id}}


async def order(tx: Transaction, follow_up: FollowUp, case: Escalation, event: Recorded) -> UUID:
    """The task that this event tells to order, by whoever made the event; its id.

    In a transaction of its own, which is that of `orderTask` under an idempotency key: so the order has the moment, the
    ids, the actor and the words of any other. What was done under the key before counts, whoever may order by now.
    """
    key = CallersKey("orderTask", encode(FollowUp.prefix, follow_up.id), event.id.bytes)
    kept = await tx.find(IdempotencyKey, account_id=event.actor_id, verb=key.verb, key=key.text)
    if kept is not None:
        assert kept.object_id is not None
        return kept.object_id
    respondent = await tx.get(Organisation, case.respondent_id)
    given = dict(event.facts["instruction"])
    due_on, priority = date.fromisoformat(given.pop("due_on")), Priority(given.pop("priority"))
    place, older = given.pop("kelurahan", None), given.pop("kelurahan_code", None)  # older events told its code
    assert event.actor_id is not None
    async with tx.acting(event.actor_id) as own:
        done = await order_task(
            own,
            respondent.id,
            due_on=max(due_on, own.today),  # where the day has passed before this could be done
            priority=priority,
            description=given.pop("description"),
            kelurahan=older if place is None else UUID(place),
            **given,
        )
        await own.keep_key(key, done.subject_id, done.id)
    return done.subject_id


async def close_if_nothing_is_open(tx: Transaction, case: Escalation) -> None:
    """With the last follow-up, or a decision from which nothing follows."""
    still_open = await tx.select(FollowUp, escalation_id=case.id, closed_at=None)
    change = rules.close_escalation(await read_facts(tx, EscalationFacts, case), len(still_open), tx.now)
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


async def link_order(tx: Transaction, case: Escalation, follow_up: FollowUp, task_id: UUID) -> None:
    """The task that was to follow is ordered: who sees the case sees which one it is."""
    change = {"task_id": task_id}
    event = EventType.ESCALATION_FOLLOW_UP_ORDERED
    await tx.change(case, {}, event, edited=[(follow_up, change)], **told(follow_up))


async def begin_objection_time(tx: Transaction, case: Escalation, follow_up: FollowUp, done_at: datetime) -> None:
    """The task is done: the filer has five working days to object."""
    filer = await tx.get(Organisation, case.filer_id)
    terms = (await read_facts(tx, TermFacts, filer)).terms
    change = rules.task_completed(done_at, await office(tx, filer.id), terms)
    due_at = change["objection_due_at"]
    assert due_at is not None
    await tx.change(
        case,
        {},
        EventType.ESCALATION_FOLLOW_UP_DONE,
        edited=[(follow_up, change)],
        **told(follow_up),
        dueOn=local_day(due_at, tx.city.calendar),
    )


async def close_with_task(tx: Transaction, case: Escalation, follow_up: FollowUp) -> None:
    """The mayor's office has given up the task that it ordered."""
    change = rules.task_cancelled(tx.now)
    await tx.change(case, {}, EventType.ESCALATION_FOLLOW_UP_CLOSED, edited=[(follow_up, change)], **told(follow_up))
    if case.status is EscalationStatus.DECIDED:
        await close_if_nothing_is_open(tx, case)


async def reopen_with_task(tx: Transaction, case: Escalation, follow_up: FollowUp) -> None:
    """Work on the task goes on, so the follow-up does, and with it the case."""
    edit, change = rules.task_reopened(await read_facts(tx, EscalationFacts, case))
    await tx.change(
        case, change, EventType.ESCALATION_FOLLOW_UP_REOPENED, edited=[(follow_up, edit)], **told(follow_up)
    )


def told(follow_up: FollowUp) -> dict[str, Any]:
    """What an event says of the follow-up that it is about."""
    return {"followUpId": encode(FollowUp.prefix, follow_up.id), "text": follow_up.text}
