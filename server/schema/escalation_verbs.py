"""The verbs on cases: inputs, payloads, mutations. What they do is in actions/escalation.py and the rooms beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from server.actions import decision, delegation, follow_up, person
from server.actions import escalation as actions
from server.events.log import Recorded
from server.query.declare.fields import by_id
from server.rules.decision import AppendixKind
from server.rules.escalation_facts import DecisionKind
from server.rules.task import Priority
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, fact_id, field, part_id, verb

if TYPE_CHECKING:
    from server.schema.escalation import Appendix, Delegation, Escalation, FollowUp, Remark


@strawberry.type(description="A case after a verb on it.")
class EscalationPayload(Payload):
    object = "escalation"
    escalation_id: strawberry.Private[UUID | None] = None
    escalation: Escalation | None = by_id("The case as it is now; null when the verb was refused.")

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        """The case, of which a remark only speaks."""
        return fact_id(event, "escalationId") if "escalationId" in event.facts else event.subject_id


@strawberry.type(description="A case after something was appended to its decision.")
class AppendixPayload(EscalationPayload):
    appendix_id: strawberry.Private[UUID | None] = None
    appendix: Appendix | None = by_id("What was appended; null when the verb was refused.")

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"appendix_id": part_id(facts, "appendixId")}


@strawberry.type(description="A case after a verb on one of its follow-ups.")
class FollowUpPayload(EscalationPayload):
    follow_up_id: strawberry.Private[UUID | None] = None
    follow_up: FollowUp | None = by_id("The follow-up as it is now; null when the verb was refused.")

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"follow_up_id": part_id(facts, "followUpId")}


@strawberry.type(description="A case after a remark on it.")
class RemarkPayload(EscalationPayload):
    remark_id: strawberry.Private[UUID | None] = None
    remark: Remark | None = by_id("The remark; null when the verb was refused.")

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"remark_id": part_id(facts, "remarkId")}


@strawberry.type(description="A delegation after a verb on it.")
class DelegationPayload(Payload):
    object = "delegation"
    delegation_id: strawberry.Private[UUID | None] = None
    delegation: Delegation | None = by_id("The delegation as it is now; null when the verb was refused.")


CASE = "The case."


@strawberry.input(description="A task that is ordered of the respondent in the wake of this, as `orderTask` does.")
class InstructionInput:
    title: str = field("What is to be done, 1 to 300 characters.")
    due_on: dt.date = field("The day by which it is to be done, today or later.")
    description: str | None = field("More about it, at most 10,000 characters.", default=None)
    priority: Priority = field("How urgent it is.", default=Priority.HIGH)
    kelurahan: OrganisationKey | None = field("Where it is done: a kelurahan.", default=None)
    needs_evidence: bool = field("Whether it is completed with evidence only.", default=True)
    checklist: list[str] | None = field("Its checklist, at most 100 items of at most 300 characters.", default=None)


@command("A report of non-cooperation to the mayor.")
class FileEscalationInput:
    request_id: strawberry.ID = field("The request whose record shows a ground.")
    statement: str = field("What the asker says, 1 to 10,000 characters.")


@command("The respondent's reply (tanggapan), or the person's.")
class ReplyToEscalationInput:
    escalation_id: strawberry.ID = field(CASE)
    reply: str = field("What the respondent, or the person, says, 1 to 10,000 characters.")


@command("Another person whom a case may strike.")
class NamePersonInput:
    escalation_id: strawberry.ID = field(CASE)
    account_id: strawberry.ID = field(
        "Who held the respondent's office at some time from the request's beginning to the ground."
    )


@command("A notice on paper to the person of a case, who cannot sign in.")
class RecordNoticeInput:
    escalation_id: strawberry.ID = field(CASE)
    document_number: str = field("The number of the notice, 1 to 100 characters.")
    received_on: dt.date = field("The day on which it was received, from the day of filing to today.")


@command("What the person of a case answered on paper.")
class RecordReplyInput:
    escalation_id: strawberry.ID = field(CASE)
    reply: str = field("What the person says, 1 to 10,000 characters.")


@command("A meeting to settle a case.")
class ProposeMediationInput:
    escalation_id: strawberry.ID = field(CASE)
    meeting_at: dt.datetime = field("When the parties meet; to come.")
    place: str | None = field("Where, at most 300 characters.", default=None)


@command("What came of a mediation.")
class ConcludeMediationInput:
    escalation_id: strawberry.ID = field(CASE)
    outcome: str = field("What came of it, 1 to 10,000 characters.")
    is_settled: bool = field("True: the case is withdrawn as settled. False: it goes back to where it was.")


@command("A case whose report is withdrawn.")
class WithdrawEscalationInput:
    escalation_id: strawberry.ID = field(CASE)


@command("A remark of the mayor's office.")
class RemarkOnEscalationInput:
    escalation_id: strawberry.ID = field(CASE)
    text: str = field("What it says, 1 to 10,000 characters.")


@command("What the mayor decides.")
class DecideEscalationInput:
    escalation_id: strawberry.ID = field(CASE)
    kind: DecisionKind = field("What is decided. Before the reply, or the end of the time for it, only DISMISS.")
    facts: str = field("The facts on which it rests, 1 to 10,000 characters.")
    legal_basis: str | None = field(
        "The law, in force when the ground arose; a disciplinary decision needs one.", default=None
    )
    signed_by: str | None = field("Who signed the document; a disciplinary decision needs one.", default=None)
    signed_by_office: str | None = field("In which office; a disciplinary decision needs one.", default=None)
    document_number: str | None = field("The number of the document; a disciplinary decision needs one.", default=None)
    hearing_on: dt.date | None = field(
        "The day of the hearing's record, or of the summonses, today or earlier; a disciplinary decision needs one.",
        default=None,
    )
    hearing_number: str | None = field(
        "The number of the hearing's record, or of the summonses; a disciplinary decision needs one.", default=None
    )
    is_about_person: bool = field(
        "Whether a REFER is about the person of the case, who has then to be heard before; a reprimand always is.",
        default=False,
    )
    instruction: InstructionInput | None = field("What an INSTRUCT orders; for no other kind.", default=None)
    referred_to: OrganisationKey | None = field(
        "The body to which a REFER goes: one of the city's referral bodies; for no other kind.", default=None
    )


@command("Something appended to a decision, which itself stays as it is.")
class AppendToDecisionInput:
    escalation_id: strawberry.ID = field(CASE)
    kind: AppendixKind = field("A correction by the mayor's office, or an objection by a party's head or the person.")
    text: str = field("What it says, 1 to 10,000 characters.")


@command("Something more that follows from a decision. A closed case opens again.")
class AddFollowUpInput:
    escalation_id: strawberry.ID = field(CASE)
    text: str = field("What is to be done, 1 to 300 characters.")
    due_on: dt.date | None = field("The day by which it is to be done, today or later.", default=None)
    instruction: InstructionInput | None = field("A task of the respondent that is ordered with it.", default=None)


@command("A follow-up that is done with.")
class CloseFollowUpInput:
    follow_up_id: strawberry.ID = field("The follow-up.")
    outcome: str | None = field("What became of it, 1 to 10,000 characters; needed of a referral.", default=None)


@command("An objection to a follow-up whose task is said to be done.")
class ObjectToFollowUpInput:
    follow_up_id: strawberry.ID = field("The follow-up.")
    reason: str = field("Why, 1 to 10,000 characters.")


@command("To whom decisions are delegated, and for how long.", versioned=False)
class DelegateDecisionsInput:
    account_id: strawberry.ID = field("Who may decide: an active person.")
    valid_from: dt.date = field("The first day, today or later.")
    valid_to: dt.date = field("The last day, not before the first.")
    decree_number: str | None = field("The number of the decree, at most 100 characters.", default=None)


@command("When a delegation ends.")
class EndDelegationInput:
    delegation_id: strawberry.ID = field("The delegation.")
    valid_to: dt.date = field("Its last day; yesterday ends it at once.")


mutations = [
    verb(
        actions.file_escalation,
        FileEscalationInput,
        EscalationPayload,
        "Report non-cooperation to the mayor. The asker's head, on a ground that the request's record shows.",
    ),
    verb(
        actions.reply_to_escalation,
        ReplyToEscalationInput,
        EscalationPayload,
        "Reply to a report, once, in time or late. The respondent's head, and the person, while nothing is decided; "
        "who is both replies once for both.",
    ),
    verb(
        person.name_person,
        NamePersonInput,
        EscalationPayload,
        "Name another person whom a case may strike, who is told and heard from the start. The mayor's office.",
    ),
    verb(
        person.record_notice,
        RecordNoticeInput,
        EscalationPayload,
        "Record that the person, who cannot sign in, was told on paper; their time to reply begins. "
        "The mayor's office.",
    ),
    verb(
        person.record_reply,
        RecordReplyInput,
        EscalationPayload,
        "Record what the person answered on paper. The mayor's office.",
    ),
    verb(
        actions.propose_mediation,
        ProposeMediationInput,
        EscalationPayload,
        "Call the parties to a meeting: REPLIED or REPLY_LAPSED → MEDIATION. The mayor's office.",
    ),
    verb(
        actions.conclude_mediation,
        ConcludeMediationInput,
        EscalationPayload,
        "Say what came of a mediation: back to where the case was, or WITHDRAWN as settled. The mayor's office.",
    ),
    verb(
        actions.withdraw_escalation,
        WithdrawEscalationInput,
        EscalationPayload,
        "Withdraw a report that is not decided. The filer's head.",
    ),
    verb(
        actions.remark_on_escalation,
        RemarkOnEscalationInput,
        RemarkPayload,
        "Remark on a case, for the mayor's office alone.",
    ),
    verb(
        decision.decide_escalation,
        DecideEscalationInput,
        EscalationPayload,
        "Decide a case: → DECIDED, and CLOSED at once when nothing follows. The mayor, an acting one, or a delegate.",
    ),
    verb(
        decision.append_to_decision,
        AppendToDecisionInput,
        AppendixPayload,
        "Correct a decision, or object to it. The mayor's office, and the parties' heads and the person.",
    ),
    verb(
        follow_up.add_follow_up,
        AddFollowUpInput,
        FollowUpPayload,
        "Add something that follows from a decision. The mayor's office.",
    ),
    verb(
        follow_up.close_follow_up,
        CloseFollowUpInput,
        FollowUpPayload,
        "Close a follow-up, and with the last one the case. The mayor's office.",
    ),
    verb(
        follow_up.object_to_follow_up,
        ObjectToFollowUpInput,
        FollowUpPayload,
        "Object to what is said to be done, within five working days. The filer's head.",
    ),
    verb(
        delegation.delegate_decisions,
        DelegateDecisionsInput,
        DelegationPayload,
        "Let an account decide cases for a period. The mayor in person.",
    ),
    verb(delegation.end_delegation, EndDelegationInput, DelegationPayload, "End a delegation early. The mayor."),
]
