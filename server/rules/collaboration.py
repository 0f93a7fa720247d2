"""What may be done with a collaboration request (permintaan, tawaran kolaborasi): who, in which state, how often.

Two sides: the *asker* receives, the *giver* delivers. A NEED is begun by the asker and answered by the giver, an OFFER
the other way round; whoever began it is the *starter*, the other side the *answerer*. Heads act for their side, acting
ones too; who heads both sides acts for one of them (collaboration_sides.py). How a request is made and answered is in
collaboration_answer.py, whose it is in collaboration_redirect.py, how it is kept in collaboration_delivery.py, what its
clocks do in collaboration_clock.py and collaboration_lapse.py. `may_…` refuses whatever the input's values.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import Final
from uuid import UUID

from server.rules import lifecycle
from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.collaboration_facts import (
    ANSWERED,
    COUNTERS,
    QUESTIONS,
    RequestFacts,
    RequestKind,
    RequestStatus,
)
from server.rules.collaboration_lapse import as_it_stands_on
from server.rules.collaboration_sides import lacking, must_act_for
from server.rules.event import EventType
from server.rules.organisation import OrganisationFacts, OrganisationKind, must_not_have_ended
from server.rules.permission import must_act_for_mayor, must_head
from server.rules.refusal import Code, Refused
from server.rules.task import TaskStatus
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import EVERYONE

# ---- who may do what, and when --------------------------------------------------------------------------------------


def may_begin(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    """The head asks, or offers, for the own organisation, as long as it exists."""
    must_head(viewer, organisation.id)
    must_be_a_party(organisation)
    must_not_have_ended(organisation, today)


def must_be_a_party(organisation: OrganisationFacts, *path: str) -> None:
    """The mayor's office gives nothing and is asked for nothing: it rules, orders, and helps with what is blocked."""
    if organisation.kind is OrganisationKind.MAYORS_OFFICE:
        raise Refused(Code.MAYORS_OFFICE_IS_NO_PARTY, *path)


def may_answer(verb: str, viewer: Viewer, request: RequestFacts, today: date) -> None:
    """The other side's head. Whoever comes second is told what the answer is."""
    must_act_for(viewer, request, request.answerer_id)
    _must_move(verb, request, today)


def may_counter_request(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Other terms, until two were refused: then there is only yes or no."""
    may_answer("counterRequest", viewer, request, today)
    _must_have_no_ruling_pending(request)
    _must_have_a_counter_left(request)


def may_redirect_request(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Bukan wewenang: not of an offer, not by whom the mayor's office has named, not after two refused counters."""
    may_answer("redirectRequest", viewer, request, today)
    if request.kind is RequestKind.OFFER or request.is_assigned:
        raise Refused(Code.CANNOT_REDIRECT)
    _must_have_no_ruling_pending(request)
    _must_have_a_counter_left(request)


def may_ask_for_information(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """One question at a time, two in all."""
    may_answer("askForInformation", viewer, request, today)
    _must_have_no_ruling_pending(request)
    _must_have_a_counter_left(request)
    if as_it_stands_on(request, today).question_asked_at is not None:
        raise Refused(Code.QUESTION_OPEN)
    if request.question_count >= QUESTIONS:
        raise Refused(Code.QUESTIONS_USED_UP, limit=QUESTIONS)


def may_start(verb: str, viewer: Viewer, request: RequestFacts, today: date) -> None:
    """The head of whoever began it."""
    must_act_for(viewer, request, request.starter_id)
    _must_move(verb, request, today)


def may_accept_counter(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """As long as the day on which it would come lies ahead."""
    may_start("acceptCounter", viewer, request, today)
    _must_lie_ahead(request.counter_needed_on or request.needed_on, today)


def may_answer_question(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """While it is waited for."""
    may_start("answerQuestion", viewer, request, today)
    if as_it_stands_on(request, today).question_asked_at is None:
        raise Refused(Code.NO_QUESTION)


def may_object_to_redirect(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """The asker's head, to a redirect on which the mayor's office has not ruled."""
    must_act_for(viewer, request, request.asker_id)
    _must_move("objectToRedirect", request, today)
    if request.is_assigned:
        raise Refused(Code.ALREADY_RULED)
    if not request.redirects:
        raise Refused(Code.NOT_REDIRECTED)
    _must_have_no_ruling_pending(request)


def may_assign_request(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Whoever acts for the mayor, when asked for a ruling; on a matter of their own organisation the mayor alone."""
    _must_rule_on(viewer, request, request.chain | {request.ruling_proposed_id})
    _must_move("assignRequest", request, today)
    if request.ruling_asked_at is None:
        raise Refused(Code.NO_RULING_ASKED)


def may_assign_answerer(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Whoever acts for the mayor, while one person heads both sides; of an own matter the mayor alone."""
    _must_rule_on(viewer, request, {request.asker_id, request.giver_id})
    _must_move("assignAnswerer", request, today)
    if lacking(request) is None:
        raise Refused(Code.NOBODY_ON_BOTH_SIDES)


def _must_rule_on(viewer: Viewer, request: RequestFacts, matters: Set[UUID | None]) -> None:
    must_act_for_mayor(viewer)
    if not viewer.is_mayor and not viewer.organisation_ids.isdisjoint(matters - {request.mayors_office_id}):
        raise Refused(Code.OWN_CASE)


def may_give(verb: str, viewer: Viewer, request: RequestFacts, today: date) -> None:
    """The giver's head."""
    must_act_for(viewer, request, request.giver_id)
    _must_move(verb, request, today)


def may_deliver_request(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Once the commitment is done, or stands at 100 % and is completed in the same call."""
    may_give("deliverRequest", viewer, request, today)
    is_all_but_done = request.commitment_status is TaskStatus.IN_PROGRESS and request.commitment_progress == 100
    if not is_all_but_done:
        must_be_done(request)
    elif request.commitment_lacks_evidence:
        raise Refused(Code.EVIDENCE_NEEDED)


def must_be_done(request: RequestFacts, *path: str) -> None:
    if request.commitment_status is not TaskStatus.DONE:
        raise Refused(Code.COMMITMENT_NOT_DONE, *path, status=request.commitment_status)


def may_receive(verb: str, viewer: Viewer, request: RequestFacts, today: date) -> None:
    """The asker's head: whoever receives says whether it came."""
    must_act_for(viewer, request, request.asker_id)
    _must_move(verb, request, today)


def may_settle_new_date(verb: str, viewer: Viewer, request: RequestFacts, today: date) -> None:
    may_receive(verb, viewer, request, today)
    if request.new_due_on is None:
        raise Refused(Code.NO_DATE_PROPOSED)


def may_agree_new_date(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """As long as it lies ahead."""
    may_settle_new_date("agreeNewDate", viewer, request, today)
    _must_lie_ahead(request.new_due_on, today)


def may_post_message(viewer: Viewer, request: RequestFacts, today: date) -> None:
    """Heads and staff of all who were asked and of the asker, and the mayor's office, in every state."""
    if not (viewer.is_office or any(viewer.works_for(organisation_id) for organisation_id in request.chain)):
        own = not viewer.organisation_ids.isdisjoint(request.chain)
        raise Refused(Code.NOT_YOUR_ROLE if own else Code.NOT_YOUR_ORGANISATION)


COLLABORATION_REQUEST: Final = Aggregate[RequestFacts](
    name="Request",
    table="collaboration_request",
    prefix="req",
    visibility=EVERYONE,
    called=("request",),
    states=RequestStatus,
    moves=lifecycle.COLLABORATION,
    verbs={
        "acceptRequest": Verb(may_answer, EventType.REQUEST_ACCEPTED, (EventType.TASK_CREATED,)),
        "declineRequest": Verb(may_answer, EventType.REQUEST_DECLINED),
        "counterRequest": Verb(may_counter_request, EventType.REQUEST_COUNTERED),
        "acceptCounter": Verb(may_accept_counter, EventType.REQUEST_COUNTER_ACCEPTED, (EventType.TASK_CREATED,)),
        "refuseCounter": Verb(may_start, EventType.REQUEST_COUNTER_REFUSED),
        "redirectRequest": Verb(may_redirect_request, EventType.REQUEST_REDIRECTED),
        "objectToRedirect": Verb(may_object_to_redirect, EventType.REQUEST_REDIRECT_OBJECTED),
        "assignRequest": Verb(may_assign_request, EventType.REQUEST_ASSIGNED),
        "assignAnswerer": Verb(may_assign_answerer, EventType.REQUEST_ANSWERER_NAMED),
        "askForInformation": Verb(may_ask_for_information, EventType.REQUEST_INFORMATION_ASKED),
        "answerQuestion": Verb(may_answer_question, EventType.REQUEST_QUESTION_ANSWERED),
        "proposeNewDate": Verb(may_give, EventType.REQUEST_NEW_DATE_PROPOSED),
        "agreeNewDate": Verb(may_agree_new_date, EventType.REQUEST_NEW_DATE_AGREED, (EventType.TASK_UPDATED,)),
        "refuseNewDate": Verb(may_settle_new_date, EventType.REQUEST_NEW_DATE_REFUSED),
        "deliverRequest": Verb(may_deliver_request, EventType.REQUEST_DELIVERED, (EventType.TASK_COMPLETED,)),
        "confirmDelivery": Verb(may_receive, EventType.REQUEST_CONFIRMED),
        "disputeDelivery": Verb(may_receive, EventType.REQUEST_DISPUTED),
        "resumeDelivery": Verb(may_give, EventType.REQUEST_DELIVERY_RESUMED, (EventType.TASK_REOPENED,)),
        "withdrawRequest": Verb(may_start, EventType.REQUEST_WITHDRAWN),
        "postMessage": Verb(may_post_message, EventType.REQUEST_MESSAGE_POSTED, scopes=(TokenScope.REQUESTS_WRITE,)),
    },
    offered={
        "Organisation": {
            "requestCollaboration": Verb(may_begin, EventType.REQUEST_MADE, (EventType.REQUEST_MADE,)),
            "offerHelp": Verb(may_begin, EventType.REQUEST_OFFERED),
        },
    },
    of_itself=(
        EventType.REQUEST_PASSED_ON,
        EventType.REQUEST_RULING_ASKED,
        EventType.REQUEST_CLOCK_MOVED,
        EventType.REQUEST_REMINDED,
        EventType.REQUEST_LAPSED,
        EventType.REQUEST_QUESTION_LAPSED,
        EventType.REQUEST_RULING_LAPSED,
        EventType.REQUEST_DISPUTE_LAPSED,
        EventType.REQUEST_COUNTER_LAPSED,
        EventType.REQUEST_DELIVERED_BY_CLOCK,
        EventType.REQUEST_CONFIRMED_BY_SILENCE,
    ),
)
MESSAGE: Final = Part[None](name="Message", table="message", prefix="msg", visibility=EVERYONE)

_ANSWERS = frozenset({"acceptRequest", "declineRequest", "counterRequest", "redirectRequest", "askForInformation"})


def _must_move(verb: str, request: RequestFacts, today: date) -> None:
    status = as_it_stands_on(request, today).status
    if verb in _ANSWERS and status in ANSWERED and status.value not in lifecycle.COLLABORATION[verb]:
        raise Refused(Code.ALREADY_ANSWERED, answer=status, answered_at=request.answered_at)
    lifecycle.move(lifecycle.COLLABORATION, status, verb)


def _must_lie_ahead(day: date | None, today: date) -> None:
    if day is not None and day < today:
        raise Refused(Code.DATE_PASSED, date_on=day)


def _must_have_a_counter_left(request: RequestFacts) -> None:
    """After two refused counters the other side may only accept or decline."""
    if request.counters_refused_count >= COUNTERS:
        raise Refused(Code.NO_COUNTER_LEFT, limit=COUNTERS)


def _must_have_no_ruling_pending(request: RequestFacts) -> None:
    if request.ruling_asked_at is not None:
        raise Refused(Code.RULING_PENDING)
