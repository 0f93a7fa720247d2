"""One person on both sides of a request: for which side they act, whom the office names for the other, its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from server.rules.account import AccountFacts
from server.rules.clock import ClockState, PauseReason
from server.rules.collaboration import COLLABORATION_REQUEST
from server.rules.collaboration_answer import NewRequest, Side, offer_help, request_collaboration
from server.rules.collaboration_clock import (
    answer_clock,
    clocks_moved,
    confirmation_clock,
    counter_clock,
    dispute_clock,
    question_clock,
)
from server.rules.collaboration_facts import RequestFacts, RequestKind, RequestStatus
from server.rules.collaboration_lapse import lapse_request
from server.rules.collaboration_redirect import assign_answerer
from server.rules.collaboration_sides import Absence, Overlap, absences, lacking, overlaps, own_side
from server.rules.office import Office
from server.rules.refusal import Code
from server.rules.task import TaskStatus
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import Calendar
from tests.rules.known import (
    BAPPEDA,
    CAMAT,
    CITY_HALL,
    DLH,
    HEAD,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    STAFF,
    TODAY,
    code,
    organisation,
    request,
    uid,
    viewer,
    why,
)

S, C = RequestStatus, Capacity
MEDAN = Calendar.of("Asia/Jakarta")
ALWAYS = Office(MEDAN)
RULES = COLLABORATION_REQUEST.rules
# Of the verbs whose they are, of a NEED.
OF_ASKER = frozenset(
    {
        *("acceptCounter", "refuseCounter", "answerQuestion", "objectToRedirect", "agreeNewDate", "refuseNewDate"),
        *("confirmDelivery", "disputeDelivery", "withdrawRequest"),
    }
)
OF_NOBODY = frozenset({"assignRequest", "assignAnswerer", "postMessage"})
# In which capacity one person heads asker and giver, and whether they act for the asker.
HELD = [
    *((C.DEFINITIVE, each, True) for each in (C.DEFINITIVE, C.PLT, C.PLH)),
    *((each, C.DEFINITIVE, False) for each in (C.PLT, C.PLH)),
    *((one, other, True) for one in (C.PLT, C.PLH) for other in (C.PLT, C.PLH)),
]


def both(as_asker: Capacity, as_giver: Capacity) -> Viewer:
    return viewer(50, JOHOR, Role.HEAD, (JOHOR, as_asker), (DLH, as_giver))


def shared(for_asker: bool = True, since: datetime = NOW, to: datetime | None = None, account: int = 150) -> Overlap:
    return Overlap(uid(account), for_asker, JOHOR, DLH, since, since, to)


def account(**changed: Any) -> AccountFacts:
    facts = AccountFacts(
        id=STAFF.account_id, organisation_id=DLH, role=Role.STAFF, is_active=True, is_last_administrator=False
    )
    return replace(facts, **changed)


def named(facts: RequestFacts, who: AccountFacts, at: datetime = NOW) -> RequestFacts:
    change = assign_answerer(MAYOR, facts, who, ALWAYS, ALWAYS, TODAY, at)
    return replace(facts, stand_ins=change["stand_ins"])


def ripe(status: RequestStatus, kind: RequestKind = RequestKind.NEED) -> RequestFacts:
    """Nothing but its state, and who asks, can stand against a verb."""
    step: Any = {"fromId": str(BAPPEDA), "toId": str(DLH), "reason": "x", "at": NOW.isoformat(), "isRuling": False}
    return request(
        status,
        kind=kind,
        commitment_status=TaskStatus.DONE,
        new_due_on=TODAY,
        redirects=[{**step, "actorId": str(uid(1))}] if kind is RequestKind.NEED else [],
    )


# ---- for which side -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize(("as_asker", "as_giver", "for_asker"), HELD)
def test_no_verb_of_the_other_side_is_theirs_and_every_one_of_their_own_is(
    as_asker: Capacity, as_giver: Capacity, for_asker: bool, kind: RequestKind
) -> None:
    """“One person on both sides: whoever heads asker and giver acts for the one whose definitive head they are, of
    two alike for the asker.”
    """
    person = both(as_asker, as_giver)
    alone = CAMAT if for_asker else HEAD
    swapped = {"acceptCounter", "refuseCounter", "answerQuestion", "withdrawRequest"}
    swapped |= {"acceptRequest", "declineRequest", "counterRequest", "redirectRequest", "askForInformation"}
    for verb in RULES.keys() - OF_NOBODY:
        is_of_asker = (verb in OF_ASKER) is not (kind is RequestKind.OFFER and verb in swapped)
        for status in RequestStatus:
            facts = ripe(status, kind)
            if is_of_asker is for_asker:
                assert code(RULES[verb], person, facts, TODAY) is code(RULES[verb], alone, facts, TODAY), verb
            else:
                assert code(RULES[verb], person, facts, TODAY) is Code.BOTH_SIDES, (verb, status)


def test_they_begin_nothing_for_the_side_for_which_they_do_not_act() -> None:
    asker, giver = organisation(id=JOHOR), organisation(id=DLH)
    new = NewRequest(title="Angkut sampah", needed_on=TODAY)
    of_giver, of_asker = [Side(giver, ALWAYS)], Side(asker, ALWAYS)
    for as_asker, as_giver, for_asker in HELD:
        person = both(as_asker, as_giver)
        asked = why(request_collaboration, person, asker, of_giver, new, uid(9), TODAY, NOW)
        offered = why(offer_help, person, giver, of_asker, new, uid(9), TODAY, NOW)
        assert asked == (None if for_asker else (Code.BOTH_SIDES, ("givers", "0")))
        assert offered == ((Code.BOTH_SIDES, ("asker",)) if for_asker else None)


def test_whoever_heads_one_side_alone_has_no_side_to_choose() -> None:
    assert own_side(CAMAT, JOHOR, DLH) is None
    assert own_side(HEAD, JOHOR, DLH) is None


def test_a_side_lacks_its_head_while_both_appointments_hold_and_from_their_recording() -> None:
    moment: Any = SimpleNamespace(today=TODAY, city=SimpleNamespace(calendar=MEDAN))
    midnight = datetime(2026, 11, 22, 17, tzinfo=UTC)
    early, late = "2026-01-01T00:00:00+00:00", NOW.isoformat()
    told: list[list[Any]] = [
        ["DEFINITIVE", "PLH", "2026-11-23", None, early],
        ["PLH", "DEFINITIVE", "2026-11-23", "2026-11-23", late],
        ["PLT", "PLH", "2026-11-01", "2026-11-22", early],
        ["DEFINITIVE", "PLH", "2026-11-24", None, early],  # has not begun
        ["DEFINITIVE", "PLH", "2026-11-01", "2026-11-22", late],  # recorded when it was over
        ["DEFINITIVE", "PLH", "2026-11-24", "2026-11-20", early],  # they never met
    ]
    shared = [[str(uid(1)), str(JOHOR), a, str(DLH), b, *days, None, None] for a, b, *days in told]
    first = datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert overlaps([shared, []], moment) == (
        Overlap(uid(1), True, JOHOR, DLH, midnight, midnight),
        Overlap(uid(1), False, JOHOR, DLH, NOW, NOW),
        Overlap(uid(1), True, JOHOR, DLH, first, first, midnight),
    )
    assert overlaps(None, moment) == ()


def test_a_side_that_somebody_else_heads_too_lacks_no_head_but_from_when_they_leave() -> None:
    moment: Any = SimpleNamespace(today=TODAY, city=SimpleNamespace(calendar=MEDAN))
    since, early = "2026-11-01", "2026-01-01T00:00:00+00:00"
    # The asker's head heads the giver as well; another heads that, or heads both too and acts for the asker as well.
    shared = [[str(uid(1)), str(JOHOR), "DEFINITIVE", str(DLH), "PLH", since, None, early, None, None]]
    also = [str(uid(3)), str(JOHOR), "PLT", str(DLH), "PLT", since, None, early, None, None]

    def head(account: int, last: str | None = None) -> list[Any]:
        return [str(uid(account)), str(DLH), since, last, early, None, None]

    def since_when(*heads: list[Any], beside: Sequence[list[Any]] = ()) -> list[datetime]:
        facts = request(overlaps=overlaps([[*shared, *beside], [head(1), *heads]], moment))
        found = lacking(facts)
        pauses = [pause.from_ for pause in answer_clock(facts, ALWAYS).known_pauses]
        assert (found is None) is (pauses == [])
        assert found is None or found.since in pauses
        return pauses

    first, midnight = datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert since_when() == [first]
    assert since_when(head(2)) == []
    assert since_when(head(2, "2026-11-20")) == [midnight]
    assert since_when(head(3), beside=[also]) == [first, first]


# ---- who is named ---------------------------------------------------------------------------------------------------


def test_the_office_names_an_active_account_of_the_side_that_lacks_its_head() -> None:
    facts = request(overlaps=[shared()])

    def refusal(who: AccountFacts, by: Viewer = OFFICE) -> Any:
        return why(assign_answerer, by, facts, who, ALWAYS, ALWAYS, TODAY, NOW)

    assert refusal(account()) is None
    assert refusal(account(organisation_id=JOHOR)) == (Code.WRONG_ORGANISATION, ("accountId",))
    assert refusal(account(id=uid(150))) == (Code.HEADS_BOTH_SIDES, ("accountId",))
    assert refusal(account(is_active=False)) == (Code.ACCOUNT_DISABLED, ("accountId",))
    for role in (Role.OBSERVER, Role.INTEGRATION, Role.ADMIN, Role.MAYOR):
        assert refusal(account(role=role)) == (Code.WRONG_KIND, ("accountId",))
    theirs = viewer(51, CITY_HALL, Role.OFFICE, (JOHOR, C.DEFINITIVE))
    assert refusal(account(), theirs) == (Code.OWN_CASE, ())
    assert refusal(account(), HEAD) == (Code.NOT_YOUR_ROLE, ())


def test_nobody_is_named_where_nobody_heads_both_or_the_request_is_over() -> None:
    rule = RULES["assignAnswerer"]
    assert code(rule, MAYOR, request(), TODAY) is Code.NOBODY_ON_BOTH_SIDES
    over = request(overlaps=[shared(to=NOW + timedelta(1))])
    assert code(rule, MAYOR, over, TODAY) is Code.NOBODY_ON_BOTH_SIDES
    for status in (S.CONFIRMED, S.WITHDRAWN):
        assert code(rule, MAYOR, request(status, overlaps=[shared()]), TODAY) is Code.MOVE_NOT_ALLOWED


def test_whoever_is_named_does_every_verb_of_that_side_till_another_is_named_or_it_is_over() -> None:
    for verb in RULES.keys() - OF_NOBODY:
        for status in RequestStatus:
            is_of_asker = verb in OF_ASKER
            facts = replace(ripe(status), overlaps=[shared(not is_of_asker)])
            who = account(id=uid(160), organisation_id=JOHOR) if is_of_asker else account()
            stand_in = viewer(60, JOHOR, Role.STAFF) if is_of_asker else STAFF
            head = CAMAT if is_of_asker else HEAD
            stored = named(replace(facts, status=S.OPEN), who).stand_ins
            asked = replace(facts, stand_ins=stored)
            assert code(RULES[verb], stand_in, asked, TODAY) is code(RULES[verb], head, asked, TODAY), (verb, status)
            ended = replace(asked, overlaps=[shared(not is_of_asker, to=NOW + timedelta(1))])
            assert code(RULES[verb], stand_in, ended, TODAY) is Code.NOT_YOUR_ROLE
            moved = replace(stand_in, organisation_id=BAPPEDA)
            assert code(RULES[verb], moved, asked, TODAY) is Code.NOT_YOUR_ORGANISATION
            reads = replace(stand_in, role=Role.OBSERVER)
            assert code(RULES[verb], reads, asked, TODAY) is Code.NOT_YOUR_ROLE
    facts = named(request(overlaps=[shared()]), account())
    assert why(assign_answerer, MAYOR, facts, account(), ALWAYS, ALWAYS, TODAY, NOW) == (
        Code.NOTHING_TO_CHANGE,
        ("accountId",),
    )
    again = named(facts, account(id=uid(170)), NOW + timedelta(1))
    assert code(RULES["acceptRequest"], STAFF, again, TODAY) is Code.NOT_YOUR_ROLE
    assert code(RULES["acceptRequest"], viewer(70, DLH, Role.STAFF), again, TODAY) is None


def test_a_name_given_for_another_organisation_or_another_time_is_no_name() -> None:
    first = named(request(overlaps=[shared()]), account())
    later = NOW + timedelta(5)
    for other in (shared()._replace(giver_id=BAPPEDA), shared(since=later)):
        found = lacking(replace(first, overlaps=[other]))
        assert found is not None
        assert found.stand_in is None


def test_whoever_was_named_is_absent_from_what_takes_them_away_till_all_of_it_is_undone() -> None:
    def told(day: int, **changes: Any) -> list[Any]:
        return ["a", str(DLH), (NOW + timedelta(day)).isoformat(), {name: list(pair) for name, pair in changes.items()}]

    found = [
        told(1, role=("STAFF", "REVIEWER")),  # still works there
        told(2, organisation_id=(str(DLH), str(JOHOR))),
        told(3, is_active=(True, False)),
        told(4, organisation_id=(str(JOHOR), str(DLH))),
        told(5, is_active=(False, True)),
        told(6, role=("REVIEWER", "OBSERVER")),
    ]
    day = [NOW + timedelta(n) for n in range(7)]
    assert absences(found) == (Absence("a", str(DLH), day[2], day[5]), Absence("a", str(DLH), day[6]))
    assert absences(None) == ()


# ---- its clocks -----------------------------------------------------------------------------------------------------


def test_the_clocks_on_which_that_side_must_act_stand_still_and_no_others() -> None:
    for for_asker in (True, False):
        facts = request(
            overlaps=[shared(for_asker)],
            question_asked_at=NOW,
            question_due_at=NOW + timedelta(3),
            counter_made_at=NOW,
            confirm_due_at=None,
        )
        counter = counter_clock(replace(facts, status=S.COUNTERED), ALWAYS)
        confirmation = confirmation_clock(replace(facts, status=S.DELIVERED), ALWAYS)
        of_asker = [question_clock(facts, ALWAYS), counter, confirmation]
        of_giver = [answer_clock(facts, ALWAYS), dispute_clock(replace(facts, status=S.DISPUTED), ALWAYS)]
        for clock in of_giver if for_asker else of_asker:
            assert clock is not None
            assert clock.state(NOW + timedelta(30)) is ClockState.PAUSED
            assert [pause.reason for pause in clock.pauses] == [PauseReason.BOTH_SIDES]
        for clock in of_asker if for_asker else of_giver:
            assert clock is not None
            assert clock.pauses == ()


def test_nothing_lapses_meanwhile_and_the_clock_goes_on_with_the_name() -> None:
    waiting = request(overlaps=[shared(since=NOW + timedelta(1))])
    month = NOW + timedelta(28)
    assert lapse_request(waiting, ALWAYS, month) == {}
    change = assign_answerer(MAYOR, waiting, account(), ALWAYS, ALWAYS, month.date(), month)
    due_at = change["answer_due_at"]
    assert due_at > month
    going = replace(waiting, stand_ins=change["stand_ins"], answer_due_at=due_at)
    assert answer_clock(going, ALWAYS).state(month) is ClockState.RUNNING
    assert clocks_moved(going, ALWAYS, ALWAYS) == {}
    assert lapse_request(going, ALWAYS, due_at + timedelta(seconds=1)) == {"lapsed_at": due_at}
    again = named(going, account(id=uid(170)), month + timedelta(1))
    assert answer_clock(again, ALWAYS).pauses == answer_clock(going, ALWAYS).pauses


def test_the_clock_goes_on_when_one_person_no_longer_heads_both() -> None:
    until = NOW + timedelta(7)
    moved = clocks_moved(request(overlaps=[shared(to=until)]), ALWAYS, ALWAYS)
    assert moved["answer_due_at"] > until


def test_what_had_run_out_before_stays_so() -> None:
    """“What had run out by then stays so.”"""
    due_at = request().answer_due_at
    assert due_at is not None
    later = request(overlaps=[shared(since=due_at + timedelta(1))])
    assert answer_clock(later, ALWAYS).state(due_at + timedelta(9)) is ClockState.BREACHED
    assert clocks_moved(later, ALWAYS, ALWAYS) == {}


def test_no_deadline_becomes_earlier_by_it() -> None:
    for hours in range(-48, 200, 7):
        for length in (3, 30, 300):
            since = NOW + timedelta(hours=hours)
            facts = request(overlaps=[shared(since=since, to=since + timedelta(hours=length))])
            assert facts.answer_due_at is not None
            assert answer_clock(facts, ALWAYS).due_at >= facts.answer_due_at
