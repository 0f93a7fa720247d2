"""The person of a case: whom it may strike by the record, when their clock runs, and what a decision waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.rules.case_term import ALWAYS, HeldTerm, heads_without_access, holder_on, terms_of, without_access
from server.rules.clock import ClockState, PauseReason
from server.rules.collaboration_facts import RequestStatus
from server.rules.collaboration_sides import Overlap
from server.rules.decision import AppendixKind, Law, NewDecision, append_to_decision, decide_escalation
from server.rules.eligibility import EscalationGround, Ground
from server.rules.escalation import reply_to_escalation, sees_case
from server.rules.escalation_facts import DecisionKind, EscalationStatus, Named
from server.rules.legal_basis import LEGAL_BASES
from server.rules.office import Office, Term
from server.rules.organisation import OrganisationKind
from server.rules.person import must_be_heard, name_person, person_of, record_notice, record_reply
from server.rules.refusal import Code
from server.rules.reply_clock import person_clock, person_clock_moved, reply_clock
from server.rules.viewer import Capacity, Role
from server.rules.workdays import Calendar
from tests.rules.known import (
    CAMAT,
    DLH,
    HEAD,
    INTEGRATION,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    OTHER_HEAD,
    POLONIA,
    TODAY,
    case,
    code,
    organisation,
    refusal,
    request,
    uid,
    viewer,
    why,
)

S, K, G = EscalationStatus, DecisionKind, EscalationGround
CALENDAR = Calendar.of("Asia/Jakarta")
X = viewer(300, POLONIA, Role.STAFF)  # once headed the DLH; the person of the cases here
UNHEARD: dict[str, Any] = {"person_id": X.account_id, "person_replied_at": None}
DEFINITIVE = HeldTerm(uid(1), Capacity.DEFINITIVE, date(2025, 1, 1), None, DLH)
ACTING = HeldTerm(uid(2), Capacity.PLH, date(2026, 11, 9), date(2026, 11, 13), DLH)
FORMER = HeldTerm(uid(3), Capacity.DEFINITIVE, date(2022, 1, 1), date(2024, 12, 31), DLH)
TERMS = [FORMER, DEFINITIVE, ACTING]
INSPEKTORAT, OTHER_BODY = uid(6), uid(7)
LAW = Law(CALENDAR, LEGAL_BASES, {INSPEKTORAT, OTHER_BODY}, INSPEKTORAT)


def at(day: int, hour: int = 3) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


# ---- whom it may strike ---------------------------------------------------------------------------------------------


def struck(ground: EscalationGround, arose_at: datetime, status: RequestStatus, **changed: Any) -> Any:
    record = request(status, **changed)
    return person_of(record, Ground(ground, arose_at), TERMS, CALENDAR, answered_by_id=uid(8), delivered_by_id=uid(9))


def test_it_is_who_declined() -> None:
    assert struck(G.REFUSED, at(10), RequestStatus.DECLINED) == uid(8)


def test_of_silence_it_is_who_held_the_office_on_the_clocks_last_day_the_acting_head_where_one_acted() -> None:
    """“The person whom a case may strike is found at filing from the record.” “NO_ANSWER: who held the office on the
    clock's last day (the acting head, where one acted).”
    """
    assert struck(G.NO_ANSWER, at(10), RequestStatus.OPEN) == ACTING.account_id
    assert struck(G.NO_ANSWER, at(16), RequestStatus.OPEN) == DEFINITIVE.account_id


def test_of_a_broken_promise_it_is_who_held_the_office_on_the_agreed_due_on() -> None:
    promised = {"agreed_due_on": date(2026, 11, 13)}
    assert struck(G.BROKEN_COMMITMENT, at(16), RequestStatus.ACCEPTED, **promised) == ACTING.account_id


def test_of_a_dispute_it_is_who_delivered_and_where_the_clock_did_who_held_the_office_that_day() -> None:
    assert struck(G.BROKEN_COMMITMENT, at(20), RequestStatus.DISPUTED, delivered_at=at(12)) == uid(9)
    by_clock = person_of(
        request(RequestStatus.DISPUTED, delivered_at=at(12)), Ground(G.BROKEN_COMMITMENT, at(20)), TERMS,
        CALENDAR, answered_by_id=None, delivered_by_id=None,
    )  # fmt: skip
    assert by_clock == ACTING.account_id


@pytest.mark.parametrize(
    ("ground", "arose_at", "status", "changed"),
    [
        (G.NO_ANSWER, at(10), RequestStatus.OPEN, {}),
        (G.BROKEN_COMMITMENT, at(16), RequestStatus.ACCEPTED, {"agreed_due_on": date(2026, 11, 13)}),
    ],
)
def test_it_is_nobody_who_headed_the_asker_too_and_acted_for_that(
    ground: EscalationGround, arose_at: datetime, status: RequestStatus, changed: Any
) -> None:
    """“Whoever headed the asker too and acted for that is not the person: such a case names nobody at first.”"""
    both = Overlap(ACTING.account_id, True, JOHOR, DLH, at(9), at(9), at(14))
    assert struck(ground, arose_at, status, overlaps=[both], **changed) is None
    assert struck(ground, arose_at, status, overlaps=[both._replace(to=at(9))], **changed) == ACTING.account_id
    for_giver = both._replace(acts_for_asker=False)
    assert struck(ground, arose_at, status, overlaps=[for_giver], **changed) == ACTING.account_id
    other = both._replace(account_id=uid(5))
    assert struck(ground, arose_at, status, overlaps=[other], **changed) == ACTING.account_id


def test_in_a_vacancy_it_is_nobody() -> None:
    assert holder_on([FORMER], TODAY) is None


def test_an_office_is_held_until_the_last_day_of_the_organisation_that_it_was_of() -> None:
    stored = [[str(uid(1)), "DEFINITIVE", "2025-01-01", None, "2026-06-30", str(DLH), None, None]]
    assert holder_on(terms_of(stored), date(2026, 6, 30)) == uid(1)
    assert holder_on(terms_of(stored), date(2026, 7, 1)) is None
    assert not terms_of([[str(uid(1)), "PLT", "2026-07-01", None, "2026-06-30", str(DLH), None, None]])


def test_another_is_named_who_held_the_office_between_the_requests_beginning_and_the_ground() -> None:
    asked, facts = at(2), case(ground_arose_at=at(9), **UNHEARD)

    def named(account: int) -> Any:
        person = Named(account_id=uid(account), signs_in=True)
        return why(name_person, OFFICE, facts, person, TERMS, asked, CALENDAR, TODAY, NOW)

    assert (named(1), named(2)) == (None, None), "whoever held it on one day at least, acting or not"
    assert (named(3), named(4)) == ((Code.NEVER_HELD_OFFICE, ("accountId",)),) * 2
    same = Named(account_id=X.account_id, signs_in=True)
    told = why(name_person, OFFICE, facts, same, TERMS, asked, CALENDAR, TODAY, NOW)
    assert told == (Code.NOTHING_TO_CHANGE, ("accountId",))


def test_nobody_else_is_named_on_the_days_on_which_they_acted_for_the_asker() -> None:
    facts, person = case(ground_arose_at=at(9), **UNHEARD), Named(account_id=ACTING.account_id, signs_in=True)

    def named(*shared: Overlap) -> Any:
        given = OFFICE, facts, person, [ACTING], at(2), CALENDAR, TODAY, NOW
        return why(name_person, *given, shared=shared)

    both = Overlap(ACTING.account_id, True, JOHOR, DLH, at(1), at(1))
    assert named() is None
    assert named(both) == (Code.HEADS_BOTH_SIDES, ("accountId",))
    for other in (both._replace(acts_for_asker=False), both._replace(account_id=uid(5)), both._replace(to=at(8))):
        assert named(other) is None


def test_whoever_is_named_is_told_and_heard_from_the_start() -> None:
    facts = case(ground_arose_at=at(9), person_reply_due_at=NOW, person_notice_on=TODAY)
    person = Named(account_id=uid(2), signs_in=True)
    change = name_person(OFFICE, facts, person, TERMS, at(2), CALENDAR, TODAY, NOW, 5)
    assert (change["person_id"], change["person_told_at"], change["person_reply_days"]) == (uid(2), NOW, 5)
    assert change["person_reply_due_at"] == datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
    assert (change["person_replied_at"], change["person_notice_on"]) == (None, None)
    silent = name_person(OFFICE, facts, replace(person, signs_in=False), TERMS, at(2), CALENDAR, TODAY, NOW)
    assert (silent["person_told_at"], silent["person_reply_due_at"]) == (None, None)


# ---- a party, in office or not --------------------------------------------------------------------------------------


def test_the_person_sees_the_case_with_case_access_and_no_program_does() -> None:
    facts = case(**UNHEARD)
    assert sees_case(X, facts)
    assert not sees_case(replace(X, has_case_access=False), facts)
    assert not sees_case(INTEGRATION, case(person_id=INTEGRATION.account_id))
    assert not sees_case(OTHER_HEAD, facts)


def test_the_person_alone_replies_beside_the_organisation_and_moves_no_state() -> None:
    for status in (S.FILED, S.REPLIED, S.REPLY_LAPSED, S.MEDIATION):
        change = reply_to_escalation(X, case(status, **UNHEARD), " Maaf ", TODAY, NOW)
        assert change == {"person_reply": "Maaf", "person_replied_at": NOW}
    assert code(reply_to_escalation, X, case(person_id=X.account_id), "x", TODAY, NOW) is Code.ALREADY_REPLIED
    assert code(reply_to_escalation, X, case(S.DECIDED, **UNHEARD), "x", TODAY, NOW) is Code.ALREADY_DECIDED
    own = reply_to_escalation(HEAD, case(S.FILED, **UNHEARD), "Kami baru", TODAY, NOW)
    assert "person_reply" not in own, "an heir in office answers for nobody else"


def test_who_heads_the_respondent_and_is_the_person_replies_once_for_both() -> None:
    both = case(S.FILED, person_id=HEAD.account_id, person_replied_at=None)
    change = reply_to_escalation(HEAD, both, "Maaf", TODAY, NOW)
    assert (change["status"], change["reply"], change["person_reply"]) == (S.REPLIED, "Maaf", "Maaf")
    late = replace(both, status=S.REPLIED, replied_at=NOW)
    assert reply_to_escalation(HEAD, late, "Maaf", TODAY, NOW) == {"person_reply": "Maaf", "person_replied_at": NOW}


def test_the_person_objects_and_corrects_nothing() -> None:
    closed = case(S.CLOSED, **UNHEARD)
    assert append_to_decision(X, closed, AppendixKind.OBJECTION, "Tidak", TODAY) == (AppendixKind.OBJECTION, "Tidak")
    assert code(append_to_decision, X, closed, AppendixKind.CORRECTION, "x", TODAY) is Code.NOT_YOUR_ROLE


@pytest.mark.parametrize("judge", [MAYOR, OFFICE])
def test_nobody_handles_or_decides_a_case_that_may_strike_them(judge: Any) -> None:
    own = case(person_id=judge.account_id)
    assert sees_case(judge, own)
    told = code(decide_escalation, judge, own, NewDecision(kind=K.DISMISS, facts="x"), LAW, TODAY, NOW)
    assert told is (Code.OWN_CASE if judge is MAYOR else Code.NOT_YOUR_ROLE)
    notice = code(record_notice, judge, replace(own, person_replied_at=None), "1", TODAY, CALENDAR, TODAY)
    assert notice is Code.OWN_CASE


# ---- told and heard -------------------------------------------------------------------------------------------------


def test_seven_working_days_run_beside_the_organisations_three() -> None:
    clock = person_clock(case(S.FILED, **UNHEARD), CALENDAR)
    assert clock is not None
    assert clock.due_at == datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC)
    assert person_clock_moved(case(**UNHEARD, person_reply_due_at=clock.due_at), CALENDAR) == {}
    assert person_clock(case(person_id=None), CALENDAR) is None


def test_days_without_case_access_do_not_count_in_the_persons_clock() -> None:
    later = case(**UNHEARD, person_access=[(NOW + timedelta(7), None)])
    clock = person_clock(later, CALENDAR)
    assert clock is not None
    assert [each.reason for each in clock.pauses] == [PauseReason.NO_CASE_ACCESS]
    assert clock.due_at == datetime(2026, 12, 8, 16, 59, 59, tzinfo=UTC)
    never = person_clock(case(**UNHEARD, person_access=[]), CALENDAR)
    assert never is not None
    assert never.state(NOW + timedelta(90)) is ClockState.PAUSED
    on_paper = person_clock(case(**UNHEARD, person_access=[], person_notice_on=TODAY), CALENDAR)
    assert on_paper is not None
    assert on_paper.pauses == ()


def test_days_on_which_no_head_of_a_party_has_case_access_do_not_count_in_its_clock() -> None:
    office = Office(CALENDAR, [Term(date(2025, 1, 1))])
    waiting = [replace(DEFINITIVE, access=[(None, NOW), (NOW + timedelta(7), None)])]
    assert reply_clock(case(S.FILED), office, waiting).due_at == datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC)
    shared = [*waiting, HeldTerm(uid(5), Capacity.PLH, TODAY, None, DLH)]
    assert reply_clock(case(S.FILED), office, shared).due_at == case().reply_due_at, "one of the heads is enough"


def test_a_vacancy_is_no_want_of_case_access() -> None:
    assert heads_without_access([FORMER], NOW, CALENDAR) == []
    (pause,) = heads_without_access([replace(DEFINITIVE, access=[])], NOW, CALENDAR)
    assert (pause.reason, pause.from_, pause.to) == (PauseReason.NO_CASE_ACCESS, NOW, None)
    assert without_access(ALWAYS, NOW) == []


def test_what_comes_is_judged_by_the_clock_as_it_counts_then() -> None:
    """Days without case access that nobody had noticed yet."""
    lacked = [(None, NOW), (NOW + timedelta(2), None)]
    told = case(S.FILED, **UNHEARD, person_access=lacked, respondent_terms=[replace(DEFINITIVE, access=lacked)])
    change = reply_to_escalation(X, told, "Maaf", TODAY, NOW + timedelta(3))
    assert change["person_reply_due_at"] == datetime(2026, 12, 3, 16, 59, 59, tzinfo=UTC)
    change = reply_to_escalation(HEAD, told, "Maaf", TODAY, NOW + timedelta(3))
    assert change["reply_due_at"] == datetime(2026, 11, 27, 16, 59, 59, tzinfo=UTC)
    holiday = Calendar.of("Asia/Jakarta", [{"date": "2026-11-25", "isWorkday": False}])
    noticed = case(**UNHEARD, person_signs_in=False, person_notice_on=TODAY)
    change = record_reply(OFFICE, noticed, "Maaf", holiday, TODAY, NOW)
    assert change["person_reply_due_at"] == datetime(2026, 12, 3, 16, 59, 59, tzinfo=UTC)


def test_a_clock_that_had_run_out_or_stopped_is_kept_when_the_account_is_disabled() -> None:
    gone = case(**UNHEARD, person_signs_in=False)
    assert person_clock(replace(gone, person_disabled=[(NOW + timedelta(2), None)]), CALENDAR) is None
    lapsed = person_clock(replace(gone, person_disabled=[(NOW + timedelta(20), None)]), CALENDAR)
    assert lapsed is not None
    assert lapsed.state(NOW + timedelta(30)) is ClockState.BREACHED
    decided = replace(gone, status=S.DECIDED, decided_at=NOW + timedelta(1))
    assert person_clock(replace(decided, person_disabled=[(NOW + timedelta(2), None)]), CALENDAR) is not None
    assert person_clock(replace(decided, person_disabled=[(NOW, None)]), CALENDAR) is None


def test_a_notice_on_paper_starts_the_clock_with_the_day_of_its_receipt() -> None:
    unknowing = case(S.FILED, **UNHEARD, person_signs_in=False)
    assert person_clock(unknowing, CALENDAR) is None
    change = record_notice(OFFICE, unknowing, " 800/7 ", TODAY, CALENDAR, TODAY)
    assert (change["person_notice_number"], change["person_notice_on"]) == ("800/7", TODAY)
    assert change["person_reply_due_at"] == datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC)
    named = replace(unknowing, person_named_at=NOW + timedelta(2))
    before = why(record_notice, OFFICE, named, "1", TODAY + timedelta(1), CALENDAR, TODAY + timedelta(3))
    assert before == (Code.OUT_OF_RANGE, ("receivedOn",)), "nobody is told before they are the person"
    for day, told in ((TODAY + timedelta(1), Code.NOTICE_AHEAD), (TODAY - timedelta(1), Code.OUT_OF_RANGE)):
        assert why(record_notice, OFFICE, unknowing, "1", day, CALENDAR, TODAY) == (told, ("receivedOn",))
    assert why(record_notice, OFFICE, unknowing, " ", TODAY, CALENDAR, TODAY) == (Code.REQUIRED, ("documentNumber",))
    assert code(record_notice, OFFICE, replace(unknowing, person_signs_in=True), "1", TODAY, CALENDAR, TODAY) is (
        Code.SIGNS_IN
    )


def test_a_reply_on_paper_needs_the_notice() -> None:
    unknowing = case(**UNHEARD, person_signs_in=False)
    assert code(record_reply, OFFICE, unknowing, "Maaf", CALENDAR, TODAY, NOW) is Code.NOTICE_NEEDED
    noticed = replace(unknowing, person_notice_on=TODAY)
    assert record_reply(OFFICE, noticed, "Maaf", CALENDAR, TODAY, NOW) == {
        "person_reply": "Maaf",
        "person_replied_at": NOW,
    }
    assert code(record_reply, CAMAT, noticed, "Maaf", CALENDAR, TODAY, NOW) is Code.NOT_YOUR_ROLE
    assert code(record_reply, OFFICE, case(person_id=None), "x", CALENDAR, TODAY, NOW) is Code.NO_PERSON


def test_nobody_is_struck_before_their_reply_came_or_their_clock_ran_out() -> None:
    facts = case(**UNHEARD)
    told = refusal(must_be_heard, facts, CALENDAR, NOW, "kind")
    assert (told.code, told.path) == (Code.PERSON_NOT_HEARD, ("kind",))
    assert told.facts["available_at"] == datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC)
    assert must_be_heard(facts, CALENDAR, NOW + timedelta(10)) == X.account_id
    assert must_be_heard(case(), CALENDAR, NOW) == case().person_id
    assert code(must_be_heard, case(person_id=None), CALENDAR, NOW) is Code.NO_PERSON
    assert code(must_be_heard, replace(facts, person_signs_in=False), CALENDAR, NOW + timedelta(90)) is (
        Code.NOTICE_NEEDED
    )


# ---- the decision ---------------------------------------------------------------------------------------------------


def decided(facts: Any, **named: Any) -> Any:
    return why(decide_escalation, MAYOR, facts, NewDecision(**{"facts": "Terbukti.", **named}), LAW, TODAY, NOW)


def test_a_referral_about_a_person_waits_for_them_and_one_of_the_matter_does_not() -> None:
    referral = {"kind": K.REFER, "referred_to": organisation(id=INSPEKTORAT)}
    assert decided(case(**UNHEARD), **referral) is None
    assert decided(case(**UNHEARD), **referral, is_about_person=True) == (Code.PERSON_NOT_HEARD, ("kind",))
    assert decided(case(), **referral, is_about_person=True) is None
    assert decided(case(), kind=K.GUIDANCE, is_about_person=True) == (Code.WRONG_KIND, ("isAboutPerson",))


def test_a_city_companys_case_is_referred_to_the_inspektorat_alone() -> None:
    company = case(respondent_kind=OrganisationKind.CITY_COMPANY)
    other = {"kind": K.REFER, "referred_to": organisation(id=OTHER_BODY)}
    assert decided(company, **other) == (Code.INSPECTORATE_ONLY, ("referredTo",))
    unnamed = Law(CALENDAR, LEGAL_BASES, {INSPEKTORAT, OTHER_BODY})
    for body in (INSPEKTORAT, OTHER_BODY):
        referral = NewDecision(kind=K.REFER, facts="Terbukti.", referred_to=organisation(id=body))
        told = why(decide_escalation, MAYOR, company, referral, unnamed, TODAY, NOW)
        assert told == (Code.INSPECTORATE_NOT_NAMED, ("referredTo",)), "as after an upgrade"
    assert decided(case(), **other) is None


def test_what_ended_without_a_successor_may_be_referred_before_any_reply() -> None:
    ended = case(S.FILED, respondent_ends_on=TODAY)
    referral = {"kind": K.REFER, "referred_to": organisation(id=INSPEKTORAT)}
    assert decided(ended, **referral) is None
    assert decided(ended, kind=K.GUIDANCE) == (Code.REPLY_PENDING, ("kind",))
    assert decided(replace(ended, respondent_successor_id=DLH), **referral) == (Code.REPLY_PENDING, ("kind",))
    assert decided(case(S.FILED), **referral) == (Code.REPLY_PENDING, ("kind",))
