"""Verbs on collaboration requests: made, answered, redirected, asked back. For the rest: collaboration_delivery.py.

Every verb locks the request first: if two people answer at the same time, the second sees the first one's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from server.actions.collaboration_delivery import plans_of, take
from server.actions.facts import Key, mayors_office_id, office, organisation_facts, read_facts, receiving_organisation
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Account, Message, Organisation, Request, Target, Task
from server.rules import bounds
from server.rules import collaboration_answer as rules
from server.rules import collaboration_redirect as redirect
from server.rules.account import AccountFacts
from server.rules.collaboration import COLLABORATION_REQUEST, may_begin
from server.rules.collaboration_answer import NewRequest, Side, Subject
from server.rules.collaboration_delivery import commitment
from server.rules.collaboration_facts import RequestChange, RequestFacts
from server.rules.event import EventType

# ---- made -----------------------------------------------------------------------------------------------------------


async def request_collaboration(
    tx: Transaction,
    givers: Sequence[Key],
    title: str,
    needed_on: date,
    description: str | None = None,
    about_id: UUID | None = None,
    answer_due_at: datetime | None = None,
    organisation: Key | None = None,
) -> Recorded:
    """A request of each giver, an event for each; told is the first one's."""
    asker = await organisation_facts(tx, await _own(tx, organisation))
    may_begin(tx.viewer, asker, tx.today)
    bounds.count(givers, bounds.GIVERS, "givers")
    asked = [await _side(tx, key, "givers", str(n)) for n, key in enumerate(givers)]
    new = await _new(tx, title, description, needed_on, answer_due_at, about_id)
    made = rules.request_collaboration(tx.viewer, asker, asked, new, tx.new_id(), tx.today, tx.now)
    ids = sorted(tx.new_id() for _ in asked)  # lists that go by age keep the order in which they were named
    events = [
        await tx.create(
            _row(id_, columns),
            EventType.REQUEST_MADE,
            acting_for=asker.id,
            giver=giver.organisation.name,
            neededOn=columns["needed_on"],
        )
        for id_, giver, columns in zip(ids, asked, made, strict=True)
    ]
    return events[0]


async def offer_help(
    tx: Transaction,
    asker: Key,
    title: str,
    needed_on: date,
    description: str | None = None,
    about_id: UUID | None = None,
    answer_due_at: datetime | None = None,
    organisation: Key | None = None,
) -> Recorded:
    """`asker`: who would receive; `needed_on`: by when it would be delivered."""
    giver = await organisation_facts(tx, await _own(tx, organisation))
    may_begin(tx.viewer, giver, tx.today)
    side = await _side(tx, asker, "asker")
    new = await _new(tx, title, description, needed_on, answer_due_at, about_id)
    columns = rules.offer_help(tx.viewer, giver, side, new, tx.new_id(), tx.today, tx.now)
    return await tx.create(
        _row(tx.new_id(), columns), EventType.REQUEST_OFFERED, acting_for=giver.id, asker=side.organisation.name
    )


# ---- answered -------------------------------------------------------------------------------------------------------


async def accept_request(
    tx: Transaction, request_id: UUID, agreed_due_on: date | None = None, if_version: int | None = None
) -> Recorded:
    """The commitment is made with it."""
    request, facts = await take(tx, request_id, if_version)
    answerer = await office(tx, facts.answerer_id)
    change = rules.accept_request(tx.viewer, facts, agreed_due_on, answerer, tx.today, tx.now)
    return await _promise(tx, request, facts, change, EventType.REQUEST_ACCEPTED, facts.answerer_id)


async def decline_request(tx: Transaction, request_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    answerer = await office(tx, facts.answerer_id)
    change = rules.decline_request(tx.viewer, facts, reason, answerer, tx.today, tx.now)
    return await tx.change(
        request, change, EventType.REQUEST_DECLINED, acting_for=facts.answerer_id, reason=change["answer_reason"]
    )


async def counter_request(
    tx: Transaction, request_id: UUID, terms: str, needed_on: date | None = None, if_version: int | None = None
) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    answerer, starter = await office(tx, facts.answerer_id), await office(tx, facts.starter_id)
    change = rules.counter_request(tx.viewer, facts, terms, needed_on, answerer, starter, tx.today, tx.now)
    return await tx.change(
        request,
        change,
        EventType.REQUEST_COUNTERED,
        acting_for=facts.answerer_id,
        terms=change["counter_terms"],
        neededOn=needed_on,
    )


async def accept_counter(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    """The commitment is made with it, on the other side's terms."""
    request, facts = await take(tx, request_id, if_version)
    change = rules.accept_counter(tx.viewer, facts, tx.city.calendar, tx.today, tx.now)
    return await _promise(tx, request, facts, change, EventType.REQUEST_COUNTER_ACCEPTED, facts.starter_id)


async def refuse_counter(tx: Transaction, request_id: UUID, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    change = rules.refuse_counter(tx.viewer, facts, await office(tx, facts.answerer_id), tx.today, tx.now)
    return await tx.change(request, change, EventType.REQUEST_COUNTER_REFUSED, acting_for=facts.starter_id)


# ---- whose it is ----------------------------------------------------------------------------------------------------


async def redirect_request(
    tx: Transaction, request_id: UUID, to: Key, reason: str, if_version: int | None = None
) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    COLLABORATION_REQUEST.ask("redirectRequest", tx.viewer, facts, tx.today)
    named = await _side(tx, to, "to")
    giver = await office(tx, facts.giver_id)
    days = tx.city.ruling_working_days
    change = redirect.redirect_request(tx.viewer, facts, named, reason, giver, days, tx.today, tx.now)
    return await tx.change(
        request,
        change,
        EventType.REQUEST_REDIRECTED,
        acting_for=facts.giver_id,
        to=named.organisation.name,
        reason=reason.strip(),
    )


async def object_to_redirect(tx: Transaction, request_id: UUID, reason: str, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    giver = await office(tx, facts.giver_id)
    days = tx.city.ruling_working_days
    change = redirect.object_to_redirect(tx.viewer, facts, reason, giver, days, tx.today, tx.now)
    return await tx.change(
        request, change, EventType.REQUEST_REDIRECT_OBJECTED, acting_for=facts.asker_id, reason=change["ruling_reason"]
    )


async def assign_request(
    tx: Transaction, request_id: UUID, giver: Key, reason: str, if_version: int | None = None
) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    COLLABORATION_REQUEST.ask("assignRequest", tx.viewer, facts, tx.today)
    to = await _side(tx, giver, "giver")
    held = await office(tx, facts.giver_id)
    change = redirect.assign_request(tx.viewer, facts, to, reason, held, tx.today, tx.now)
    return await tx.change(
        request,
        change,
        EventType.REQUEST_ASSIGNED,
        acting_for=await mayors_office_id(tx),
        to=to.organisation.name,
        reason=reason.strip(),
    )


async def assign_answerer(
    tx: Transaction, request_id: UUID, account_id: UUID, if_version: int | None = None
) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    COLLABORATION_REQUEST.ask("assignAnswerer", tx.viewer, facts, tx.today)
    account = await tx.hold(Account, account_id, "accountId")
    asker, giver = await office(tx, facts.asker_id), await office(tx, facts.giver_id)
    known = await read_facts(tx, AccountFacts, account)
    change = redirect.assign_answerer(tx.viewer, facts, known, asker, giver, tx.today, tx.now)
    return await tx.change(
        request,
        change,
        EventType.REQUEST_ANSWERER_NAMED,
        acting_for=await mayors_office_id(tx),
        account=account.name,
    )


# ---- asked back -----------------------------------------------------------------------------------------------------


async def ask_for_information(
    tx: Transaction, request_id: UUID, question: str, if_version: int | None = None
) -> Recorded:
    """The question stands in the thread too, where it stays once it is answered."""
    request, facts = await take(tx, request_id, if_version)
    answerer, starter = await office(tx, facts.answerer_id), await office(tx, facts.starter_id)
    change = rules.ask_for_information(tx.viewer, facts, question, answerer, starter, tx.today, tx.now)
    asked = cast(str, change["question"])
    return await tx.change(
        request,
        change,
        EventType.REQUEST_INFORMATION_ASKED,
        parts=[_message(tx, request, asked)],
        acting_for=facts.answerer_id,
        question=asked,
    )


async def answer_question(tx: Transaction, request_id: UUID, answer: str, if_version: int | None = None) -> Recorded:
    request, facts = await take(tx, request_id, if_version)
    answerer = await office(tx, facts.answerer_id)
    change = rules.answer_question(tx.viewer, facts, answer, answerer, tx.today, tx.now)
    said = answer.strip()
    return await tx.change(
        request,
        change,
        EventType.REQUEST_QUESTION_ANSWERED,
        parts=[_message(tx, request, said)],
        acting_for=facts.starter_id,
        answer=said,
    )


# ---- how ------------------------------------------------------------------------------------------------------------


async def _promise(
    tx: Transaction,
    request: Request,
    facts: RequestFacts,
    change: RequestChange,
    event: EventType,
    acting_for: UUID,
) -> Recorded:
    """Accepted: the giver's task is made by the system's leave, whoever accepts, and both are linked."""
    agreed = change["agreed_due_on"]
    assert agreed is not None  # every request says by when
    plans = await plans_of(tx, facts.giver_id, agreed.year)
    task = Task(id=tx.new_id(), **cast(dict[str, Any], commitment(facts, agreed, plans)))
    await tx.create(task, EventType.TASK_CREATED)
    promised: RequestChange = {**change, "commitment_id": task.id}
    return await tx.change(request, promised, event, acting_for=acting_for, agreedOn=agreed)


def _row(id: UUID, columns: RequestChange) -> Request:
    return Request(id=id, **cast(dict[str, Any], columns))


def _message(tx: Transaction, request: Request, text: str) -> Message:
    return Message(id=tx.new_id(), request_id=request.id, author_id=tx.viewer.account_id, text=text, created_at=tx.now)


async def _own(tx: Transaction, key: Key | None) -> Organisation:
    """The organisation for which the viewer begins: the one named, else the own one, else the only one headed."""
    if key is not None:
        return await receiving_organisation(tx, key, "organisation")
    viewer = tx.viewer
    is_elsewhere = not viewer.is_head_of(viewer.organisation_id) and len(viewer.headed_ids) == 1
    return await tx.hold(Organisation, next(iter(viewer.headed_ids)) if is_elsewhere else viewer.organisation_id)


async def _side(tx: Transaction, key: Key, *path: str) -> Side:
    """The organisation that is asked, held, with the days on which its office is."""
    organisation = await receiving_organisation(tx, key, *path)
    return Side(await organisation_facts(tx, organisation), await office(tx, organisation.id))


async def _new(
    tx: Transaction,
    title: str,
    description: str | None,
    needed_on: date,
    answer_due_at: datetime | None,
    about_id: UUID | None,
) -> NewRequest:
    """What is said of a request, whoever begins it."""
    about = await _about(tx, about_id)
    return NewRequest(
        title=title, description=description, needed_on=needed_on, answer_due_at=answer_due_at, about=about
    )


async def _about(tx: Transaction, about_id: UUID | None) -> Subject | None:
    """The task or target that an input names. Refuses NOT_FOUND where it may not be seen."""
    if about_id is None:
        return None
    if await tx.find(Task, id=about_id) is not None:
        task = await tx.get(Task, about_id, "aboutId")
        return Subject(
            organisation_id=task.organisation_id,
            task_id=task.id,
            draft_of_id=task.draft_of_id,
            archived_at=task.archived_at,
        )
    target = await tx.get(Target, about_id, "aboutId")
    return Subject(
        organisation_id=target.owner_id,
        target_id=target.id,
        draft_of_id=target.draft_of_id,
        archived_at=target.archived_at,
    )
