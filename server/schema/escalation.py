"""Cases, what follows from their decisions, and who else may decide, as the API says them.

Who may not know of a case finds nothing of it here: every table is declared with who sees its rows. Verbs are in
escalation_verbs.py.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import strawberry

from server.ids import encode
from server.live.watch import watch
from server.query.declare.fields import (
    Context,
    column,
    computed,
    derived,
    many_to_many,
    root_list,
    root_one,
    table,
    to_many,
    to_one,
)
from server.rules import follow_up as follow_up_rules
from server.rules import reply_clock as rules
from server.rules.aggregates import offered_on
from server.rules.collaboration_clock import withdrawn_by
from server.rules.decision import APPENDIX, REMARK, AppendixKind, Decider
from server.rules.delegation import DELEGATION, DelegationFacts
from server.rules.due_clocks import FollowUpClockFacts, MediationClockFacts, follow_up_clock, mediation_clock
from server.rules.eligibility import EscalationGround
from server.rules.escalation import ESCALATION
from server.rules.escalation_facts import DecisionKind, EscalationStatus, PersonClockFacts
from server.rules.fact import FACTS, facts_of
from server.rules.follow_up import FOLLOW_UP, ObjectionClockFacts
from server.rules.reply_clock import ReplyClockFacts
from server.rules.viewer import Capacity
from server.rules.visibility import HANDLED_CASES
from server.schema import clock
from server.schema.allowed_action import AllowedAction, offered
from server.schema.change import Change
from server.schema.clock import Clock
from server.schema.connection import Connection
from server.schema.node import Node, Subject, called, page_at

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.collaboration import Request
    from server.schema.event import Event
    from server.schema.organisation import Organisation
    from server.schema.task import Task


def _reply_clock(values: Any, context: Context) -> Clock:
    case = facts_of(ReplyClockFacts, values, context)
    withdrawn = withdrawn_by(case.party_ends_on, case.withdrawn_at, case.respondent.calendar)
    return clock.clock(rules.reply_clock(case, case.respondent, case.respondent_terms, withdrawn), context)


def _person_clock(values: Any, context: Context) -> Clock | None:
    found = rules.person_clock(facts_of(PersonClockFacts, values, context), context.city.calendar)
    return None if found is None else clock.clock(found, context)


def _dossier_path(values: Any) -> str:
    return f"/dossier/{encode(ESCALATION.prefix or '', values.id)}"


def _objection_clock(values: Any, context: Context) -> Clock | None:
    follow_up = facts_of(ObjectionClockFacts, values, context)
    found = follow_up_rules.own_objection_clock(follow_up)
    return None if found is None else clock.clock(found, context)


@table(
    ESCALATION,
    search=True,
    order=["-filed_at"],
    description=(
        "A case: a report of non-cooperation to the mayor (pelaporan). It is seen by the heads of its two parties, by "
        "the person whom it may strike, by the mayor's office, and once it was referred by the head of that body; to "
        "all others it does not exist."
    ),
)
class Escalation(Subject):
    label: str = called({"statement": "statement"}, lambda values: values.statement[:80])
    request: Request = to_one("request_id", "The request of which it is.")
    filer: Organisation = to_one("filer_id", "Who reported: the request's asker.")
    respondent: Organisation = to_one("respondent_id", "Who is reported: the request's giver.")
    ground: EscalationGround = column("What the report rests on, as the request's record showed it.")
    grounds: list[EscalationGround] = derived(
        {"ground": "ground"},
        lambda values, context: [EscalationGround(values.ground)],
        "What the report rests on, as a list: a request is in one state, so it shows one ground.",
    )
    ground_arose_at: dt.datetime = column("When that ground arose; a decision cites the law of that day.")
    statement: str = column("What the filer says.", filter=False, why="long text")
    status: EscalationStatus = column("Where it stands.", order=True, ranks=[each.name for each in EscalationStatus])
    filed_at: dt.datetime = column("When it was filed.", order=True)
    filed_by: Account = to_one("filed_by_id", "Who filed it, for the filer.")
    reply_clock: Clock = derived(
        FACTS[ReplyClockFacts].places,
        _reply_clock,
        "The respondent's time to reply: three working days.",
        rows=clock.NO_ACTORS,
    )
    reply: str | None = column("What the respondent says (tanggapan); null until then.", filter=False, why="long text")
    replied_at: dt.datetime | None = column("When the respondent replied; null until then.")
    replied_by: Account | None = to_one("replied_by_id", "Who replied, for the respondent; null until then.")
    person: CasePerson | None = to_one(
        "(CASE WHEN {t}.person_id IS NOT NULL THEN {t}.id END)",
        "The person whom it may strike, a party in office or not; null where the record shows nobody.",
        filter=False,
        why="a part of the case itself",
    )
    mediation: Mediation | None = to_one(
        "(CASE WHEN {t}.meeting_at IS NOT NULL THEN {t}.id END)",
        "The last mediation; null when none was proposed.",
        filter=False,
        why="a part of the case itself",
    )
    decision: Decision | None = to_one(
        "(CASE WHEN {t}.decision_kind IS NOT NULL THEN {t}.id END)",
        "What the mayor decided; null until then. A decision is final.",
        filter=False,
        why="a part of the case itself",
    )
    follow_ups: list[FollowUp] = many_to_many(
        "follow_up", "escalation_id", "id", "What follows from the decision, in order, at most 100."
    )
    appendices: list[Appendix] = many_to_many(
        "appendix", "escalation_id", "id", "Corrections of the decision and objections to it, in order, at most 100."
    )
    remarks: list[Remark] | None = many_to_many(
        "remark",
        "escalation_id",
        "id",
        "Remarks of the mayor's office, in order, at most 100; null but for those who handle the case. They are no "
        "part of the dossier and do not raise the case's version; `events` tells of them.",
        mask=HANDLED_CASES,
    )
    closed_at: dt.datetime | None = column("When everything that followed was done; null until then.")
    withdrawn_at: dt.datetime | None = column("When it was withdrawn or settled; null otherwise.")
    dossier: Connection[Event] = to_many(
        "{t}.subject_id = ANY(ARRAY[{parent}, (SELECT x.request_id FROM {table:escalation} x WHERE x.id = {parent})])",
        "All that happened to the request and to the case, in order. Nobody can change it.",
        order=["epoch", "xid", "sequence"],
        order_by=False,
    )
    dossier_path: str = derived(
        {"id": "id"},
        lambda values, context: _dossier_path(values),
        "Where on this server the dossier is a page to read and print, in Indonesian; with `.pdf` behind it, the same "
        "as a PDF. A browser opens it where it is signed in to the board; a program asks with its token.",
    )
    url: str | None = derived(
        {"id": "id"},
        lambda values, context: page_at(_dossier_path(values), context),
        "The page of its dossier; null where this server was not told its public address.",
    )
    allowed_actions: list[AllowedAction] = offered((ReplyClockFacts, offered_on("Escalation")))


@table(
    ESCALATION,
    view="case_person",
    description="The person whom a case may strike: who held the office when its ground arose, or declined.",
)
class CasePerson:
    account: Account = to_one("{t}.person_id", "Who it is.", filter=False, why="shown only")
    told_at: dt.datetime | None = column(
        "When their clock began: at filing, or as they were named, for who can sign in; null until a notice on paper "
        "was received by who cannot.",
        column="person_told_at",
    )
    notice_number: str | None = column(
        "The number of the notice on paper; null when none was given.", column="person_notice_number"
    )
    notice_on: dt.date | None = column("The day on which it was received.", column="person_notice_on")
    reply_clock: Clock | None = derived(
        FACTS[PersonClockFacts].places,
        _person_clock,
        "Their own time to reply, by the city's data (seven working days); null until they were told.",
        rows=clock.NO_ACTORS,
    )
    reply: str | None = column(
        "What they say; null until then. Who heads the respondent replies once for both.",
        column="person_reply",
        filter=False,
        why="long text",
    )
    replied_at: dt.datetime | None = column("When they replied; null until then.", column="person_replied_at")


@table(ESCALATION, view="mediation", description="A meeting to settle a case.")
class Mediation:
    meeting_at: dt.datetime = computed("{t}.meeting_at", "When the parties meet.")
    due_clock: Clock | None = clock.clock_of(
        MediationClockFacts,
        mediation_clock,
        "On which the mayor's office records what came of it: the day of the meeting. Nobody is reminded.",
    )
    place: str | None = column("Where; null when nothing was said.", column="meeting_place")
    proposed_by: Account | None = to_one("mediation_proposed_by_id", "Who proposed it, for the mayor's office.")
    outcome: str | None = column(
        "What came of it; null until it is concluded.", column="mediation_outcome", filter=False, why="long text"
    )


@table(
    ESCALATION,
    view="decision",
    description="What the mayor decided on a case. The server records it and the document that bears it.",
)
class Decision:
    kind: DecisionKind = computed("{t}.decision_kind", "What was decided.")
    facts: str = computed("{t}.decision_facts", "The facts on which it rests.", filter=False, why="long text")
    legal_basis: str | None = column("The law that it cites; null when none.")
    signed_by: str | None = column("Who signed its document; null when there is none.")
    signed_by_office: str | None = column("In which office they signed; null when nothing was said.")
    document_number: str | None = column("The number of its document; null when there is none.")
    person: Account | None = to_one(
        "decided_person_id", "Whom it strikes: of a reprimand, or of a REFER about a person; null otherwise."
    )
    hearing_on: dt.date | None = column("The day of the hearing, or of the summonses; null when nothing was said.")
    hearing_number: str | None = column(
        "The number of the hearing's record, or of the summonses; null when nothing was said."
    )
    decided_at: dt.datetime = computed("{t}.decided_at", "When it was decided.")
    decided_by: Account = to_one("{t}.decided_by_id", "Who decided.", filter=False, why="shown only")
    decided_as: Decider | None = column("By what power; null where that was not kept yet.")
    decided_capacity: Capacity | None = column(
        "In what capacity the mayor's office was held; null for a delegate, and where that was not kept yet."
    )
    on_behalf_of: Account | None = to_one(
        "on_behalf_of_id", "The mayor for whom a delegate or an acting mayor decided; null when the mayor did."
    )
    referred_to: Organisation | None = to_one(
        "referred_to_id", "The body to which it was referred; null but for REFER."
    )


@table(
    FOLLOW_UP,
    order=["created_at"],
    description="Something that follows from a decision.",
)
class FollowUp(Node):
    id: strawberry.ID = column("Its id, for `closeFollowUp` and `objectToFollowUp`.")
    escalation: Escalation | None = to_one("escalation_id", "The case.")
    text: str = column("What is to be done.", filter=False, why="shown only")
    due_on: dt.date | None = column("The day by which it is to be done; null when none was set.")
    due_clock: Clock | None = clock.clock_of(
        FollowUpClockFacts, follow_up_clock, "On which it is closed; null where no day was set. Nobody is reminded."
    )
    is_referral: bool = column("Whether it is the work of the body to which the case was referred.")
    task: Task | None = to_one("task_id", "The task that was ordered for it; null when there is none.")
    created_at: dt.datetime = column("When it was added.", order=True)
    added_by: Account | None = to_one("added_by_id", "Who added it.")
    closed_at: dt.datetime | None = column("When it was closed; null while it is open.")
    closed_by: Account | None = to_one("closed_by_id", "Who closed it; null while it is open, and when time did.")
    outcome: str | None = column("What became of it; null where nobody said.", filter=False, why="long text")
    objection_clock: Clock | None = derived(
        FACTS[ObjectionClockFacts].places,
        _objection_clock,
        "The filer's time to object, five working days from the task's end; null until the task is done.",
        rows=clock.NO_ACTORS,
    )
    objected_at: dt.datetime | None = column("When the filer objected; null otherwise.")
    objection: str | None = column("Why the filer objected; null otherwise.", filter=False, why="long text")
    allowed_actions: list[AllowedAction] = offered((ObjectionClockFacts, offered_on("FollowUp")))


@table(
    APPENDIX,
    order=["created_at"],
    description="A correction of a decision or an objection to it.",
)
class Appendix(Node):
    id: strawberry.ID = column("Its id.")
    escalation: Escalation | None = to_one("escalation_id", "The case.")
    kind: AppendixKind = column("Whether it corrects or objects.")
    text: str = column("What it says.", filter=False, why="long text")
    author: Account = to_one("author_id", "Who appended it.")
    created_at: dt.datetime = column("When it was appended.", order=True)


@table(
    REMARK,
    is_small=True,
    order=["created_at"],
    description="A remark of the mayor's office on a case, which that office alone sees.",
)
class Remark(Subject):
    label: str = called({"text": "text"}, lambda values: values.text[:80])
    escalation: Escalation | None = to_one("escalation_id", "The case.")
    author: Account = to_one("author_id", "Who made it.")
    text: str = column("What it says.", filter=False, why="long text")


@table(
    DELEGATION,
    is_small=True,
    order=["-valid_from"],
    description="The mayor lets an account decide cases, for a stated period.",
)
class Delegation(Subject):
    label: str = called({"account": "account.name"}, lambda values: values.account)
    account: Account = to_one("account_id", "Who may decide.", order=["name"])
    delegated_by: Account = to_one("delegated_by_id", "The mayor who delegated.")
    valid_from: dt.date = column("The first day.")
    valid_to: dt.date = column("The last day.")
    decree_number: str | None = column(
        "The number of the decree; null when none was given.", filter=False, why="shown only"
    )
    allowed_actions: list[AllowedAction] = offered((DelegationFacts, offered_on("Delegation")))


queries = [
    root_one("escalation", Escalation, "One case; null when unknown or hidden.", by="id"),
    root_list("escalations", Connection[Escalation], "All cases that the viewer may see, the latest first."),
    root_list("delegations", Connection[Delegation], "All delegations of decisions, the latest first.", search=False),
]
subscriptions = [
    watch("escalationChanged", Escalation, Change[Escalation], "Each change of a case that matches and may be seen.")
]
