"""The receipt of a hand-over (serah terima): what a person who leaves kept in an organisation passes to another there.

Passed are the open tasks that are assigned to the person and the targets for which the person is responsible. Requests
and cases are an office's, and stay with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypedDict
from uuid import UUID

from server.rules.account import AccountInFull
from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.organisation import OrganisationEnd, must_not_have_ended
from server.rules.permission import must_head
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.visibility import EVERYONE, NOBODY


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingFacts:
    """Whose matters are passed on, and in which organisation: the account's own, unless a verb names another."""

    id: UUID
    organisation_id: UUID
    organisation: OrganisationEnd = field(metadata=at("organisation"))


class ReceiptChange(TypedDict):
    """The columns of a new receipt."""

    organisation_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    handed_over_by_id: UUID


def may_hand_over_matters(viewer: Viewer, leaving: LeavingFacts, today: date) -> None:
    """The person, as long as they work there; whoever heads the organisation; an administrator, who keeps accounts."""
    is_own = leaving.id == viewer.account_id and viewer.works_for(leaving.organisation_id)
    if not (is_own or viewer.is_admin):
        must_head(viewer, leaving.organisation_id)
    must_not_have_ended(leaving.organisation, today)


HAND_OVER_RECEIPT: Final = Aggregate[None](
    name="HandOverReceipt",
    table="hand_over_receipt",
    prefix="receipt",
    visibility=EVERYONE,
    offered={
        "Account": {
            "handOverMatters": Verb(
                may_hand_over_matters,
                EventType.MATTERS_HANDED_OVER,
                (EventType.TASK_ASSIGNED, EventType.TARGET_UPDATED),
            )
        }
    },
    exempt={
        "allowed-actions": "a receipt is for good: nothing is done with it",
        "watched": "it is written once; who waits for tasks and targets follows these",
        "demo": "nobody leaves in the demo year",
    },
)
# What was passed is read through the tasks and targets themselves, so that a draft among them stays its own.
HANDED_OVER_MATTER: Final = Part[None](
    name="HandedOverMatter", table="handed_over_matter", prefix="matter", visibility=NOBODY
)


def hand_over_matters(
    viewer: Viewer, leaving: LeavingFacts, to: AccountInFull, organisation_name: str, today: date
) -> ReceiptChange:
    """`to`: another active account of the organisation, which may do what is passed."""
    may_hand_over_matters(viewer, leaving, today)
    if to.id == leaving.id:
        raise Refused(Code.MALFORMED, "toAccountId", constraint="another_person")
    to.must_work_for(leaving.organisation_id, "toAccountId", expected=organisation_name)
    return {
        "organisation_id": leaving.organisation_id,
        "from_account_id": leaving.id,
        "to_account_id": to.id,
        "handed_over_by_id": viewer.account_id,
    }
