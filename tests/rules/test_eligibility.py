"""Eligibility: the grounds that a record shows, of the others what is missing, and who may file on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.rules.clock import Pause, PauseReason, as_stored
from server.rules.collaboration_facts import RequestFacts, RequestKind, RequestStatus
from server.rules.eligibility import Eligibility, EscalationGround, Ground, WhyMissing, eligibility
from server.rules.escalation import file_escalation, handles_case, may_file_escalation
from server.rules.escalation_facts import EscalationStatus, Filing
from server.rules.filing import sees_eligibility
from server.rules.office import Office
from server.rules.refusal import Code
from server.rules.task import TaskStatus
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import Calendar
from tests.rules.known import (
    CAMAT,
    CITY_HALL,
    DLH,
    EVERYBODY,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    OTHER_HEAD,
    TODAY,
    code,
    refusal,
    request,
    uid,
    viewer,
    why,
)

S, G, W = RequestStatus, EscalationGround, WhyMissing
ALWAYS = Office(Calendar.of("Asia/Jakarta"))
DUE = datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC)
AGREED_UNTIL = datetime(2026, 12, 4, 16, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONG_AFTER = datetime(2027, 2, 1, tzinfo=UTC)


def shown(facts: RequestFacts, now: datetime = NOW, **named: Any) -> Eligibility:
    return eligibility(facts, ALWAYS, now, mayors_office_id=CITY_HALL, **named)


def whys(found: Eligibility) -> dict[EscalationGround, WhyMissing]:
    return {each.ground: each.why for each in found.missing}


def test_silence_past_the_deadline_can_be_escalated() -> None:
    before = shown(request(), DUE)
    assert not before.is_eligible
    assert (whys(before)[G.NO_ANSWER], before.eligible_at) == (W.NOT_DUE, DUE)
    assert shown(request(), DUE + SECOND).grounds == (Ground(G.NO_ANSWER, DUE),)


def test_a_clock_that_stands_still_gives_no_ground_however_long() -> None:
    pauses = as_stored([Pause(PauseReason.QUESTION, NOW + timedelta(1))])
    paused = request(answer_pauses=pauses, answer_due_at=DUE + timedelta(1))
    found = shown(paused, NOW + timedelta(1))
    assert (whys(found)[G.NO_ANSWER], found.eligible_at) == (W.PAUSED, DUE + timedelta(1))
    found = shown(paused, LONG_AFTER)
    assert (whys(found)[G.NO_ANSWER], found.eligible_at) == (W.PAUSED, None)
    vacant = Office(ALWAYS.calendar, [])
    assert not eligibility(request(), vacant, LONG_AFTER, mayors_office_id=CITY_HALL).is_eligible


def test_a_refusal_can_be_escalated_since_it_was_given() -> None:
    assert shown(request(S.DECLINED)).grounds == (Ground(G.REFUSED, NOW),)


def test_a_promise_is_broken_once_its_date_has_passed() -> None:
    found = shown(request(S.ACCEPTED), AGREED_UNTIL)
    assert (whys(found)[G.BROKEN_COMMITMENT], found.eligible_at) == (W.DATE_AHEAD, AGREED_UNTIL)
    assert shown(request(S.ACCEPTED), AGREED_UNTIL + SECOND).grounds == (Ground(G.BROKEN_COMMITMENT, AGREED_UNTIL),)
    resumed = request(S.ACCEPTED, accepted_at=AGREED_UNTIL + timedelta(9))
    assert shown(resumed, LONG_AFTER).grounds[0].arose_at == AGREED_UNTIL + timedelta(9)


def test_what_was_done_in_time_is_no_broken_promise_though_nobody_delivered_it() -> None:
    done = request(S.ACCEPTED, commitment_status=TaskStatus.DONE, commitment_completed_at=AGREED_UNTIL)
    found = shown(done, LONG_AFTER)
    assert (found.grounds, whys(found)[G.BROKEN_COMMITMENT], found.eligible_at) == ((), W.TO_DELIVER, None)
    late = request(S.ACCEPTED, commitment_status=TaskStatus.DONE, commitment_completed_at=AGREED_UNTIL + SECOND)
    assert shown(late, LONG_AFTER).grounds == (Ground(G.BROKEN_COMMITMENT, AGREED_UNTIL),)


def test_delivering_late_leaves_no_ground() -> None:
    assert not shown(request(S.DELIVERED, days_late=9), LONG_AFTER).is_eligible


def test_a_dispute_that_is_not_taken_up_within_three_working_days_is_a_ground() -> None:
    disputed = request(S.DISPUTED, dispute_count=1, dispute_due_at=DUE)
    found = shown(disputed, DUE)
    assert (whys(found)[G.BROKEN_COMMITMENT], found.eligible_at) == (W.DISPUTED, DUE)
    assert shown(disputed, DUE + SECOND).grounds == (Ground(G.BROKEN_COMMITMENT, DUE),)
    # Nobody is there to take it up.
    nobody = eligibility(disputed, Office(ALWAYS.calendar, []), LONG_AFTER, mayors_office_id=CITY_HALL)
    assert (whys(nobody)[G.BROKEN_COMMITMENT], nobody.eligible_at) == (W.DISPUTED, None)


def test_after_a_second_dispute_the_ground_is_there_at_once() -> None:
    assert shown(request(S.DISPUTED, dispute_count=2)).grounds == (Ground(G.BROKEN_COMMITMENT, NOW),)


def test_a_new_date_that_was_agreed_takes_the_ground_away() -> None:
    assert not shown(request(S.ACCEPTED, agreed_due_on=date(2027, 3, 1)), LONG_AFTER).is_eligible


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.OPEN, {G.REFUSED: W.NOT_DECLINED, G.BROKEN_COMMITMENT: W.NOTHING_PROMISED}),
        (S.COUNTERED, {G.NO_ANSWER: W.ANSWERED, G.REFUSED: W.NOT_DECLINED, G.BROKEN_COMMITMENT: W.NOTHING_PROMISED}),
        (S.DECLINED, {G.NO_ANSWER: W.ANSWERED, G.BROKEN_COMMITMENT: W.NOTHING_PROMISED}),
        (S.ACCEPTED, {G.NO_ANSWER: W.ANSWERED, G.REFUSED: W.NOT_DECLINED}),
        (S.DELIVERED, {G.NO_ANSWER: W.ANSWERED, G.REFUSED: W.NOT_DECLINED, G.BROKEN_COMMITMENT: W.DELIVERED}),
        (S.DISPUTED, {G.NO_ANSWER: W.ANSWERED, G.REFUSED: W.NOT_DECLINED}),
        (S.CONFIRMED, {G.NO_ANSWER: W.ANSWERED, G.REFUSED: W.ENDED, G.BROKEN_COMMITMENT: W.ENDED}),
        (S.WITHDRAWN, {G.NO_ANSWER: W.ENDED, G.REFUSED: W.ENDED, G.BROKEN_COMMITMENT: W.ENDED}),
    ],
)
def test_a_ground_stands_only_in_the_state_that_shows_it(
    status: RequestStatus, expected: dict[EscalationGround, WhyMissing]
) -> None:
    found = shown(request(status), LONG_AFTER)
    assert whys(found) == expected
    assert len(found.grounds) == 3 - len(expected)


@pytest.mark.parametrize("status", RequestStatus)
def test_an_offer_is_never_escalated_and_the_mayors_office_is_never_a_party(status: RequestStatus) -> None:
    for facts, expected in (
        (request(status, kind=RequestKind.OFFER), W.AN_OFFER),
        (request(status, giver_id=CITY_HALL), W.MAYORS_OFFICE),
        (request(status, asker_id=CITY_HALL), W.MAYORS_OFFICE),
    ):
        found = shown(facts, LONG_AFTER)
        assert not found.is_eligible
        assert whys(found) == dict.fromkeys(EscalationGround, expected)


def test_one_case_at_a_time_and_after_a_decision_only_what_arose_later() -> None:
    assert whys(shown(request(), LONG_AFTER, has_open_case=True)) == dict.fromkeys(EscalationGround, W.CASE_OPEN)
    assert whys(shown(request(), LONG_AFTER, decided_at=DUE))[G.NO_ANSWER] is W.DECIDED
    assert shown(request(), LONG_AFTER, decided_at=DUE - SECOND).is_eligible
    # Who withdrew, or settled, is bound as well.
    assert whys(shown(request(), LONG_AFTER, withdrawn_at=DUE))[G.NO_ANSWER] is W.CASE_WITHDRAWN
    assert shown(request(), LONG_AFTER, withdrawn_at=DUE - SECOND).is_eligible
    again = request(S.DECLINED, answered_at=DUE + timedelta(3))
    assert shown(again, LONG_AFTER, decided_at=DUE + timedelta(2)).grounds[0].ground is G.REFUSED


# ---- who files ------------------------------------------------------------------------------------------------------


def filing(facts: RequestFacts | None = None, now: datetime = LONG_AFTER, **named: Any) -> Filing:
    facts = facts or request()
    found = shown(facts, now, has_open_case=named.get("has_open_case", False))
    return Filing(request_id=facts.id, asker_id=facts.asker_id, giver_id=facts.giver_id, eligibility=found, **named)


SEKDA = viewer(40, CITY_HALL, Role.OFFICE, (DLH, Capacity.DEFINITIVE))
OFFICE_OF_DLH = viewer(41, DLH, Role.OFFICE)
DELEGATE = Viewer(uid(142), uid(9), Role.STAFF, is_delegate=True, has_case_access=True)
CAMAT_PLH = viewer(43, CITY_HALL, Role.STAFF, (JOHOR, Capacity.PLH))
OFFICES = {MAYOR, OFFICE, DELEGATE}


@pytest.mark.parametrize(
    "state",
    [
        filing(),
        filing(now=NOW),
        filing(has_open_case=True),
        filing(request(S.CONFIRMED)),
        filing(request(kind=RequestKind.OFFER)),
    ],
)
def test_for_all_but_the_asker_and_the_mayors_office_filing_says_one_thing_whatever_there_is(state: Filing) -> None:
    for each in (*EVERYBODY, OTHER_HEAD, SEKDA, OFFICE_OF_DLH, DELEGATE):
        told = refusal(may_file_escalation, each, state, TODAY)
        expected = Code.NOT_YOUR_ROLE if each in OFFICES else Code.NOT_YOUR_ORGANISATION
        assert (told.code, told.path, told.facts) == (expected, (), {})


def test_eligibility_is_seen_by_the_askers_head_and_the_mayors_office() -> None:
    everybody = (*EVERYBODY, OTHER_HEAD, SEKDA, OFFICE_OF_DLH, DELEGATE, CAMAT, CAMAT_PLH)
    seeing = {each for each in everybody if sees_eligibility(each, JOHOR, DLH, CITY_HALL)}
    assert seeing == {*OFFICES, CAMAT, CAMAT_PLH}
    assert not handles_case(SEKDA, CITY_HALL, JOHOR, DLH)


def test_the_askers_head_files_acting_or_not() -> None:
    """“Powers come from appointments, whatever the role: a head's (submitting a plan, asking for and answering help,
    filing and replying) and the mayor's.”
    """
    for each in (CAMAT, CAMAT_PLH):
        made = file_escalation(each, filing(), " Tidak dijawab ", ALWAYS, TODAY, NOW)
        assert (made["status"], made["ground"], made["ground_arose_at"]) == (EscalationStatus.FILED, G.NO_ANSWER, DUE)
        assert (made["filer_id"], made["respondent_id"], made["statement"]) == (JOHOR, DLH, "Tidak dijawab")
        assert made["reply_due_at"].isoformat() == "2026-11-26T23:59:59+07:00"


def test_what_is_not_eligible_is_refused_with_what_is_missing_and_when_it_could_be() -> None:
    told = refusal(may_file_escalation, CAMAT, filing(now=NOW), TODAY)
    assert (told.code, told.facts["available_at"]) == (Code.NOT_ELIGIBLE, DUE)
    assert isinstance(told.facts["missing"], tuple)
    assert {each.ground for each in told.facts["missing"]} == {*EscalationGround}
    assert code(may_file_escalation, CAMAT, filing(has_open_case=True), TODAY) is Code.ALREADY_ESCALATED
    assert why(file_escalation, CAMAT, filing(), " ", ALWAYS, TODAY, NOW) == (Code.REQUIRED, ("statement",))


def test_nobody_brings_a_case_against_an_organisation_that_they_head() -> None:
    """“Nobody brings a case against an organisation that they head, in whatever capacity.”"""
    for there in Capacity:
        both = replace(CAMAT, heads=CAMAT.heads | {(DLH, there)})
        assert code(may_file_escalation, both, filing(), TODAY) is Code.BOTH_SIDES
