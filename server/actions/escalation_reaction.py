"""What reaches cases in the wake of an event, by the system; background/react.py lists which event has which."""

from __future__ import annotations

from server.actions.decision import pass_on_referrals
from server.actions.delegation import end_delegations_of
from server.actions.escalation import pass_on_escalation
from server.actions.follow_up import (
    begin_objection_time,
    close_with_task,
    follow_ups_of,
    link_order,
    order,
    reopen_with_task,
)
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.ids import decode
from server.models import Appointment, Escalation, FollowUp, Organisation
from server.rules.organisation import has_ended


async def order_was_decided(tx: Transaction, event: Recorded) -> None:
    """A decision, or a follow-up, orders a task: it is ordered, unless the follow-up was closed before."""
    if event.facts.get("instruction") is None:
        return
    case = await tx.lock(Escalation, event.subject_id)
    follow_up = await tx.get(FollowUp, decode(event.facts["followUpId"])[1])
    if follow_up.task_id is None and follow_up.closed_at is None:
        await link_order(tx, case, follow_up, await order(tx, follow_up, case, event))


async def task_was_completed(tx: Transaction, event: Recorded) -> None:
    """The task of a follow-up is done: from then on the filer's time to object runs."""
    for case, follow_up in await follow_ups_of(tx, event.subject_id):
        if follow_up.closed_at is None:
            await begin_objection_time(tx, case, follow_up, event.happened_at)


async def task_was_cancelled(tx: Transaction, event: Recorded) -> None:
    """The task of a follow-up is given up: the follow-up closes, and with the last one its case."""
    for case, follow_up in await follow_ups_of(tx, event.subject_id):
        if follow_up.closed_at is None:
            await close_with_task(tx, case, follow_up)


async def task_was_reopened(tx: Transaction, event: Recorded) -> None:
    """The task of a follow-up is taken up again: the follow-up is open, and its case."""
    for case, follow_up in await follow_ups_of(tx, event.subject_id):
        if follow_up.closed_at is not None or follow_up.objectable_from is not None:
            await reopen_with_task(tx, case, follow_up)


async def end_delegations(tx: Transaction, event: Recorded) -> None:
    """An appointment ends, or got another end: if it is the mayor's, the delegations end with it."""
    appointment = await tx.find(Appointment, id=event.subject_id)
    assert appointment is not None
    await end_delegations_of(tx, appointment)


async def pass_on_escalations(tx: Transaction, event: Recorded) -> None:
    """An organisation ended: the cases to which it is a party, or which were referred to it, go to its successor.

    Where cases could be referred to it, they can be to the successor.
    """
    organisation = await tx.find(Organisation, id=event.subject_id)
    if organisation is None or organisation.successor_id is None or not has_ended(organisation.valid_to, tx.today):
        return
    cases = [
        *await tx.select(Escalation, filer_id=organisation.id),
        *await tx.select(Escalation, respondent_id=organisation.id),
        *await tx.select(Escalation, referred_to_id=organisation.id),
    ]
    for case in cases:
        await pass_on_escalation(tx, case.id, organisation.id, organisation.successor_id)
    await pass_on_referrals(tx, organisation)
