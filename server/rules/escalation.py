"""What may be done with a case: a report of non-cooperation (pelaporan) to the mayor, up to its decision.

Who is neither a party's head nor of the mayor's office does not learn that a case exists: every verb on one asks
`sees_case` first and answers NOT_FOUND. The decision is in decision.py, what follows from it in follow_up.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Verb
from server.rules.clock import Clock, ClockEnding, ClockKind, working_clock
from server.rules.eligibility import Eligibility, EscalationGround
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.office import Office
from server.rules.organisation import MAYORS_OFFICE, OrganisationKind, id_or_nobodys
from server.rules.permission import must_be_able_to_report
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role, Viewer
from server.rules.visibility import CASES

# Working days.
REPLY_DAYS = 3


class EscalationStatus(StrEnum):
    """Where a case stands."""

    FILED = "FILED"
    REPLIED = "REPLIED"
    REPLY_LAPSED = "REPLY_LAPSED"
    MEDIATION = "MEDIATION"
    DECIDED = "DECIDED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class DecisionKind(StrEnum):
    """What the mayor decides; the last four are disciplinary."""

    DISMISS = "DISMISS"
    INSTRUCT = "INSTRUCT"
    GUIDANCE = "GUIDANCE"
    VERBAL_REPRIMAND = "VERBAL_REPRIMAND"
    WRITTEN_REPRIMAND = "WRITTEN_REPRIMAND"
    STATEMENT_OF_DISSATISFACTION = "STATEMENT_OF_DISSATISFACTION"
    REFER = "REFER"


DECIDED = frozenset({EscalationStatus.DECIDED, EscalationStatus.CLOSED})
OPEN = frozenset(EscalationStatus) - DECIDED - {EscalationStatus.WITHDRAWN}


@rows_of("escalation")
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationFacts:
    """What the rules need to know of a case: its columns, the respondent's kind, and which is the mayor's office.

    `ground_arose_at`: when the ground arose on which it was filed; `referred_to_id`: the body after a REFER;
    `mediation_from`: the state to which a mediation goes back.
    """

    id: UUID
    request_id: UUID
    filer_id: UUID
    respondent_id: UUID
    status: EscalationStatus
    ground_arose_at: datetime
    filed_at: datetime | None = None
    reply_due_at: datetime | None = None
    replied_at: datetime | None = None
    mediation_from: EscalationStatus | None = None
    meeting_at: datetime | None = None
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None
    referred_to_id: UUID | None = None
    respondent_kind: OrganisationKind = field(metadata=at("respondent.kind"))
    mayors_office_id: UUID = field(metadata=at(MAYORS_OFFICE, id_or_nobodys))

    @property
    def party_ids(self) -> frozenset[UUID]:
        return frozenset({self.filer_id, self.respondent_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What filing needs to know: the request's two sides, and what its record shows (looked at last)."""

    request_id: UUID
    asker_id: UUID
    giver_id: UUID
    eligibility: Eligibility
    has_open_case: bool = False


class EscalationChange(TypedDict, total=False):
    """The columns that a verb changes."""

    request_id: UUID
    filer_id: UUID
    respondent_id: UUID
    status: EscalationStatus
    ground: EscalationGround
    ground_arose_at: datetime
    statement: str
    filed_at: datetime
    filed_by_id: UUID
    reply_due_at: datetime
    reply: str | None
    replied_at: datetime | None
    replied_by_id: UUID | None
    mediation_from: EscalationStatus | None
    meeting_at: datetime | None
    meeting_place: str | None
    mediation_proposed_by_id: UUID | None
    mediation_outcome: str | None
    decision_kind: DecisionKind | None
    decision_facts: str | None
    legal_basis: str | None
    signed_by: str | None
    document_number: str | None
    decided_at: datetime | None
    decided_by_id: UUID | None
    on_behalf_of_id: UUID | None
    referred_to_id: UUID | None
    closed_at: datetime | None
    withdrawn_at: datetime | None


# ---- who sees a case ------------------------------------------------------------------------------------------------


def sees_case(viewer: Viewer, case: EscalationFacts) -> bool:
    """The two parties' heads, the mayor's office, and after a REFER the head of the body referred to.

    Of all of them those who have case access.
    """
    return viewer.role is not Role.INTEGRATION and (
        not viewer.case_headed_ids.isdisjoint(case.party_ids)
        or case.referred_to_id in viewer.case_headed_ids
        or handles_case(viewer, case.mayors_office_id, *case.party_ids)
    )


def handles_case(viewer: Viewer, mayors_office_id: UUID, *party_ids: UUID) -> bool:
    """Of the mayor's office (or its delegate), where no organisation of the viewer's own is a party."""
    belongs = viewer.handles_cases or mayors_office_id in viewer.case_headed_ids
    return belongs and viewer.organisation_ids.isdisjoint(party_ids)


# ---- who may do what, and when --------------------------------------------------------------------------------------


def may_file_escalation(viewer: Viewer, filing: Filing, today: date) -> None:
    """The asker's head, on a ground that the record shows, while no case is open."""
    must_file_for(viewer, filing.asker_id, filing.giver_id)
    if filing.has_open_case:
        raise Refused(Code.ALREADY_ESCALATED)
    if not filing.eligibility.is_eligible:
        raise Refused(
            Code.NOT_ELIGIBLE, missing=filing.eligibility.missing, available_at=filing.eligibility.eligible_at
        )


def may_reply_to_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The respondent's head: once, in time or late, as long as nothing is decided."""
    must_be_party(viewer, case, case.respondent_id)
    must_be_undecided(case)
    if case.replied_at is not None:
        raise Refused(Code.ALREADY_REPLIED)
    lifecycle.move(lifecycle.ESCALATION, case.status, "replyToEscalation")


def may_withdraw_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The filer's head, before the decision."""
    must_be_party(viewer, case, case.filer_id)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "withdrawEscalation")


def may_propose_mediation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office, once there is a reply or the time for it is over."""
    must_handle(viewer, case)
    must_be_undecided(case)
    if case.status is EscalationStatus.FILED:
        raise Refused(Code.REPLY_PENDING, available_at=case.reply_due_at)
    lifecycle.move(lifecycle.ESCALATION, case.status, "proposeMediation")


def may_conclude_mediation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    must_handle(viewer, case)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "concludeMediation")


def may_remark_on_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """Seen by the mayor's office alone, in every state; no part of the dossier."""
    must_handle(viewer, case)


ESCALATION: Final = Aggregate[EscalationFacts](
    name="Escalation",
    table="escalation",
    prefix="case",
    visibility=CASES,
    states=EscalationStatus,
    moves=lifecycle.ESCALATION,
    verbs={
        "replyToEscalation": Verb(may_reply_to_escalation, EventType.ESCALATION_REPLIED),
        "proposeMediation": Verb(may_propose_mediation, EventType.ESCALATION_MEDIATION_PROPOSED),
        "concludeMediation": Verb(may_conclude_mediation, EventType.ESCALATION_MEDIATION_CONCLUDED),
        "withdrawEscalation": Verb(may_withdraw_escalation, EventType.ESCALATION_WITHDRAWN),
        "remarkOnEscalation": Verb(may_remark_on_escalation, EventType.ESCALATION_REMARKED),
    },
    offered={"CollaborationRequest": {"fileEscalation": Verb(may_file_escalation, EventType.ESCALATION_FILED)}},
    of_itself=(
        EventType.ESCALATION_PASSED_ON,
        EventType.ESCALATION_CLOCK_MOVED,
        EventType.ESCALATION_REMINDED,
        EventType.ESCALATION_REPLY_LAPSED,
    ),
)


def must_file_for(viewer: Viewer, asker_id: UUID, giver_id: UUID) -> None:
    """The asker's head, who has case access and does not head the giver too.

    To all others but the mayor's office it says one thing, whatever there is: ask it first.
    """
    if not viewer.is_head_of(asker_id):
        of_office = viewer.acts_for_mayor and viewer.organisation_ids.isdisjoint((asker_id, giver_id))
        raise Refused(Code.NOT_YOUR_ROLE if of_office else Code.NOT_YOUR_ORGANISATION)
    must_be_able_to_report(viewer, giver_id)


def must_see(viewer: Viewer, case: EscalationFacts, path: str = "escalationId") -> None:
    """Refuses NOT_FOUND: a case that one may not know of is not there. `path`: the input that names it."""
    if not sees_case(viewer, case):
        raise Refused(Code.NOT_FOUND, path)


def must_be_party(viewer: Viewer, case: EscalationFacts, *organisation_ids: UUID, path: str = "escalationId") -> None:
    """The head of one of these parties."""
    must_see(viewer, case, path)
    if not any(viewer.is_head_of(organisation_id) for organisation_id in organisation_ids):
        raise Refused(Code.NOT_YOUR_ORGANISATION)


def must_handle(viewer: Viewer, case: EscalationFacts, path: str = "escalationId") -> None:
    """The mayor's office, but nobody of a party's."""
    must_see(viewer, case, path)
    if not handles_case(viewer, case.mayors_office_id, *case.party_ids):
        raise Refused(Code.OWN_CASE if viewer.acts_for_mayor else Code.NOT_YOUR_ROLE)


def must_be_undecided(case: EscalationFacts) -> None:
    if case.status in DECIDED:
        raise Refused(Code.ALREADY_DECIDED)


# ---- the verbs ------------------------------------------------------------------------------------------------------


def file_escalation(
    viewer: Viewer, filing: Filing, statement: str | None, respondent: Office, today: date, now: datetime
) -> EscalationChange:
    """`respondent`: the giver's office, which has three working days for its reply."""
    may_file_escalation(viewer, filing, today)
    ground = filing.eligibility.grounds[0]
    return {
        "request_id": filing.request_id,
        "filer_id": filing.asker_id,
        "respondent_id": filing.giver_id,
        "status": EscalationStatus.FILED,
        "ground": ground.ground,
        "ground_arose_at": ground.arose_at,
        "statement": bounds.text(statement, bounds.TEXT, "statement"),
        "filed_at": now,
        "filed_by_id": viewer.account_id,
        "reply_due_at": working_clock(ClockKind.REPLY, now, REPLY_DAYS, respondent).due_at,
    }


def reply_to_escalation(
    viewer: Viewer, case: EscalationFacts, reply: str | None, today: date, now: datetime
) -> EscalationChange:
    """The right of reply (tanggapan). During a mediation it stays there, and goes back to REPLIED."""
    may_reply_to_escalation(viewer, case, today)
    status = lifecycle.move(lifecycle.ESCALATION, case.status, "replyToEscalation")
    columns: EscalationChange = {
        "reply": bounds.text(reply, bounds.TEXT, "reply"),
        "replied_at": now,
        "replied_by_id": viewer.account_id,
    }
    if status is EscalationStatus.MEDIATION:
        return columns | {"mediation_from": EscalationStatus.REPLIED}
    return columns | {"status": status}


def propose_mediation(
    viewer: Viewer,
    case: EscalationFacts,
    meeting_at: datetime | None,
    place: str | None,
    today: date,
    now: datetime,
) -> EscalationChange:
    """A meeting at a time that is still to come."""
    may_propose_mediation(viewer, case, today)
    if meeting_at is None:
        raise Refused(Code.REQUIRED, "meetingAt", constraint="future")
    if meeting_at <= now or meeting_at.date() > bounds.LATEST:
        raise Refused(Code.OUT_OF_RANGE, "meetingAt", constraint="future")
    return {
        "status": EscalationStatus.MEDIATION,
        "mediation_from": case.status,
        "meeting_at": meeting_at,
        "meeting_place": bounds.optional_text(place, bounds.TITLE, "place"),
        "mediation_proposed_by_id": viewer.account_id,
        "mediation_outcome": None,
    }


def conclude_mediation(
    viewer: Viewer, case: EscalationFacts, outcome: str | None, is_settled: bool, today: date, now: datetime
) -> EscalationChange:
    """Settled: withdrawn. If not, back to where it was."""
    may_conclude_mediation(viewer, case, today)
    columns: EscalationChange = {"mediation_outcome": bounds.text(outcome, bounds.TEXT, "outcome")}
    if is_settled:
        return columns | {"status": EscalationStatus.WITHDRAWN, "mediation_from": None, "withdrawn_at": now}
    return columns | {"status": case.mediation_from or EscalationStatus.REPLIED, "mediation_from": None}


def withdraw_escalation(viewer: Viewer, case: EscalationFacts, today: date, now: datetime) -> EscalationChange:
    may_withdraw_escalation(viewer, case, today)
    return {"status": EscalationStatus.WITHDRAWN, "withdrawn_at": now}


def remark_on_escalation(viewer: Viewer, case: EscalationFacts, text: str | None, today: date) -> str:
    """The remark's text."""
    may_remark_on_escalation(viewer, case, today)
    return bounds.text(text, bounds.TEXT, "text")


# ---- of itself ------------------------------------------------------------------------------------------------------


def reply_clock(case: EscalationFacts, respondent: Office, end: ClockEnding = ClockEnding.WITHDRAWN) -> Clock:
    """On which the respondent replies; where it never did, the decision or the withdrawal (`end`) stops it."""
    assert case.filed_at is not None
    return working_clock(
        ClockKind.REPLY,
        case.filed_at,
        REPLY_DAYS,
        respondent,
        promised=case.reply_due_at,
        stopped_at=case.replied_at or case.decided_at or case.withdrawn_at,
        stopped_by=None if case.replied_at else ClockEnding.DECIDED if case.decided_at else end,
    )


def lapse_reply(case: EscalationFacts, respondent: Office, now: datetime) -> EscalationChange:
    """Asked and not answered in time; no columns when the clock has not run out."""
    status = lifecycle.move(lifecycle.ESCALATION, case.status, "lapseReply")
    return {"status": status} if reply_clock(case, respondent).has_run_out(now) else {}


def reply_clock_moved(case: EscalationFacts, respondent: Office) -> EscalationChange:
    """The deadline, where it is later than the one told."""
    due_at = reply_clock(case, respondent).due_at
    return {} if case.status is not EscalationStatus.FILED or due_at == case.reply_due_at else {"reply_due_at": due_at}


def passed_on(case: EscalationFacts, ended_id: UUID, successor_id: UUID, now: datetime) -> EscalationChange:
    """To the organisation that follows the one that ended. Parties that become one have nothing left to decide.

    A case that is over keeps its parties; the work of the body referred to passes always, except to a party.
    """
    change = _party_passed_on(case, ended_id, successor_id, now)
    parties = {change.get("filer_id", case.filer_id), change.get("respondent_id", case.respondent_id)}
    if case.referred_to_id == ended_id and successor_id not in parties:
        change["referred_to_id"] = successor_id
    return change


def _party_passed_on(case: EscalationFacts, ended_id: UUID, successor_id: UUID, now: datetime) -> EscalationChange:
    if ended_id not in case.party_ids or case.status in (EscalationStatus.WITHDRAWN, EscalationStatus.CLOSED):
        return {}
    is_filer = case.filer_id == ended_id
    if successor_id != (case.respondent_id if is_filer else case.filer_id):
        return {"filer_id": successor_id} if is_filer else {"respondent_id": successor_id}
    is_decided = case.status is EscalationStatus.DECIDED
    return {} if is_decided else {"status": EscalationStatus.WITHDRAWN, "withdrawn_at": now}
