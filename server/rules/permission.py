"""Who may act at all: the first question of every rule, asked before anything else is looked at."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from server.rules.refusal import Code, Refused
from server.rules.viewer import Capacity, TokenScope, Viewer


def must_be_in_scope(viewer: Viewer, scopes: Collection[TokenScope]) -> None:
    """Through a token: that it has one of these scopes; a verb without any is no program's. People need none."""
    if viewer.token is None:
        return
    if not scopes:
        raise Refused(Code.NOT_FOR_TOKENS)
    if viewer.token.scopes.isdisjoint(scopes):
        raise Refused(Code.OUT_OF_SCOPE, scopes=[each.value for each in scopes])


def must_work_for(viewer: Viewer, organisation_id: UUID) -> None:
    """The organisation's head or its staff: who drafts, makes tasks and reports for it."""
    if not viewer.works_for(organisation_id):
        raise Refused(_stranger_or_role(viewer, organisation_id))


def must_head(viewer: Viewer, organisation_id: UUID) -> None:
    """The organisation's head today, acting or not."""
    if not viewer.is_head_of(organisation_id):
        raise Refused(_stranger_or_role(viewer, organisation_id))


def must_be_office(viewer: Viewer) -> None:
    """The mayor, the deputy, the Sekda or their staff."""
    if not viewer.is_office:
        raise Refused(Code.NOT_YOUR_ROLE)


def must_act_for_mayor(viewer: Viewer) -> None:
    """The mayor's office, or whoever holds the mayor's delegation."""
    if not viewer.acts_for_mayor:
        raise Refused(Code.NOT_YOUR_ROLE)


def must_have_case_access(viewer: Viewer) -> None:
    """Cases are for it: the mayor's office has confirmed that."""
    if not viewer.has_case_access:
        raise Refused(Code.CASE_ACCESS_NOT_CONFIRMED)


def must_be_able_to_report(viewer: Viewer, organisation_id: UUID) -> None:
    """Who has case access, and does not head that organisation too."""
    must_have_case_access(viewer)
    if viewer.is_head_of(organisation_id):
        raise Refused(Code.BOTH_SIDES)


def must_be_admin(viewer: Viewer) -> None:
    if not viewer.is_admin:
        raise Refused(Code.NOT_YOUR_ROLE)


def must_review(viewer: Viewer, organisation_id: UUID) -> None:
    """A reviewer, and nobody of the plan's own organisation."""
    if not viewer.is_reviewer:
        raise Refused(Code.NOT_YOUR_ROLE)
    if organisation_id in viewer.organisation_ids:
        raise Refused(Code.OWN_PLAN)


def must_not_act(viewer: Viewer, organisation_id: UUID) -> None:
    """Not as Plt. or Plh. of the organisation: an acting head takes no strategic decision (UU 30/2014 art. 14)."""
    if viewer.capacity_in(organisation_id) in (Capacity.PLT, Capacity.PLH):
        raise Refused(Code.NOT_AS_ACTING_HEAD)


def _stranger_or_role(viewer: Viewer, organisation_id: UUID) -> Code:
    return Code.NOT_YOUR_ROLE if organisation_id in viewer.organisation_ids else Code.NOT_YOUR_ORGANISATION
