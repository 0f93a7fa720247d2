"""Who may hand over what a person kept, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from server.rules.account import AccountInFull
from server.rules.hand_over_receipt import LeavingFacts, hand_over_matters, may_hand_over_matters
from server.rules.organisation import OrganisationEnd
from server.rules.refusal import Code, Refused, refused
from server.rules.viewer import Capacity, Role, Viewer

TODAY = date(2026, 6, 15)
OFFICE, OTHER, PERSON = uuid4(), uuid4(), uuid4()
LEAVING = LeavingFacts(id=PERSON, organisation_id=OFFICE, organisation=OrganisationEnd())
COLLEAGUE = AccountInFull(
    id=uuid4(), organisation_id=OFFICE, role=Role.STAFF, is_active=True, is_last_administrator=False, name="Ani",
    title=None, login="ani", heads=frozenset(),
)  # fmt: skip


def viewer(role: Role, at: UUID = OFFICE, *, id: UUID | None = None, heads: Capacity | None = None) -> Viewer:
    return Viewer(id or uuid4(), at, role, frozenset() if heads is None else frozenset({(at, heads)}))


@pytest.mark.parametrize(
    "who",
    [
        viewer(Role.STAFF, id=PERSON),
        viewer(Role.HEAD, heads=Capacity.DEFINITIVE),
        viewer(Role.STAFF, heads=Capacity.PLH),
        viewer(Role.ADMIN, OTHER),
    ],
)
def test_the_person_the_head_an_acting_one_and_an_administrator_may(who: Viewer) -> None:
    may_hand_over_matters(who, LEAVING, TODAY)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (viewer(Role.STAFF), Code.NOT_YOUR_ROLE),
        (viewer(Role.STAFF, OTHER, id=PERSON), Code.NOT_YOUR_ORGANISATION),
        (viewer(Role.OBSERVER, id=PERSON), Code.NOT_YOUR_ROLE),
        (viewer(Role.HEAD, OTHER, heads=Capacity.DEFINITIVE), Code.NOT_YOUR_ORGANISATION),
        (viewer(Role.MAYOR, OTHER, heads=Capacity.DEFINITIVE), Code.NOT_YOUR_ORGANISATION),
        (viewer(Role.OFFICE, OTHER), Code.NOT_YOUR_ORGANISATION),
    ],
)
def test_a_colleague_who_has_left_and_others_may_not(who: Viewer, code: Code) -> None:
    refusal = refused(may_hand_over_matters, who, LEAVING, TODAY)
    assert refusal is not None
    assert refusal.code is code


def test_of_an_organisation_that_ended_nothing_is_handed_over() -> None:
    ended = replace(LEAVING, organisation=OrganisationEnd(valid_to=TODAY))
    with pytest.raises(Refused) as refusal:
        may_hand_over_matters(viewer(Role.ADMIN, OTHER), ended, TODAY)
    assert refusal.value.code is Code.ORGANISATION_ENDED


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (replace(COLLEAGUE, id=PERSON), Code.MALFORMED),
        (replace(COLLEAGUE, organisation_id=OTHER), Code.WRONG_ORGANISATION),
        (replace(COLLEAGUE, is_active=False), Code.ACCOUNT_DISABLED),
    ],
)
def test_it_goes_to_another_active_account_of_the_organisation(to: AccountInFull, code: Code) -> None:
    head = viewer(Role.HEAD, heads=Capacity.DEFINITIVE)
    with pytest.raises(Refused) as refusal:
        hand_over_matters(head, LEAVING, to, "Dinas Lingkungan Hidup", TODAY)
    assert (refusal.value.code, refusal.value.path) == (code, ("toAccountId",))


def test_whoever_heads_it_from_elsewhere_is_a_colleague() -> None:
    acting = replace(COLLEAGUE, organisation_id=OTHER, heads=frozenset({OFFICE}))
    done = hand_over_matters(viewer(Role.ADMIN, OTHER), LEAVING, acting, "DLH", TODAY)
    assert (done["from_account_id"], done["to_account_id"], done["organisation_id"]) == (PERSON, acting.id, OFFICE)
