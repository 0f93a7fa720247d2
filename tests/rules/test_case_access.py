"""Who confirms that cases are for an account, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from server.rules.case_access import CaseAccessFacts, confirmed, lost, may_confirm_case_access
from server.rules.filing import sees_eligibility
from server.rules.inbox import may_change
from server.rules.refusal import Code, refused
from server.rules.viewer import Capacity, Role, Viewer
from tests.rules.known import ADMIN, CAMAT, CITY_HALL, DLH, EVERYBODY, HEAD, JOHOR, MAYOR, NOW, OFFICE, TODAY, uid

APPOINTED = CaseAccessFacts(
    id=uid(900), role=Role.STAFF, is_active=True, has_case_access=False, changed_by_ids=frozenset()
)


def told(viewer: Viewer, account: CaseAccessFacts = APPOINTED) -> Code | None:
    refusal = refused(may_confirm_case_access, viewer, account, TODAY)
    return None if refusal is None else refusal.code


def test_the_mayors_office_confirms_and_nobody_else() -> None:
    assert [each for each in EVERYBODY if told(each) is None] == [MAYOR, OFFICE]
    assert {told(each) for each in EVERYBODY} == {None, Code.NOT_YOUR_ROLE}
    delegate = replace(ADMIN, is_delegate=True)
    acting = replace(HEAD, heads=frozenset({(CITY_HALL, Capacity.PLH)}), mayors_office_id=CITY_HALL)
    assert told(delegate) is told(acting) is None
    assert told(replace(delegate, role=Role.INTEGRATION)) is Code.NOT_YOUR_ROLE


def test_nobody_confirms_without_case_access_or_themselves() -> None:
    assert told(replace(OFFICE, has_case_access=False)) is Code.CASE_ACCESS_NOT_CONFIRMED
    for viewer in (OFFICE, replace(OFFICE, has_case_access=False)):
        assert told(viewer, replace(APPOINTED, id=OFFICE.account_id)) is Code.OWN_CASE_ACCESS


def test_what_cannot_be_confirmed_says_why() -> None:
    assert told(OFFICE, replace(APPOINTED, has_case_access=True)) is Code.CASE_ACCESS_CONFIRMED
    assert told(OFFICE, replace(APPOINTED, is_active=False)) is Code.ACCOUNT_DISABLED
    assert told(OFFICE, replace(APPOINTED, role=Role.INTEGRATION)) is Code.WRONG_KIND


def test_all_who_have_changed_something_since_are_no_ones_to_confirm() -> None:
    first = lost([], (), OFFICE.account_id, NOW)
    then = lost([], [OFFICE.account_id], MAYOR.account_id, NOW)
    assert first == {"confirmed_at": None, "changed_by_ids": [str(OFFICE.account_id)], "held": []}
    assert {*then["changed_by_ids"]} == {str(OFFICE.account_id), str(MAYOR.account_id)}
    assert lost([], [OFFICE.account_id], None, NOW) == first
    changed = replace(APPOINTED, changed_by_ids=frozenset({OFFICE.account_id}))
    assert (told(OFFICE, changed), told(MAYOR, changed)) == (Code.OWN_CHANGE, None)
    assert confirmed([], NOW) == {
        "confirmed_at": NOW,
        "changed_by_ids": [],
        "held": [{"from": NOW.isoformat(), "to": None}],
    }


def test_from_when_until_when_it_was_had_is_kept() -> None:
    held = confirmed([], NOW)["held"]
    ended = lost(held, (), None, NOW + timedelta(1))["held"]
    assert ended == [{"from": NOW.isoformat(), "to": (NOW + timedelta(1)).isoformat()}]
    assert lost(ended, (), None, NOW + timedelta(2))["held"] == ended
    assert confirmed(ended, NOW + timedelta(3))["held"] == [
        *ended,
        {"from": (NOW + timedelta(3)).isoformat(), "to": None},
    ]


def test_without_case_access_a_viewer_heads_no_party_and_handles_no_case() -> None:
    for viewer in (HEAD, CAMAT, MAYOR, OFFICE):
        without = replace(viewer, has_case_access=False)
        assert not without.handles_cases
        assert not without.case_headed_ids
        assert without.headed_ids == viewer.headed_ids
        assert without.acts_for_mayor == viewer.acts_for_mayor
    assert sees_eligibility(CAMAT, JOHOR, DLH, CITY_HALL)
    assert not sees_eligibility(replace(CAMAT, has_case_access=False), JOHOR, DLH, CITY_HALL)


def test_without_case_access_the_inbox_is_read_anew_for_whatever_else_the_mayors_office_does() -> None:
    acting = replace(OFFICE, has_case_access=False)
    assert may_change(acting, "REQUEST_REDIRECT_OBJECTED", "Request", [DLH], [])
    assert not may_change(HEAD, "REQUEST_REDIRECT_OBJECTED", "Request", [JOHOR], [])
