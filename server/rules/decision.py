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
from server.rules.escalation import (
    DecisionKind,
    EscalationChange,
    EscalationFacts,
    EscalationStatus,
    must_be_party,
    must_be_undecided,
    must_handle,
    must_see,
)
from server.rules.event import EventType
from server.rules.legal_basis import LegalBasis, cited, in_force
from server.rules.organisation import OrganisationFacts, OrganisationKind, must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.task import Priority
from server.rules.task_content import NewTask
from server.rules.viewer import Capacity, Viewer
from server.rules.visibility import PARTS_OF_CASES, REMARKS
from server.rules.workdays import Calendar, local_day

# The three reprimands (light discipline): they strike a person, and need a law for discipline.
DISCIPLINARY = frozenset(
    {DecisionKind.VERBAL_REPRIMAND, DecisionKind.WRITTEN_REPRIMAND, DecisionKind.STATEMENT_OF_DISSATISFACTION}
)


class Decider(StrEnum):
    """By what power somebody decides: as mayor, as the mayor's delegate, or as acting mayor (Plt., Plh.)."""

    MAYOR = "MAYOR"
    DELEGATE = "DELEGATE"
    ACTING_MAYOR = "ACTING_MAYOR"


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
    detail: str | None = None
    priority: Priority = Priority.HIGH
    kelurahan_code: str | None = None
    needs_evidence: bool = True
    checklist: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What the caller says of a decision. `facts` are always needed, the next three of a disciplinary one."""

    kind: DecisionKind
    facts: str | None
    legal_basis: str | None = None
    signed_by: str | None = None
    document_number: str | None = None
    instruction: Instruction | None = None
    referred_to: OrganisationFacts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What the city's data says of the law: what can be cited when, and to which bodies a case can be referred."""

    calendar: Calendar
    bases: Sequence[LegalBasis]
    referral_body_ids: Collection[UUID]


def decider(viewer: Viewer, mayors_office_id: UUID) -> Decider | None:
    """The strongest power by which the viewer decides; None: not at all."""
    capacity = viewer.capacity_in(mayors_office_id)
    if capacity is Capacity.DEFINITIVE:
        return Decider.MAYOR
    if viewer.is_delegate:
        return Decider.DELEGATE
    return None if capacity is None else Decider.ACTING_MAYOR


def may_decide_escalation(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor, an acting one, or a delegate; nobody whose own organisation is a party. Before a reply: to dismiss."""
    must_see(viewer, case)
    if decider(viewer, case.mayors_office_id) is None:
        raise Refused(Code.NOT_YOUR_ROLE)
    if not viewer.organisation_ids.isdisjoint(case.party_ids):
        raise Refused(Code.OWN_CASE)
    must_be_undecided(case)
    lifecycle.move(lifecycle.ESCALATION, case.status, "decideEscalation")


def may_append_to_decision(viewer: Viewer, case: EscalationFacts, today: date) -> None:
    """The mayor's office and both parties' heads; the body referred to only reads."""
    if viewer.case_headed_ids.isdisjoint(case.party_ids):
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
        "history": "it has one event, its own",
        "watched": "its case is watched, and tells of it",
    },
)
APPENDIX: Final = Part[None](name="Appendix", table="appendix", prefix="appendix", visibility=PARTS_OF_CASES)


def decide_escalation(
    viewer: Viewer,
    case: EscalationFacts,
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
    if case.status is EscalationStatus.FILED and decision.kind is not DecisionKind.DISMISS:
        raise Refused(Code.REPLY_PENDING, "kind", available_at=case.reply_due_at)
    _must_be_within_power(viewer, case, decision.kind)
    columns: EscalationChange = {
        "status": EscalationStatus.DECIDED,
        "decision_kind": decision.kind,
        "decision_facts": bounds.text(decision.facts, bounds.TEXT, "facts"),
        "legal_basis": bounds.optional_text(decision.legal_basis, bounds.TITLE, "legalBasis"),
        "signed_by": bounds.optional_text(decision.signed_by, bounds.NAME, "signedBy"),
        "document_number": bounds.optional_text(decision.document_number, bounds.DECREE_NUMBER, "documentNumber"),
        "decided_at": now,
        "decided_by_id": viewer.account_id,
        "on_behalf_of_id": None if decider(viewer, case.mayors_office_id) is Decider.MAYOR else mayor_id,
        "mediation_from": None,
    }
    is_disciplinary = decision.kind in DISCIPLINARY
    if is_disciplinary:
        bounds.text(decision.legal_basis, bounds.TITLE, "legalBasis")
        bounds.text(decision.signed_by, bounds.NAME, "signedBy")
        bounds.text(decision.document_number, bounds.DECREE_NUMBER, "documentNumber")
    _must_cite_law_in_force(columns["legal_basis"], law, local_day(case.ground_arose_at, law.calendar), is_disciplinary)
    if decision.kind is DecisionKind.INSTRUCT:
        ordered(decision.instruction, today)
    elif decision.instruction is not None:
        raise Refused(Code.WRONG_KIND, "instruction", expected=DecisionKind.INSTRUCT)
    referred_to = _referred_to(case, decision, law, today)
    return columns if referred_to is None else columns | {"referred_to_id": referred_to}


def _must_be_within_power(viewer: Viewer, case: EscalationFacts, kind: DecisionKind) -> None:
    if kind not in DISCIPLINARY:
        return
    if case.respondent_kind is OrganisationKind.CITY_COMPANY:
        raise Refused(Code.NO_DISCIPLINE_FOR_COMPANY, "kind")
    if decider(viewer, case.mayors_office_id) is Decider.ACTING_MAYOR:
        raise Refused(Code.NO_DISCIPLINE_AS_ACTING_MAYOR, "kind")


def _must_cite_law_in_force(text: str | None, law: Law, day: date, is_disciplinary: bool) -> None:
    """A law that we do not know is nobody's business to judge here, but no basis for discipline either."""
    if text is None:
        return
    basis = cited(text, law.bases)
    allowed = in_force(day, law.bases, is_disciplinary=is_disciplinary)
    if basis is not None and basis.is_in_force(day) and basis.code not in allowed:
        raise Refused(Code.NO_LAW_FOR_DISCIPLINE, "legalBasis", allowed=allowed)
    if (basis is None and is_disciplinary) or (basis is not None and not basis.is_in_force(day)):
        raise Refused(Code.LAW_NOT_IN_FORCE, "legalBasis", arose_on=day, allowed=allowed)


def _referred_to(case: EscalationFacts, decision: NewDecision, law: Law, today: date) -> UUID | None:
    body = decision.referred_to
    if decision.kind is not DecisionKind.REFER:
        if body is not None:
            raise Refused(Code.WRONG_KIND, "referredToCode", expected=DecisionKind.REFER)
        return None
    if body is None:
        raise Refused(Code.REQUIRED, "referredToCode", constraint="referral_body")
    if body.id not in law.referral_body_ids or body.id in case.party_ids:
        raise Refused(Code.WRONG_ORGANISATION, "referredToCode")
    must_not_have_ended(body, today, "referredToCode")
    return body.id


def ordered(instruction: Instruction | None, today: date) -> NewTask:
    """The task that an instruction orders (`orderTask`); refuses by the decision's own fields."""
    if instruction is None:
        raise Refused(Code.REQUIRED, "instruction", constraint="not_null")
    return NewTask(
        title=bounds.text(instruction.title, bounds.TITLE, "instruction", "title"),
        due_on=bounds.day(instruction.due_on, "instruction", "dueOn", earliest=today),
        description=bounds.optional_text(instruction.detail, bounds.TEXT, "instruction", "detail"),
        priority=instruction.priority,
        checklist=instruction.checklist or (),
    )


def append_to_decision(
    viewer: Viewer, case: EscalationFacts, kind: AppendixKind, text: str | None, today: date
) -> tuple[AppendixKind, str]:
    """A correction by the mayor's office, an objection (keberatan) by a party's head; the decision stays as it is."""
    may_append_to_decision(viewer, case, today)
    if kind is AppendixKind.CORRECTION:
        must_handle(viewer, case)
    else:
        must_be_party(viewer, case, *case.party_ids)
    return kind, bounds.text(text, bounds.TEXT, "text")
