"""The verbs on collaboration requests: inputs, payloads, mutations. What they do is in actions/collaboration*.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from server.actions import collaboration as actions
from server.actions import collaboration_delivery as delivery
from server.query.declare.fields import by_id
from server.schema.collaboration import OF_ONE_THREAD
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, field, part_id, verb

if TYPE_CHECKING:
    from server.schema.collaboration import Message, Request


@strawberry.type(description="A collaboration request after a verb on it.")
class RequestPayload(Payload):
    object = "request"
    request_id: strawberry.Private[UUID | None] = None
    request: Request | None = by_id("The request as it is now; null when the verb was refused.")


@strawberry.type(description="What was asked of one or several at once.")
class RequestsPayload(Payload):
    object = "request"
    request_id: strawberry.Private[UUID | None] = None
    requests: list[Request] | None = by_id(
        "A request of each, in the order of `givers`; null when the verb was refused.",
        attribute="request_id",
        link=OF_ONE_THREAD,
    )


@strawberry.type(description="A request after something was said of it.")
class MessagePayload(RequestPayload):
    message_id: strawberry.Private[UUID | None] = None
    message: Message | None = by_id("What was said; null when the verb was refused.")

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"message_id": part_id(facts, "messageId")}


REQUEST = "The request."
ABOUT = "The task or target that it is about, of one of the two."
DESCRIPTION = "More about it, at most 10,000 characters."
REASON = "Why, 1 to 10,000 characters."
OWN = "For whom: an organisation that the caller heads. Left out, the caller's own, or the only one that it heads."
ANSWER_DUE = "Till the end of which day the answer may take; left out, three working days, which is the least."


@command("Help that is wanted of one organisation or of several.", versioned=False)
class RequestCollaborationInput:
    givers: list[OrganisationKey] = field("Who is asked, at most 20; each gets a request of its own.")
    about_id: strawberry.ID | None = field(ABOUT, default=None)
    title: str = field("What is wanted, 1 to 300 characters.")
    description: str | None = field(DESCRIPTION, default=None)
    needed_on: dt.date = field("The day by which it is needed, today or later.")
    answer_due_at: dt.datetime | None = field(ANSWER_DUE, default=None)
    organisation: OrganisationKey | None = field(OWN, default=None)


@command("Help that is offered to an organisation.", versioned=False)
class OfferHelpInput:
    asker: OrganisationKey = field("Who would receive it.")
    about_id: strawberry.ID | None = field(ABOUT, default=None)
    title: str = field("What is offered, 1 to 300 characters.")
    description: str | None = field(DESCRIPTION, default=None)
    needed_on: dt.date = field("The day by which it would come, today or later.")
    answer_due_at: dt.datetime | None = field(ANSWER_DUE, default=None)
    organisation: OrganisationKey | None = field(OWN, default=None)


@command("A collaboration request, and nothing else.")
class RequestOnly:
    request_id: strawberry.ID = field(REQUEST)


@command("A request that is accepted.")
class AcceptRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    agreed_due_on: dt.date | None = field(
        "The day for which it is promised: the one asked for, unless that has passed.", default=None
    )


@command("A request that is declined.")
class DeclineRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    reason: str = field(REASON)


@command("Other terms for a request.")
class CounterRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    terms: str = field("The terms, 1 to 10,000 characters.")
    needed_on: dt.date | None = field(
        "Another day, today or later; needed where the one asked for passed.", default=None
    )


@command("A request that belongs to somebody else.")
class RedirectRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    to: OrganisationKey = field("Who is responsible.")
    reason: str = field(REASON)


@command("An objection to where a request was sent.")
class ObjectToRedirectInput:
    request_id: strawberry.ID = field(REQUEST)
    reason: str = field(REASON)


@command("Who is responsible for a request.")
class AssignRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    giver: OrganisationKey = field("Who it is; the present giver as well.")
    reason: str = field(REASON)


@command("Who answers for the side whose head acts for the other.")
class AssignAnswererInput:
    request_id: strawberry.ID = field(REQUEST)
    account_id: strawberry.ID = field("The account, of that side's organisation (`bothSides.organisation`).")


@command("What must be known before a request can be answered.")
class AskForInformationInput:
    request_id: strawberry.ID = field(REQUEST)
    question: str = field("What is asked, 1 to 10,000 characters.")


@command("The answer to what was asked back.")
class AnswerQuestionInput:
    request_id: strawberry.ID = field(REQUEST)
    answer: str = field("The answer, 1 to 10,000 characters; it stands in the thread.")


@command("Another day for what was promised.")
class ProposeNewDateInput:
    request_id: strawberry.ID = field(REQUEST)
    new_due_on: dt.date = field("The day, today or later.")
    reason: str = field(REASON)


@command("What is delivered.")
class DeliverRequestInput:
    request_id: strawberry.ID = field(REQUEST)
    completes_task: bool = field("Also completes the commitment, if it stands at 100 %.", default=False)


@command("A delivery that did not come as promised.")
class DisputeDeliveryInput:
    request_id: strawberry.ID = field(REQUEST)
    reason: str = field("What is wrong with it, 1 to 10,000 characters.")


@command("Something said of a request.")
class PostMessageInput:
    request_id: strawberry.ID = field(REQUEST)
    text: str = field("What is said, 1 to 10,000 characters.")


ONE = RequestPayload
mutations = [
    verb(
        actions.request_collaboration,
        RequestCollaborationInput,
        RequestsPayload,
        "Ask other organisations for help, never the mayor's office. The head, for its own; seen by everybody.",
    ),
    verb(actions.offer_help, OfferHelpInput, ONE, "Offer another organisation help. The head, for the organisation."),
    verb(
        actions.accept_request,
        AcceptRequestInput,
        ONE,
        "Accept, also after having declined: OPEN or DECLINED → ACCEPTED. The giver gets a task, the commitment.",
    ),
    verb(actions.decline_request, DeclineRequestInput, ONE, "Decline with a reason: OPEN → DECLINED."),
    verb(
        actions.counter_request,
        CounterRequestInput,
        ONE,
        "Name other terms: OPEN → COUNTERED. Unanswered for ten working days they end the request; after two refused "
        "ones there is only yes or no.",
    ),
    verb(actions.accept_counter, RequestOnly, ONE, "Accept the other side's terms: COUNTERED → ACCEPTED."),
    verb(
        actions.refuse_counter,
        RequestOnly,
        ONE,
        "Refuse the other side's terms: COUNTERED → OPEN, on a new answer clock.",
    ),
    verb(
        actions.redirect_request,
        RedirectRequestInput,
        ONE,
        "Say who is responsible instead (bukan wewenang), who has a full clock. A second time, back, or after the time "
        "for an answer, the mayor's office rules. Not of offers, not to the mayor's office nor to what one heads.",
    ),
    verb(
        actions.object_to_redirect,
        ObjectToRedirectInput,
        ONE,
        "Object to a redirect, as the asker: the mayor's office rules, and the answer clock stands still till then.",
    ),
    verb(
        actions.assign_request,
        AssignRequestInput,
        ONE,
        "Rule who is responsible. Whoever acts for the mayor, when asked to; who is named has a full clock. A lapse of "
        "the present giver ends when another is named, and stays on the record.",
    ),
    verb(
        actions.assign_answerer,
        AssignAnswererInput,
        ONE,
        "Name who answers for a side while its head heads the other one too (`bothSides`). Whoever acts for the mayor; "
        "till then that side's clocks stand still. Another may be named later.",
    ),
    verb(
        actions.ask_for_information,
        AskForInformationInput,
        ONE,
        "Ask back, at most twice, also after coming back: the answer clock stands still until the answer, for three "
        "working days at most.",
    ),
    verb(actions.answer_question, AnswerQuestionInput, ONE, "Answer what was asked back; the answer clock goes on."),
    verb(
        delivery.propose_new_date,
        ProposeNewDateInput,
        ONE,
        "Propose another day for what was promised, as the giver. Until the asker agrees the old one holds.",
    ),
    verb(delivery.agree_new_date, RequestOnly, ONE, "Agree to the new day, as the asker."),
    verb(delivery.refuse_new_date, RequestOnly, ONE, "Refuse the new day, as the asker: the old one holds."),
    verb(
        delivery.deliver_request,
        DeliverRequestInput,
        ONE,
        "Deliver, as the giver, once the commitment is done: ACCEPTED → DELIVERED. What was done in time counts as "
        "delivered three working days after the agreed date.",
    ),
    verb(
        delivery.confirm_delivery,
        RequestOnly,
        ONE,
        "Say that it came, as the asker: DELIVERED or DISPUTED → CONFIRMED. Ten working days of silence say so too.",
    ),
    verb(
        delivery.dispute_delivery,
        DisputeDeliveryInput,
        ONE,
        "Say that it did not come as promised, as the asker: DELIVERED → DISPUTED.",
    ),
    verb(
        delivery.resume_delivery,
        RequestOnly,
        ONE,
        "Take it up again, as the giver: DISPUTED → ACCEPTED. The commitment reopens; the first time it is promised "
        "for five working days from now, or for the agreed date where that is later.",
    ),
    verb(
        delivery.withdraw_request,
        RequestOnly,
        ONE,
        "Withdraw what one has begun, also after a no: → WITHDRAWN. Its commitment becomes an ordinary task.",
    ),
    verb(
        delivery.post_message,
        PostMessageInput,
        MessagePayload,
        "Say something of it. Head and staff of all who were asked and of the asker, and the mayor's office.",
    ),
]
