"""Collaboration requests and what is said of them, as the API says them. The verbs are in collaboration_verbs.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from server.live.watch import watch
from server.query.declare.declaration import ManyToMany
from server.query.declare.fields import (
    Context,
    by_id,
    column,
    computed,
    derived,
    many_to_many,
    polymorphic,
    root_list,
    root_one,
    table,
    to_many,
    to_one,
)
from server.rules import clock as found
from server.rules import collaboration_clock as rules
from server.rules.aggregate import bound
from server.rules.clock_change import next_change
from server.rules.collaboration import COLLABORATION_REQUEST, MESSAGE
from server.rules.collaboration_clock_facts import AnswerClockFacts, RequestClockFacts
from server.rules.collaboration_ended_clocks import RequestLog, ended_clocks
from server.rules.collaboration_facts import RequestFacts, RequestKind, RequestStatus, RulingCause
from server.rules.collaboration_sides import lacking
from server.rules.escalation import ESCALATION
from server.rules.fact import FACTS, facts_of
from server.rules.filing import FilingFacts, filing, is_offered_filing, sees_eligibility
from server.rules.workdays import age
from server.schema.allowed_action import AllowedAction, Asked, actions, offered_by
from server.schema.change import Change
from server.schema.clock import NO_ACTORS, Clock, EndedClock, clock, ended_clock
from server.schema.collaboration_lapse import IS_LAPSED
from server.schema.connection import Connection
from server.schema.eligibility import EscalationEligibility, shown
from server.schema.node import Node, Subject, called_by
from server.schema.target import Target
from server.schema.task import Task

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.escalation import Escalation
    from server.schema.organisation import Organisation

# The requests that were asked of several at once, each with each, itself too.
THREAD = (
    "(SELECT a.id AS one_id, b.id AS other_id FROM {table:collaboration_request} a"
    " JOIN {table:collaboration_request} b ON b.thread_id = a.thread_id)"
)
SIBLINGS = THREAD.replace(")", " AND b.id <> a.id)")
OF_ONE_THREAD = ManyToMany(THREAD, "one_id", "other_id", order=("created_at",))


def _may_know_of_cases(record: FilingFacts, context: Context) -> bool:
    return sees_eligibility(context.viewer, record.asker_id, record.giver_id, record.mayors_office_id)


def _eligibility(values: Any, context: Context) -> EscalationEligibility | None:
    record = facts_of(FilingFacts, values, context)
    if not _may_know_of_cases(record, context):
        return None
    return shown(filing(record, context.now).eligibility, context.language)


def _allowed_actions(values: Any, context: Context, asked: Asked) -> list[AllowedAction]:
    """What may be done about a case is offered to those alone who may know of one, or would but for their access."""
    record = facts_of(FilingFacts, values, context)
    of_cases: list[AllowedAction] = []
    sides = record.asker_id, record.giver_id, record.mayors_office_id
    if is_offered_filing(context.viewer, *sides):
        on_cases = bound(ESCALATION.offered["Request"])
        of_cases = actions(on_cases, filing(record, context.now), context, asked)
    return [*actions(COLLABORATION_REQUEST.rules, record, context, asked), *of_cases]


def _age(values: Any, context: Context) -> int:
    until = values.confirmed_at or values.withdrawn_at or context.now
    return age(values.made_at, until, context.city.calendar)


def _clock(description: str, find: Callable[[RequestClockFacts], found.Clock | None]) -> Any:
    """One of a request's clocks; who stops it is nobody."""

    def make(values: Any, context: Context) -> Clock | None:
        one = find(facts_of(RequestClockFacts, values, context))
        return None if one is None else clock(one, context)

    return derived(FACTS[RequestClockFacts].places, make, description, rows=NO_ACTORS)


def _answer_clock(values: Any, context: Context) -> Clock:
    facts = facts_of(AnswerClockFacts, values, context)
    calendar = facts.answerer.calendar
    withdrawn_by = rules.withdrawn_by(facts.side_ends_on, facts.answer_stopped_at, calendar)
    question = rules.question_clock(facts, facts.silence)  # it goes on as that runs out
    now = context.holds_until(None if question is None else next_change(question, context.read_at, calendar))
    return clock(rules.answer_clock(facts, facts.answerer, withdrawn_by, now), context)


def _ended_clocks(values: Any, context: Context) -> list[EndedClock]:
    log = facts_of(RequestLog, values, context).log
    return [ended_clock(each, context) for each in ended_clocks(log, context.city.calendar)]


@strawberry.type(description="One step of a request from one giver to the next.")
class Redirect:
    from_giver_id: strawberry.Private[UUID | None] = None
    from_giver: Organisation = by_id("Who had it.")
    to_giver_id: strawberry.Private[UUID | None] = None
    to_giver: Organisation = by_id("Who has it then.")
    reason: str = strawberry.field(description="Why.")
    redirected_at: dt.datetime = strawberry.field(description="When.")
    actor_id: strawberry.Private[UUID | None] = None
    actor: Account = by_id("Who sent it on.")
    is_ruling: bool = strawberry.field(description="True when the mayor's office ruled so.")
    question_count: int = strawberry.field(description="How often the one who had it had asked back by then.")
    lapsed_at: dt.datetime | None = strawberry.field(
        description="When the answer clock of the one who had it had run out; that stays on the record. Null unless so."
    )
    counters_refused_count: int = strawberry.field(description="How many of its counters had been refused by then.")


@strawberry.type(description="Other terms, named by the side that was asked.")
class CounterOffer:
    needed_on: dt.date | None = strawberry.field(description="The other date; null when the date is not at issue.")
    terms: str = strawberry.field(description="The terms.")
    made_at: dt.datetime = strawberry.field(description="When they were named.")
    made_by_id: strawberry.Private[UUID | None] = None
    made_by: Account = by_id("Who named them.")


@strawberry.type(description="One person heads both sides of a request, and acts for one of them.")
class BothSides:
    organisation_id: strawberry.Private[UUID | None] = None
    organisation: Organisation = by_id("The side for which they do not act: its clocks stand still without answerer.")
    started_at: dt.datetime = strawberry.field(description="Since when.")
    answerer_id: strawberry.Private[UUID | None] = None
    answerer: Account | None = by_id("Who answers for it, named by the mayor's office; null while nobody is.")
    named_at: dt.datetime | None = strawberry.field(description="When the answerer was named; null while nobody is.")


def _both_sides(values: Any, context: Context) -> BothSides | None:
    found = lacking(facts_of(RequestFacts, values, context))
    if found is None:
        return None
    named = found.stand_in
    return BothSides(
        organisation_id=found.organisation_id,
        started_at=found.since,
        answerer_id=None if named is None else UUID(named["accountId"]),
        named_at=None if named is None else dt.datetime.fromisoformat(named["at"]),
    )


def _redirects(values: Any, context: Context) -> list[Redirect]:
    return [
        Redirect(
            from_giver_id=UUID(each["fromId"]),
            to_giver_id=UUID(each["toId"]),
            reason=each["reason"],
            redirected_at=dt.datetime.fromisoformat(each["at"]),
            actor_id=UUID(each["actorId"]),
            is_ruling=each["isRuling"],
            question_count=each.get("questionCount", 0),
            lapsed_at=dt.datetime.fromisoformat(each["lapsedAt"]) if each.get("lapsedAt") else None,
            counters_refused_count=each.get("countersRefused", 0),
        )
        for each in values.redirects
    ]


def _counter_offer(values: Any, context: Context) -> CounterOffer | None:
    if values.made_at is None:
        return None
    return CounterOffer(
        needed_on=values.needed_on, terms=values.terms, made_at=values.made_at, made_by_id=values.made_by_id
    )


RequestSubject = Annotated[
    Task | Target, strawberry.union("RequestSubject", description="What a request may be about.")
]


@table(
    COLLABORATION_REQUEST,
    search=True,
    order=["-created_at"],
    description="What one organisation asks of another (permintaan), or offers it (tawaran).",
)
class Request(Subject):
    label: str = called_by("title")
    kind: RequestKind = column("Who began it.")
    status: RequestStatus = column("Where it stands.", order=True, ranks=[each.name for each in RequestStatus])
    asker: Organisation = to_one("asker_id", "Who receives.")
    giver: Organisation = to_one("giver_id", "Who delivers.")
    title: str = column("What it is for, at most 300 characters.")
    description: str | None = column(
        "More about it; null when nothing was said.", filter=False, why="long text: use search"
    )
    about: RequestSubject | None = polymorphic(
        "CASE WHEN {t}.task_id IS NOT NULL THEN 'Task' WHEN {t}.target_id IS NOT NULL THEN 'Target' END",
        "coalesce({t}.task_id, {t}.target_id)",
        "The task or target that it is about; null when none, or hidden.",
        filter=True,
    )
    needed_on: dt.date | None = column(
        "The day by which it is needed; of an offer, by which it would come.", order=True
    )
    agreed_due_on: dt.date | None = column("The day for which it was promised; null until then.", order=True)
    answer_clock: Clock = derived(
        FACTS[AnswerClockFacts].places,
        _answer_clock,
        "On which the other side answers.",
        rows={
            "Account": "ARRAY(SELECT (x ->> 'actorId')::uuid FROM jsonb_array_elements({t}.answer_pauses) x"
            " WHERE x ->> 'actorId' IS NOT NULL)"
        },
    )
    age_working_days: int = derived(
        {"made_at": "created_at", "confirmed_at": "confirmed_at", "withdrawn_at": "withdrawn_at"},
        _age,
        "How many working days after it was made it is now, or was when it ended, over all redirects.",
    )
    question_clock: Clock | None = _clock(
        "On which the starter answers what was asked back; null while nothing is.",
        lambda facts: rules.question_clock(facts, rules.starter_and_answerer(facts, facts.asker, facts.giver)[0]),
    )
    counter_clock: Clock | None = _clock(
        "On which the starter answers other terms; null while none wait.",
        lambda facts: rules.counter_clock(facts, rules.starter_and_answerer(facts, facts.asker, facts.giver)[0]),
    )
    ruling_clock: Clock | None = _clock(
        "On which the mayor's office rules; null while no ruling is waited for. Its lapse is counted for nobody.",
        lambda facts: rules.ruling_clock(facts, facts.giver.calendar),
    )
    commitment_clock: Clock | None = _clock(
        "On which the giver does what was promised, to the end of the agreed day; null without a promise.",
        lambda facts: rules.commitment_clock(
            facts,
            facts.giver.calendar,
            facts.withdrawn_at,
            rules.withdrawn_by(facts.side_ends_on, facts.withdrawn_at, facts.giver.calendar),
        ),
    )
    delivery_clock: Clock | None = _clock(
        "After which what was done in time counts as delivered; null unless it waits for that.",
        lambda facts: rules.delivery_clock(facts, facts.giver.calendar),
    )
    confirmation_clock: Clock | None = _clock(
        "On which the asker says whether it came, else silence does; null unless it was delivered, and once disputed.",
        lambda facts: rules.confirmation_clock(facts, facts.asker, facts.confirmed_at, facts.side_ends_on),
    )
    dispute_clock: Clock | None = _clock(
        "On which the giver takes a disputed delivery up again; null unless one is disputed.",
        lambda facts: rules.dispute_clock(facts, facts.giver),
    )
    ended_clocks: list[EndedClock] = derived(
        FACTS[RequestLog].places,
        _ended_clocks,
        "What was waited for before and how each ended, in that order: answers of every giver, questions, other terms, "
        "rulings, confirmations and disputes.",
    )
    answer_due_at: dt.datetime = column("When the answer clock runs out, as it was last told.", order=True)
    lapsed_at: dt.datetime | None = computed(
        f"coalesce({{t}}.lapsed_at, CASE WHEN {IS_LAPSED} THEN {{t}}.answer_due_at END)",
        "When the answer clock ran out; null unless it did.",
    )
    is_lapsed: bool = computed(IS_LAPSED, "True while it waits for an answer that is late. It can still be answered.")
    answer_reason: str | None = column("Why it was declined; null unless it was.", filter=False, why="long text")
    answered_at: dt.datetime | None = column("When it was last answered; null while it waits.")
    answered_by: Account | None = to_one("answered_by_id", "Who last answered; null while it waits.")
    question_count: int = column(
        "How often the present giver's side has asked back, also before it came back: two at most."
    )
    counters_refused_count: int = column(
        "How many of its counters were refused; after two it may only accept or decline."
    )
    question: str | None = column("What the other side asks back; null when nothing.", filter=False, why="long text")
    question_asked_at: dt.datetime | None = column("Since when the question waits; null when none does.")
    question_due_at: dt.datetime | None = column("Till when the answer clock waits for it; null when it does not.")
    counter_offer: CounterOffer | None = derived(
        {
            "needed_on": "counter_needed_on",
            "terms": "counter_terms",
            "made_at": "counter_made_at",
            "made_by_id": "counter_made_by_id",
        },
        _counter_offer,
        "Other terms that were named and not refused; null when none were.",
        rows={"Account": "array_remove(ARRAY[{t}.counter_made_by_id], NULL)"},
    )
    counter_due_at: dt.datetime | None = column("Till when they wait for an answer; null when they do not.")
    redirected_from: Organisation | None = to_one("redirected_from_id", "Who had it last; null when nobody had.")
    redirects: list[Redirect] = derived(
        {"redirects": "redirects"},
        _redirects,
        "How it went from one giver to the next, the first step first.",
        rows={
            "Organisation": "ARRAY(SELECT y::uuid FROM jsonb_array_elements({t}.redirects) x,"
            " unnest(ARRAY[x ->> 'fromId', x ->> 'toId']) y)",
            "Account": "ARRAY(SELECT (x ->> 'actorId')::uuid FROM jsonb_array_elements({t}.redirects) x)",
        },
    )
    is_assigned: bool = column("True when the mayor's office has named the giver, who cannot redirect it.")
    both_sides: BothSides | None = derived(
        FACTS[RequestFacts].places,
        _both_sides,
        "For which side somebody else answers since one person heads both; null while each has a head to act for it.",
        rows={
            "Organisation": "ARRAY[{t}.asker_id, {t}.giver_id]",
            "Account": "array_remove(ARRAY[{t}.stand_in_id], NULL)",
        },
    )
    ruling_cause: RulingCause | None = column("Why a ruling is waited for; null when none is.")
    ruling_asked_at: dt.datetime | None = column("Since when a ruling is waited for; null when none is.")
    ruling_due_at: dt.datetime | None = column("When the ruling is due; null when none is waited for.")
    ruling_reason: str | None = column("What was said for it; null when none is.", filter=False, why="long text")
    ruling_proposed: Organisation | None = to_one(
        "ruling_proposed_id", "Whom the giver names as responsible in it; null when nobody."
    )
    commitment: Task | None = to_one("commitment_id", "The task that the promise became; null until then.")
    progress: int | None = computed(
        "{commitment.progress}", "Percent done of the commitment, which `taskChanged` follows; null without one."
    )
    accepted_at: dt.datetime | None = column("When the present promise began; null before.")
    new_due_on: dt.date | None = column("Another day, which the giver proposes; null when none.")
    new_due_reason: str | None = column("Why; null when none is proposed.", filter=False, why="long text")
    new_due_proposed_at: dt.datetime | None = column("When it was proposed; null when none is.")
    deliver_due_at: dt.datetime | None = column(
        "When it counts as delivered where the commitment is done on the agreed date or before; null until accepted."
    )
    days_late: int | None = column(
        "Days after the agreed date on which it was delivered, of several deliveries the most; 0 where the commitment"
        " was done in time, null before."
    )
    delivered_at: dt.datetime | None = column("When it was delivered; null while it is not.")
    confirm_due_at: dt.datetime | None = column("When silence confirms the delivery; null unless it waits for that.")
    disputed_at: dt.datetime | None = column("When the delivery was last disputed; null if never.")
    dispute_count: int = column("How often a delivery was disputed.")
    dispute_due_at: dt.datetime | None = column(
        "Till when the giver takes a disputed delivery up again; null when none is disputed."
    )
    dispute_reason: str | None = column("Why; null if it never was.", filter=False, why="long text")
    confirmed_at: dt.datetime | None = column("When it was confirmed; null until then.")
    withdrawn_at: dt.datetime | None = column("When it was withdrawn; null unless it was.")
    siblings: list[Request] = many_to_many(
        SIBLINGS, "one_id", "other_id", "The same, asked of others at the same time.", order=["created_at"]
    )
    eligibility: EscalationEligibility | None = derived(
        FACTS[FilingFacts].places,
        _eligibility,
        "Whether it may be reported to the mayor now; null but for the asker's head and the mayor's office.",
    )
    escalation: Escalation | None = to_one(
        "(SELECT x.id FROM {table:escalation} x WHERE x.request_id = {t}.id ORDER BY x.filed_at DESC LIMIT 1)",
        "The last case of it; null when there is none, and for those who may not know.",
        filter=False,
        why="ask for escalations",
    )
    messages: Connection[Message] = to_many(
        "request_id", "What was said of it, the oldest first.", order=["created_at"]
    )
    allowed_actions: list[AllowedAction] = offered_by(
        FACTS[FilingFacts].places,
        _allowed_actions,
        "What the viewer may do with it now, and why not the rest.",
        len(COLLABORATION_REQUEST.rules) + len(bound(ESCALATION.offered["Request"])),
    )


@table(MESSAGE, order=["created_at"], description="What somebody said of a collaboration request.")
class Message(Node):
    id: strawberry.ID = column("Its id.")
    request: Request = to_one("request_id", "Of what it was said.")
    author: Account = to_one("author_id", "Who said it.")
    text: str = column("What was said.", filter=False, why="long text")
    created_at: dt.datetime = column("When it was said.", order=True)


queries = [
    root_one("request", Request, "One collaboration request; null when unknown.", by="id"),
    root_list("requests", Connection[Request], "All requests and offers, the latest first."),
]
subscriptions = [watch("requestChanged", Request, Change[Request], "Each change of a request that matches.")]
