"""What may be done with a case: a report of non-cooperation (pelaporan) to the mayor, up to its decision.

Who is neither a party's head nor of the mayor's office does not learn that a case exists: every verb on one asks
`sees_case` first and answers NOT_FOUND. The decision is in decision.py, what follows from it in follow_up.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Verb
from server.rules.case_term import without_access
from server.rules.city import PERSON_REPLY_DAYS
from server.rules.clock import ClockKind, Pause, working_clock
from server.rules.escalation_facts import (
    DECIDED,
    REPLY_DAYS,
    EscalationChange,
    EscalationFacts,
    EscalationStatus,
    Filing,
    Named,
)
from server.rules.event import EventType
from server.rules.office import Office
from server.rules.permission import must_be_able_to_report
from server.rules.refusal import Code, Refused
from server.rules.reply_clock import ReplyClockFacts, own_reply_clock, person_reply_judged, reply_judged, stands
from server.rules.viewer import Role, Viewer
from server.rules.visibility import CASES
from server.rules.workdays import Calendar

# ---- who sees a case ------------------------------------------------------------------------------------------------


def sees_case(viewer: Viewer, case: EscalationFacts) -> bool:
    """The two parties' heads, its person, the mayor's office, and after a REFER the head of the body referred to.

    Of all of them those who have case access.
    """
    return viewer.role is not Role.INTEGRATION and (
        not viewer.case_headed_ids.isdisjoint(case.party_ids)
        or is_person(viewer, case)
        or case.referred_to_id in viewer.case_headed_ids
        or handles(viewer, case)
    )


def is_person(viewer: Viewer, case: EscalationFacts) -> bool:
    """Whether it may strike the viewer, who sees it for that, in office or not."""
    is_theirs = case.person_id is not None and case.person_id == viewer.account_id
    return is_theirs and (case.person_id in viewer.case_account_ids or case.id in viewer.admitted_ids)


def handles(viewer: Viewer, case: EscalationFacts) -> bool:
    """Of the mayor's office (or its delegate), and no party to it."""
    return case.person_id != viewer.account_id and handles_case(viewer, case.mayors_office_id, *case.party_ids)


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
    """The respondent's head and the person: once each, in time or late, as long as nothing is decided.

    Who is both replies once for both.
    """
    if not is_person(viewer, case):
        must_be_party(viewer, case, case.respondent_id)
    must_be_undecided(case)
    is_for_respondent, is_for_person = replies_for(viewer, case)
    if not (is_for_respondent or is_for_person):
        raise Refused(Code.ALREADY_REPLIED)
    lifecycle.move(lifecycle.ESCALATION, case.status, _replying(is_for_respondent))


def may_withdraw_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The filer's head, before the decision."""
    must_be_party(viewer, case, case.filer_id)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "withdrawEscalation")


def may_propose_mediation(viewer: Viewer, case: ReplyClockFacts, today: date) -> None:
    """The mayor's office, once there is a reply or the time for it is over."""
    must_handle(viewer, case)
    must_be_undecided(case)
    status = stands(case, today)
    if status is EscalationStatus.FILED:
        raise Refused(Code.REPLY_PENDING, available_at=own_reply_clock(case).due_at)
    lifecycle.move(lifecycle.ESCALATION, status, "proposeMediation")


def may_conclude_mediation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    must_handle(viewer, case)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "concludeMediation")


def may_remark_on_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """Seen by the mayor's office alone, in every state; no part of the dossier."""
    must_handle(viewer, case)


ESCALATION: Final = Aggregate[ReplyClockFacts](
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
    offered={"Request": {"fileEscalation": Verb(may_file_escalation, EventType.ESCALATION_FILED)}},
    of_itself=(
        EventType.ESCALATION_PASSED_ON,
        EventType.ESCALATION_CLOCK_MOVED,
        EventType.ESCALATION_REMINDED,
        EventType.ESCALATION_REPLY_LAPSED,
        EventType.ESCALATION_PERSON_REPLY_LAPSED,
    ),
)


def replies_for(viewer: Viewer, case: EscalationFacts) -> tuple[bool, bool]:
    """Whether a reply of the viewer's would be the respondent's, and whether it would be the person's."""
    is_for_respondent = viewer.is_head_of(case.respondent_id) and case.replied_at is None
    return is_for_respondent, is_person(viewer, case) and case.person_replied_at is None


def _replying(is_for_respondent: bool) -> str:
    return "replyToEscalation" if is_for_respondent else "replyToEscalation, by the person alone"


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
    if not handles(viewer, case):
        raise Refused(Code.OWN_CASE if viewer.acts_for_mayor else Code.NOT_YOUR_ROLE)


def must_be_undecided(case: EscalationFacts) -> None:
    if case.status in DECIDED:
        raise Refused(Code.ALREADY_DECIDED)


# ---- the verbs ------------------------------------------------------------------------------------------------------


def file_escalation(
    viewer: Viewer,
    filing: Filing,
    statement: str | None,
    respondent: Office,
    today: date,
    now: datetime,
    *,
    pauses: Sequence[Pause] = (),
    person_reply_days: int = PERSON_REPLY_DAYS,
) -> EscalationChange:
    """`respondent`: the giver's office, which has three working days for its reply; `pauses`: in which none of its
    heads has case access. The person has `person_reply_days`.
    """
    may_file_escalation(viewer, filing, today)
    ground = filing.eligibility.grounds[0]
    named = told(filing.person, person_reply_days, respondent.calendar, now)
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
        "reply_due_at": working_clock(ClockKind.REPLY, now, REPLY_DAYS, respondent, pauses=pauses).due_at,
        **named,
    }


def told(person: Named | None, days: int, calendar: Calendar, now: datetime) -> EscalationChange:
    """Whom it may strike, who is told at once where they can sign in, and how long they have to reply."""
    if person is None:
        return {}
    named: EscalationChange = {
        "person_id": person.account_id,
        "person_named_at": now,
        "person_reply_days": days,
    }
    if not person.signs_in:
        return named
    pauses = without_access(person.access, now)
    clock = working_clock(ClockKind.PERSON_REPLY, now, days, Office(calendar), pauses=pauses)
    return named | {"person_told_at": now, "person_reply_due_at": clock.due_at}


def reply_to_escalation(
    viewer: Viewer, case: ReplyClockFacts, reply: str | None, today: date, now: datetime
) -> EscalationChange:
    """The right of reply (tanggapan). During a mediation it stays there, and goes back to REPLIED.

    The person's alone changes no state.
    """
    may_reply_to_escalation(viewer, case, today)
    is_for_respondent, is_for_person = replies_for(viewer, case)
    status = lifecycle.move(lifecycle.ESCALATION, case.status, _replying(is_for_respondent))
    text = bounds.text(reply, bounds.TEXT, "reply")
    columns: EscalationChange = {}
    if is_for_person:
        judged = person_reply_judged(case, case.respondent.calendar, now)
        columns = {"person_reply": text, "person_replied_at": now, **judged}
    if not is_for_respondent:
        return columns
    columns |= {"reply": text, "replied_at": now, "replied_by_id": viewer.account_id, **reply_judged(case, now)}
    if status is EscalationStatus.MEDIATION:
        return columns | {"mediation_from": EscalationStatus.REPLIED}
    return columns | {"status": status}


def propose_mediation(
    viewer: Viewer,
    case: ReplyClockFacts,
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
        "mediation_from": stands(case, today),
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
