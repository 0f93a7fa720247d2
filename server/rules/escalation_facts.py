"""A case as the rules know it: its states, what is known of it, and the columns that its verbs change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from server.rules.case_term import ALWAYS, access, spans
from server.rules.disabled import disabled, disabled_of
from server.rules.eligibility import Eligibility, EscalationGround
from server.rules.fact import at, rows_of
from server.rules.organisation import MAYORS_OFFICE, OrganisationKind, id_or_nobodys
from server.rules.stretch import Span
from server.rules.viewer import Capacity

# Working days.
REPLY_DAYS = 3
# Whether an account can sign in at all; who cannot is told on paper.
SIGNS_IN = "(SELECT a.is_active AND a.password_hash IS NOT NULL FROM account a WHERE a.id = {account})"


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


class Decider(StrEnum):
    """By what power somebody decides: as mayor, as the mayor's delegate, or as acting mayor (Plt., Plh.)."""

    MAYOR = "MAYOR"
    DELEGATE = "DELEGATE"
    ACTING_MAYOR = "ACTING_MAYOR"


DECIDED = frozenset({EscalationStatus.DECIDED, EscalationStatus.CLOSED})
OPEN = frozenset(EscalationStatus) - DECIDED - {EscalationStatus.WITHDRAWN}


@rows_of("escalation")
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClockFacts:
    """Of a case what its person's clock rests on: when it began (`person_told_at`), when a notice on paper was received
    (`person_notice_on`), whether the person can sign in, when their account was disabled, when they had case access,
    and when the case was over.
    """

    person_id: UUID | None = None
    person_told_at: datetime | None = None
    person_reply_days: int | None = None
    person_reply_due_at: datetime | None = None
    person_replied_at: datetime | None = None
    person_notice_on: date | None = None
    person_signs_in: bool = field(default=True, metadata=at(SIGNS_IN.format(account="{t}.person_id")))
    person_disabled: Sequence[Span] = field(default=(), metadata=at(disabled("{t}.person_id"), disabled_of))
    person_access: Sequence[Span] = field(default=ALWAYS, metadata=at(access("{t}.person_id", "{t}.id"), spans))
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None


@rows_of("escalation")
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationFacts(PersonClockFacts):
    """What the rules need to know of a case: its columns, the respondent's kind, and which is the mayor's office.

    `ground_arose_at`: when the ground arose on which it was filed; `referred_to_id`: the body after a REFER;
    `mediation_from`: the state to which a mediation goes back; `reply_restarted_at`: when a successor of the respondent
    got its time to reply in full, which else began at filing; `person_named_at`: since when the person is the person.
    """

    id: UUID
    request_id: UUID
    filer_id: UUID
    respondent_id: UUID
    status: EscalationStatus
    ground_arose_at: datetime
    filed_at: datetime | None = None
    reply_restarted_at: datetime | None = None
    reply_due_at: datetime | None = None
    replied_at: datetime | None = None
    person_named_at: datetime | None = None
    mediation_from: EscalationStatus | None = None
    meeting_at: datetime | None = None
    referred_to_id: UUID | None = None
    respondent_kind: OrganisationKind = field(metadata=at("respondent.kind"))
    respondent_ends_on: date | None = field(default=None, metadata=at("respondent.valid_to"))
    respondent_successor_id: UUID | None = field(default=None, metadata=at("respondent.successor_id"))
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
    person: Named | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whom a case may strike, and whether and since when they can learn of it."""

    account_id: UUID
    signs_in: bool
    access: Sequence[Span] = ALWAYS


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
    reply_restarted_at: datetime | None
    reply_due_at: datetime
    reply: str | None
    replied_at: datetime | None
    replied_by_id: UUID | None
    mediation_from: EscalationStatus | None
    meeting_at: datetime | None
    meeting_place: str | None
    mediation_proposed_by_id: UUID | None
    mediation_outcome: str | None
    person_id: UUID | None
    person_named_at: datetime | None
    person_told_at: datetime | None
    person_reply_days: int | None
    person_reply_due_at: datetime | None
    person_notice_number: str | None
    person_notice_on: date | None
    person_reply: str | None
    person_replied_at: datetime | None
    decision_kind: DecisionKind | None
    decision_facts: str | None
    legal_basis: str | None
    signed_by: str | None
    signed_by_office: str | None
    document_number: str | None
    hearing_number: str | None
    hearing_on: date | None
    decided_person_id: UUID | None
    decided_at: datetime | None
    decided_by_id: UUID | None
    decided_as: Decider | None
    decided_capacity: Capacity | None
    on_behalf_of_id: UUID | None
    referred_to_id: UUID | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
