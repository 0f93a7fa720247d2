"""To whom the mayor delegates decisions on cases, and for how long: always a stated period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds
from server.rules.account import AccountFacts
from server.rules.aggregate import Aggregate, Verb
from server.rules.appointment import overlaps
from server.rules.event import EventType
from server.rules.fact import rows_of
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role, Viewer
from server.rules.visibility import EVERYONE
from server.rules.workdays import ONE_DAY


@rows_of("delegation")
@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationFacts:
    """What the rules need to know of a delegation; both days are included."""

    account_id: UUID
    valid_from: date
    valid_to: date


class DelegationChange(TypedDict, total=False):
    """The columns that a verb changes."""

    account_id: UUID
    delegated_by_id: UUID
    valid_from: date
    valid_to: date
    decree_number: str | None


def is_in_force(delegation: DelegationFacts, today: date) -> bool:
    return delegation.valid_from <= today <= delegation.valid_to


def may_delegate_decisions(viewer: Viewer, today: date) -> None:
    """The mayor in person: an acting one hands on no power (UU 30/2014 art. 14)."""
    _must_hold_mayors_office(viewer)
    if not viewer.is_mayor:
        raise Refused(Code.NOT_AS_ACTING_HEAD)


def may_end_delegation(viewer: Viewer, delegation: DelegationFacts, today: date) -> None:
    """The mayor, also an acting one; one that has not ended yet."""
    _must_hold_mayors_office(viewer)
    if delegation.valid_to < today:
        raise Refused(Code.ALREADY_ENDED, ended_on=delegation.valid_to)


_DELEGATE: Final = Verb(may_delegate_decisions, EventType.DECISIONS_DELEGATED, (EventType.CASE_ACCESS_CONFIRMED,))
DELEGATION: Final = Aggregate[DelegationFacts](
    name="Delegation",
    table="delegation",
    prefix="dlg",
    visibility=EVERYONE,
    verbs={
        "endDelegation": Verb(may_end_delegation, EventType.DELEGATION_ENDED),
    },
    offered={"Viewer": {"delegateDecisions": _DELEGATE}},
    of_itself=(EventType.DELEGATION_LAPSED,),
    exempt={
        "twins": "it belongs to the cases: its table and type stand in escalation.py",
        "watched": "a stream ends when its own viewer is delegated, and nobody else waits for it",
    },
)


def delegate_decisions(
    viewer: Viewer,
    account: AccountFacts,
    valid_from: date,
    valid_to: date | None,
    decree_number: str | None,
    others: Sequence[DelegationFacts],
    today: date,
    *,
    mayor_until: date | None = None,
) -> DelegationChange:
    """`others` are the account's other delegations. Who decides is a person, and knows until when.

    `mayor_until`: the last day of whoever delegates in the mayor's office, where it is known: nobody hands on a power
    for longer than they have it.
    """
    may_delegate_decisions(viewer, today)
    latest = mayor_until or bounds.LATEST
    bounds.day(valid_from, "validFrom", earliest=today, latest=latest)
    until = bounds.day(valid_to, "validTo", earliest=valid_from, latest=latest)
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED, "accountId")
    if account.role is Role.INTEGRATION:
        raise Refused(Code.WRONG_KIND, "accountId", expected=Role.OFFICE)
    if any(overlaps((valid_from, until), (other.valid_from, other.valid_to)) for other in others):
        raise Refused(Code.ALREADY_EXISTS, "validFrom")
    return {
        "account_id": account.id,
        "delegated_by_id": viewer.account_id,
        "valid_from": valid_from,
        "valid_to": until,
        "decree_number": bounds.optional_text(decree_number, bounds.DECREE_NUMBER, "decreeNumber"),
    }


def end_delegation(viewer: Viewer, delegation: DelegationFacts, valid_to: date, today: date) -> DelegationChange:
    """`valid_to` is its last day; yesterday ends it at once. What was decided by it stays decided."""
    may_end_delegation(viewer, delegation, today)
    bounds.day(valid_to, "validTo", earliest=today - ONE_DAY, latest=delegation.valid_to)
    if valid_to == delegation.valid_to:
        raise Refused(Code.NOTHING_TO_CHANGE)
    return {"valid_to": valid_to}


def ended_with_office(delegation: DelegationFacts, office_until: date) -> DelegationChange:
    """What changes when the appointment of whoever gave it ends on that day; nothing where it ends sooner."""
    return {} if delegation.valid_to <= office_until else {"valid_to": office_until}


def _must_hold_mayors_office(viewer: Viewer) -> None:
    if viewer.mayors_capacity is None:
        raise Refused(Code.NOT_YOUR_ROLE)
