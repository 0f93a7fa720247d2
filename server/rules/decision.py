"""What the mayor may decide on a case, and within which bounds (PP 94/2021; UU 30/2014 art. 14).

The software records a decision and the document that bears it; it imposes nothing. A decision is final: corrections
and objections are appended to it, what follows from it is in follow_up.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.city import REPRIMAND_KINDS
from server.rules.escalation import is_person, must_be_party, must_be_undecided, must_handle, must_see
from server.rules.escalation_facts import Decider as Decider
from server.rules.escalation_facts import DecisionKind, EscalationChange, EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.legal_basis import LegalBasis, cited, in_force
from server.rules.organisation import OrganisationFacts, OrganisationKind, has_ended, must_not_have_ended
from server.rules.person import must_be_heard
from server.rules.refusal import Code, Refused
from server.rules.reply_clock import ReplyClockFacts, own_reply_clock, stands
from server.rules.task import Priority
from server.rules.task_content import NewTask
from server.rules.viewer import Capacity, Viewer
from server.rules.visibility import PARTS_OF_CASES, REMARKS
from server.rules.workdays import Calendar, local_day

# The three reprimands (light discipline): they strike a person, and need a law for discipline.
DISCIPLINARY = frozenset(
    {DecisionKind.VERBAL_REPRIMAND, DecisionKind.WRITTEN_REPRIMAND, DecisionKind.STATEMENT_OF_DISSATISFACTION}
)


class AppendixKind(StrEnum):
    """What is appended to a decision: the mayor's office corrects, a party objects."""

    CORRECTION = "CORRECTION"
    OBJECTION = "OBJECTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What the caller says of the task that an INSTRUCT orders of the respondent: all that `orderTask` takes, by the
    same defaults, so that the task itself tells nothing of a case."""

    title: str | None
    due_on: date | None
    description: str | None = None
    priority: Priority = Priority.HIGH
    kelurahan: UUID | str | None = None  # its id or code
    needs_evidence: bool = True
    checklist: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What the caller says of a decision. `facts` are always needed, the next six of a disciplinary one.

    `hearing_…`: of the hearing's record, or of the summonses; `is_about_person`: of a REFER.
    """

    kind: DecisionKind
    facts: str | None
    legal_basis: str | None = None
    signed_by: str | None = None
    signed_by_office: str | None = None
    document_number: str | None = None
    hearing_on: date | None = None
    hearing_number: str | None = None
    is_about_person: bool = False
    instruction: Instruction | None = None
    referred_to: OrganisationFacts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What the city's data says of the law: what can be cited when, and to which bodies a case can be referred.

    `inspectorate_id`: the one to which that of a city company can be (None: to none); `reprimand_kinds`: against heads
    of which kinds of organisation the mayor decides a reprimand.
    """

    calendar: Calendar
    bases: Sequence[LegalBasis]
    referral_body_ids: Collection[UUID]
    inspectorate_id: UUID | None = None
    reprimand_kinds: Collection[OrganisationKind] = REPRIMAND_KINDS


def decider(viewer: Viewer, mayors_office_id: UUID) -> Decider | None:
    """The strongest power by which the viewer decides; None: not at all."""
    capacity = viewer.capacity_in(mayors_office_id)
    if capacity is Capacity.DEFINITIVE:
        return Decider.MAYOR
    if viewer.is_delegate:
        return Decider.DELEGATE
    return None if capacity is None else Decider.ACTING_MAYOR


def may_decide_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor, an acting one, or a delegate; nobody who or whose own organisation is a party. Before a reply: to
    dismiss."""
    must_see(viewer, case)
    if decider(viewer, case.mayors_office_id) is None:
        raise Refused(Code.NOT_YOUR_ROLE)
    if not viewer.organisation_ids.isdisjoint(case.party_ids) or case.person_id == viewer.account_id:
        raise Refused(Code.OWN_CASE)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "decideEscalation")


def may_append_to_decision(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office, both parties' heads, and the person; the body referred to only reads."""
    if viewer.case_headed_ids.isdisjoint(case.party_ids) and not is_person(viewer, case):
        must_handle(viewer, case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "appendToDecision")


DECISION: Final = Part[None](
    name="Decision",
    offered={
        "Escalation": {
            "decideEscalation": Verb(
                may_decide_escalation, EventType.ESCALATION_DECIDED, (EventType.ESCALATION_CLOSED,)
            ),
            "appendToDecision": Verb(may_append_to_decision, EventType.ESCALATION_DECISION_APPENDED),
        },
    },
)
REMARK: Final = Aggregate[None](
    name="Remark",
    table="remark",
    prefix="remark",
    visibility=REMARKS,
    exempt={
        "twins": "it belongs to a case: actions and type stand in escalation.py",
        "allowed-actions": "written once, never changed",
        "watched": "its case is watched, and tells of it",
    },
)
APPENDIX: Final = Part[None](name="Appendix", table="appendix", prefix="appendix", visibility=PARTS_OF_CASES)


def decide_escalation(
    viewer: Viewer,
    case: ReplyClockFacts,
    decision: NewDecision,
    law: Law,
    today: date,
    now: datetime,
    *,
    mayor_id: UUID | None = None,
) -> EscalationChange:
    """DECIDED; it is CLOSED at once where nothing follows (`follow_up.close_escalation`).

    `mayor_id` is the mayor's account, on whose behalf a delegate or an acting mayor decides.
    """
    may_decide_escalation(viewer, case, today)
    if stands(case, today) is EscalationStatus.FILED and not _is_early(case, decision.kind, today):
        raise Refused(Code.REPLY_PENDING, "kind", available_at=own_reply_clock(case).due_at)
    _must_be_within_power(viewer, case, decision.kind, law)
    person_id = _struck(case, decision, law, now)
    is_disciplinary = decision.kind in DISCIPLINARY
    hearing_on, hearing_number = _hearing(decision, today)
    power = decider(viewer, case.mayors_office_id)
    columns: EscalationChange = {
        "status": EscalationStatus.DECIDED,
        "decision_kind": decision.kind,
        "decision_facts": bounds.text(decision.facts, bounds.TEXT, "facts"),
        "legal_basis": bounds.optional_text(decision.legal_basis, bounds.TITLE, "legalBasis"),
        "signed_by": bounds.optional_text(decision.signed_by, bounds.NAME, "signedBy"),
        "signed_by_office": bounds.optional_text(decision.signed_by_office, bounds.NAME, "signedByOffice"),
        "document_number": bounds.optional_text(decision.document_number, bounds.DECREE_NUMBER, "documentNumber"),
        "hearing_on": hearing_on,
        "hearing_number": hearing_number,
        "decided_person_id": person_id,
        "decided_at": now,
        "decided_by_id": viewer.account_id,
        "decided_as": power,
        "decided_capacity": None if power is Decider.DELEGATE else viewer.capacity_in(case.mayors_office_id),
        "on_behalf_of_id": None if power is Decider.MAYOR else mayor_id,
        "mediation_from": None,
    }
    if is_disciplinary:
        bounds.text(decision.signed_by, bounds.NAME, "signedBy")
        bounds.text(decision.signed_by_office, bounds.NAME, "signedByOffice")
        bounds.text(decision.document_number, bounds.DECREE_NUMBER, "documentNumber")
    _must_cite_law_in_force(columns["legal_basis"], law, local_day(case.ground_arose_at, law.calendar), is_disciplinary)
    if decision.kind is DecisionKind.INSTRUCT:
        ordered(decision.instruction, today)
    elif decision.instruction is not None:
        raise Refused(Code.WRONG_KIND, "instruction", expected=DecisionKind.INSTRUCT)
    referred_to = _referred_to(case, decision, law, today)
    return columns if referred_to is None else columns | {"referred_to_id": referred_to}


def _is_early(case: EscalationFacts, kind: DecisionKind, today: date) -> bool:
    """What may be decided before there is a reply: where the respondent ended without a successor nobody gives one."""
    has_nobody = has_ended(case.respondent_ends_on, today) and case.respondent_successor_id is None
    return kind is DecisionKind.DISMISS or (kind is DecisionKind.REFER and has_nobody)


def _struck(case: EscalationFacts, decision: NewDecision, law: Law, now: datetime) -> UUID | None:
    """Whom a reprimand, or a REFER about a person, names: who replied, or had the time for it."""
    if decision.kind in DISCIPLINARY or (decision.kind is DecisionKind.REFER and decision.is_about_person):
        return must_be_heard(case, law.calendar, now, "kind")
    if decision.is_about_person:
        raise Refused(Code.WRONG_KIND, "isAboutPerson", expected=DecisionKind.REFER)
    return None


def _hearing(decision: NewDecision, today: date) -> tuple[date | None, str | None]:
    """Day and number of the hearing's record, or of the summonses: a hearing comes before a reprimand."""
    if decision.kind in DISCIPLINARY:
        for value, path in ((decision.hearing_on, "hearingOn"), (decision.hearing_number, "hearingNumber")):
            if not value:
                raise Refused(Code.HEARING_NEEDED, path)
    number = bounds.optional_text(decision.hearing_number, bounds.DECREE_NUMBER, "hearingNumber")
    return bounds.optional_day(decision.hearing_on, "hearingOn", latest=today), number


def _must_be_within_power(viewer: Viewer, case: EscalationFacts, kind: DecisionKind, law: Law) -> None:
    if kind not in DISCIPLINARY:
        return
    if case.respondent_kind is OrganisationKind.CITY_COMPANY:
        raise Refused(Code.NO_DISCIPLINE_FOR_COMPANY, "kind")
    if case.respondent_kind not in law.reprimand_kinds:
        raise Refused(Code.NO_DISCIPLINE_OF_KIND, "kind", kind=case.respondent_kind)
    if decider(viewer, case.mayors_office_id) is Decider.ACTING_MAYOR:
        raise Refused(Code.NO_DISCIPLINE_AS_ACTING_MAYOR, "kind")


def _must_cite_law_in_force(text: str | None, law: Law, day: date, is_disciplinary: bool) -> None:
    """A law that we do not know is nobody's business to judge here, but no basis for discipline either."""
    allowed = in_force(day, law.bases, is_disciplinary=is_disciplinary)
    if text is None:
        if is_disciplinary:
            raise Refused(Code.NO_LAW_FOR_DISCIPLINE, "legalBasis", allowed=allowed)
        return
    basis = cited(text, law.bases)
    if basis is not None and basis.is_in_force(day) and basis.code not in allowed:
        raise Refused(Code.NO_LAW_FOR_DISCIPLINE, "legalBasis", allowed=allowed)
    if (basis is None and is_disciplinary) or (basis is not None and not basis.is_in_force(day)):
        raise Refused(Code.LAW_NOT_IN_FORCE, "legalBasis", arose_on=day, allowed=allowed)


def _referred_to(case: EscalationFacts, decision: NewDecision, law: Law, today: date) -> UUID | None:
    body = decision.referred_to
    if decision.kind is not DecisionKind.REFER:
        if body is not None:
            raise Refused(Code.WRONG_KIND, "referredTo", expected=DecisionKind.REFER)
        return None
    if body is None:
        raise Refused(Code.REQUIRED, "referredTo", constraint="referral_body")
    if body.id not in law.referral_body_ids or body.id in case.party_ids:
        raise Refused(Code.WRONG_ORGANISATION, "referredTo")
    if case.respondent_kind is OrganisationKind.CITY_COMPANY and body.id != law.inspectorate_id:
        is_named = law.inspectorate_id is not None
        raise Refused(Code.INSPECTORATE_ONLY if is_named else Code.INSPECTORATE_NOT_NAMED, "referredTo")
    must_not_have_ended(body, today, "referredTo")
    return body.id


def ordered(instruction: Instruction | None, today: date) -> NewTask:
    """The task that an instruction orders (`orderTask`); refuses by the decision's own fields."""
    if instruction is None:
        raise Refused(Code.REQUIRED, "instruction", constraint="not_null")
    return NewTask(
        title=bounds.text(instruction.title, bounds.TITLE, "instruction", "title"),
        due_on=bounds.day(instruction.due_on, "instruction", "dueOn", earliest=today),
        description=bounds.optional_text(instruction.description, bounds.TEXT, "instruction", "description"),
        priority=instruction.priority,
        checklist=instruction.checklist or (),
    )


def append_to_decision(
    viewer: Viewer, case: EscalationFacts, kind: AppendixKind, text: str | None, today: date
) -> tuple[AppendixKind, str]:
    """A correction by the mayor's office, an objection (keberatan) by a party's head or the person; the decision stays
    as it is."""
    may_append_to_decision(viewer, case, today)
    if kind is AppendixKind.CORRECTION:
        must_handle(viewer, case)
    elif not is_person(viewer, case):
        must_be_party(viewer, case, *case.party_ids)
    return kind, bounds.text(text, bounds.TEXT, "text")
