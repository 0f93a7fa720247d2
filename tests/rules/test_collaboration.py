"""Collaboration requests: who may do what in which state, and how one is asked, answered, redirected and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules import lifecycle
from server.rules.aggregate import bound
from server.rules.city import RULING_DAYS
from server.rules.clock import ClockEnding, ClockState, PauseReason, pauses_of
from server.rules.collaboration import COLLABORATION_REQUEST
from server.rules.collaboration_answer import (
    NewRequest,
    Side,
    Subject,
    accept_counter,
    accept_request,
    answer_question,
    ask_for_information,
    counter_request,
    decline_request,
    offer_help,
    refuse_counter,
    request_collaboration,
)
from server.rules.collaboration_clock import (
    answer_clock,
    clocks_moved,
    commitment_clock,
    delivery_clock,
    dispute_clock,
    ruling_clock,
)
from server.rules.collaboration_delivery import (
    agree_new_date,
    commitment,
    commitment_joins,
    confirm_delivery,
    deliver_request,
    dispute_delivery,
    given_up,
    passed_on,
    post_message,
    propose_new_date,
    refuse_new_date,
    resume_delivery,
    withdraw_request,
)
from server.rules.collaboration_facts import (
    RequestFacts,
    RequestKind,
    RequestStatus,
    RulingCause,
    StoredRedirect,
)
from server.rules.collaboration_lapse import (
    as_it_stands,
    confirm_by_silence,
    deliver_by_clock,
    is_lapsed,
    lapse_counter,
    lapse_question,
    lapse_request,
)
from server.rules.collaboration_redirect import ask_for_ruling, assign_request, object_to_redirect, redirect_request
from server.rules.collaboration_sides import Overlap
from server.rules.office import Office, Term
from server.rules.organisation import OrganisationFacts, OrganisationKind
from server.rules.refusal import Code
from server.rules.task import TASK, TaskStatus
from server.rules.task_content import PlanPlace, update_task
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.work_plan import OpenTask, Remaining, Settlement, WorkPlanStatus, close_work_plan, settled
from server.rules.workdays import Calendar, age, deadline
from tests.rules.known import (
    BAPPEDA,
    CAMAT,
    CITY_HALL,
    DLH,
    EVERYBODY,
    HEAD,
    JOHOR,
    MAYOR,
    NOW,
    OBSERVER,
    OFFICE,
    OTHER_HEAD,
    OUTSIDER,
    PLH,
    POLONIA,
    REVIEWER,
    STAFF,
    TODAY,
    code,
    organisation,
    plan,
    refusal,
    request,
    task,
    uid,
    viewer,
    why,
)

RULES = COLLABORATION_REQUEST.rules

S = RequestStatus
MEDAN = Calendar.of("Asia/Jakarta")
ALWAYS = Office(MEDAN)
ACTING_MAYOR = viewer(40, POLONIA, Role.HEAD, (CITY_HALL, Capacity.PLH))
DELEGATE = replace(viewer(41, CITY_HALL, Role.STAFF), is_delegate=True)
SIDES = (*EVERYBODY, CAMAT, OTHER_HEAD, ACTING_MAYOR, DELEGATE)
LATER = NOW + timedelta(hours=2)
DUE = datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC)
STEP = StoredRedirect(
    fromId=str(BAPPEDA), toId=str(DLH), reason="Bukan wewenang", at=NOW.isoformat(), actorId=str(uid(1)), isRuling=False
)

GIVERS, ASKERS = {HEAD, PLH}, {CAMAT}
WHO: dict[str, set[Viewer]] = {
    "acceptRequest": GIVERS, "declineRequest": GIVERS, "counterRequest": GIVERS, "redirectRequest": GIVERS,
    "askForInformation": GIVERS, "proposeNewDate": GIVERS, "deliverRequest": GIVERS, "resumeDelivery": GIVERS,
    "acceptCounter": ASKERS, "refuseCounter": ASKERS, "answerQuestion": ASKERS, "objectToRedirect": ASKERS,
    "agreeNewDate": ASKERS, "refuseNewDate": ASKERS, "confirmDelivery": ASKERS, "disputeDelivery": ASKERS,
    "withdrawRequest": ASKERS,
    "assignRequest": {MAYOR, OFFICE, ACTING_MAYOR, DELEGATE},
    "assignAnswerer": {MAYOR, OFFICE, ACTING_MAYOR, DELEGATE},
    "postMessage": {HEAD, PLH, STAFF, CAMAT, OUTSIDER, MAYOR, OFFICE, REVIEWER},
}  # fmt: skip
# Of an OFFER the giver is the starter and the asker answers.
SWAPPED = {
    "acceptRequest": ASKERS, "declineRequest": ASKERS, "counterRequest": ASKERS, "askForInformation": ASKERS,
    "acceptCounter": GIVERS, "refuseCounter": GIVERS, "answerQuestion": GIVERS, "withdrawRequest": GIVERS,
}  # fmt: skip


def ripe(verb: str, status: RequestStatus, **named: Any) -> RequestFacts:
    """A request in which nothing but its state can stand against the verb."""
    facts: dict[str, Any] = {"commitment_status": TaskStatus.DONE, "new_due_on": TODAY}
    if verb == "answerQuestion":
        facts |= {"question_asked_at": NOW, "question_due_at": NOW + timedelta(3)}
    if verb in ("objectToRedirect", "assignRequest", "postMessage"):
        facts["redirects"] = [STEP]
    if verb == "assignRequest":
        facts["ruling_asked_at"] = NOW
    if verb == "assignAnswerer":
        facts["overlaps"] = [Overlap(uid(1), True, JOHOR, DLH, NOW, NOW)]
    return request(status, **{**facts, **named})


@pytest.mark.parametrize("verb", RULES)
@pytest.mark.parametrize("status", RequestStatus)
def test_a_verb_is_allowed_exactly_in_the_states_of_its_row_and_to_its_people(verb: str, status: RequestStatus) -> None:
    """“Heads act.”"""
    for each in SIDES:
        told = code(RULES[verb], each, ripe(verb, status), TODAY)
        if each not in WHO[verb]:
            assert told in (Code.NOT_YOUR_ORGANISATION, Code.NOT_YOUR_ROLE)
        elif status in lifecycle.COLLABORATION[verb]:
            assert told is None
        else:
            assert told in (Code.MOVE_NOT_ALLOWED, Code.ALREADY_ANSWERED)


@pytest.mark.parametrize("verb", SWAPPED)
def test_an_offer_is_answered_by_whoever_would_receive(verb: str) -> None:
    """“A NEED is begun by the asker, an OFFER by the giver; whoever began it is the starter, the other side the
    answerer.”
    """
    status = S(next(state for state in lifecycle.COLLABORATION[verb] if state))
    offer = ripe(verb, status, kind=RequestKind.OFFER)
    assert {each for each in SIDES if code(RULES[verb], each, offer, TODAY) is None} == SWAPPED[verb]


def test_staff_and_strangers_are_told_apart() -> None:
    assert code(RULES["acceptRequest"], STAFF, request(), TODAY) is Code.NOT_YOUR_ROLE
    assert code(RULES["acceptRequest"], OBSERVER, request(), TODAY) is Code.NOT_YOUR_ROLE
    assert code(RULES["acceptRequest"], CAMAT, request(), TODAY) is Code.NOT_YOUR_ORGANISATION
    assert code(RULES["acceptRequest"], OTHER_HEAD, request(), TODAY) is Code.NOT_YOUR_ORGANISATION
    assert code(RULES["postMessage"], OBSERVER, request(), TODAY) is Code.NOT_YOUR_ROLE
    assert code(RULES["postMessage"], OTHER_HEAD, request(), TODAY) is Code.NOT_YOUR_ORGANISATION


@pytest.mark.parametrize("verb", ["acceptRequest", "declineRequest", "counterRequest", "redirectRequest"])
@pytest.mark.parametrize("status", [S.COUNTERED, S.ACCEPTED, S.DECLINED, S.DELIVERED, S.CONFIRMED])
def test_whoever_answers_second_is_told_what_the_answer_is(verb: str, status: RequestStatus) -> None:
    if status in lifecycle.COLLABORATION[verb]:
        return  # whoever declined thinks again
    told = refusal(RULES[verb], HEAD, request(status), TODAY)
    assert (told.code, told.facts["answer"], told.facts["answered_at"]) == (Code.ALREADY_ANSWERED, status, NOW)


def test_a_late_answer_lapsed_also_where_no_sweep_had_noticed() -> None:
    late = accept_request(HEAD, request(), None, ALWAYS, TODAY, DUE + timedelta(seconds=1))
    assert late["lapsed_at"] == DUE
    in_time = accept_request(HEAD, request(), None, ALWAYS, TODAY, DUE + timedelta(milliseconds=999))
    assert "lapsed_at" not in in_time


def test_a_withdrawn_request_is_not_answered_but_gone() -> None:
    assert code(RULES["acceptRequest"], HEAD, request(S.WITHDRAWN), TODAY) is Code.MOVE_NOT_ALLOWED


# ---- made -----------------------------------------------------------------------------------------------------------


def side(organisation_id: UUID = DLH, office: Office = ALWAYS, **named: Any) -> Side:
    return Side(organisation(id=organisation_id, **named), office)


def asker(**named: Any) -> OrganisationFacts:
    return organisation(OrganisationKind.KECAMATAN, **{"id": JOHOR, **named})


def wanted(**named: Any) -> NewRequest:
    return NewRequest(**{"title": " Angkut sampah ", "needed_on": date(2026, 12, 4), **named})


def asked(*givers: Side, new: NewRequest | None = None, by: Viewer = CAMAT, **named: Any) -> Any:
    return request_collaboration(by, asker(**named), givers, new or wanted(), uid(9), TODAY, NOW)


def test_several_are_asked_at_once_by_one_request_each_under_a_shared_thread() -> None:
    made = asked(side(DLH), side(POLONIA))
    assert [(each["giver_id"], each["thread_id"], each["status"]) for each in made] == [
        (DLH, uid(9), S.OPEN),
        (POLONIA, uid(9), S.OPEN),
    ]
    assert {each["kind"] for each in made} == {RequestKind.NEED}
    assert {each["asker_id"] for each in made} == {JOHOR}
    assert made[0]["title"] == "Angkut sampah"


def test_an_answer_is_due_at_the_end_of_the_third_working_day() -> None:
    assert asked(side())[0]["answer_due_at"].isoformat() == "2026-11-26T23:59:59+07:00"
    # Nobody held the office on Tuesday and Wednesday.
    vacant = Office(MEDAN, [Term(date(2024, 1, 1), date(2026, 11, 23)), Term(date(2026, 11, 26))])
    assert asked(side(office=vacant))[0]["answer_due_at"].isoformat() == "2026-11-30T23:59:59+07:00"


@pytest.mark.parametrize(
    ("given_", "due", "days"),
    [
        ("2026-11-26T00:00:00+07:00", "2026-11-26", 3),
        ("2026-12-01T09:00:00+07:00", "2026-12-01", 6),
        ("2026-11-30T17:30:00+00:00", "2026-12-01", 6),  # it is Tuesday there
        ("2026-11-28T09:00:00+07:00", "2026-11-30", 5),  # a Saturday: the first working day after it
    ],
)
def test_an_asker_may_give_longer(given_: str, due: str, days: int) -> None:
    made = asked(side(), new=wanted(answer_due_at=datetime.fromisoformat(given_)))[0]
    assert (made["answer_due_at"].isoformat(), made["answer_days"]) == (f"{due}T23:59:59+07:00", days)


@pytest.mark.parametrize(
    "given_", ["2026-11-25T23:59:59+07:00", "2027-12-01T00:00:00+07:00", "9999-12-31T23:59:59+00:00"]
)
def test_but_not_shorter_and_not_for_ever(given_: str) -> None:
    told = why(asked, side(), new=wanted(answer_due_at=datetime.fromisoformat(given_)))
    assert told == (Code.OUT_OF_RANGE, ("answerDueAt",))


@pytest.mark.parametrize(
    ("givers", "new", "path", "expected"),
    [
        ([side(JOHOR)], wanted(), ("givers", "0"), Code.SAME_ORGANISATION),
        ([side(), side(JOHOR)], wanted(), ("givers", "1"), Code.SAME_ORGANISATION),
        ([side(), side()], wanted(), ("givers", "1"), Code.ALREADY_EXISTS),
        ([side(valid_to=TODAY)], wanted(), ("givers", "0"), Code.ORGANISATION_ENDED),
        ([], wanted(), ("givers",), Code.REQUIRED),
        ([side(uid(1000 + n)) for n in range(21)], wanted(), ("givers",), Code.TOO_MANY),
        ([side()], wanted(title=" "), ("title",), Code.REQUIRED),
        ([side()], wanted(title="x" * 301), ("title",), Code.TOO_LONG),
        ([side()], wanted(needed_on=None), ("neededOn",), Code.REQUIRED),
        ([side()], wanted(needed_on=TODAY - timedelta(1)), ("neededOn",), Code.OUT_OF_RANGE),
        ([side()], wanted(about=Subject(organisation_id=POLONIA)), ("aboutId",), Code.WRONG_ORGANISATION),
        ([side()], wanted(about=Subject(organisation_id=JOHOR, archived_at=NOW)), ("aboutId",), Code.ARCHIVED),
        ([side()], wanted(about=Subject(organisation_id=JOHOR, draft_of_id=JOHOR)), ("aboutId",), Code.STILL_A_DRAFT),
    ],
)
def test_what_a_new_request_says_is_bounded(
    givers: list[Side], new: NewRequest, path: tuple[str, ...], expected: Code
) -> None:
    assert why(asked, *givers, new=new) == (expected, path)


def test_an_organisation_that_has_ended_is_not_asked() -> None:
    told = refusal(asked, side(valid_to=date(2022, 12, 31)))
    assert (told.code, told.facts["ended_on"]) == (Code.ORGANISATION_ENDED, date(2022, 12, 31))


def test_the_mayors_office_gives_nothing_and_is_asked_for_nothing() -> None:
    hall = organisation(OrganisationKind.MAYORS_OFFICE, id=CITY_HALL)
    for may in bound(COLLABORATION_REQUEST.offered["Organisation"]).values():
        assert code(may, MAYOR, hall, TODAY) is Code.MAYORS_OFFICE_IS_NO_PARTY
        assert code(may, HEAD, hall, TODAY) is Code.NOT_YOUR_ORGANISATION
    office = side(CITY_HALL, kind=OrganisationKind.MAYORS_OFFICE)
    assert why(asked, side(), office) == (Code.MAYORS_OFFICE_IS_NO_PARTY, ("givers", "1"))
    told = why(offer_help, HEAD, organisation(), office, wanted(), uid(9), TODAY, NOW)
    assert told == (Code.MAYORS_OFFICE_IS_NO_PARTY, ("asker",))
    pending = request(redirects=[STEP], ruling_asked_at=NOW)
    told = why(assign_request, MAYOR, pending, office, "Ke sini", ALWAYS, TODAY, NOW)
    assert told == (Code.MAYORS_OFFICE_IS_NO_PARTY, ("giver",))


def test_nobody_redirects_to_what_they_head_themselves() -> None:
    both = viewer(5, DLH, Role.HEAD, (DLH, Capacity.DEFINITIVE), (POLONIA, Capacity.PLT))
    assert why(redirected, request(), side(POLONIA), both) == (Code.HEADED_BY_YOURSELF, ("to",))
    assert code(redirected, request(), side(BAPPEDA), both) is None


def test_a_request_may_be_about_a_task_or_target_of_either_side() -> None:
    about = Subject(organisation_id=DLH, target_id=uid(500))
    made = asked(side(), new=wanted(about=about))[0]
    assert (made["task_id"], made["target_id"]) == (None, uid(500))


def test_the_head_asks_and_offers_and_nobody_else() -> None:
    """“Heads act.”"""
    for verb, may in bound(COLLABORATION_REQUEST.offered["Organisation"]).items():
        assert {each for each in SIDES if code(may, each, organisation(), TODAY) is None} == {HEAD, PLH}, verb
        assert code(may, HEAD, organisation(valid_to=TODAY), TODAY) is Code.ORGANISATION_ENDED


def test_an_offer_is_begun_by_the_giver() -> None:
    """“A NEED is begun by the asker, an OFFER by the giver; whoever began it is the starter, the other side the
    answerer.”
    """
    made = offer_help(HEAD, organisation(), side(JOHOR), wanted(), uid(9), TODAY, NOW)
    assert (made["kind"], made["giver_id"], made["asker_id"]) == (RequestKind.OFFER, DLH, JOHOR)
    assert why(offer_help, HEAD, organisation(), side(DLH), wanted(), uid(9), TODAY, NOW) == (
        Code.SAME_ORGANISATION,
        ("asker",),
    )


# ---- answered -------------------------------------------------------------------------------------------------------


def applied(facts: RequestFacts, change: Any) -> RequestFacts:
    """The request after the verb, as its row would be read back."""
    known = {name: value for name, value in change.items() if hasattr(facts, name)}
    return RequestFacts(**{**{name: getattr(facts, name) for name in RequestFacts.__slots__}, **known})


def test_accepting_stops_the_clock_on_the_date_asked_for() -> None:
    """“Answered within the answer clock: accepted on the date asked for, declined with a reason, or countered with
    other terms.”
    """
    change = accept_request(HEAD, request(), None, ALWAYS, TODAY, LATER)
    assert (change["status"], change["agreed_due_on"]) == (S.ACCEPTED, date(2026, 12, 4))
    assert (change["answered_at"], change["answered_by_id"]) == (LATER, HEAD.account_id)
    clock = answer_clock(applied(request(), change), ALWAYS)
    assert clock.state(LATER + timedelta(30)) is ClockState.ENDED


def test_another_date_than_the_one_asked_for_is_a_counter() -> None:
    """“Answered within the answer clock: accepted on the date asked for, declined with a reason, or countered with
    other terms.”
    """
    told = why(accept_request, HEAD, request(), date(2026, 12, 5), ALWAYS, TODAY, NOW)
    assert told == (Code.OUT_OF_RANGE, ("agreedDueOn",))


@pytest.mark.parametrize("status", [S.OPEN, S.DECLINED])
def test_what_is_accepted_after_its_date_is_promised_for_one_no_further_off_than_it_was(status: S) -> None:
    # Asked on 23 November for 4 December: eleven days.
    today = date(2026, 12, 10)

    def accepted(day: date | None) -> Any:
        return accept_request(HEAD, request(status), day, ALWAYS, today, NOW + timedelta(17))

    assert why(accepted, None) == (Code.REQUIRED, ("agreedDueOn",))
    assert why(accepted, today - timedelta(1)) == (Code.OUT_OF_RANGE, ("agreedDueOn",))
    assert why(accepted, today + timedelta(12)) == (Code.OUT_OF_RANGE, ("agreedDueOn",))
    assert accepted(today + timedelta(11))["agreed_due_on"] == date(2026, 12, 21)


def test_a_late_answer_is_an_answer_and_stays_late() -> None:
    late = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    facts = applied(request(), decline_request(HEAD, request(), "Truk rusak", ALWAYS, date(2026, 11, 28), late))
    assert facts.status is S.DECLINED
    assert answer_clock(facts, ALWAYS).ending is ClockEnding.LATE


def test_whoever_declined_may_think_again_and_the_clock_stays_as_it_was() -> None:
    change = accept_request(HEAD, request(S.DECLINED), None, ALWAYS, TODAY, LATER)
    assert (change["status"], change["answer_reason"]) == (S.ACCEPTED, None)
    assert "answer_stopped_at" not in change


@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_declining_disputing_redirecting_and_ruling_need_a_reason(reason: str | None) -> None:
    """“Answered within the answer clock: accepted on the date asked for, declined with a reason, or countered with
    other terms.”
    """
    pending = request(redirects=[STEP], ruling_asked_at=NOW)
    for told in (
        why(decline_request, HEAD, request(), reason, ALWAYS, TODAY, NOW),
        why(dispute_delivery, CAMAT, request(S.DELIVERED), reason, ALWAYS, TODAY, NOW),
        why(redirect_request, HEAD, request(), side(POLONIA), reason, ALWAYS, RULING_DAYS, TODAY, NOW),
        why(object_to_redirect, CAMAT, request(redirects=[STEP]), reason, ALWAYS, RULING_DAYS, TODAY, NOW),
        why(assign_request, MAYOR, pending, side(POLONIA), reason, ALWAYS, TODAY, NOW),
        why(propose_new_date, HEAD, request(S.ACCEPTED), date(2026, 12, 10), reason, TODAY, NOW),
    ):
        assert told == (Code.REQUIRED, ("reason",))


def countered(facts: RequestFacts, day: date | None, today: date = TODAY) -> Any:
    return counter_request(HEAD, facts, "Dua truk saja", day, ALWAYS, ALWAYS, today, NOW)


def test_a_counter_names_other_terms_and_waits_ten_working_days() -> None:
    """“Answered within the answer clock: accepted on the date asked for, declined with a reason, or countered with
    other terms.”
    """
    change = countered(request(), date(2026, 12, 11))
    assert (change["status"], change["counter_needed_on"]) == (S.COUNTERED, date(2026, 12, 11))
    assert change["counter_due_at"].isoformat() == "2026-12-07T23:59:59+07:00"
    assert why(countered, request(), TODAY - timedelta(1)) == (Code.OUT_OF_RANGE, ("neededOn",))
    assert why(countered, request(), None, date(2026, 12, 10)) == (Code.REQUIRED, ("neededOn",))
    assert why(counter_request, HEAD, request(), " ", None, ALWAYS, ALWAYS, TODAY, NOW) == (Code.REQUIRED, ("terms",))


def test_a_counter_is_accepted_on_its_date_or_refused_onto_a_new_clock() -> None:
    facts = applied(request(), countered(request(), date(2026, 12, 11)))
    assert accept_counter(CAMAT, facts, MEDAN, TODAY, NOW)["agreed_due_on"] == date(2026, 12, 11)
    without = applied(request(), countered(request(), None))
    assert accept_counter(CAMAT, without, MEDAN, TODAY, NOW)["agreed_due_on"] == date(2026, 12, 4)
    told = refusal(accept_counter, CAMAT, facts, MEDAN, date(2026, 12, 12), NOW)
    assert (told.code, told.facts) == (Code.DATE_PASSED, {"date_on": date(2026, 12, 11)})
    friday = NOW + timedelta(4)
    again = refuse_counter(CAMAT, facts, ALWAYS, date(2026, 11, 27), friday)
    assert (again["status"], again["counters_refused_count"], again["answer_stopped_at"]) == (S.OPEN, 1, None)
    assert again["answer_due_at"].isoformat() == "2026-12-02T23:59:59+07:00"
    assert again["counter_terms"] is None


def test_after_two_refused_counters_the_other_side_may_only_accept_or_decline() -> None:
    """“After two refused counters there is only yes or no: no redirect and no question.”"""
    facts = request(counters_refused_count=2)
    told = refusal(countered, facts, None)
    assert (told.code, told.facts["limit"]) == (Code.NO_COUNTER_LEFT, 2)
    for verb in ("redirectRequest", "askForInformation"):
        assert code(RULES[verb], HEAD, facts, TODAY) is Code.NO_COUNTER_LEFT
    assert code(accept_request, HEAD, facts, None, ALWAYS, TODAY, NOW) is None
    assert code(decline_request, HEAD, facts, "Tidak sanggup", ALWAYS, TODAY, NOW) is None


# ---- whose it is ----------------------------------------------------------------------------------------------------


THE_OFFICE = side(CITY_HALL, kind=OrganisationKind.MAYORS_OFFICE)


def redirected(facts: RequestFacts, to: Side, by: Viewer = HEAD, now: datetime = LATER) -> Any:
    return redirect_request(by, facts, to, "Bukan wewenang kami", ALWAYS, RULING_DAYS, TODAY, now)


def test_a_first_redirect_gives_whoever_is_named_a_full_clock_and_all_its_turns() -> None:
    """“Redirected (bukan wewenang): the giver of a NEED names who is responsible, who has a full clock; nobody names
    what they head themselves.”
    """
    used = request(counters_refused_count=1, question_count=2, answer_days=5)
    thursday = NOW + timedelta(3)
    change = redirected(used, side(POLONIA), now=thursday)
    assert (change["giver_id"], change["redirected_from_id"]) == (POLONIA, DLH)
    assert (change["counters_refused_count"], change["question_count"]) == (0, 0)
    assert change["answer_due_at"].isoformat() == "2026-12-03T23:59:59+07:00"
    assert [(step["fromId"], step["toId"]) for step in change["redirects"]] == [(str(DLH), str(POLONIA))]
    assert "status" not in change


@pytest.mark.parametrize(
    ("facts", "to", "expected"),
    [
        (
            request(kind=RequestKind.OFFER, asker_id=DLH, giver_id=JOHOR),
            side(POLONIA),
            (Code.CANNOT_REDIRECT, ()),
        ),
        (request(is_assigned=True), side(POLONIA), (Code.CANNOT_REDIRECT, ())),
        (request(ruling_asked_at=NOW), side(POLONIA), (Code.RULING_PENDING, ())),
        (request(), side(DLH), (Code.SAME_ORGANISATION, ("to",))),
        (request(), side(JOHOR), (Code.SAME_ORGANISATION, ("to",))),
        (request(), side(POLONIA, valid_to=TODAY), (Code.ORGANISATION_ENDED, ("to",))),
        (request(), THE_OFFICE, (Code.MAYORS_OFFICE_IS_NO_PARTY, ("to",))),
    ],
)
def test_not_everything_is_redirected(facts: RequestFacts, to: Side, expected: Any) -> None:
    """“Redirected (bukan wewenang): the giver of a NEED names who is responsible, who has a full clock; nobody names
    what they head themselves.”
    """
    assert why(redirected, facts, to) == expected


@pytest.mark.parametrize(
    ("to", "cause"), [(POLONIA, RulingCause.SECOND_REDIRECT), (BAPPEDA, RulingCause.REDIRECTED_BACK)]
)
def test_a_second_redirect_or_one_back_waits_for_a_ruling_while_the_clock_stands_still(
    to: UUID, cause: RulingCause
) -> None:
    """“The second time, back along the chain, or when the asker objects, the clock stands still until whoever acts for
    the mayor rules, which is due in three working days (the city's
    data).”
    """
    facts = request(redirects=[STEP])
    change = redirected(facts, side(to))
    assert (change["ruling_cause"], change["ruling_proposed_id"], change["ruling_asked_at"]) == (cause, to, LATER)
    assert "giver_id" not in change
    after = applied(facts, change)
    assert answer_clock(after, ALWAYS).state(NOW + timedelta(60)) is ClockState.PAUSED
    for verb in ("redirectRequest", "counterRequest", "askForInformation"):
        assert code(RULES[verb], HEAD, after, TODAY) is Code.RULING_PENDING
    # Whoever takes it on after all ends the matter.
    accepted = accept_request(HEAD, after, None, ALWAYS, TODAY, LATER)
    assert accepted["ruling_asked_at"] is None
    assert all(pause.to is not None for pause in pauses_of(accepted["answer_pauses"]))


def test_the_asker_may_object_to_a_redirect_once() -> None:
    """“The second time, back along the chain, or when the asker objects, the clock stands still until whoever acts for
    the mayor rules, which is due in three working days (the city's
    data).”
    """
    assert code(RULES["objectToRedirect"], CAMAT, request(), TODAY) is Code.NOT_REDIRECTED
    facts = request(redirects=[STEP])
    change = object_to_redirect(CAMAT, facts, "DLH yang berwenang", ALWAYS, RULING_DAYS, TODAY, LATER)
    assert (change["ruling_cause"], change["ruling_proposed_id"]) == (RulingCause.OBJECTION, None)
    after = applied(facts, change)
    assert code(RULES["objectToRedirect"], CAMAT, after, TODAY) is Code.RULING_PENDING
    ruled = request(redirects=[STEP], is_assigned=True)
    assert code(RULES["objectToRedirect"], CAMAT, ruled, TODAY) is Code.ALREADY_RULED


def test_whoever_the_mayors_office_names_has_a_full_clock_and_cannot_redirect() -> None:
    """“Whoever is named then cannot redirect.”"""
    facts = applied(request(), redirected(request(redirects=[STEP]), side(POLONIA)))
    monday = NOW + timedelta(7)
    other = assign_request(OFFICE, facts, side(POLONIA), "Wewenang kecamatan", ALWAYS, date(2026, 11, 30), monday)
    assert (other["giver_id"], other["is_assigned"], other["ruling_asked_at"]) == (POLONIA, True, None)
    assert (other["answer_due_at"].isoformat(), other["answer_pauses"]) == ("2026-12-03T23:59:59+07:00", [])
    assert code(RULES["redirectRequest"], OTHER_HEAD, applied(facts, other), TODAY) is Code.CANNOT_REDIRECT
    same = assign_request(OFFICE, facts, side(DLH), "Tetap DLH", ALWAYS, date(2026, 11, 30), monday)
    assert "giver_id" not in same
    assert (same["is_assigned"], same["answer_started_at"]) == (True, monday)
    asker_ = why(assign_request, OFFICE, facts, side(JOHOR), "x", ALWAYS, TODAY, NOW)
    assert asker_ == (Code.SAME_ORGANISATION, ("giver",))


def test_nobody_rules_unasked_or_on_a_matter_of_their_own_organisation() -> None:
    assert code(RULES["assignRequest"], OFFICE, request(), TODAY) is Code.NO_RULING_ASKED
    pending = request(redirects=[STEP], ruling_asked_at=NOW, ruling_proposed_id=POLONIA)
    for organisation_id in (DLH, JOHOR, POLONIA, BAPPEDA):
        own = viewer(30, organisation_id, Role.OFFICE)
        assert code(RULES["assignRequest"], own, pending, TODAY) is Code.OWN_CASE
    hall = request(redirects=[STEP], ruling_asked_at=NOW, asker_id=CITY_HALL)
    assert code(RULES["assignRequest"], MAYOR, hall, TODAY) is None
    assert code(RULES["assignRequest"], OFFICE, hall, TODAY) is None  # which is no party any more
    mayor_of_dlh = viewer(1, CITY_HALL, Role.MAYOR, (CITY_HALL, Capacity.DEFINITIVE), (DLH, Capacity.PLT))
    assert code(RULES["assignRequest"], mayor_of_dlh, pending, TODAY) is None
    assert code(RULES["assignRequest"], ACTING_MAYOR, pending, TODAY) is Code.OWN_CASE


TUESDAY_AFTER = NOW + timedelta(8)  # the answer was due on Thursday


def late_redirect() -> RequestFacts:
    return applied(request(), redirected(request(), side(POLONIA), now=TUESDAY_AFTER))


def test_a_redirect_after_the_clock_has_run_out_asks_for_a_ruling_and_the_ground_of_the_lapse_stands() -> None:
    change = redirected(request(), side(POLONIA), now=TUESDAY_AFTER)
    assert (change["ruling_cause"], change["ruling_proposed_id"]) == (RulingCause.AFTER_LAPSE, POLONIA)
    assert not {"giver_id", "answer_pauses", "lapsed_at"} & set(change)
    assert is_lapsed(late_redirect(), ALWAYS, TUESDAY_AFTER)
    second = redirected(request(redirects=[STEP]), side(BAPPEDA), now=TUESDAY_AFTER)
    assert second["ruling_cause"] is RulingCause.AFTER_LAPSE
    told = object_to_redirect(CAMAT, request(redirects=[STEP]), "Tetap", ALWAYS, RULING_DAYS, TODAY, TUESDAY_AFTER)
    assert "answer_pauses" not in told


def test_a_ruling_for_another_organisation_ends_the_lapse_which_stays_on_the_record() -> None:
    """“The lapse stays in the step to the other, and in the helpfulness of whom it befell; a case that was filed keeps
    its respondent.”
    """
    ruled = assign_request(OFFICE, late_redirect(), side(POLONIA), "Kecamatan", ALWAYS, TODAY, TUESDAY_AFTER)
    after = applied(late_redirect(), ruled)
    assert not is_lapsed(after, ALWAYS, TUESDAY_AFTER)
    assert (ruled["lapsed_at"], ruled["answer_started_at"]) == (None, TUESDAY_AFTER)
    assert [datetime.fromisoformat(str(step["lapsedAt"])) for step in after.redirects] == [DUE]
    in_time = assign_request(OFFICE, request(ruling_asked_at=NOW), side(POLONIA), "Kecamatan", ALWAYS, TODAY, NOW)
    assert [step["lapsedAt"] for step in in_time["redirects"]] == [None]


def test_a_ruling_for_the_same_organisation_leaves_the_lapse() -> None:
    ruled = assign_request(OFFICE, late_redirect(), side(DLH), "Tetap DLH", ALWAYS, TODAY, TUESDAY_AFTER)
    assert not {"giver_id", "answer_started_at", "lapsed_at"} & set(ruled)
    assert (ruled["is_assigned"], ruled["ruling_asked_at"], ruled["ruling_due_at"]) == (True, None, None)
    assert is_lapsed(applied(late_redirect(), ruled), ALWAYS, TUESDAY_AFTER)


def test_a_ruling_is_due_in_as_many_working_days_as_the_city_says() -> None:
    pending = applied(request(redirects=[STEP]), redirected(request(redirects=[STEP]), side(POLONIA)))
    clock = ruling_clock(pending, MEDAN)
    assert clock is not None
    assert clock.due_at == pending.ruling_due_at == DUE
    assert clock.state(DUE + timedelta(seconds=1)) is ClockState.BREACHED
    assert ruling_clock(request(), MEDAN) is None
    asked = object_to_redirect(CAMAT, request(redirects=[STEP]), "Tetap", ALWAYS, 1, TODAY, NOW)
    clock = ruling_clock(applied(request(redirects=[STEP]), asked), MEDAN)
    assert clock is not None
    assert (clock.working_days, clock.due_at) == (1, asked["ruling_due_at"])
    assert clock.due_at.date() == date(2026, 11, 24)


@pytest.mark.parametrize(("asker_id", "giver_id"), [(CITY_HALL, DLH), (JOHOR, CITY_HALL)])
def test_what_was_asked_of_the_mayors_office_or_by_it_before_gets_a_ruling(asker_id: UUID, giver_id: UUID) -> None:
    """“The mayor's office gives nothing and is asked for nothing; what was asked before of it, or by it, waits for a
    ruling, also where other terms were named.” “An offer waits for none.”
    """
    old = request(asker_id=asker_id, giver_id=giver_id)
    change = ask_for_ruling(old, ALWAYS, RULING_DAYS, LATER)
    assert (change["ruling_cause"], change["ruling_due_at"]) == (RulingCause.MAYORS_OFFICE, DUE)
    after = applied(old, change)
    assert answer_clock(after, ALWAYS).state(TUESDAY_AFTER) is ClockState.PAUSED
    for each in (after, request(), replace(old, is_assigned=True), replace(old, status=S.ACCEPTED)):
        assert ask_for_ruling(each, ALWAYS, RULING_DAYS, LATER) == {}
    countered_ = replace(old, status=S.COUNTERED, counter_made_at=LATER, counter_due_at=DUE, answer_stopped_at=LATER)
    change = ask_for_ruling(countered_, ALWAYS, RULING_DAYS, LATER)
    assert (change["status"], change["counter_made_at"], change["ruling_due_at"]) == (S.OPEN, None, DUE)
    assert answer_clock(applied(countered_, change), ALWAYS).state(TUESDAY_AFTER) is ClockState.PAUSED
    offer = replace(old, kind=RequestKind.OFFER)
    assert ask_for_ruling(offer, ALWAYS, RULING_DAYS, LATER) == {}
    other = assign_request(MAYOR, after, side(POLONIA), "Kecamatan", ALWAYS, TODAY, TUESDAY_AFTER)
    assert (other["giver_id"], other["is_assigned"]) == (POLONIA, True)


# ---- asked back -----------------------------------------------------------------------------------------------------


def questioned(facts: RequestFacts, now: datetime = LATER) -> RequestFacts:
    change = ask_for_information(HEAD, facts, "Berapa truk?", ALWAYS, ALWAYS, TODAY, now)
    assert change["question"] == "Berapa truk?"
    return applied(facts, change)


def test_a_question_stops_the_clock_until_it_is_answered() -> None:
    tuesday, thursday = NOW + timedelta(1), NOW + timedelta(3)
    open_ = questioned(request(), tuesday)
    assert answer_clock(open_, ALWAYS).state(thursday) is ClockState.PAUSED
    assert code(RULES["askForInformation"], HEAD, open_, TODAY) is Code.QUESTION_OPEN
    change = answer_question(CAMAT, open_, "Tiga", ALWAYS, TODAY, thursday)
    # Tuesday and Wednesday are given back; on Thursday the clock runs on before noon: Thursday, Friday, Monday.
    assert change["answer_due_at"].isoformat() == "2026-11-30T23:59:59+07:00"
    afternoon = answer_question(CAMAT, open_, "Tiga", ALWAYS, TODAY, thursday + timedelta(hours=4))
    assert afternoon["answer_due_at"].isoformat() == "2026-12-01T23:59:59+07:00"
    assert change["question_asked_at"] is None
    assert code(RULES["answerQuestion"], CAMAT, applied(open_, change), TODAY) is Code.NO_QUESTION
    assert why(answer_question, CAMAT, open_, " ", ALWAYS, TODAY, thursday) == (Code.REQUIRED, ("answer",))


def test_questions_and_counters_are_counted_per_giver_also_when_one_comes_back() -> None:
    used = request(counters_refused_count=1, question_count=2)
    away = applied(used, redirected(used, side(POLONIA)))
    [step] = away.redirects
    assert (step["questionCount"], step["countersRefused"]) == (2, 1)
    asked_there = replace(away, question_count=1, ruling_asked_at=NOW)
    back = assign_request(OFFICE, asked_there, side(DLH), "Tetap DLH", ALWAYS, TODAY, LATER)
    assert (back["giver_id"], back["question_count"], back["counters_refused_count"]) == (DLH, 2, 1)
    assert code(RULES["askForInformation"], HEAD, applied(asked_there, back), TODAY) is Code.QUESTIONS_USED_UP
    other = assign_request(OFFICE, asked_there, side(BAPPEDA), "Bappeda", ALWAYS, TODAY, LATER)
    assert (other["question_count"], other["counters_refused_count"]) == (0, 0)


def test_two_questions_and_no_third() -> None:
    """“Asked back: two questions for each giver, also when a giver comes back; each pauses the clock until its answer,
    for three working days at most.”
    """
    told = refusal(RULES["askForInformation"], HEAD, request(question_count=2), TODAY)
    assert (told.code, told.facts["limit"]) == (Code.QUESTIONS_USED_UP, 2)


def test_a_question_stops_the_clock_for_three_working_days_at_most() -> None:
    """“Asked back: two questions for each giver, also when a giver comes back; each pauses the clock until its answer,
    for three working days at most.”
    """
    tuesday = NOW + timedelta(1)
    open_ = questioned(request(), tuesday)
    assert open_.question_due_at is not None
    assert open_.question_due_at.isoformat() == "2026-11-27T23:59:59+07:00"
    assert lapse_question(open_, ALWAYS, ALWAYS, open_.question_due_at) == {}
    # Noticed a month later, it is as if it had been noticed at once.
    change = lapse_question(open_, ALWAYS, ALWAYS, tuesday + timedelta(30))
    assert change["answer_due_at"].isoformat() == "2026-12-02T23:59:59+07:00"
    assert pauses_of(change["answer_pauses"])[0].to == open_.question_due_at
    heard = replace(open_, silence=ALWAYS)
    assert code(RULES["answerQuestion"], CAMAT, heard, date(2026, 11, 27)) is None
    assert code(RULES["answerQuestion"], CAMAT, heard, date(2026, 11, 28)) is Code.NO_QUESTION
    assert code(RULES["askForInformation"], HEAD, heard, date(2026, 11, 27)) is Code.QUESTION_OPEN
    assert code(RULES["askForInformation"], HEAD, heard, date(2026, 11, 28)) is None
    assert lapse_question(request(), ALWAYS, ALWAYS, NOW + timedelta(30)) == {}


def test_a_question_is_answered_as_long_as_it_counts_also_where_its_deadline_had_moved_unnoticed() -> None:
    vacant = Office(MEDAN, [Term(date(2024, 1, 1), date(2026, 11, 24)), Term(date(2026, 11, 26))])
    open_ = replace(questioned(request(), NOW + timedelta(1)), silence=vacant)
    assert open_.question_due_at is not None
    later = open_.question_due_at + timedelta(hours=12)  # Saturday
    change = answer_question(CAMAT, open_, "Tiga", ALWAYS, later.date(), later)
    assert pauses_of(change["answer_pauses"])[0].to == later


def test_an_answer_settles_a_question_at_its_deadline_as_it_counts_then() -> None:
    """Whatever the sweep had written of it, also where the starter's office is vacant and the question waits on."""
    open_ = questioned(request(), NOW + timedelta(1))
    assert open_.question_due_at is not None
    later = open_.question_due_at + timedelta(hours=12)  # Saturday
    back = Office(MEDAN, [Term(date(2024, 1, 1), date(2026, 11, 24)), Term(date(2026, 11, 26))])
    vacant = Office(MEDAN, [Term(date(2024, 1, 1), date(2026, 11, 24))])
    for starter, ended_at in ((ALWAYS, open_.question_due_at), (back, later), (vacant, later)):
        after = applied(open_, decline_request(HEAD, replace(open_, silence=starter), "Tidak", ALWAYS, TODAY, later))
        assert pauses_of(after.answer_pauses)[0].to == ended_at
        standing = as_it_stands(replace(open_, silence=starter), later)
        assert (standing.question_asked_at is None) == (starter is ALWAYS)
        assert answer_clock(replace(open_, silence=starter), ALWAYS, at=later).state(later) is (
            ClockState.RUNNING if starter is ALWAYS else ClockState.PAUSED
        )


@pytest.mark.parametrize(
    ("waiting", "verbs", "over"),
    [
        ({"status": S.COUNTERED, "counter_made_at": NOW}, ("acceptCounter", "refuseCounter", "withdrawRequest"), CAMAT),
        ({"status": S.DELIVERED, "delivered_at": NOW}, ("confirmDelivery", "disputeDelivery"), CAMAT),
    ],
)
def test_what_silence_has_settled_is_settled_whether_or_not_it_was_noticed(
    waiting: dict[str, Any], verbs: tuple[str, ...], over: Viewer
) -> None:
    facts, last = request(**{**waiting, "needed_on": date(2027, 1, 1)}), date(2026, 12, 7)
    vacant = Office(MEDAN, [Term(date(2024, 1, 1), date(2026, 11, 24))])
    for verb in verbs:
        assert code(RULES[verb], over, replace(facts, silence=ALWAYS), last) is None
        assert code(RULES[verb], over, replace(facts, silence=ALWAYS), last + timedelta(1)) is Code.MOVE_NOT_ALLOWED
        assert code(RULES[verb], over, replace(facts, silence=vacant), last + timedelta(9)) is None


def test_what_an_organisations_end_finds_stands_as_silence_had_settled_it() -> None:
    """“Where asker and giver become one, what was delivered is confirmed, and the rest is withdrawn; a case whose
    parties become one is withdrawn.”
    """
    clock = delivery_clock(done_by(IN_TIME), MEDAN)
    assert clock is not None
    for facts, at, status in (
        (done_by(IN_TIME), clock.due_at, S.WITHDRAWN),
        (done_by(IN_TIME), clock.due_at + timedelta(minutes=1), S.CONFIRMED),
        (questioned(request()), NOW + timedelta(30), S.WITHDRAWN),
    ):
        change = given_up(replace(facts, silence=ALWAYS), ALWAYS, at)
        assert change["status"] is status
        if status is S.CONFIRMED:
            assert (change["delivered_at"], change["days_late"]) == (clock.due_at, 0)
        if facts.question_asked_at is not None:
            assert change["question_asked_at"] is None
            assert pauses_of(change["answer_pauses"])[0].to == facts.question_due_at
    countered_ = request(S.COUNTERED, counter_made_at=NOW, silence=ALWAYS)
    assert given_up(countered_, ALWAYS, NOW + timedelta(30)) == {}, "the sweep withdraws it"


def test_an_answer_settles_the_question_that_was_open() -> None:
    tuesday, friday = NOW + timedelta(1), NOW + timedelta(4)
    open_ = questioned(request(), tuesday)
    after = applied(open_, accept_request(HEAD, open_, None, ALWAYS, TODAY, friday))
    assert after.question_asked_at is None
    assert answer_clock(after, ALWAYS).state(friday) is ClockState.ENDED


# ---- run out --------------------------------------------------------------------------------------------------------


def test_silence_past_the_deadline_lapses_and_can_still_be_answered() -> None:
    """“A clock that ran out lapses; it can still be answered.”"""
    assert not is_lapsed(request(), ALWAYS, DUE)
    assert lapse_request(request(), ALWAYS, DUE) == {}
    late = DUE + timedelta(days=5)
    assert is_lapsed(request(), ALWAYS, late)
    assert lapse_request(request(), ALWAYS, late) == {"lapsed_at": DUE}
    assert code(RULES["acceptRequest"], HEAD, request(), date(2026, 12, 1)) is None
    assert code(lapse_request, request(S.ACCEPTED), ALWAYS, late) is Code.MOVE_NOT_ALLOWED


def test_a_counter_left_unanswered_ends_the_request_at_its_deadline() -> None:
    """“A counter that is not answered ends the request.”"""
    facts = applied(request(), countered(request(), None))
    assert facts.counter_due_at is not None
    assert lapse_counter(facts, ALWAYS, facts.counter_due_at) == {}
    ended = lapse_counter(facts, ALWAYS, facts.counter_due_at + timedelta(9))
    assert ended == {"status": S.WITHDRAWN, "withdrawn_at": facts.counter_due_at}


def test_ten_working_days_of_silence_confirm_a_delivery() -> None:
    """“Delivered once the commitment is done (deliverRequest may complete it), then confirmed or disputed; silence
    confirms.”
    """
    accepted = request(S.ACCEPTED, commitment_status=TaskStatus.DONE)
    facts = applied(accepted, deliver_request(HEAD, accepted, ALWAYS, TODAY, NOW))
    assert facts.confirm_due_at is not None
    assert facts.confirm_due_at.isoformat() == "2026-12-07T23:59:59+07:00"
    assert confirm_by_silence(facts, ALWAYS, facts.confirm_due_at) == {}
    told = confirm_by_silence(facts, ALWAYS, facts.confirm_due_at + timedelta(1))
    assert told == {"status": S.CONFIRMED, "confirmed_at": facts.confirm_due_at}


def test_deadlines_move_when_calendar_or_holders_change_and_only_later() -> None:
    assert clocks_moved(request(), ALWAYS, ALWAYS) == {}
    holiday = Office(Calendar(MEDAN.zone, {date(2026, 11, 25): False}))
    assert clocks_moved(request(), ALWAYS, holiday)["answer_due_at"].date() == date(2026, 11, 27)
    worked = Office(Calendar(MEDAN.zone, {date(2026, 11, 22): True, date(2026, 11, 28): True}))
    assert clocks_moved(request(), ALWAYS, worked) == {}
    delivered = request(S.DELIVERED, confirm_due_at=datetime(2026, 12, 7, 16, 59, 59, tzinfo=UTC))
    assert set(clocks_moved(delivered, holiday, ALWAYS)) == {"confirm_due_at"}


STEPS = st.lists(st.tuples(st.sampled_from(["ask", "answer", "wait"]), st.integers(1, 3 * 24 * 60)), max_size=8)


@settings(deadline=None)
@given(STEPS)
def test_the_stored_deadline_is_always_the_one_worked_out_anew(steps: list[tuple[str, int]]) -> None:
    facts, now = request(), NOW
    for step, minutes in steps:
        now += timedelta(minutes=minutes)
        if step == "ask" and code(RULES["askForInformation"], HEAD, facts, TODAY) is None:
            facts = questioned(facts, now)
        elif step == "answer" and facts.question_asked_at is not None:
            facts = applied(facts, answer_question(CAMAT, facts, "Ya", ALWAYS, TODAY, now))
        anew = RequestFacts(
            **{**{name: getattr(facts, name) for name in RequestFacts.__slots__}, "answer_due_at": None}
        )
        assert answer_clock(anew, ALWAYS).due_at == facts.answer_due_at


# ---- kept -----------------------------------------------------------------------------------------------------------

PLANS = {
    2026: PlanPlace(id=uid(400), organisation_id=DLH, status=WorkPlanStatus.APPROVED),
    2027: PlanPlace(id=uid(401), organisation_id=DLH, status=WorkPlanStatus.SUBMITTED),
}


def test_an_accepted_request_becomes_a_task_of_the_giver_due_on_the_agreed_due_on() -> None:
    made = commitment(request(S.ACCEPTED), date(2026, 12, 4), PLANS)
    assert (made["organisation_id"], made["due_on"], made["status"]) == (DLH, date(2026, 12, 4), TaskStatus.PLANNED)
    assert made["work_plan_id"] == uid(400)
    assert made["title"] == "Angkut sampah Kali Deli"


def test_a_commitment_stands_in_the_approved_plan_of_its_year_or_in_none_until_that_is_approved() -> None:
    """“Promised: the commitment stands in the giver's approved plan of the year in which it is due, or in none until
    there is one.”
    """
    assert commitment(request(), date(2027, 1, 15), PLANS)["work_plan_id"] is None
    assert commitment(request(), date(2028, 1, 15), PLANS)["work_plan_id"] is None
    waiting = task(work_plan_id=None, due_on=date(2027, 1, 15), is_commitment=True)
    assert commitment_joins(waiting, 2027)
    assert not commitment_joins(waiting, 2026)
    assert not commitment_joins(task(due_on=date(2027, 1, 15), is_commitment=True), 2027)
    assert not commitment_joins(task(work_plan_id=None, due_on=date(2027, 1, 15)), 2027)


PROMISED = task(is_commitment=True, due_on=date(2026, 12, 4))


@pytest.mark.parametrize("verb", ["cancelTask", "moveTask", "archiveTask"])
def test_a_commitment_is_laid_aside_by_nobody(verb: str) -> None:
    assert code(TASK.rules[verb], HEAD, PROMISED, TODAY) is Code.COMMITMENT
    ordered = task(is_commitment=True, is_ordered=True)
    assert code(TASK.rules[verb], MAYOR, ordered, TODAY) is Code.COMMITMENT
    assert code(TASK.rules[verb], CAMAT, PROMISED, TODAY) is Code.NOT_YOUR_ORGANISATION


def test_a_commitment_reopens_only_through_its_request_and_is_due_when_both_agreed() -> None:
    assert code(TASK.rules["reopenTask"], HEAD, task(TaskStatus.DONE, is_commitment=True), TODAY) is Code.COMMITMENT
    assert why(update_task, STAFF, PROMISED, {"due_on": date(2026, 12, 11)}, TODAY) == (Code.COMMITMENT, ("dueOn",))
    assert why(update_task, STAFF, PROMISED, {"due_on": None}, TODAY) == (Code.COMMITMENT, ("dueOn",))
    same_day = update_task(STAFF, PROMISED, {"due_on": date(2026, 12, 4), "title": "Angkut"}, TODAY)
    assert same_day == {"title": "Angkut"}


def test_a_commitment_is_carried_over_when_its_plan_closes() -> None:
    promised = OpenTask(id=uid(1), is_ordered=False, is_commitment=True)
    named = Remaining(settlement=Settlement.CARRY_OVER, exceptions={uid(1): Settlement.CANCEL}, reason="Tutup")
    told = why(close_work_plan, REVIEWER, plan(WorkPlanStatus.APPROVED), [promised], named, TODAY, NOW)
    assert told == (Code.COMMITMENT, ("exceptions", "0", "settlement"))
    assert settled(promised, Settlement.CANCEL, {}) is Settlement.CARRY_OVER


def test_a_new_date_holds_once_the_receiver_agrees() -> None:
    facts = request(S.ACCEPTED)
    assert why(propose_new_date, HEAD, facts, TODAY - timedelta(1), "x", TODAY, NOW) == (
        Code.OUT_OF_RANGE,
        ("newDueOn",),
    )
    assert code(propose_new_date, HEAD, facts, facts.agreed_due_on, "x", TODAY, NOW) is Code.NOTHING_TO_CHANGE
    change = propose_new_date(HEAD, facts, date(2026, 12, 11), "Truk rusak", TODAY, NOW)
    assert "agreed_due_on" not in change
    proposed = applied(facts, change)
    agreed, moved = agree_new_date(CAMAT, proposed, PROMISED, PLANS, MEDAN, TODAY)
    assert (agreed["agreed_due_on"], agreed["new_due_on"]) == (date(2026, 12, 11), None)
    assert moved == {"due_on": date(2026, 12, 11)}
    assert refuse_new_date(CAMAT, proposed, TODAY)["new_due_on"] is None
    assert code(agree_new_date, CAMAT, proposed, PROMISED, PLANS, MEDAN, date(2026, 12, 12)) is Code.DATE_PASSED
    assert code(RULES["agreeNewDate"], CAMAT, facts, TODAY) is Code.NO_DATE_PROPOSED


def test_a_date_in_another_year_moves_the_commitment_to_the_plan_of_that_year() -> None:
    proposed = request(S.ACCEPTED, new_due_on=date(2027, 1, 15))
    _, moved = agree_new_date(CAMAT, proposed, PROMISED, PLANS, MEDAN, TODAY)
    assert moved == {"due_on": date(2027, 1, 15), "work_plan_id": None, "target_id": None}


@pytest.mark.parametrize("status", [*TaskStatus, None])
def test_delivering_needs_the_commitment_done(status: TaskStatus | None) -> None:
    """“Delivered once the commitment is done (deliverRequest may complete it), then confirmed or disputed; silence
    confirms.”
    """
    facts = request(S.ACCEPTED, commitment_status=status)
    told = code(deliver_request, HEAD, facts, ALWAYS, TODAY, NOW)
    assert told is (None if status is TaskStatus.DONE else Code.COMMITMENT_NOT_DONE)


def test_the_receiver_says_whether_it_came_and_the_giver_takes_it_up_again() -> None:
    """“Delivered once the commitment is done (deliverRequest may complete it), then confirmed or disputed; silence
    confirms.”
    """
    waited_for = request(S.DELIVERED, confirm_due_at=datetime(2026, 12, 7, 16, 59, 59, tzinfo=UTC))
    confirmed = {"status": S.CONFIRMED, "confirmed_at": NOW}
    assert confirm_delivery(CAMAT, waited_for, ALWAYS, TODAY, NOW) == confirmed
    # Judged by the day as it counts now, whoever had looked.
    earlier = replace(waited_for, confirm_due_at=NOW)
    moved = {"confirm_due_at": waited_for.confirm_due_at}
    assert confirm_delivery(CAMAT, earlier, ALWAYS, TODAY, NOW) == confirmed | moved
    change = dispute_delivery(CAMAT, request(S.DELIVERED), " Masih kotor ", ALWAYS, TODAY, NOW)
    assert (change["status"], change["dispute_reason"]) == (S.DISPUTED, "Masih kotor")
    done = task(
        TaskStatus.DONE, progress=100, is_commitment=True, due_on=date(2026, 12, 4), plan_status=WorkPlanStatus.CLOSED
    )
    resumed, reopened = resume_delivery(HEAD, request(S.DISPUTED), done, PLANS, uid(401), MEDAN, TODAY, LATER)
    assert (resumed["status"], resumed["accepted_at"]) == (S.ACCEPTED, LATER)
    assert "agreed_due_on" not in resumed
    assert (reopened["status"], reopened["status_reason"]) == (TaskStatus.IN_PROGRESS, "Masih ada sampah")
    assert (reopened["work_plan_id"], reopened["progress"]) == (uid(401), 99)


MONDAY_AFTER = date(2026, 12, 7)  # the agreed date was the Friday before


def disputed(count: int, **named: Any) -> RequestFacts:
    return request(S.DISPUTED, dispute_count=count, disputed_at=NOW + timedelta(14), **named)


def resumed(facts: RequestFacts, today: date = MONDAY_AFTER) -> Any:
    done = task(TaskStatus.DONE, progress=100, is_commitment=True, due_on=facts.agreed_due_on)
    return resume_delivery(HEAD, facts, done, PLANS, None, MEDAN, today, NOW + timedelta(14))


def test_the_first_time_a_delivery_is_resumed_for_five_working_days_from_now_if_the_agreed_day_is_not_later() -> None:
    """“Taken up again within three working days of a dispute, below 100 %: the first time for five working days from
    then, if the agreed day is not later.”
    """
    change, moved = resumed(disputed(1))
    assert (change["agreed_due_on"], moved["due_on"]) == (date(2026, 12, 14), date(2026, 12, 14))
    assert change["deliver_due_at"].isoformat() == "2026-12-17T23:59:59+07:00"
    later, kept = resumed(disputed(1, agreed_due_on=date(2026, 12, 15)))
    assert "agreed_due_on" not in later
    assert "due_on" not in kept
    over_new_year, moved = resumed(disputed(1), date(2026, 12, 28))
    assert (over_new_year["agreed_due_on"].year, moved["work_plan_id"]) == (2027, None)


def test_after_a_second_dispute_the_agreed_due_on_stays() -> None:
    """“After a second dispute the day stays.”"""
    change, moved = resumed(disputed(2))
    assert "agreed_due_on" not in change
    assert "due_on" not in moved
    again = dispute_delivery(CAMAT, request(S.DELIVERED, dispute_count=1), "Lagi", ALWAYS, TODAY, NOW)
    assert again["dispute_count"] == 2


def test_what_is_not_disputed_is_not_resumed_nor_twice_in_a_row() -> None:
    after = applied(disputed(1), resumed(disputed(1))[0])
    assert code(RULES["resumeDelivery"], HEAD, after, TODAY) is Code.MOVE_NOT_ALLOWED


def test_a_disputed_delivery_is_taken_up_within_three_working_days() -> None:
    """“Taken up again within three working days of a dispute, below 100 %: the first time for five working days from
    then, if the agreed day is not later.”
    """
    facts = applied(request(S.DELIVERED), dispute_delivery(CAMAT, request(S.DELIVERED), "x", ALWAYS, TODAY, NOW))
    clock = dispute_clock(facts, ALWAYS)
    assert clock is not None
    assert clock.due_at == facts.dispute_due_at == DUE
    assert dispute_clock(request(S.ACCEPTED), ALWAYS) is None


def done_by(done_at: datetime, **named: Any) -> RequestFacts:
    """Promised for Friday 4 December, and done at that moment."""
    status = {"commitment_status": TaskStatus.DONE, "commitment_progress": 100, "commitment_completed_at": done_at}
    return request(S.ACCEPTED, **{**status, **named})


IN_TIME = datetime(2026, 12, 4, 16, 59, 59, tzinfo=UTC)


def test_what_is_done_in_time_counts_as_delivered_three_working_days_after_the_agreed_due_on() -> None:
    """“What was done on or before the agreed day counts as delivered three working days after it.”"""
    facts = done_by(IN_TIME)
    clock = delivery_clock(facts, MEDAN)
    assert clock is not None
    assert clock.due_at.isoformat() == "2026-12-09T23:59:59+07:00"
    assert deliver_by_clock(facts, ALWAYS, clock.due_at) == {}
    change = deliver_by_clock(facts, ALWAYS, clock.due_at + timedelta(days=4))
    assert (change["status"], change["delivered_at"], change["days_late"]) == (S.DELIVERED, clock.due_at, 0)
    assert change["confirm_due_at"] is not None
    assert change["confirm_due_at"].isoformat() == "2026-12-29T23:59:59+07:00", "told days late, in full"
    soon = deliver_by_clock(facts, ALWAYS, clock.due_at + timedelta(minutes=5))["confirm_due_at"]
    assert soon is not None
    assert soon.isoformat() == "2026-12-23T23:59:59+07:00"
    assert deliver_by_clock(done_by(IN_TIME + timedelta(1)), ALWAYS, clock.due_at + timedelta(days=4)) == {}
    assert code(deliver_by_clock, request(S.DELIVERED), ALWAYS, NOW) is Code.MOVE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("done_at", "today", "before", "days_late"),
    [
        (IN_TIME, date(2026, 12, 8), None, 0),  # done in time, whenever it is delivered
        (IN_TIME + timedelta(1), date(2026, 12, 8), None, 4),
        (IN_TIME + timedelta(1), date(2026, 12, 8), 6, 6),  # of several deliveries the most
        (IN_TIME + timedelta(1), date(2026, 12, 8), 2, 4),
    ],
)
def test_how_late_it_was_delivered_stays_on_the_request(
    done_at: datetime, today: date, before: int | None, days_late: int
) -> None:
    facts = done_by(done_at, days_late=before)
    assert deliver_request(HEAD, facts, ALWAYS, today, NOW)["days_late"] == days_late


def test_a_commitment_at_100_percent_may_be_completed_by_its_delivery() -> None:
    facts = request(S.ACCEPTED, commitment_status=TaskStatus.IN_PROGRESS, commitment_progress=100)
    assert code(RULES["deliverRequest"], HEAD, facts, TODAY) is None
    assert why(deliver_request, HEAD, facts, ALWAYS, TODAY, NOW) == (Code.COMMITMENT_NOT_DONE, ("completesTask",))
    assert code(RULES["deliverRequest"], HEAD, replace(facts, commitment_lacks_evidence=True), TODAY) is (
        Code.EVIDENCE_NEEDED
    )
    half = replace(facts, commitment_progress=99)
    assert why(deliver_request, HEAD, half, ALWAYS, TODAY, NOW) == (Code.COMMITMENT_NOT_DONE, ())


def test_a_request_is_as_old_as_the_working_days_since_it_was_made_whoever_had_it() -> None:
    assert [age(NOW, NOW + timedelta(days), MEDAN) for days in (0, 1, 4, 5, 6, 7)] == [0, 1, 4, 4, 4, 5]


def test_a_commitments_clock_runs_to_the_end_of_the_agreed_day() -> None:
    clock = commitment_clock(request(S.ACCEPTED), MEDAN)
    assert clock is not None
    assert clock.due_at.isoformat() == "2026-12-04T23:59:59+07:00"
    assert clock.state(clock.due_at + timedelta(1)) is ClockState.BREACHED
    delivered = commitment_clock(request(S.DELIVERED), MEDAN)
    assert delivered is not None
    assert delivered.state(clock.due_at + timedelta(1)) is ClockState.ENDED


@pytest.mark.parametrize("status", [S.OPEN, S.COUNTERED, S.DECLINED, S.ACCEPTED, S.DISPUTED])
def test_whoever_began_it_withdraws_it(status: S) -> None:
    """“Withdrawn by whoever began it, after a no as well; the commitment is then an ordinary task.”"""
    change = withdraw_request(
        CAMAT, questioned(request()) if status is S.OPEN else request(status), ALWAYS, TODAY, LATER
    )
    assert (change["status"], change["withdrawn_at"]) == (S.WITHDRAWN, LATER)
    assert ("answer_stopped_at" in change) == (status is S.OPEN)
    proposed = withdraw_request(CAMAT, request(S.ACCEPTED, new_due_on=TODAY), ALWAYS, TODAY, LATER)
    assert proposed["new_due_on"] is None


def test_open_requests_pass_to_the_successor() -> None:
    assert passed_on(request(S.DECLINED), JOHOR, POLONIA, ALWAYS, ALWAYS, NOW) == {"asker_id": POLONIA}
    assert passed_on(request(), JOHOR, POLONIA, ALWAYS, ALWAYS, NOW) == {"asker_id": POLONIA}
    assert passed_on(request(S.CONFIRMED), DLH, POLONIA, ALWAYS, ALWAYS, NOW) == {}


NEXT_DAY = NOW + timedelta(1)


def test_a_successor_answers_on_a_full_clock() -> None:
    before = request()
    after = applied(before, passed_on(before, DLH, POLONIA, ALWAYS, ALWAYS, NEXT_DAY))
    assert (after.giver_id, after.answer_started_at) == (POLONIA, NEXT_DAY)
    assert after.answer_due_at == DUE + timedelta(1)
    assert answer_clock(after, ALWAYS).due_at == after.answer_due_at
    assert clocks_moved(after, ALWAYS, ALWAYS) == {}


def test_a_successors_answer_clock_stands_still_where_its_predecessors_did() -> None:
    before = questioned(request())
    after = applied(before, passed_on(before, DLH, POLONIA, ALWAYS, ALWAYS, NEXT_DAY))
    assert after.question_due_at == before.question_due_at  # the other side's to answer
    [pause] = pauses_of(after.answer_pauses)
    assert (pause.reason, pause.to) == (PauseReason.QUESTION, None)
    assert not answer_clock(after, ALWAYS).has_run_out(DUE + timedelta(2))
    resumed = applied(after, answer_question(CAMAT, after, "Tiga", ALWAYS, TODAY, NEXT_DAY + timedelta(hours=1)))
    assert answer_clock(resumed, ALWAYS).due_at >= DUE + timedelta(1)


def test_an_answer_that_lapsed_before_the_end_stays_lapsed() -> None:
    late = DUE + timedelta(2)
    assert passed_on(request(), DLH, POLONIA, ALWAYS, ALWAYS, late) == {"giver_id": POLONIA}


@pytest.mark.parametrize(
    ("column", "ended_id", "waiting"),
    [
        ("question_due_at", JOHOR, {"question_asked_at": NOW, "question_due_at": DUE}),
        ("counter_due_at", JOHOR, {"status": S.COUNTERED, "counter_made_at": NOW, "counter_due_at": DUE}),
        ("confirm_due_at", JOHOR, {"status": S.DELIVERED, "delivered_at": NOW, "confirm_due_at": DUE}),
        ("dispute_due_at", DLH, {"status": S.DISPUTED, "disputed_at": NOW, "dispute_due_at": DUE}),
    ],
)
def test_a_successor_has_all_the_time_for_what_waits_for_it_and_the_other_side_no_more(
    column: str, ended_id: UUID, waiting: dict[str, Any]
) -> None:
    before = request(**{"status": S.OPEN, **waiting})
    told = {**clocks_moved(before, ALWAYS, ALWAYS)}.get(column, DUE)  # the deadline, of as many days as it has
    assert isinstance(told, datetime)
    after = applied(before, passed_on(before, ended_id, POLONIA, ALWAYS, ALWAYS, NEXT_DAY))
    assert getattr(after, column) > told
    assert column not in clocks_moved(after, ALWAYS, ALWAYS)
    # In full, as of the answer: what a vacancy of the successor takes is no day of its.
    vacant = Office(MEDAN, [Term(NEXT_DAY.date() + timedelta(14))])
    begun = {**clocks_moved(after, vacant, vacant)}[column]
    days = {"question_due_at": 3, "counter_due_at": 10, "confirm_due_at": 10, "dispute_due_at": 3}[column]
    assert begun == deadline(NEXT_DAY + timedelta(13), days, MEDAN)
    other = DLH if ended_id == JOHOR else JOHOR
    assert column not in passed_on(before, other, POLONIA, ALWAYS, ALWAYS, NEXT_DAY)
    assert column not in passed_on(before, ended_id, POLONIA, ALWAYS, ALWAYS, NOW + timedelta(90))  # had run out


@pytest.mark.parametrize("status", RequestStatus)
def test_asker_and_giver_that_become_one_have_nothing_left_to_ask(status: S) -> None:
    """“Where asker and giver become one, what was delivered is confirmed, and the rest is withdrawn; a case whose
    parties become one is withdrawn.”
    """
    change = passed_on(request(status), DLH, JOHOR, ALWAYS, ALWAYS, NOW)
    expected = {S.DELIVERED: S.CONFIRMED, S.CONFIRMED: None, S.WITHDRAWN: None}
    assert change.get("status") is expected.get(status, S.WITHDRAWN)
    assert not {"asker_id", "giver_id"} & set(change)


def test_messages_are_written_by_those_concerned_in_every_state() -> None:
    assert post_message(STAFF, request(S.WITHDRAWN), " Baik. ", TODAY) == "Baik."
    assert why(post_message, CAMAT, request(), " ", TODAY) == (Code.REQUIRED, ("text",))


def test_an_ended_pause_keeps_who_began_it() -> None:
    open_ = questioned(request())
    closed = applied(open_, answer_question(CAMAT, open_, "Tiga", ALWAYS, TODAY, LATER))
    [pause] = pauses_of(closed.answer_pauses)
    assert (pause.reason, pause.actor_id, pause.to) == (PauseReason.QUESTION, HEAD.account_id, LATER)
